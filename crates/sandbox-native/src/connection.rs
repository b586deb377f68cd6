//! The engine's side of the conversation with a launcher.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::process::Child;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustix::process::Pid;
use sandbox::{EngineKind, Executable, LaunchError, Programs};
use serde::de::DeserializeOwned;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::oneshot;
use tokio::time;

use crate::config::Executables;
use crate::process;
use crate::refusal;
use crate::step::Step;
use crate::syscalls;
use crate::wire::{self, Failure, ImageRoot, MAPPED_IDS, Reply, Request};

/// How long a launcher may take to be ready.
const START_DEADLINE: Duration = Duration::from_secs(10);

/// What a launcher needs in order to start.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// The programs to run and to hand over.
    pub(crate) executables: Executables,
    /// The images to build.
    pub(crate) images: Vec<ImageRoot>,
    /// The directory of the image store, if there is one.
    pub(crate) store: Option<PathBuf>,
    /// The first of the host ids to give it; none for an ordinary user.
    pub(crate) first_host_uid: Option<u32>,
}

/// A launcher that is ready.
#[derive(Debug)]
pub(crate) struct Connection {
    socket: AsyncFd<OwnedFd>,
    /// Who waits for what; `None` once the launcher is gone.
    routes: Mutex<Option<HashMap<u64, Route>>>,
    /// The zygotes of which there is news.
    zygotes: Mutex<HashMap<u64, ZygoteState>>,
    process: Mutex<Option<Child>>,
}

/// Where the news of one sandbox goes.
#[derive(Debug)]
struct Route {
    launched: Option<oneshot::Sender<Result<(Pid, OwnedFd), Failure>>>,
    ended: oneshot::Sender<Ended>,
}

/// A sandbox whose first process exists.
#[derive(Debug)]
pub(crate) struct Launched {
    /// The number of its first process on the host.
    pub(crate) pid: Pid,
    /// A descriptor of that process.
    pub(crate) pidfd: OwnedFd,
    /// Resolves when that process is reaped, and to an error if the launcher is gone.
    pub(crate) ended: oneshot::Receiver<Ended>,
}

/// What is known of a zygote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ZygoteState {
    /// It can be asked for sandboxes.
    Warm,
    /// It has ended, with an exit code or by a signal.
    Withered(Result<i32, i32>),
}

/// How a sandbox ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// The exit code of its first process, or the signal that ended it.
    pub(crate) ending: Result<i32, i32>,
    /// Processor time of everything that its processes waited for.
    pub(crate) cpu_time: Duration,
}

impl Connection {
    /// Starts a launcher and makes it ready.
    pub(crate) async fn start(setup: &Setup) -> Result<Arc<Self>, LaunchError> {
        let step = |step: &str| {
            let step = step.to_owned();
            move |source| LaunchError::Setup { step, source }
        };
        let launcher =
            process::start(&setup.executables.launcher).map_err(step("start the launcher"))?;
        let pid = launcher.process.id();
        let socket = syscalls::watch(launcher.socket, Interest::READABLE | Interest::WRITABLE)
            .map_err(step("launcher socket"))?;
        let connection = Self {
            socket,
            routes: Mutex::new(Some(HashMap::new())),
            zygotes: Mutex::default(),
            process: Mutex::new(Some(launcher.process)),
        };
        let ready = time::timeout(START_DEADLINE, connection.make_ready(pid, setup)).await;
        match ready {
            Ok(Ok(())) => Ok(Arc::new(connection)),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(unavailable(format!(
                "its launcher was not ready within {START_DEADLINE:?}"
            ))),
        }
    }

    async fn make_ready(&self, pid: u32, setup: &Setup) -> Result<(), LaunchError> {
        let failed = |step| move |error: io::Error| refusal::explain(Failure::new(step, &error));
        match self.hear().await? {
            Reply::Unshared => {}
            other => return Err(unexpected(&other)),
        }
        if let Some(first) = setup.first_host_uid {
            let map = format!("0 {first} {MAPPED_IDS}");
            for file in ["uid_map", "gid_map"] {
                fs::write(format!("/proc/{pid}/{file}"), &map)
                    .map_err(failed(Step::LauncherIds))?;
            }
        }
        let start = Request::Start {
            mapped: setup.first_host_uid.is_some(),
            images: setup.images.clone(),
            store: setup.store.clone(),
        };
        self.say(&start, &[]).await.map_err(failed(Step::Message))?;
        self.send_files(&setup.executables.programs)
            .await
            .map_err(failed(Step::Files))?;
        self.say(&Request::Seal, &[])
            .await
            .map_err(failed(Step::Message))?;
        match self.hear().await? {
            Reply::Ready => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    async fn send_files(&self, programs: &Programs) -> io::Result<()> {
        let scripts = programs
            .scripts
            .iter()
            .map(|(path, bytes)| ((*path).to_owned(), Executable::Embedded(bytes)));
        let programs = [
            ("cyclone".to_owned(), programs.cyclone.clone()),
            ("quickjs".to_owned(), programs.quickjs.clone()),
        ];
        for (path, contents) in programs.into_iter().chain(scripts) {
            let contents = process::open(&contents)?;
            self.say(&Request::File { path }, &[contents.as_fd()])
                .await?;
        }
        Ok(())
    }

    /// Returns what was last heard of a zygote: nothing before it is warm, and nothing after its
    /// nursery has ended.
    pub(crate) fn zygote(&self, zygote: u64) -> Option<ZygoteState> {
        self.zygotes.lock().get(&zygote).copied()
    }

    /// Has the launcher make the first process of a sandbox, as `request` says.
    ///
    /// # Cancellation
    ///
    /// Not safe to drop: the process would be left to itself. It does not wait
    /// for anything but the launcher, which answers at once or is gone.
    pub(crate) async fn launch(
        &self,
        sandbox: u64,
        request: Request,
        descriptors: &[BorrowedFd<'_>],
    ) -> Result<Launched, LaunchError> {
        let (launched, answer) = oneshot::channel();
        let (ended, end) = oneshot::channel();
        let route = Route {
            launched: Some(launched),
            ended,
        };
        match &mut *self.routes.lock() {
            Some(routes) => drop(routes.insert(sandbox, route)),
            None => return Err(launcher_gone()),
        }
        if let Err(error) = self.say(&request, descriptors).await {
            self.forget(sandbox);
            return Err(refusal::explain(Failure::new(Step::Message, &error)));
        }
        match answer.await {
            Ok(Ok((pid, pidfd))) => Ok(Launched {
                pid,
                pidfd,
                ended: end,
            }),
            Ok(Err(failure)) => {
                self.forget(sandbox);
                Err(refusal::explain(failure))
            }
            Err(_) => Err(launcher_gone()),
        }
    }

    /// Passes on what the launcher says until it is gone, and returns why that is.
    ///
    /// Every sandbox of it is dead then, or dying.
    pub(crate) async fn run(&self) -> String {
        let reason = loop {
            match self.receive().await {
                Ok(Some((reply, descriptors))) => self.route(reply, descriptors),
                Ok(None) => break "it ended".to_owned(),
                Err(error) => break error.to_string(),
            }
        };
        self.zygotes.lock().clear();
        // Dropping the routes tells everyone who waits.
        drop(self.routes.lock().take());
        reason
    }

    /// Takes the launcher's process out, to be waited for.
    pub(crate) fn take_process(&self) -> Option<Child> {
        self.process.lock().take()
    }

    fn route(&self, reply: Reply, descriptors: Vec<OwnedFd>) {
        let mut routes = self.routes.lock();
        let Some(routes) = &mut *routes else { return };
        match reply {
            Reply::Launched { sandbox, pid } => {
                let launched = routes.get_mut(&sandbox).and_then(|it| it.launched.take());
                let process = Pid::from_raw(pid).zip(descriptors.into_iter().next());
                if let Some((launched, process)) = launched.zip(process) {
                    // Its receiver waits for exactly this.
                    launched.send(Ok(process)).ok();
                }
            }
            Reply::Failed { sandbox, failure } => {
                let launched = routes.remove(&sandbox).and_then(|it| it.launched);
                if let Some(launched) = launched {
                    launched.send(Err(failure)).ok();
                }
            }
            Reply::Ended {
                sandbox,
                ending,
                cpu_us,
            } => {
                // The zygote in a nursery ends with it.
                self.zygotes.lock().remove(&sandbox);
                if let Some(route) = routes.remove(&sandbox) {
                    let ended = Ended {
                        ending,
                        cpu_time: Duration::from_micros(cpu_us),
                    };
                    // Nobody waits for one that was given up as not gone.
                    route.ended.send(ended).ok();
                }
            }
            // What comes after the end of a nursery is no news.
            Reply::Warm { zygote } if routes.contains_key(&zygote) => {
                self.zygotes.lock().insert(zygote, ZygoteState::Warm);
            }
            Reply::Withered { zygote, ending } if routes.contains_key(&zygote) => {
                let state = ZygoteState::Withered(ending);
                self.zygotes.lock().insert(zygote, state);
            }
            Reply::Warm { .. } | Reply::Withered { .. } => {}
            Reply::Unshared | Reply::Ready | Reply::Broken(_) => {
                tracing::error!(?reply, "unexpected reply of the native launcher");
            }
        }
    }

    fn forget(&self, sandbox: u64) {
        if let Some(routes) = &mut *self.routes.lock() {
            routes.remove(&sandbox);
        }
    }

    async fn say(&self, request: &Request, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        self.socket
            .async_io(Interest::WRITABLE, |socket| {
                wire::send(socket, request, descriptors)
            })
            .await
    }

    /// Hears one message during start.
    async fn hear(&self) -> Result<Reply, LaunchError> {
        match self.receive().await {
            Ok(Some((Reply::Broken(failure), _))) => Err(refusal::explain(failure)),
            Ok(Some((reply, _))) => Ok(reply),
            Ok(None) => Err(unavailable("its launcher ended at once".to_owned())),
            Err(error) => Err(refusal::explain(Failure::new(Step::Message, &error))),
        }
    }

    async fn receive<T: DeserializeOwned>(&self) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
        receive(&self.socket).await
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // A launcher that never became ready, or was not taken: it must not
        // outlive its engine, nor stay a zombie.
        if let Some(mut process) = self.process.lock().take() {
            process.kill().ok();
            process.wait().ok();
        }
    }
}

/// Receives one message on a non-blocking socket.
pub(crate) async fn receive<T: DeserializeOwned>(
    socket: &AsyncFd<OwnedFd>,
) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    socket
        .async_io(Interest::READABLE, |socket| wire::receive(socket))
        .await
}

/// The engine cannot launch anything now.
pub(crate) fn unavailable(reason: String) -> LaunchError {
    LaunchError::EngineUnavailable {
        engine: EngineKind::Native,
        reason,
        source: None,
    }
}

fn launcher_gone() -> LaunchError {
    unavailable("its launcher has just ended".to_owned())
}

fn unexpected(reply: &Reply) -> LaunchError {
    unavailable(format!("its launcher said {reply:?} out of turn"))
}
