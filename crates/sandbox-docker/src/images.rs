//! What the daemon has, and what becomes of a name.
//!
//! ```text
//!  container_image, container_tag
//!        │ recognise
//!        ▼
//!  builtin/quickjs ──loaded once──┐
//!  a registry's ────pulled────────┤ inspected ──▶ Template: image id, runner, walls
//!  host/… ──▶ unsupported         ┘
//! ```
//!
//! A container is created from the id that was inspected, never from the name.

use std::collections::HashMap;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bollard::auth::DockerCredentials;
use bollard::models::{CreateImageInfo, ImageInspect};
use bollard::query_parameters::{CreateImageOptionsBuilder, ImportImageOptionsBuilder};
use futures_util::TryStreamExt as _;
use image_store::{Credentials, CredentialsError, credentials};
use parking_lot::Mutex;
use sandbox::programs::{SELF_CHECK_COMMAND, SELF_CHECK_IMAGE};
use sandbox::runner::OwnRunner;
use sandbox::{
    EngineKind, Image, InjectionRule, Joined, PrepareError, Progress, PullPolicy,
    RegistryReference, Runner, choose_runner,
};
use syscall_policy::Profile;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::builtin::Builtin;
use crate::daemon::{Daemon, DaemonError};
use crate::pull::PullProgress;

/// The image that the engine brings along.
const BUILTIN: (&str, &str) = ("builtin/quickjs", "latest");

/// How long what a name stands for is believed without asking again.
const BELIEVED_FOR: Duration = Duration::from_secs(2);

/// The most images that are remembered.
const MOST_REMEMBERED: usize = 1024;

/// The most volumes that an image may want.
const MOST_VOLUMES: usize = 32;

/// The most variables that an image may set.
const MOST_VARIABLES: usize = 1024;

/// Directories that are ours or the kernel's in every sandbox.
const RESERVED: [&str; 4] = ["/dev", "/proc", "/sys", "/veritech"];

/// The images that the daemon has, or could have.
#[derive(Clone, Debug)]
pub(crate) struct Images {
    daemon: Daemon,
    builtin: Arc<Builtin>,
    pull: PullPolicy,
    pull_deadline: Duration,
    docker_config: Option<PathBuf>,
    injection: Arc<[InjectionRule]>,
    under_way: Joined<String, Result<Arc<Template>, PrepareError>>,
    remembered: Arc<Mutex<HashMap<String, Remembered>>>,
}

/// What sandboxes of an image are made of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// Its name and tag, in full.
    pub(crate) reference: String,
    /// What the registry calls it; its id where no registry has it.
    pub(crate) digest: String,
    /// The daemon's name of its content.
    pub(crate) image_id: String,
    pub(crate) runner: Runner,
    /// Whether cyclone and the runner are not in it.
    pub(crate) injected: bool,
    /// The names of the variables that it sets.
    pub(crate) variables: Vec<String>,
    /// The directories that it wants volumes at.
    pub(crate) volumes: Vec<String>,
    pub(crate) profile: Profile,
}

#[derive(Debug)]
struct Remembered {
    template: Arc<Template>,
    since: Instant,
}

/// Where an image comes from.
#[derive(Clone, Debug)]
enum Origin {
    Builtin,
    Registry(RegistryReference),
}

/// What is wrong with an image, as an error.
#[derive(Debug, thiserror::Error)]
#[error("the daemon does not have the image")]
struct NotThere;

impl Origin {
    fn of(image: &str, tag: &str) -> Result<Self, PrepareError> {
        if (image, tag) == BUILTIN {
            return Ok(Self::Builtin);
        }
        RegistryReference::try_new(image, tag)
            .map(Self::Registry)
            .map_err(|error| PrepareError::Unsupported {
                image: format!("{image}:{tag}"),
                reason: format!(
                    "{error}; the docker engine has `builtin/quickjs:latest` and the images of \
                     registries"
                ),
            })
    }

    fn reference(&self) -> String {
        match self {
            Self::Builtin => format!("{}:{}", BUILTIN.0, BUILTIN.1),
            Self::Registry(reference) => reference.to_string(),
        }
    }
}

impl Images {
    pub(crate) fn new(
        daemon: Daemon,
        builtin: Arc<Builtin>,
        pull: PullPolicy,
        pull_deadline: Duration,
        docker_config: Option<PathBuf>,
        injection: Vec<InjectionRule>,
    ) -> Self {
        Self {
            daemon,
            builtin,
            pull,
            pull_deadline,
            docker_config,
            injection: injection.into(),
            under_way: Joined::default(),
            remembered: Arc::default(),
        }
    }

    /// Says at once whether an image may run here.
    pub(crate) fn recognise(
        &self,
        image: &str,
        tag: &str,
    ) -> Result<Option<Vec<String>>, PrepareError> {
        match Origin::of(image, tag)? {
            Origin::Builtin => Ok(Some(own_runner().languages)),
            Origin::Registry(_) => Ok(None),
        }
    }

    /// Makes sure that the daemon has an image.
    pub(crate) async fn prepare(
        &self,
        image: &str,
        tag: &str,
        progress: &dyn Progress,
    ) -> Result<Image, PrepareError> {
        let origin = Origin::of(image, tag)?;
        let template = self.template_of(origin, progress).await?;
        Ok(Image {
            reference: template.reference.clone(),
            digest: Some(template.digest.clone()),
            languages: template.runner.languages.clone(),
        })
    }

    /// Returns the image that the engine brings along, loaded.
    pub(crate) async fn builtin(&self) -> Result<Arc<Template>, PrepareError> {
        struct Nobody;
        impl Progress for Nobody {
            fn advance(&self, _phase: sandbox::Phase, _done: u64, _total: u64) {}
        }
        self.template_of(Origin::Builtin, &Nobody).await
    }

    /// Prepares the image in which the walls are tried: our own, with all of the kernel
    /// that any image gets.
    pub(crate) async fn self_check(&self) -> Result<Image, PrepareError> {
        let builtin = self.builtin().await?;
        let template = Arc::new(Template {
            reference: SELF_CHECK_IMAGE.to_owned(),
            digest: builtin.digest.clone(),
            image_id: builtin.image_id.clone(),
            runner: Runner {
                command: SELF_CHECK_COMMAND.to_owned(),
                environment: Vec::new(),
                languages: Vec::new(),
            },
            injected: false,
            variables: Vec::new(),
            volumes: Vec::new(),
            profile: Profile::Runtime,
        });
        let image = Image {
            reference: template.reference.clone(),
            digest: Some(template.digest.clone()),
            languages: Vec::new(),
        };
        let key = key(&template.reference, &template.digest);
        let since = Instant::now();
        let remembered = Remembered { template, since };
        self.remembered.lock().insert(key, remembered);
        Ok(image)
    }

    /// Returns what sandboxes of an image that was prepared are made of.
    pub(crate) fn template(&self, image: &Image) -> Option<Arc<Template>> {
        let digest = image.digest.as_deref()?;
        let remembered = self.remembered.lock();
        let found = remembered.get(&key(&image.reference, digest))?;
        Some(Arc::clone(&found.template))
    }

    /// Forgets an image that the daemon turned out not to have.
    pub(crate) fn forget(&self, template: &Template) {
        let mut remembered = self.remembered.lock();
        remembered.remove(&template.reference);
        remembered.remove(&key(&template.reference, &template.digest));
    }

    async fn template_of(
        &self,
        origin: Origin,
        progress: &dyn Progress,
    ) -> Result<Arc<Template>, PrepareError> {
        let reference = origin.reference();
        let pulled_each_time =
            self.pull == PullPolicy::Always && matches!(origin, Origin::Registry(_));
        if !pulled_each_time
            && let Some(remembered) = self.remembered.lock().get(&reference)
            && remembered.since.elapsed() < BELIEVED_FOR
        {
            return Ok(Arc::clone(&remembered.template));
        }
        let images = self.clone();
        let work = |progress: Arc<dyn Progress>, cancel: CancellationToken| async move {
            let prepared = images.obtain(origin, &*progress);
            match cancel.run_until_cancelled(prepared).await {
                Some(prepared) => prepared,
                None => Err(PrepareError::Cancelled),
            }
        };
        match self.under_way.join(reference, progress, work).await {
            Ok(prepared) => prepared,
            Err(_) => Err(PrepareError::Cancelled),
        }
    }

    async fn obtain(
        &self,
        origin: Origin,
        progress: &dyn Progress,
    ) -> Result<Arc<Template>, PrepareError> {
        let template = match &origin {
            Origin::Builtin => self.load().await?,
            Origin::Registry(reference) => self.fetch(reference, progress).await?,
        };
        let template = Arc::new(template);
        let remembered = || Remembered {
            template: Arc::clone(&template),
            since: Instant::now(),
        };
        let mut all = self.remembered.lock();
        if all.len() >= MOST_REMEMBERED {
            // Those in use are asked for again before long.
            all.clear();
        }
        all.insert(key(&template.reference, &template.digest), remembered());
        all.insert(template.reference.clone(), remembered());
        Ok(template)
    }

    /// Makes sure that the daemon has our own image.
    async fn load(&self) -> Result<Template, PrepareError> {
        let reference = Origin::Builtin.reference();
        let unavailable = |error: DaemonError| unavailable(&reference, error);
        let tag = self.builtin.tag();
        let found = match self.inspect(&tag).await {
            Err(error) if error.is_not_found() => {
                let builtin = Arc::clone(&self.builtin);
                let archive = tokio::task::spawn_blocking(move || builtin.archive())
                    .await
                    .map_err(|_| PrepareError::Cancelled)?
                    .map_err(|error| PrepareError::Unavailable {
                        image: reference.clone(),
                        reason: "its programs could not be read".to_owned(),
                        source: Arc::new(error),
                    })?;
                let options = ImportImageOptionsBuilder::new().quiet(true).build();
                let loaded = self
                    .daemon
                    .api()
                    .import_image(options, bollard::body_full(archive), None)
                    .try_for_each(|_| std::future::ready(Ok(())));
                self.daemon
                    .ask_within(self.pull_deadline, "load the built-in image", loaded)
                    .await
                    .map_err(unavailable)?;
                self.inspect(&tag).await
            }
            found => found,
        };
        let id = found.map_err(unavailable)?.id.unwrap_or(tag);
        Ok(Template {
            reference,
            digest: id.clone(),
            image_id: id,
            runner: own_runner(),
            injected: false,
            variables: Vec::new(),
            volumes: Vec::new(),
            profile: Profile::Builtin,
        })
    }

    /// Makes sure that the daemon has an image of a registry.
    async fn fetch(
        &self,
        reference: &RegistryReference,
        progress: &dyn Progress,
    ) -> Result<Template, PrepareError> {
        let name = reference.to_string();
        let there = match self.pull {
            PullPolicy::Always => None,
            PullPolicy::IfNotPresent | PullPolicy::Never => match self.inspect(&name).await {
                Ok(found) => Some(found),
                Err(error) if error.is_not_found() => None,
                Err(error) => return Err(unavailable(&name, error)),
            },
        };
        let found = match (there, self.pull) {
            (Some(found), _) => found,
            (None, PullPolicy::Never) => {
                return Err(PrepareError::Unavailable {
                    image: name,
                    reason: "the daemon does not have it, and images are never pulled".to_owned(),
                    source: Arc::new(NotThere),
                });
            }
            (None, PullPolicy::Always | PullPolicy::IfNotPresent) => {
                let credentials = self.credentials(reference.registry()).await;
                let credentials = credentials.map_err(|error| PrepareError::Unavailable {
                    image: name.clone(),
                    reason: error.to_string(),
                    source: Arc::new(error),
                })?;
                self.pull(reference, credentials, progress)
                    .await
                    .map_err(|error| unavailable(&name, error))?;
                self.inspect(&name)
                    .await
                    .map_err(|error| unavailable(&name, error))?
            }
        };
        self.describe(reference, found)
    }

    /// Returns what the daemon is to show to a registry, if anything.
    async fn credentials(
        &self,
        registry: &str,
    ) -> Result<Option<DockerCredentials>, CredentialsError> {
        let found = match &self.docker_config {
            Some(directory) => credentials::for_registry_in(directory, registry).await,
            None => credentials::for_registry(registry).await,
        };
        let shown = DockerCredentials {
            serveraddress: Some(registry.to_owned()),
            ..DockerCredentials::default()
        };
        Ok(match found? {
            Credentials::Anonymous => None,
            Credentials::Password { username, password } => Some(DockerCredentials {
                username: Some(username),
                password: Some(password),
                ..shown
            }),
            Credentials::IdentityToken(token) => Some(DockerCredentials {
                identitytoken: Some(token),
                ..shown
            }),
        })
    }

    async fn pull(
        &self,
        reference: &RegistryReference,
        credentials: Option<DockerCredentials>,
        progress: &dyn Progress,
    ) -> Result<(), DaemonError> {
        let name = format!("{}/{}", reference.registry(), reference.repository());
        let options = CreateImageOptionsBuilder::new()
            .from_image(&name)
            .tag(reference.tag())
            .build();
        let mut so_far = PullProgress::default();
        let pulled = self
            .daemon
            .api()
            .create_image(Some(options), None, credentials)
            .inspect_ok(|news: &CreateImageInfo| {
                if let Some((phase, done, total)) = so_far.hear(news) {
                    progress.advance(phase, done, total);
                }
            })
            .try_for_each(|_| std::future::ready(Ok(())));
        self.daemon
            .ask_within(self.pull_deadline, "pull the image", pulled)
            .await
    }

    async fn inspect(&self, name: &str) -> Result<ImageInspect, DaemonError> {
        self.daemon
            .ask("look up the image", self.daemon.api().inspect_image(name))
            .await
    }

    /// Says what sandboxes of an image are made of.
    fn describe(
        &self,
        reference: &RegistryReference,
        found: ImageInspect,
    ) -> Result<Template, PrepareError> {
        let name = reference.to_string();
        let unsupported = |reason: String| PrepareError::Unsupported {
            image: name.clone(),
            reason,
        };
        let image_id = found.id.unwrap_or_else(|| name.clone());
        let digest = reference
            .digest()
            .map(str::to_owned)
            .or_else(|| digest_in(found.repo_digests.unwrap_or_default(), reference))
            .unwrap_or_else(|| image_id.clone());
        let config = found.config.unwrap_or_default();
        let labels = config.labels.unwrap_or_default();
        let label = |name: &str| labels.get(name).map(String::as_str);
        let chosen = choose_runner(&self.injection, reference, label)
            .map_err(|error| unsupported(error.to_string()))?;
        let volumes = config.volumes.unwrap_or_default();
        if volumes.len() > MOST_VOLUMES {
            return Err(unsupported(format!(
                "it has more than {MOST_VOLUMES} volumes"
            )));
        }
        if let Some(path) = volumes.iter().find(|path| is_reserved(path)) {
            return Err(unsupported(format!("it has a volume at `{path}`")));
        }
        let variables = config.env.unwrap_or_default();
        if variables.len() > MOST_VARIABLES {
            return Err(unsupported(format!(
                "it sets more than {MOST_VARIABLES} variables"
            )));
        }
        Ok(Template {
            digest,
            image_id,
            runner: chosen.runner,
            injected: chosen.injected,
            variables: variables.iter().map(|it| variable_name(it)).collect(),
            // Scratch space is there anyway.
            volumes: volumes.into_iter().filter(|path| path != "/tmp").collect(),
            profile: Profile::Runtime,
            reference: name.clone(),
        })
    }
}

fn own_runner() -> Runner {
    OwnRunner::QuickJs.injected()
}

fn key(reference: &str, digest: &str) -> String {
    format!("{reference} {digest}")
}

/// Returns the name of a variable, of `NAME=VALUE`.
fn variable_name(variable: &str) -> String {
    variable
        .split_once('=')
        .map_or(variable, |(name, _)| name)
        .to_owned()
}

/// Returns whether nothing of an image may be at a directory.
fn is_reserved(path: &str) -> bool {
    let trimmed = path.trim_end_matches('/');
    !path.starts_with('/')
        || trimmed.is_empty()
        || path.split('/').any(|part| part == "..")
        || RESERVED.iter().any(|reserved| {
            trimmed
                .strip_prefix(reserved)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

/// Returns what a registry calls an image, of `NAME@DIGEST` for each that has it.
fn digest_in(names: Vec<String>, reference: &RegistryReference) -> Option<String> {
    names.iter().find_map(|name| {
        let (name, digest) = name.split_once('@')?;
        let named = RegistryReference::try_new(name, digest).ok()?;
        let same = named.registry() == reference.registry()
            && named.repository() == reference.repository();
        same.then(|| digest.to_owned())
    })
}

fn unavailable(image: &str, error: DaemonError) -> PrepareError {
    let gone = error.why_gone();
    let source: Arc<dyn Error + Send + Sync> = Arc::new(error);
    match gone {
        Some(reason) => PrepareError::EngineUnavailable {
            engine: EngineKind::Docker,
            reason,
            source,
        },
        None => PrepareError::Unavailable {
            image: image.to_owned(),
            reason: source.to_string(),
            source,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_of_ours_and_of_the_kernel_are_reserved() {
        for path in [
            "/",
            "",
            "data",
            "/proc",
            "/proc/",
            "/veritech/x",
            "/a/../proc",
            "/dev/shm",
        ] {
            assert!(is_reserved(path), "{path}");
        }
        for path in ["/data", "/var/lib/x", "/processed", "/tmp"] {
            assert!(!is_reserved(path), "{path}");
        }
    }

    #[test]
    fn the_digest_is_that_of_the_registry_asked() {
        let reference = RegistryReference::try_new("node", "24").expect("a reference");
        let names = ["localhost:5000/node@sha256:1", "node@sha256:2"].map(str::to_owned);

        assert_eq!(
            digest_in(names.to_vec(), &reference).as_deref(),
            Some("sha256:2")
        );
        assert_eq!(digest_in(Vec::new(), &reference), None);
    }

    #[test]
    fn images_of_the_host_are_not_to_be_had() {
        let error = Origin::of("host/node", "latest").expect_err("refused");
        assert!(matches!(error, PrepareError::Unsupported { .. }), "{error}");
    }
}
