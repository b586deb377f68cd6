//! Cyclones that are processes of this host, with a runner's command.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use descriptors::{ChildSetup, SetupError};
use tokio::net::UnixStream;
use tokio::time;

use crate::harness::Cyclones;

/// Where cyclone finds its socket.
const SOCKET_FD: i32 = 3;

/// A cyclone could not be started as a process.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// This program could not find itself.
    #[error("failed to find the cyclone to start")]
    FindCyclone(#[source] std::io::Error),

    /// The runner's words cannot be written as a command line.
    #[error("the runner's command has a word that cannot be quoted")]
    Quote,

    /// The process could not be started.
    #[error("failed to start the process")]
    Start(#[source] std::io::Error),

    /// Its descriptor could not be prepared.
    #[error("failed to set up the process")]
    Setup(#[source] SetupError),
}

/// Starts cyclones as processes.
#[derive(Debug)]
pub(crate) struct Processes {
    cyclone: PathBuf,
    runner: String,
}

impl Processes {
    /// Uses `cyclone`, or this very program if it is one, to start the runner of `command`.
    pub(crate) fn new(cyclone: Option<PathBuf>, command: &[String]) -> Result<Self, ProcessError> {
        let cyclone = match cyclone {
            Some(cyclone) => cyclone,
            None => std::env::current_exe().map_err(ProcessError::FindCyclone)?,
        };
        let runner =
            shlex::try_join(command.iter().map(String::as_str)).map_err(|_| ProcessError::Quote)?;
        Ok(Self { cyclone, runner })
    }
}

impl Cyclones for Processes {
    type Stream = UnixStream;
    type Cyclone = KilledOnDrop;
    type Error = ProcessError;

    async fn start(&self) -> Result<(UnixStream, KilledOnDrop), ProcessError> {
        let (near, far) = StdUnixStream::pair().map_err(ProcessError::Start)?;
        let mut command = Command::new(&self.cyclone);
        command
            .args([
                "--listen",
                &format!("fd://{SOCKET_FD}"),
                "--runner",
                &self.runner,
            ])
            .env_clear()
            .stdin(Stdio::null());
        ChildSetup {
            descriptors: vec![(OwnedFd::from(far), SOCKET_FD)],
            ..ChildSetup::default()
        }
        .apply(&mut command)
        .map_err(ProcessError::Setup)?;
        let child = KilledOnDrop(command.spawn().map_err(ProcessError::Start)?);
        near.set_nonblocking(true).map_err(ProcessError::Start)?;
        let near = UnixStream::from_std(near).map_err(ProcessError::Start)?;
        Ok((near, child))
    }

    /// Waits a while for it to end by itself: only then does a cyclone take its runner along.
    async fn end(&self, mut cyclone: KilledOnDrop) -> Result<(), ProcessError> {
        for _ in 0..200 {
            if !matches!(cyclone.0.try_wait(), Ok(None)) {
                break;
            }
            time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

/// A process that does not outlive its owner.
#[derive(Debug)]
pub(crate) struct KilledOnDrop(Child);

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
