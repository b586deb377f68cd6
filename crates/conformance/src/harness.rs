//! Runs one execution through a cyclone of its own.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cyclone_client::{OpenError, Session, SessionConfig, SessionError};
use descriptors::{ChildSetup, SetupError};
use tokio::net::UnixStream;
use tokio::time;
use veritech_protocol::{Execution, ExecutionId, InvalidExecutionId, RawValue};

use crate::case::Case;
use crate::check::Observed;

/// How long a runner may take to become ready, and a session to end after the case's own timeout.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where cyclone finds its socket.
const SOCKET_FD: i32 = 3;

/// A case could not be run at all.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// This program could not find itself.
    #[error("failed to find the cyclone to start")]
    FindCyclone(#[source] std::io::Error),

    /// The runner's words cannot be written as a command line.
    #[error("the runner's command has a word that cannot be quoted")]
    Quote,

    /// The cyclone could not be started.
    #[error("failed to start a cyclone")]
    Start(#[source] std::io::Error),

    /// The descriptor of the cyclone could not be prepared.
    #[error("failed to set up a cyclone")]
    Setup(#[source] SetupError),

    /// No session came about.
    #[error("failed to open a session with the cyclone")]
    Open(#[source] OpenError),

    /// The session broke before the runner was ready.
    #[error("the runner did not become ready")]
    Ready(#[source] SessionError),

    /// The runner failed before it was ready.
    #[error("the runner failed before it was ready: {0}")]
    RunnerFailed(String),

    /// The case's inputs are no JSON.
    #[error("the inputs of the case are not JSON")]
    Inputs(#[source] serde_json::Error),

    /// The case's id is none.
    #[error("the id of the case is invalid")]
    Id(#[source] InvalidExecutionId),

    /// Something took too long.
    #[error("{what} took longer than {patience:?}")]
    TooSlow {
        /// What did.
        what: &'static str,
        /// How long was waited.
        patience: Duration,
    },
}

/// Runs cases against one runner.
#[derive(Debug)]
pub(crate) struct Harness {
    cyclone: PathBuf,
    runner: String,
}

impl Harness {
    /// Uses `cyclone`, or this very program if it is one, to start the runner of `command`.
    pub(crate) fn new(cyclone: Option<PathBuf>, command: &[String]) -> Result<Self, HarnessError> {
        let cyclone = match cyclone {
            Some(cyclone) => cyclone,
            None => std::env::current_exe().map_err(HarnessError::FindCyclone)?,
        };
        let runner =
            shlex::try_join(command.iter().map(String::as_str)).map_err(|_| HarnessError::Quote)?;
        Ok(Self { cyclone, runner })
    }

    /// Runs the function of `case` and returns what came of it.
    pub(crate) async fn observe(&self, case: &Case) -> Result<Observed, HarnessError> {
        let execution = execution(case)?;
        let (socket, mut cyclone) = self.start()?;
        let mut session = Session::open(socket, &SessionConfig::default())
            .await
            .map_err(HarnessError::Open)?;
        match in_time("becoming ready", PATIENCE, session.ready()).await? {
            Ok(None) => {}
            Ok(Some(frame)) => return Err(HarnessError::RunnerFailed(format!("{frame:?}"))),
            Err(error) => return Err(HarnessError::Ready(error)),
        }
        let patience = PATIENCE.saturating_add(Duration::from_millis(case.timeout_ms));
        let observed = in_time("the execution", patience, converse(session, &execution)).await?;
        cyclone.ended().await;
        Ok(observed)
    }

    /// Starts a cyclone, and returns the other end of its socket.
    fn start(&self) -> Result<(UnixStream, KilledOnDrop), HarnessError> {
        let (near, far) = StdUnixStream::pair().map_err(HarnessError::Start)?;
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
        .map_err(HarnessError::Setup)?;
        let child = KilledOnDrop(command.spawn().map_err(HarnessError::Start)?);
        near.set_nonblocking(true).map_err(HarnessError::Start)?;
        let near = UnixStream::from_std(near).map_err(HarnessError::Start)?;
        Ok((near, child))
    }
}

/// A process that does not outlive its owner.
struct KilledOnDrop(Child);

impl KilledOnDrop {
    /// Waits a while for it to end by itself: only then does a cyclone take its runner along.
    async fn ended(&mut self) {
        for _ in 0..200 {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return;
            }
            time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Sends the execution and collects what comes back, until the session ends.
async fn converse(mut session: Session<UnixStream>, execution: &Execution) -> Observed {
    let mut observed = Observed::default();
    // A session that breaks is one without a result, which the case judges.
    if session.execute(execution).await.is_ok() {
        while let Ok(Some(frame)) = session.next().await {
            observed.add(frame);
        }
    }
    session.close().await;
    observed
}

async fn in_time<T>(
    what: &'static str,
    patience: Duration,
    future: impl Future<Output = T>,
) -> Result<T, HarnessError> {
    time::timeout(patience, future)
        .await
        .map_err(|_| HarnessError::TooSlow { what, patience })
}

/// Returns what the runner is sent for `case`.
fn execution(case: &Case) -> Result<Execution, HarnessError> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    Ok(Execution {
        id: "conformance-1"
            .parse::<ExecutionId>()
            .map_err(HarnessError::Id)?,
        kind: case.kind,
        code: case.code.clone(),
        language: case.language,
        handler: case.handler.map(str::to_owned),
        inputs: RawValue::from_string(case.inputs.clone()).map_err(HarnessError::Inputs)?,
        env: case
            .env
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        deadline: now_ms.saturating_add(case.timeout_ms),
        timeout_ms: case.timeout_ms,
        output_bytes: case.output_bytes,
        result_bytes: case.result_bytes,
    })
}
