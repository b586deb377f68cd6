//! Fetching an image from its registry and making a root filesystem of it.

mod assemble;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sandbox::{Phase, Progress, RegistryReference};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::{task, time};
use tracing::{debug, info};

pub(crate) use self::assemble::{Assembly, blob_path};
use crate::config::StoreConfig;
use crate::credentials;
use crate::digest::{Digest, Digester};
use crate::error::{PullError, StoreError};
use crate::layout::Layout;
use crate::lock::{self, Lock};
use crate::manifest::{self, Configuration, Descriptor, Document, Manifest};
use crate::registry::Registry;
use crate::shelf::{self, StoredImage};
use crate::stop::Stop;
use crate::workspace::Workspace;
use sandbox::PullPolicy;

/// How often it is tried to get the lock of an image that somebody else pulls.
const LOCK_INTERVAL: Duration = Duration::from_millis(50);

/// Everything a pull needs.
pub(crate) struct Pull {
    pub(crate) layout: Arc<Layout>,
    pub(crate) config: Arc<StoreConfig>,
    pub(crate) reference: RegistryReference,
    pub(crate) policy: PullPolicy,
    pub(crate) progress: Arc<dyn Progress>,
    pub(crate) stop: Stop,
}

/// An image as its registry describes it now.
struct Resolved {
    manifest: Manifest,
    digest: Digest,
    /// What it may be asked for by from here on, the reference itself first.
    aliases: Vec<String>,
}

impl Pull {
    /// Returns the image, fetched if need be.
    pub(crate) async fn run(self) -> Result<StoredImage, PullError> {
        let reference = self.reference.to_string();
        if self.policy != PullPolicy::Always {
            // Whoever asked may have seen the store before another pull ended.
            let layout = Arc::clone(&self.layout);
            let found = blocking(move || Ok(shelf::find(&layout, &reference)?)).await?;
            if let Some(image) = found {
                return Ok(image);
            }
        }
        let mut registry = self.registry().await?;
        let resolved = self.stop.or(self.resolve(&mut registry)).await?;
        resolved.manifest.check(&self.config)?;
        debug!(image = %self.reference, digest = %resolved.digest, "resolved an image");
        if let Some(image) = self.known(&resolved).await? {
            return Ok(image);
        }
        let _lock = self.stop.or(self.pull_lock(&resolved.digest)).await?;
        if let Some(image) = self.known(&resolved).await? {
            return Ok(image);
        }
        let layout = Arc::clone(&self.layout);
        let workspace = blocking(move || Ok(Workspace::create(&layout)?)).await?;
        let fetched = self
            .stop
            .or(self.fetch(&mut registry, &resolved.manifest, &workspace))
            .await;
        let configuration = match fetched {
            Ok(configuration) => configuration,
            Err(error) => {
                // Removing it blocks.
                return blocking(move || {
                    drop(workspace);
                    Err(error)
                })
                .await;
            }
        };
        let assembly = Assembly {
            layout: self.layout,
            config: self.config,
            workspace,
            manifest: resolved.manifest,
            digest: resolved.digest,
            configuration,
            aliases: resolved.aliases,
            progress: self.progress,
            stop: self.stop,
        };
        let image = blocking(move || assembly.run()).await?;
        info!(
            image = image.reference(),
            digest = image.digest(),
            size = image.size(),
            "pulled an image"
        );
        Ok(image)
    }

    async fn registry(&self) -> Result<Registry, PullError> {
        let name = self.reference.registry();
        let credentials = self
            .stop
            .or(async {
                match &self.config.docker_config {
                    Some(directory) => credentials::for_registry_in(directory, name).await,
                    None => credentials::for_registry(name).await,
                }
                .map_err(PullError::Credentials)
            })
            .await?;
        Registry::new(&self.reference, &self.config, credentials)
    }

    /// Asks the registry what the reference stands for.
    async fn resolve(&self, registry: &mut Registry) -> Result<Resolved, PullError> {
        let reference = &self.reference;
        let bytes = registry.manifest(reference.tag()).await?;
        let outer = Digest::of(&bytes);
        if let Some(expected) = reference.digest()
            && expected != outer.as_str()
        {
            return Err(mismatch("its manifest", expected, &outer));
        }
        let (manifest, digest) = match Document::parse(&bytes)? {
            Document::Image(manifest) => (manifest, outer.clone()),
            Document::Index(manifests) => {
                let chosen = manifest::for_this_host(&manifests)?;
                let bytes = registry.manifest(chosen.digest.as_str()).await?;
                let digest = Digest::of(&bytes);
                if digest != chosen.digest {
                    return Err(mismatch("its manifest", chosen.digest.as_str(), &digest));
                }
                match Document::parse(&bytes)? {
                    Document::Image(manifest) => (manifest, digest),
                    Document::Index(_) => {
                        return Err(PullError::Malformed {
                            what: "index",
                            problem: "it lists another index".to_owned(),
                        });
                    }
                }
            }
        };
        let pinned = |digest| {
            format!(
                "{}/{}@{digest}",
                reference.registry(),
                reference.repository()
            )
        };
        let mut aliases = vec![reference.to_string(), pinned(&outer), pinned(&digest)];
        aliases.dedup();
        Ok(Resolved {
            manifest,
            digest,
            aliases,
        })
    }

    /// Returns the image if it is here already, under its other names too.
    async fn known(&self, resolved: &Resolved) -> Result<Option<StoredImage>, PullError> {
        let layout = Arc::clone(&self.layout);
        let digest = resolved.digest.clone();
        let aliases = resolved.aliases.clone();
        blocking(move || Ok(shelf::name(&layout, &digest, &aliases)?)).await
    }

    /// Waits until nobody else, in any process, pulls the image.
    async fn pull_lock(&self, digest: &Digest) -> Result<Lock, PullError> {
        let path = self.layout.pull_lock(digest);
        loop {
            let attempt = lock::attempt(&path).map_err(StoreError::at("lock an image"))?;
            match attempt {
                Some(lock) => return Ok(lock),
                None => time::sleep(LOCK_INTERVAL).await,
            }
        }
    }

    /// Fetches all blobs of an image into `workspace`, verified, and returns its
    /// configuration.
    async fn fetch(
        &self,
        registry: &mut Registry,
        manifest: &Manifest,
        workspace: &Workspace,
    ) -> Result<Configuration, PullError> {
        let mut fetching = Fetching {
            progress: &*self.progress,
            done: 0,
            total: manifest.fetched_bytes(),
        };
        let path = blob_path(workspace, &manifest.config.digest);
        fetching
            .blob(registry, &manifest.config, &path, "its configuration")
            .await?;
        let bytes = tokio::fs::read(&path)
            .await
            .map_err(StoreError::at("read a configuration"))?;
        // It may say that the rest is not worth fetching.
        let configuration = Configuration::parse(&bytes, manifest.layers.len())?;
        for layer in &manifest.layers {
            let path = blob_path(workspace, &layer.digest);
            let what = format!("layer {}", layer.digest);
            fetching.blob(registry, layer, &path, &what).await?;
        }
        Ok(configuration)
    }
}

/// How far fetching is.
struct Fetching<'a> {
    progress: &'a dyn Progress,
    done: u64,
    total: u64,
}

impl Fetching<'_> {
    /// Fetches one blob into a new file at `path`.
    async fn blob(
        &mut self,
        registry: &mut Registry,
        descriptor: &Descriptor,
        path: &Path,
        what: &str,
    ) -> Result<(), PullError> {
        const STEP: &str = "write what is fetched";
        let mut file = match File::create_new(path).await {
            Ok(file) => file,
            // The image has the same layer twice.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                self.advance(descriptor.size);
                return Ok(());
            }
            Err(error) => return Err(StoreError::at(STEP)(error).into()),
        };
        let mut blob = registry.blob(&descriptor.digest).await?;
        let mut digester = Digester::default();
        let mut received = 0_u64;
        let wrong_size = |received| PullError::SizeMismatch {
            what: what.to_owned(),
            declared: descriptor.size,
            received,
        };
        while let Some(bytes) = blob.next().await? {
            let bytes = bytes.as_ref();
            received = received.saturating_add(bytes.len() as u64);
            if received > descriptor.size {
                return Err(wrong_size(received));
            }
            digester.update(bytes);
            file.write_all(bytes).await.map_err(StoreError::at(STEP))?;
            self.advance(bytes.len() as u64);
        }
        file.flush().await.map_err(StoreError::at(STEP))?;
        if received != descriptor.size {
            return Err(wrong_size(received));
        }
        let actual = digester.finish();
        if actual != descriptor.digest {
            return Err(mismatch(what, descriptor.digest.as_str(), &actual));
        }
        Ok(())
    }

    fn advance(&mut self, bytes: u64) {
        self.done = self.done.saturating_add(bytes);
        self.progress.advance(Phase::Pulling, self.done, self.total);
    }
}

/// Returns the error that `what` is not what its digest says.
pub(crate) fn mismatch(what: &str, expected: &str, actual: &Digest) -> PullError {
    PullError::DigestMismatch {
        what: what.to_owned(),
        expected: expected.to_owned(),
        actual: actual.to_string(),
    }
}

/// Does what blocks where it may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PullError> + Send + 'static,
) -> Result<T, PullError> {
    task::spawn_blocking(work)
        .await
        .unwrap_or(Err(PullError::GivenUp))
}
