//! The life of one sandbox, from the container's creation to its removal.
//!
//! A task of its own runs it, so that neither a dropped launch nor a dropped
//! handle can leave anything behind:
//!
//! ```text
//!  instance ──▶ create ──▶ attach ──▶ start ──▶ runs
//!                 │          │          │         │ ended · exceeded · let go
//!                 └────┬─────┴──────────┴─────────┘
//!                      ▼
//!            last report ──▶ kill ──▶ proved dead ──▶ remove ──▶ proved gone
//! ```

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bollard::errors::Error as ApiError;
use bollard::query_parameters::{CreateContainerOptionsBuilder, WaitContainerOptionsBuilder};
use futures_util::StreamExt as _;
use sandbox::{
    Attribution, DestroyError, Ending, LaunchError, Limit, Mechanism, Network, Report, SandboxSpec,
    Token,
};
use syscall_policy::Profile;
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::attach;
use crate::config::Connect;
use crate::container::{self, Plan};
use crate::daemon::{Daemon, DaemonError};
use crate::egress::Egress;
use crate::engine::unavailable;
use crate::events::{Events, Watch};
use crate::images::{Images, Template};
use crate::lease::Leases;
use crate::observation::Observation;
use crate::port;
use crate::removal;
use crate::stream::{Attached, Complaints, DockerStream};
use crate::volume::Injection;

/// `SIGKILL`.
const KILLED: i32 = 9;

/// A container's exit code for signal N is this and N.
const BY_SIGNAL: i64 = 128;

/// The largest number of a signal.
const LAST_SIGNAL: i64 = 64;

/// How long a launch that failed waits for the proof that nothing is left. After
/// that the removal goes on by itself.
const FAILED_MAY_WAIT: Duration = Duration::from_secs(5);

/// What all sandboxes of an engine share.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) daemon: Daemon,
    pub(crate) images: Images,
    pub(crate) injection: Injection,
    pub(crate) leases: Leases,
    pub(crate) events: Events,
    pub(crate) egress: Egress,
    pub(crate) connect: Connect,
    pub(crate) filters: Filters,
    /// What enforces memory, processor share and the number of processes.
    pub(crate) mechanism: Mechanism,
    /// How many processors the daemon's host has.
    pub(crate) processors: u64,
    pub(crate) start_deadline: Duration,
    pub(crate) kill_deadline: Duration,
    pub(crate) sample_interval: Duration,
    /// Ends what runs in the background after the engine and its last sandbox.
    pub(crate) _keeping: DropGuard,
}

/// The filters of system calls, as the daemon takes them.
#[derive(Debug)]
pub(crate) struct Filters {
    pub(crate) builtin: String,
    pub(crate) runtime: String,
}

/// A sandbox to make.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) spec: SandboxSpec,
    pub(crate) template: Arc<Template>,
    pub(crate) attribution: Attribution,
}

/// A sandbox that runs.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) stream: DockerStream,
    /// What cyclone wants to be shown.
    pub(crate) token: Option<Token>,
    pub(crate) observation: Arc<Observation>,
    /// Holds how it ended, once it has.
    pub(crate) ending: watch::Receiver<Option<Ending>>,
    /// Told when nothing of it runs any more.
    pub(crate) over: watch::Receiver<bool>,
}

/// How a container ends, once it has.
struct End {
    ended: Pin<Box<dyn Future<Output = Ending> + Send>>,
    known: Option<Ending>,
}

/// What a launch has made so far.
#[derive(Debug, Default)]
struct Made {
    /// The container that was asked for, whether or not there is one: by its name,
    /// and by its id once that is known.
    container: Option<String>,
}

/// A container that was started.
struct Built {
    container: String,
    watch: Watch,
    entrance: Entrance,
    complaints: Complaints,
    end: End,
}

/// How cyclone is reached.
enum Entrance {
    /// By its standard input and output.
    Attached(Attached),
    /// By a published port; its standard input stays open meanwhile.
    Port {
        stream: TcpStream,
        token: Token,
        attached: Attached,
    },
}

impl Filters {
    /// Returns the filter for an image's sandboxes with this network.
    fn of(&self, profile: Profile, network: Network) -> &str {
        match (profile, network) {
            (Profile::Builtin, Network::None) => &self.builtin,
            // Our own programs alone do without sockets.
            (Profile::Runtime, Network::None) | (_, Network::Egress) => &self.runtime,
        }
    }
}

/// Makes a sandbox, answers on `started`, and takes it apart when it has ended or
/// `released` fires.
pub(crate) async fn supervise(
    host: Arc<Host>,
    order: Order,
    released: CancellationToken,
    started: oneshot::Sender<Result<Started, LaunchError>>,
) -> Result<Report, DestroyError> {
    let mut made = Made::default();
    let built = match build(&host, &order, &released, &mut made).await {
        Ok(built) => built,
        Err(error) => return abandon(&host, made, error, started).await,
    };
    let observation = Arc::new(Observation::new(
        host.daemon.clone(),
        built.container,
        built.watch,
        order.spec.limits,
        host.mechanism,
        host.sample_interval,
    ));
    let (ending, watched) = watch::channel(None);
    let (is_over, over) = watch::channel(false);
    let (stream, token, _open) = match built.entrance {
        Entrance::Attached(attached) => (attached.into(), None, None),
        Entrance::Port {
            stream,
            token,
            attached,
        } => (stream.into(), Some(token), Some(attached)),
    };
    let started = started.send(Ok(Started {
        stream,
        token,
        observation: Arc::clone(&observation),
        ending: watched,
        over,
    }));
    // The launch was dropped at the last moment.
    if started.is_err() {
        released.cancel();
    }
    run(
        &host,
        built.end,
        &built.complaints,
        &observation,
        released,
        &ending,
        &is_over,
        &order.attribution,
    )
    .await
}

/// Waits for a sandbox's end and takes it apart.
async fn run(
    host: &Host,
    mut end: End,
    complaints: &Complaints,
    observation: &Observation,
    released: CancellationToken,
    ending: &watch::Sender<Option<Ending>>,
    is_over: &watch::Sender<bool>,
    attribution: &Attribution,
) -> Result<Report, DestroyError> {
    let cause = tokio::select! {
        biased;
        () = released.cancelled() => None,
        cause = end.known() => Some(cause),
        hit = observation.excess() => Some(Ending::LimitExceeded(hit)),
    };
    let report = observation.conclude().await;
    if let Some(cause) = cause {
        let cause = believe(&host.daemon, cause, &report).await;
        if cause != Ending::Exited(0)
            && let Some(stderr) = complaints.text()
        {
            attribution.span().in_scope(|| {
                tracing::debug!(?cause, stderr, "cyclone ended with a complaint");
            });
        }
        ending.send_replace(Some(cause));
    }
    let remove = removal::remove(&host.daemon, observation.container(), host.kill_deadline);
    if observation.kill().await {
        is_over.send_replace(true);
        remove.await?;
    } else {
        remove.await?;
        is_over.send_replace(true);
    }
    Ok(report)
}

/// Tells why a launch failed, and takes apart what it has made.
async fn abandon(
    host: &Host,
    made: Made,
    error: LaunchError,
    started: oneshot::Sender<Result<Started, LaunchError>>,
) -> Result<Report, DestroyError> {
    let removed = async {
        match &made.container {
            Some(container) => removal::remove(&host.daemon, container, host.kill_deadline)
                .await
                .map(drop),
            None => Ok(()),
        }
    };
    let mut removed = std::pin::pin!(removed);
    let soon = tokio::time::timeout(FAILED_MAY_WAIT, &mut removed).await;
    // Whoever dropped the launch does not ask why it failed.
    started.send(Err(error)).ok();
    match soon {
        Ok(removed) => removed,
        // The daemon is away: whatever there is, it has it until it is back.
        Err(_) => removed.await,
    }
    .map(|()| Report::default())
}

/// Makes a container and starts it. What was asked for is in `made`, whatever
/// happens.
async fn build(
    host: &Host,
    order: &Order,
    released: &CancellationToken,
    made: &mut Made,
) -> Result<Built, LaunchError> {
    let Order { spec, template, .. } = order;
    let cancelled = LaunchError::Cancelled;
    let prepared = async {
        let instance = Box::pin(host.leases.instance()).await?;
        let volume = match template.injected {
            true => Some(Box::pin(host.injection.volume()).await?),
            false => None,
        };
        match spec.network {
            Network::None => {}
            Network::Egress => Box::pin(host.egress.ensure()).await?,
        }
        Ok((instance, volume))
    };
    let Some(prepared) = released.run_until_cancelled(prepared).await else {
        return Err(cancelled);
    };
    let (instance, volume) = prepared?;
    let published = spec.network == Network::Egress && host.connect == Connect::Port;
    let name = container::name(&instance, spec.id);
    let body = container::sandbox(Plan {
        id: spec.id,
        instance: &instance,
        image_id: &template.image_id,
        variables: &template.variables,
        volumes: &template.volumes,
        runner: &template.runner,
        injected: volume.as_deref(),
        seccomp: host.filters.of(template.profile, spec.network),
        limits: &spec.limits,
        processors: host.processors,
        network: spec.network,
        published,
    });
    let watch = host.events.watch(name.clone());
    made.container = Some(name.clone());
    let options = CreateContainerOptionsBuilder::new().name(&name).build();
    // Never given up half-way: whether there is a container would not be known.
    let created = host.daemon.api().create_container(Some(options), body);
    let created = match host.daemon.ask("create the container", created).await {
        Ok(created) => created,
        Err(error) if error.is_not_found() => {
            host.images.forget(template);
            return Err(unavailable(format!(
                "the image `{}` has been removed",
                template.reference
            )));
        }
        Err(error) => return Err(error.into_launch_error()),
    };

    made.container = Some(created.id.clone());
    let complaints = Complaints::default();
    let mut end = End::of(host.daemon.clone(), created.id.clone());
    let begun = async {
        let attached = attach::to(&host.daemon, &created.id, complaints.clone()).await?;
        let started = host.daemon.api().start_container(&created.id, None);
        host.daemon
            .ask_within(host.start_deadline, "start the container", started)
            .await?;
        if published {
            Box::pin(reach(host, &created.id, attached)).await
        } else {
            Ok(Entrance::Attached(attached))
        }
    };
    let begun = released.run_until_cancelled(end.watched_during(begun));
    let Some(begun) = begun.await else {
        return Err(cancelled);
    };
    let entrance = match begun {
        Ok(entrance) => entrance,
        Err(error) => {
            if template.injected {
                // Perhaps somebody has removed the volume.
                host.injection.forget().await;
            }
            return Err(error.into_launch_error());
        }
    };
    Ok(Built {
        container: created.id,
        watch,
        entrance,
        complaints,
        end,
    })
}

/// Reaches the cyclone of a container with a published port.
async fn reach(
    host: &Host,
    container: &str,
    mut attached: Attached,
) -> Result<Entrance, DaemonError> {
    let token = port::token();
    let late = |_| DaemonError::Late {
        what: "publish a port with a cyclone behind it",
        waited: host.start_deadline,
    };
    let reached = async {
        port::hand_over(&mut attached, &token)
            .await
            .map_err(|error| {
                let error = ApiError::IOError { err: error };
                host.daemon.explain("pass on the token", error)
            })?;
        let address = port::published(&host.daemon, container).await?;
        Ok(port::connect(address, &token).await)
    };
    let reached = tokio::time::timeout(host.start_deadline, reached).await;
    let stream = reached.map_err(late)??;
    Ok(Entrance::Port {
        stream,
        token,
        attached,
    })
}

impl End {
    /// Asks how the container will end, from the first time that it is polled.
    fn of(daemon: Daemon, container: String) -> Self {
        let ended = async move {
            // It is not running yet when this is asked for.
            let options = WaitContainerOptionsBuilder::new()
                .condition("next-exit")
                .build();
            let mut exits = Box::pin(daemon.api().wait_container(&container, Some(options)));
            match exits.next().await {
                Some(Ok(exit)) => ending(exit.status_code),
                Some(Err(ApiError::DockerContainerWaitError { code, .. })) => ending(code),
                Some(Err(ApiError::DockerResponseServerError { message, .. })) => Ending::Lost(
                    format!("the Docker daemon does not know its end: {message}"),
                ),
                Some(Err(_)) | None => Ending::Lost("the Docker daemon has gone away".to_owned()),
            }
        };
        Self {
            ended: Box::pin(ended),
            known: None,
        }
    }

    /// Does something, and does not miss the end meanwhile.
    async fn watched_during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                ending = &mut self.ended, if self.known.is_none() => self.known = Some(ending),
                done = &mut work => return done,
            }
        }
    }

    /// Waits for the end.
    async fn known(&mut self) -> Ending {
        match self.known.take() {
            Some(ending) => ending,
            None => self.ended.as_mut().await,
        }
    }
}

/// Returns how a container ended, by its exit code.
fn ending(code: i64) -> Ending {
    let signal = code.saturating_sub(BY_SIGNAL);
    match (i32::try_from(code), i32::try_from(signal)) {
        (_, Ok(number)) if (1..=LAST_SIGNAL).contains(&signal) => Ending::Signalled(number),
        (Ok(code), _) => Ending::Exited(code),
        (Err(_), _) => Ending::Lost(format!("the Docker daemon told an exit code of {code}")),
    }
}

/// Returns the cause of an end, as far as the daemon can be believed about it.
///
/// A daemon that is being stopped kills all containers first. Nothing in a sandbox
/// can kill its first process; the kernel does for want of memory, and says so.
async fn believe(daemon: &Daemon, cause: Ending, report: &Report) -> Ending {
    let out_of_memory = report.hits.iter().any(|hit| hit.limit == Limit::Memory);
    if cause != Ending::Signalled(KILLED) || out_of_memory {
        return cause;
    }
    match daemon.greet().await {
        Ok(()) => cause,
        Err(error) => Ending::Lost(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_tell_signals_from_exits() {
        assert_eq!(ending(0), Ending::Exited(0));
        assert_eq!(ending(128), Ending::Exited(128));
        assert_eq!(ending(137), Ending::Signalled(9));
        assert_eq!(ending(159), Ending::Signalled(31));
        assert_eq!(ending(255), Ending::Exited(255));
        assert!(matches!(ending(i64::MAX), Ending::Lost(_)));
    }
}
