//! Launches a sandbox whose runner tries the walls from inside.

use std::error::Error;
use std::time::Duration;

use cyclone_client::{OpenError, Session, SessionConfig, SessionError, SessionToken};
use sandbox::{
    ConnectError, DestroyError, Engine, Image, LaunchError, Limits, Network, PrepareError,
    Sandbox as _, SandboxId, SandboxSpec,
};
use self_check::Report;
use tokio::time;
use tokio_util::sync::CancellationToken;
use veritech_protocol::{Execution, ExecutionId, Frame, FrameOutcome, InvalidExecutionId, Kind};

/// How long all of it may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// The largest report.
const REPORT_BYTES: u64 = 256 * 1024;

/// Why nothing is known of the walls.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// There is no image for it.
    #[error(transparent)]
    Prepare(#[from] PrepareError),

    /// There is no sandbox.
    #[error(transparent)]
    Launch(#[from] LaunchError),

    /// It cannot be spoken to.
    #[error(transparent)]
    Connect(#[from] ConnectError),

    /// It does not answer as one should.
    #[error("the session with the sandbox could not be opened")]
    Open(#[from] OpenError),

    /// It broke off.
    #[error("the session with the sandbox broke")]
    Session(#[from] SessionError),

    /// It says that it cannot.
    #[error("the walls could not be tried: {0}")]
    Failed(String),

    /// It answered something else.
    #[error("the report on the walls could not be read")]
    Unreadable(#[from] serde_json::Error),

    /// An execution cannot be named so.
    #[error(transparent)]
    Id(#[from] InvalidExecutionId),

    /// It took too long.
    #[error("trying the walls took longer than {DEADLINE:?}")]
    Late,

    /// It did not go away.
    #[error(transparent)]
    Destroy(#[from] DestroyError),
}

impl ProbeError {
    /// Returns what to do about it.
    pub fn fix(&self) -> String {
        match self {
            Self::Launch(LaunchError::Refused { fix, .. }) => fix.clone(),
            _ => "start veritech with `--log-level debug`, and report what it says".to_owned(),
        }
    }

    /// Returns the error with all its causes.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = Error::source(self);
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    }
}

/// Has the walls of a sandbox of `image` tried, and removes it.
///
/// # Cancellation
///
/// Safe to drop: the sandbox is removed in the background.
///
/// # Errors
///
/// Returns a [`ProbeError`] if there is no report, or the sandbox does not go away.
pub async fn examine<E: Engine>(engine: &E, image: Image) -> Result<Report, ProbeError> {
    let spec = SandboxSpec {
        id: SandboxId(0),
        image,
        limits: Limits {
            memory_bytes: 64 << 20,
            cpu_millis: 1000,
            cpu_time: Duration::from_secs(10),
            processes: 16,
            disk_bytes: 1 << 20,
        },
        network: Network::None,
    };
    let tried = async {
        let mut sandbox = engine.launch(spec, CancellationToken::new()).await?;
        let report = Box::pin(ask(&mut sandbox)).await;
        sandbox.destroy().await?;
        report
    };
    time::timeout(DEADLINE, tried)
        .await
        .unwrap_or(Err(ProbeError::Late))
}

async fn ask<S: sandbox::Sandbox>(sandbox: &mut S) -> Result<Report, ProbeError> {
    let stream = sandbox.connect().await?;
    let token = sandbox.token();
    let config = SessionConfig {
        token: token.map(|token| SessionToken::new(token.expose())),
        ..SessionConfig::default()
    };
    let mut session = Session::open(stream, &config).await?;
    if let Some(frame) = session.ready().await? {
        return reported(frame);
    }
    session.execute(&execution()?).await?;
    while let Some(frame) = session.next().await? {
        if let Frame::Result(_) = frame {
            return reported(frame);
        }
    }
    Err(ProbeError::Failed("it ended without a word".to_owned()))
}

fn reported(frame: Frame) -> Result<Report, ProbeError> {
    match frame {
        Frame::Result(FrameOutcome::Value(value)) => Ok(serde_json::from_str(value.get())?),
        Frame::Result(FrameOutcome::Failure(failure)) => Err(ProbeError::Failed(failure.message)),
        Frame::Result(FrameOutcome::Unset) | Frame::Output(_) | Frame::Ready => {
            Err(ProbeError::Failed("it said nothing of them".to_owned()))
        }
    }
}

/// What the runner that tries walls is asked to do: it does not look.
fn execution() -> Result<Execution, ProbeError> {
    let id: ExecutionId = "self-check".parse()?;
    let time = std::time::SystemTime::now() + DEADLINE;
    let deadline = time
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Ok(Execution {
        id,
        kind: Kind::Resolver,
        code: String::new(),
        language: None,
        handler: None,
        inputs: serde_json::value::to_raw_value(&())?,
        env: std::collections::BTreeMap::new(),
        deadline: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
        timeout_ms: u64::try_from(DEADLINE.as_millis()).unwrap_or(u64::MAX),
        output_bytes: REPORT_BYTES,
        result_bytes: REPORT_BYTES,
    })
}
