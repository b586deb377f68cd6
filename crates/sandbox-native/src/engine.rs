//! The engine and its sandboxes, as the dispatcher sees them.

use std::sync::Arc;

use sandbox::reference::is_local;
use sandbox::{
    Attribution, ConnectError, DestroyError, Ending, Enforcement, Engine, EngineKind, Image,
    LaunchError, Network, PrepareError, Progress, ReclaimError, RegistryReference, Report, Sandbox,
    SandboxId, SandboxSpec,
};
use tokio::net::UnixStream;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::capabilities::NETWORKS;
use crate::cgroup::{self, Cgroups};
use crate::config::{Config, Executables};
use crate::connection::{Setup, unavailable};
use crate::enforcement::{Workload, enforcement};
use crate::images::{self, Images};
use crate::keeper::Keeper;
use crate::observation::Observation;
use crate::slots::Slots;
use crate::stored::StoredImages;
use crate::supervision::{Host, Order, Role, Started, supervise};
use crate::template::Template;
use crate::zygotes::{self, Zygotes};

/// Makes sandboxes of Linux namespaces, cgroups and seccomp.
#[derive(Debug)]
pub struct NativeEngine {
    images: Arc<Images>,
    /// Images of registries, if there is a store.
    stored: Option<Arc<StoredImages>>,
    host: Arc<Host>,
    zygotes: Arc<Zygotes>,
    tasks: TaskTracker,
}

/// A sandbox of the [`NativeEngine`].
#[derive(Debug)]
pub struct NativeSandbox {
    id: SandboxId,
    stream: Option<UnixStream>,
    observation: Arc<Observation>,
    ending: watch::Receiver<Option<Ending>>,
    attribution: Attribution,
    supervision: JoinHandle<Result<Report, DestroyError>>,
    /// Told when nothing of it runs any more, if that could be proved.
    over: watch::Receiver<bool>,
    /// Dropping it has the sandbox killed and removed.
    held: Option<DropGuard>,
}

impl NativeEngine {
    /// Starts the engine and its launcher.
    ///
    /// # Cancellation
    ///
    /// Safe to drop: the launcher ends.
    ///
    /// # Errors
    ///
    /// Returns [`LaunchError::Refused`] if the host forbids what every sandbox
    /// needs, with what to do about it.
    pub async fn start(executables: Executables, config: Config) -> Result<Self, LaunchError> {
        let privileged = rustix::process::geteuid().is_root();
        let images = Arc::new(Images::find(&config.host_images));
        let stored = config.registry_images.map(StoredImages::new).transpose();
        let stored = stored
            .map_err(|source| LaunchError::Setup {
                step: "find the image store".to_owned(),
                source,
            })?
            .map(Arc::new);
        let cgroups = config.cgroups.then(Cgroups::open).and_then(|opened| {
            opened
                .inspect_err(|error| {
                    tracing::info!(%error, "limits are enforced without cgroups");
                })
                .ok()
        });
        let setup = Setup {
            executables,
            images: images.roots(),
            store: stored.as_ref().map(|stored| stored.root().to_owned()),
            first_host_uid: privileged.then_some(config.first_host_uid),
        };
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let (keeper, keeping) = Keeper::start(setup, stop.clone()).await?;
        tasks.spawn(keeping);
        if let Some(stored) = &stored {
            tasks.spawn(Arc::clone(stored).release_idle(stop.clone()));
        }
        let zygotes = Arc::new(Zygotes::new(config.zygotes));
        tasks.spawn(zygotes::release_idle(Arc::downgrade(&zygotes)));
        Ok(Self {
            images,
            stored,
            host: Arc::new(Host {
                keeper,
                cgroups,
                slots: privileged.then(|| Slots::new(std::process::id())),
                sample_interval: config.sample_interval,
                kill_deadline: config.kill_deadline,
                _keeping: stop.drop_guard(),
            }),
            zygotes,
            tasks,
        })
    }

    /// Returns whether sandboxes are kept from swap.
    pub(crate) fn forbids_swap(&self) -> bool {
        let cgroups = self.host.cgroups.as_ref();
        cgroups.is_some_and(Cgroups::forbid_swap)
    }

    /// Returns an image whose runner tries the walls of its sandbox from inside.
    ///
    /// Its sandboxes get as much of the kernel as those of any image; no request can
    /// name it.
    pub fn self_check_image(&self) -> Image {
        images::self_check()
    }

    /// Returns what an image that was prepared is launched from.
    async fn template(
        &self,
        image: &Image,
        cancel: &CancellationToken,
    ) -> Result<Template, LaunchError> {
        match (&self.stored, self.images.template(image)) {
            (_, Some(template)) => Ok(template),
            (Some(stored), None) => stored.template(image, cancel).await,
            (None, None) => Err(unavailable(format!(
                "it has no image `{}`",
                image.reference
            ))),
        }
    }

    fn table(&self, workload: Workload) -> Enforcement {
        let controllers = self.host.cgroups.as_ref().map(Cgroups::controllers);
        enforcement(controllers.as_ref(), workload)
    }
}

/// Returns the full name of an image in a registry.
fn registry_reference(image: &str, tag: &str) -> Result<RegistryReference, PrepareError> {
    RegistryReference::try_new(image, tag).map_err(|error| PrepareError::Unsupported {
        image: format!("{image}:{tag}"),
        reason: error.to_string(),
    })
}

impl Engine for NativeEngine {
    type Sandbox = NativeSandbox;

    fn kind(&self) -> EngineKind {
        EngineKind::Native
    }

    fn enforcement(&self, image: &Image) -> Enforcement {
        self.table(self.images.workload(image))
    }

    fn offers(&self, network: Network) -> bool {
        NETWORKS.contains(&network)
    }

    fn recognise(&self, image: &str, tag: &str) -> Result<Option<Vec<String>>, PrepareError> {
        if self.stored.is_some() && !is_local(image) {
            return registry_reference(image, tag).map(|_| None);
        }
        let image = self.images.resolve(image, tag)?;
        Ok(Some(image.languages))
    }

    async fn prepare(
        &self,
        image: &str,
        tag: &str,
        progress: &dyn Progress,
        cancel: CancellationToken,
    ) -> Result<Image, PrepareError> {
        if let Some(stored) = &self.stored
            && !is_local(image)
        {
            let reference = registry_reference(image, tag)?;
            let written = format!("{image}:{tag}");
            return stored.prepare(&reference, written, progress, cancel).await;
        }
        let prepared = self.images.resolve(image, tag)?;
        let images = Arc::clone(&self.images);
        let name = prepared.clone();
        // The first time an interpreter is asked what it can do.
        let template = tokio::task::spawn_blocking(move || images.template(&name).map(drop));
        match template.await {
            Ok(_) => Ok(prepared),
            Err(_) => Err(PrepareError::Cancelled),
        }
    }

    async fn launch(
        &self,
        spec: SandboxSpec,
        cancel: CancellationToken,
    ) -> Result<NativeSandbox, LaunchError> {
        match spec.network {
            Network::None => {}
            Network::Egress => {
                return Err(LaunchError::NotOffered {
                    engine: EngineKind::Native,
                    what: "outward network connections",
                });
            }
        }
        let id = spec.id;
        let template = self.template(&spec.image, &cancel).await?;
        let released = CancellationToken::new();
        let held = released.clone().drop_guard();
        let (started, launch) = oneshot::channel();
        let attribution = Attribution::default();
        let zygote = self.zygotes.choose(&self.host, &spec, &template);
        let order = Order {
            spec,
            template,
            attribution: attribution.clone(),
            role: Role::Execution(zygote),
        };
        let supervise = supervise(Arc::clone(&self.host), order, released.clone(), started);
        let supervision = self.tasks.spawn(supervise.in_current_span());
        let launched = tokio::select! {
            launched = launch => launched,
            () = cancel.cancelled() => {
                drop(held);
                // What cannot be removed is reported by the task itself.
                supervision.await.ok();
                return Err(LaunchError::Cancelled);
            }
        };
        let Started {
            stream,
            observation,
            ending,
            over,
        } = launched.map_err(|_| unavailable("its task was aborted".to_owned()))??;
        Ok(NativeSandbox {
            id,
            stream: Some(stream),
            observation,
            ending,
            attribution,
            supervision,
            over,
            held: Some(held),
        })
    }

    async fn reclaim(&self) -> Result<usize, ReclaimError> {
        match &self.host.cgroups {
            Some(cgroups) => cgroup::reclaim(cgroups).await,
            // Everything else ends with the process that made it.
            None => Ok(0),
        }
    }

    async fn close(&self) {
        self.zygotes.close().await;
    }
}

impl Sandbox for NativeSandbox {
    type Stream = UnixStream;

    fn id(&self) -> SandboxId {
        self.id
    }

    async fn connect(&mut self) -> Result<UnixStream, ConnectError> {
        self.stream.take().ok_or(ConnectError::Taken)
    }

    async fn ended(&mut self) -> Ending {
        self.attribution.claim();
        let ending = self.ending.wait_for(Option::is_some).await;
        match ending.as_deref() {
            Ok(Some(ending)) => ending.clone(),
            Ok(None) | Err(_) => Ending::Lost("its engine was shut down".to_owned()),
        }
    }

    async fn report(&mut self) -> Report {
        self.observation.report()
    }

    async fn end(&mut self) {
        drop(self.held.take());
        // If it is never told, the supervision ends with the reason.
        self.over.wait_for(|over| *over).await.ok();
    }

    async fn destroy(self) -> Result<Report, DestroyError> {
        self.attribution.claim();
        drop(self.held);
        match self.supervision.await {
            Ok(removed) => removed,
            Err(error) => Err(DestroyError::Io {
                step: "supervision",
                source: std::io::Error::other(error),
            }),
        }
    }
}
