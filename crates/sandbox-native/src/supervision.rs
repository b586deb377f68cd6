//! The life of one sandbox, from its first resource to its last.
//!
//! A task of its own runs it, so that neither a dropped launch nor a dropped
//! handle can leave anything behind:
//!
//! ```text
//!  slot, cgroup, socket ──▶ clone ──▶ cyclone executed ──▶ runs
//!       │                     │              │              │ ended · exceeded · let go
//!       └─────────┬───────────┴──────────────┴──────────────┘
//!                 ▼
//!      kill ──▶ proved gone ──▶ last report ──▶ cgroup removed ──▶ slot free
//! ```

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketFlags, SocketType};
use rustix::pipe::PipeFlags;
use rustix::process::Signal;
use sandbox::{
    Attribution, DestroyError, Ending, LaunchError, Limit, Limits, Mechanism, Report, SandboxSpec,
    command_within,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::net::UnixStream;
use tokio::sync::{oneshot, watch};
use tokio::time;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::cgroup::{Cgroup, Cgroups};
use crate::connection::{self, Ended, unavailable};
use crate::enforcement::enforcement;
use crate::keeper::Keeper;
use crate::observation::Observation;
use crate::refusal;
use crate::slots::{Slot, Slots};
use crate::step::Step;
use crate::syscalls;
use crate::template::Template;
use crate::wire::{Failure, Fallback, Identity, Launch, LaunchDescriptors, Request, Status};
use crate::zygotes::Zygote;

/// Scratch space per file that can be made on it, in bytes.
const BYTES_PER_INODE: u64 = 4096;

/// Files that even the smallest scratch space has.
const FEWEST_INODES: u64 = 64;

/// How much of cyclone's complaints is logged, in bytes.
const COMPLAINT_BYTES: usize = 4096;

/// How long a process that was to become a sandbox may take.
const BUILD_DEADLINE: Duration = Duration::from_secs(10);

/// What all sandboxes of an engine share.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) keeper: Keeper,
    pub(crate) cgroups: Option<Cgroups>,
    /// Host users to give out; `None` for an ordinary user.
    pub(crate) slots: Option<Slots>,
    pub(crate) sample_interval: Duration,
    pub(crate) kill_deadline: Duration,
    /// Lets the launcher end after the engine and its last sandbox.
    pub(crate) _keeping: DropGuard,
}

/// A sandbox to make.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) spec: SandboxSpec,
    pub(crate) template: Template,
    pub(crate) attribution: Attribution,
    pub(crate) role: Role,
}

/// What a sandbox is for.
#[derive(Debug)]
pub(crate) enum Role {
    /// An execution; a zygote may bring it forth.
    Execution(Option<Arc<Zygote>>),
    /// A zygote, started by this command.
    Zygote(Vec<String>),
}

/// A sandbox that runs.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) stream: UnixStream,
    pub(crate) observation: Arc<Observation>,
    /// Holds how it ended, once it has.
    pub(crate) ending: watch::Receiver<Option<Ending>>,
    /// Told when nothing of it runs any more.
    pub(crate) over: watch::Receiver<bool>,
}

/// What has to be given back.
#[derive(Debug, Default)]
struct Holdings {
    slot: Option<Slot>,
    cgroup: Option<Cgroup>,
    process: Option<Process>,
}

/// The first process of a sandbox.
#[derive(Debug)]
struct Process {
    pidfd: AsyncFd<OwnedFd>,
    news: News,
    stderr: File,
}

/// What is known of a process's end.
#[derive(Debug)]
enum News {
    /// Nothing yet.
    Awaited(oneshot::Receiver<Ended>),
    /// How it ended.
    Ended(Ended),
    /// There is nobody left to tell.
    LauncherGone,
}

/// Everything that a launch has produced.
struct Built {
    stream: UnixStream,
    scratch: OwnedFd,
    pid: rustix::process::Pid,
}

/// Makes a sandbox, answers on `started`, and takes it apart when it has ended or
/// `released` fires.
pub(crate) async fn supervise(
    host: Arc<Host>,
    mut order: Order,
    released: CancellationToken,
    started: oneshot::Sender<Result<Started, LaunchError>>,
) -> Result<Report, DestroyError> {
    let mut holdings = Holdings::default();
    let mut built = build(&host, &order, &released, &mut holdings).await;
    if let (Err(error), Role::Execution(zygote @ Some(_))) = (&built, &mut order.role)
        && let Some(zygote) = zygote.take()
        && !released.is_cancelled()
    {
        tracing::warn!(image = %order.spec.image.reference, %error, "a zygote has failed");
        zygote.give_up();
        if let Err(error) = abandon(&host, std::mem::take(&mut holdings)).await {
            tracing::error!(%error, "what a zygote has left could not be removed");
        }
        built = build(&host, &order, &released, &mut holdings).await;
    }
    let (built, process) = match (built, holdings.process.take()) {
        (Ok(built), Some(process)) => (built, process),
        (Ok(_), None) => return Ok(Report::default()),
        (Err(error), process) => {
            holdings.process = process;
            let removed = abandon(&host, holdings).await;
            // Whoever dropped the launch does not ask why it failed.
            started.send(Err(error)).ok();
            keep_if_not_gone(order, &removed);
            return removed.map(|()| Report::default());
        }
    };

    let table = enforcement(
        host.cgroups.as_ref().map(Cgroups::controllers).as_ref(),
        order.template.workload,
    );
    let observation = Arc::new(Observation::new(
        built.pid,
        holdings.cgroup.take(),
        built.scratch,
        order.spec.limits,
        table,
        host.sample_interval,
    ));
    let (ending, watched) = watch::channel(None);
    let (is_over, over) = watch::channel(false);
    let started = started.send(Ok(Started {
        stream: built.stream,
        observation: Arc::clone(&observation),
        ending: watched,
        over,
    }));
    // The launch was dropped at the last moment.
    if started.is_err() {
        released.cancel();
    }
    let removed = run(
        &host,
        holdings.slot,
        process,
        &observation,
        released,
        &ending,
        &is_over,
        &order.attribution,
    )
    .await;
    keep_if_not_gone(order, &removed);
    removed
}

/// Lets go of a sandbox's image, but never if something of it may still run.
fn keep_if_not_gone<T>(order: Order, removed: &Result<T, DestroyError>) {
    if let Err(DestroyError::NotGone { .. }) = removed {
        std::mem::forget(order.template.lease);
    }
}

/// Waits for a sandbox's end and takes it apart.
async fn run(
    host: &Host,
    slot: Option<Slot>,
    mut process: Process,
    observation: &Observation,
    released: CancellationToken,
    ending: &watch::Sender<Option<Ending>>,
    is_over: &watch::Sender<bool>,
    attribution: &Attribution,
) -> Result<Report, DestroyError> {
    let cause = tokio::select! {
        biased;
        () = released.cancelled() => None,
        cause = process.end() => Some(cause),
        hit = observation.excess() => Some(Ending::LimitExceeded(hit)),
    };
    // Nobody can run again once this has been sent; what was measured stays true.
    process.kill();
    if let Some(cgroup) = observation.cgroup() {
        cgroup.hasten_end();
    }
    if let Some(cause) = cause {
        attribution
            .span()
            .in_scope(|| process.log_complaints(&cause));
        ending.send_replace(Some(cause));
    }

    let deadline = time::Instant::now() + host.kill_deadline;
    let Some(how) = process.gone(deadline).await else {
        if let Some(slot) = slot {
            slot.quarantine();
        }
        return Err(DestroyError::NotGone {
            waited: host.kill_deadline,
        });
    };
    let report = observation.conclude(how.map(|how| how.cpu_time).unwrap_or_default());
    is_over.send_replace(true);
    if let Some(cgroup) = observation.cgroup() {
        remove_cgroup(cgroup, deadline).await?;
    }
    drop(slot);
    Ok(report)
}

/// Takes apart what a failed launch has left.
async fn abandon(host: &Host, holdings: Holdings) -> Result<(), DestroyError> {
    let deadline = time::Instant::now() + host.kill_deadline;
    if let Some(mut process) = holdings.process {
        process.kill();
        if process.gone(deadline).await.is_none() {
            if let Some(slot) = holdings.slot {
                slot.quarantine();
            }
            return Err(DestroyError::NotGone {
                waited: host.kill_deadline,
            });
        }
    }
    match holdings.cgroup {
        Some(cgroup) => remove_cgroup(&cgroup, deadline).await,
        None => Ok(()),
    }
}

async fn remove_cgroup(cgroup: &Cgroup, deadline: time::Instant) -> Result<(), DestroyError> {
    cgroup
        .remove(deadline)
        .await
        .map_err(|source| DestroyError::Io {
            step: "remove the cgroup",
            source,
        })
}

/// Makes a sandbox. What it takes goes into `holdings`, whatever happens.
async fn build(
    host: &Host,
    order: &Order,
    released: &CancellationToken,
    holdings: &mut Holdings,
) -> Result<Built, LaunchError> {
    let failed = |step: Step| {
        move |source: io::Error| LaunchError::Setup {
            step: step.name().to_owned(),
            source,
        }
    };
    let Order {
        spec,
        template,
        role,
        ..
    } = order;
    if released.is_cancelled() {
        return Err(LaunchError::Cancelled);
    }
    let launcher = host.keeper.current()?;
    let identity = match &host.slots {
        Some(slots) => {
            let slot = slots
                .take()
                .ok_or_else(|| unavailable("every host user id is in use".to_owned()))?;
            holdings.slot.insert(slot).identity()
        }
        None => Identity::Single,
    };
    let mut entrances = Vec::new();
    if let Some(cgroups) = &host.cgroups {
        let cgroup = cgroups
            .create(spec.id, &spec.limits)
            .map_err(failed(Step::Cgroup))?;
        let cgroup = holdings.cgroup.insert(cgroup);
        entrances = cgroup.entrances().map_err(failed(Step::Cgroup))?;
    }

    let (stream, session) = pair(SocketType::STREAM).map_err(failed(Step::Descriptors))?;
    let (status, told) = pair(SocketType::SEQPACKET).map_err(failed(Step::Descriptors))?;
    let (stderr, complaints) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)
        .map_err(|error| failed(Step::Descriptors)(error.into()))?;
    rustix::io::ioctl_fionbio(&stderr, true)
        .map_err(|error| failed(Step::Descriptors)(error.into()))?;
    let given = LaunchDescriptors {
        session: session.as_fd(),
        status: told.as_fd(),
        stderr: complaints.as_fd(),
    };
    let mut descriptors = vec![given.session, given.status, given.stderr];
    descriptors.extend(entrances.iter().map(OwnedFd::as_fd));

    let launch = Launch {
        sandbox: spec.id.0,
        root: template.root.clone(),
        runner: command_within(&template.runner, &spec.limits),
        runner_environment: template.environment.clone(),
        identity,
        disk_bytes: spec.limits.disk_bytes,
        disk_inodes: FEWEST_INODES.max(spec.limits.disk_bytes / BYTES_PER_INODE),
        cpu_seconds: spec.limits.cpu_time.as_secs().saturating_add(2),
        fallback: fallback(host, template, &spec.limits),
        zygote: match role {
            Role::Execution(zygote) => zygote.as_ref().map(|zygote| zygote.id()),
            Role::Zygote(_) => None,
        },
    };
    let sandbox = launch.sandbox;
    let request = match role {
        Role::Execution(_) => Request::Launch(launch),
        Role::Zygote(command) => Request::Breed {
            launch,
            command: command.clone(),
        },
    };
    let launched = launcher.launch(sandbox, request, &descriptors).await?;
    // Only the new process holds these now: their end is its end.
    drop(descriptors);
    drop((session, told, complaints, entrances));
    let pidfd =
        syscalls::watch(launched.pidfd, Interest::READABLE).map_err(failed(Step::Descriptors))?;
    holdings.process = Some(Process {
        pidfd,
        news: News::Awaited(launched.ended),
        stderr: stderr.into(),
    });

    let status = syscalls::watch(status, Interest::READABLE).map_err(failed(Step::Descriptors))?;
    let executed = time::timeout(BUILD_DEADLINE, until_executed(&status));
    let scratch = match released.run_until_cancelled(executed).await {
        None => return Err(LaunchError::Cancelled),
        Some(Err(_)) => {
            return Err(failed(Step::Execute)(io::ErrorKind::TimedOut.into()));
        }
        Some(Ok(executed)) => executed?,
    };
    let stream = UnixStream::from_std(stream.into()).map_err(failed(Step::Descriptors))?;
    Ok(Built {
        stream,
        scratch,
        pid: launched.pid,
    })
}

/// Returns what stands in for the cgroups that this host does not have.
fn fallback(host: &Host, template: &Template, limits: &Limits) -> Fallback {
    let controllers = host.cgroups.as_ref().map(Cgroups::controllers);
    let table = enforcement(controllers.as_ref(), template.workload);
    let by = |limit, mechanism| table.of(limit) == mechanism;
    Fallback {
        data_bytes: by(Limit::Memory, Mechanism::Rlimit).then_some(limits.memory_bytes),
        processes: by(Limit::Processes, Mechanism::Rlimit).then_some(limits.processes.into()),
        processors: if by(Limit::Cpu, Mechanism::Affinity) {
            some_processors(limits.cpu_millis)
        } else {
            Vec::new()
        },
    }
}

/// Returns as many processors as `cpu_millis` asks for; all, as none, if there
/// are no more.
fn some_processors(cpu_millis: u32) -> Vec<usize> {
    let wanted = usize::try_from(cpu_millis.div_ceil(1000).max(1)).unwrap_or(usize::MAX);
    let Ok(usable) = rustix::thread::sched_getaffinity(None) else {
        return Vec::new();
    };
    let usable: Vec<usize> = (0..rustix::thread::CpuSet::MAX_CPU)
        .filter(|&processor| usable.is_set(processor))
        .collect();
    if usable.len() <= wanted {
        return Vec::new();
    }
    // Different sandboxes get different ones, more or less.
    let mut seed = [0; 2];
    rustix::rand::getrandom(&mut seed, rustix::rand::GetRandomFlags::empty()).ok();
    let first = usize::from(u16::from_ne_bytes(seed)) % usable.len();
    usable
        .iter()
        .cycle()
        .skip(first)
        .take(wanted)
        .copied()
        .collect()
}

/// Waits until cyclone is executed and returns the sandbox's scratch directory.
async fn until_executed(status: &AsyncFd<OwnedFd>) -> Result<OwnedFd, LaunchError> {
    let mut scratch = None;
    loop {
        match connection::receive::<Status>(status).await {
            Ok(Some((Status::Rooted, descriptors))) => scratch = descriptors.into_iter().next(),
            Ok(Some((Status::Failed(failure), _))) => return Err(refusal::explain(failure)),
            Ok(None) => {
                return scratch.ok_or_else(|| LaunchError::Setup {
                    step: "become a sandbox".to_owned(),
                    source: io::Error::other(
                        "the process was killed: is its memory limit too low?",
                    ),
                });
            }
            Err(error) => return Err(refusal::explain(Failure::new(Step::Report, &error))),
        }
    }
}

/// Returns a socket for the engine, which does not block, and one for the sandbox.
fn pair(kind: SocketType) -> io::Result<(OwnedFd, OwnedFd)> {
    let (ours, theirs) =
        rustix::net::socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)?;
    rustix::io::ioctl_fionbio(&ours, true)?;
    Ok((ours, theirs))
}

impl Process {
    /// Waits for the end of the process and all that it started.
    ///
    /// Safe to drop and to call again.
    async fn end(&mut self) -> Ending {
        match self.reaped().await {
            Some(Ended {
                ending: Ok(code), ..
            }) => Ending::Exited(code),
            Some(Ended {
                ending: Err(signal),
                ..
            }) => Ending::Signalled(signal),
            None => Ending::Lost("its launcher has ended".to_owned()),
        }
    }

    /// Waits for the launcher's word; `None` if that is gone.
    async fn reaped(&mut self) -> Option<Ended> {
        if let News::Awaited(ended) = &mut self.news {
            self.news = match ended.await {
                Ok(ended) => News::Ended(ended),
                Err(_) => News::LauncherGone,
            };
        }
        match self.news {
            News::Ended(ended) => Some(ended),
            News::Awaited(_) | News::LauncherGone => None,
        }
    }

    /// Kills the process, and with it everything in its pid namespace.
    fn kill(&self) {
        // One that has ended needs no killing.
        rustix::process::pidfd_send_signal(self.pidfd.get_ref(), Signal::KILL).ok();
    }

    /// Waits until everything is gone: the kernel reports the end of the first
    /// process of a pid namespace after that of all others. Returns `None` if it
    /// is not by `deadline`, and how it ended where that is known.
    async fn gone(&mut self, deadline: time::Instant) -> Option<Option<Ended>> {
        let gone = async {
            let Some(how) = self.reaped().await else {
                // Without a launcher, its death is what kills the process.
                return self.pidfd.readable().await.map(|_| None);
            };
            Ok(Some(how))
        };
        time::timeout_at(deadline, gone).await.ok()?.ok()
    }

    /// Logs what cyclone wrote to its standard error, unless all went well.
    fn log_complaints(&mut self, cause: &Ending) {
        if *cause == Ending::Exited(0) {
            return;
        }
        let mut text = vec![0; COMPLAINT_BYTES];
        let length = self.stderr.read(&mut text).unwrap_or_default();
        text.truncate(length);
        if !text.is_empty() {
            let stderr = String::from_utf8_lossy(&text);
            tracing::debug!(?cause, ?stderr, "cyclone ended with a complaint");
        }
    }
}
