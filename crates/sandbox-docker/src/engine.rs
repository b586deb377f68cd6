//! The engine and its sandboxes, as the dispatcher sees them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bollard::models::{SystemInfo, SystemInfoCgroupVersionEnum as CgroupVersion};
use sandbox::{
    Attribution, ConnectError, DestroyError, Ending, Enforcement, Engine, EngineKind, Image,
    LaunchError, Mechanism, Network, PrepareError, Programs, Progress, ReclaimError, Report,
    Sandbox, SandboxId, SandboxSpec, Token,
};
use syscall_policy::Profile;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::builtin::Builtin;
use crate::config::Config;
use crate::daemon::{Daemon, DaemonError};
use crate::egress::Egress;
use crate::events::Events;
use crate::images::Images;
use crate::lease::Leases;
use crate::observation::Observation;
use crate::reclaim;
use crate::seccomp;
use crate::stream::DockerStream;
use crate::supervision::{Filters, Host, Order, Started, supervise};
use crate::volume::Injection;

/// Makes sandboxes that are containers of a Docker engine.
#[derive(Debug)]
pub struct DockerEngine {
    host: Arc<Host>,
    tasks: TaskTracker,
}

/// A sandbox of the [`DockerEngine`].
#[derive(Debug)]
pub struct DockerSandbox {
    id: SandboxId,
    stream: Option<DockerStream>,
    token: Option<Token>,
    observation: Arc<Observation>,
    ending: watch::Receiver<Option<Ending>>,
    attribution: Attribution,
    supervision: JoinHandle<Result<Report, DestroyError>>,
    /// Told when nothing of it runs any more, if that could be proved.
    over: watch::Receiver<bool>,
    /// Dropping it has the container killed and removed.
    held: Option<DropGuard>,
}

impl DockerEngine {
    /// Starts the engine: finds the daemon and looks at what it offers.
    ///
    /// # Cancellation
    ///
    /// Safe to drop.
    ///
    /// # Errors
    ///
    /// Returns [`LaunchError::EngineUnavailable`] if the daemon cannot be reached,
    /// [`LaunchError::Refused`] if it lacks what every sandbox must have.
    pub async fn start(programs: Programs, config: Config) -> Result<Self, LaunchError> {
        let daemon = Daemon::at(config.host.as_deref(), config.api_deadline)
            .map_err(DaemonError::into_launch_error)?;
        let info = look(&daemon).await?;
        let builtin = tokio::task::spawn_blocking(|| Builtin::new(programs));
        let builtin = match builtin.await {
            Ok(Ok(builtin)) => Arc::new(builtin),
            Ok(Err(source)) => {
                return Err(LaunchError::Setup {
                    step: "read the programs".to_owned(),
                    source,
                });
            }
            Err(_) => return Err(unavailable("its task was aborted".to_owned())),
        };
        let filters = Filters {
            builtin: seccomp::render(Profile::Builtin),
            runtime: seccomp::render(Profile::Runtime),
        };
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let images = Images::new(
            daemon.clone(),
            Arc::clone(&builtin),
            config.pull_policy,
            config.pull_deadline,
            config.docker_config,
            config.injection,
        );
        let egress = Egress::open(daemon.clone(), config.egress).await;
        let events = Events::default();
        tasks.spawn(events.clone().listen(daemon.clone(), stop.clone()));
        tasks.spawn(sweep(
            daemon.clone(),
            events.clone(),
            config.reclaim_interval,
            stop.clone(),
        ));
        let leases = Leases::new(
            daemon.clone(),
            images.clone(),
            filters.builtin.clone(),
            config.start_deadline,
            config.kill_deadline,
            tasks.clone(),
            stop.clone(),
        );
        let host = Host {
            injection: Injection::new(daemon.clone(), images.clone(), builtin),
            daemon,
            images,
            leases,
            events,
            egress,
            connect: config.connect,
            filters,
            mechanism: mechanism(&info),
            processors: processors(&info),
            start_deadline: config.start_deadline,
            kill_deadline: config.kill_deadline,
            sample_interval: config.sample_interval,
            _keeping: stop.drop_guard(),
        };
        Ok(Self {
            host: Arc::new(host),
            tasks,
        })
    }

    /// Returns what the label `org.veritech.instance` of this engine's containers
    /// says, once there was one. It changes when the daemon is restarted.
    ///
    /// # Cancellation
    ///
    /// Safe to drop.
    pub async fn instance(&self) -> Option<String> {
        self.host.leases.current().await
    }

    /// Prepares an image whose runner tries the walls of its sandbox from inside.
    ///
    /// Its sandboxes get as much of the kernel as those of any image; no request can
    /// name it.
    ///
    /// # Cancellation
    ///
    /// Safe to drop.
    ///
    /// # Errors
    ///
    /// Returns why the daemon has no place for the built-in image.
    pub async fn self_check_image(&self) -> Result<Image, PrepareError> {
        self.host.images.self_check().await
    }

    /// Returns why outward connections are not offered, if they are not.
    pub(crate) fn egress_closed(&self) -> Option<&str> {
        self.host.egress.closed()
    }
}

/// Looks at the daemon, and whether it has what every sandbox must have.
async fn look(daemon: &Daemon) -> Result<SystemInfo, LaunchError> {
    daemon
        .greet()
        .await
        .map_err(DaemonError::into_launch_error)?;
    let info = daemon.ask("say what it is", daemon.api().info()).await;
    let info = info.map_err(DaemonError::into_launch_error)?;
    let refused = |what, fix: &str, found: String| LaunchError::Refused {
        what,
        fix: fix.to_owned(),
        source: io::Error::other(found),
    };
    if info.os_type.as_deref() != Some("linux") {
        return Err(refused(
            "Linux containers",
            "use a Docker engine on Linux",
            format!("the daemon runs {:?}", info.os_type),
        ));
    }
    let architecture = info.architecture.clone().unwrap_or_default();
    if architecture != std::env::consts::ARCH {
        return Err(refused(
            "to run programs of this architecture",
            "use a daemon on a host of the same architecture as this one",
            format!("the daemon runs on {architecture}"),
        ));
    }
    let options = info.security_options.clone().unwrap_or_default();
    if !options
        .iter()
        .any(|option| option.starts_with("name=seccomp"))
    {
        return Err(refused(
            "seccomp filters",
            "use a kernel and a Docker engine with seccomp",
            format!("the daemon offers {options:?}"),
        ));
    }
    Ok(info)
}

/// Returns what the limits of a daemon's containers are enforced by.
pub(crate) fn mechanism(info: &SystemInfo) -> Mechanism {
    match info.cgroup_version {
        Some(CgroupVersion::_2) => Mechanism::CgroupV2,
        Some(CgroupVersion::_1 | CgroupVersion::EMPTY) | None => Mechanism::CgroupV1,
    }
}

fn processors(info: &SystemInfo) -> u64 {
    info.ncpu
        .and_then(|it| u64::try_from(it).ok())
        .filter(|&it| it > 0)
        .unwrap_or(1)
}

/// Removes what dead dispatchers have left, again and again, until `stop` fires.
async fn sweep(daemon: Daemon, events: Events, interval: Duration, stop: CancellationToken) {
    let sweeping = async {
        loop {
            time::sleep(interval).await;
            match reclaim::reclaim(&daemon, &events).await {
                Ok(0) => {}
                Ok(containers) => tracing::info!(containers, "removed what others have left"),
                Err(error) => tracing::debug!(%error, "could not remove what others have left"),
            }
        }
    };
    // Ends by being cancelled only.
    stop.run_until_cancelled(sweeping).await.unwrap_or(());
}

/// Returns the error of a launch that the engine was in no state for.
pub(crate) fn unavailable(reason: String) -> LaunchError {
    LaunchError::EngineUnavailable {
        engine: EngineKind::Docker,
        reason,
        source: None,
    }
}

impl Engine for DockerEngine {
    type Sandbox = DockerSandbox;

    fn kind(&self) -> EngineKind {
        EngineKind::Docker
    }

    fn enforcement(&self, _image: &Image) -> Enforcement {
        let mechanism = self.host.mechanism;
        Enforcement {
            memory: mechanism,
            cpu: mechanism,
            cpu_time: Mechanism::Sampled,
            processes: mechanism,
            disk: Mechanism::Tmpfs,
        }
    }

    fn offers(&self, network: Network) -> bool {
        match network {
            Network::None => true,
            Network::Egress => self.host.egress.is_open(),
        }
    }

    fn recognise(&self, image: &str, tag: &str) -> Result<Option<Vec<String>>, PrepareError> {
        self.host.images.recognise(image, tag)
    }

    async fn prepare(
        &self,
        image: &str,
        tag: &str,
        progress: &dyn Progress,
        cancel: CancellationToken,
    ) -> Result<Image, PrepareError> {
        let prepared = self.host.images.prepare(image, tag, progress);
        match cancel.run_until_cancelled(prepared).await {
            Some(prepared) => prepared,
            None => Err(PrepareError::Cancelled),
        }
    }

    async fn launch(
        &self,
        spec: SandboxSpec,
        cancel: CancellationToken,
    ) -> Result<DockerSandbox, LaunchError> {
        if !self.offers(spec.network) {
            return Err(LaunchError::NotOffered {
                engine: EngineKind::Docker,
                what: "outward network connections",
            });
        }
        let id = spec.id;
        let template =
            self.host.images.template(&spec.image).ok_or_else(|| {
                unavailable(format!("it has no image `{}`", spec.image.reference))
            })?;
        let released = CancellationToken::new();
        let held = released.clone().drop_guard();
        let (started, launch) = oneshot::channel();
        let attribution = Attribution::default();
        let order = Order {
            spec,
            template,
            attribution: attribution.clone(),
        };
        let supervise = supervise(Arc::clone(&self.host), order, released.clone(), started);
        let supervision = self.tasks.spawn(supervise.in_current_span());
        let launched = tokio::select! {
            launched = launch => launched,
            () = cancel.cancelled() => {
                drop(held);
                // What cannot be removed is removed by the next reclaim.
                supervision.await.ok();
                return Err(LaunchError::Cancelled);
            }
        };
        let Started {
            stream,
            token,
            observation,
            ending,
            over,
        } = launched.map_err(|_| unavailable("its task was aborted".to_owned()))??;
        Ok(DockerSandbox {
            id,
            stream: Some(stream),
            token,
            observation,
            ending,
            attribution,
            supervision,
            over,
            held: Some(held),
        })
    }

    async fn reclaim(&self) -> Result<usize, ReclaimError> {
        reclaim::reclaim(&self.host.daemon, &self.host.events).await
    }
}

impl Sandbox for DockerSandbox {
    type Stream = DockerStream;

    fn id(&self) -> SandboxId {
        self.id
    }

    async fn connect(&mut self) -> Result<DockerStream, ConnectError> {
        self.stream.take().ok_or(ConnectError::Taken)
    }

    fn token(&self) -> Option<Token> {
        self.token.clone()
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
        self.observation.report().await
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
                source: io::Error::other(error),
            }),
        }
    }
}
