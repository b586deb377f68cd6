//! Starts a sandbox up to the point where its runner waits for an execution.

use cyclone_client::{OpenError, Session, SessionConfig, SessionError, SessionToken};
use sandbox::{ConnectError, Engine, LaunchError, Sandbox, SandboxSpec};
use tokio_util::sync::CancellationToken;
use veritech_protocol::{Failure, FailureCode, Frame, FrameOutcome};

use crate::ledger::Phase;

/// A sandbox whose runner waits.
#[derive(Debug)]
pub(crate) struct Waiting<S: Sandbox> {
    pub(crate) sandbox: S,
    pub(crate) session: Session<S::Stream>,
}

/// Why no sandbox came to wait. Nothing of the attempt is left, or will be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// The engine could not launch it.
    #[error("launching the sandbox failed")]
    Launch(#[source] LaunchError),
    /// Its cyclone could not be reached.
    #[error("connecting to the sandbox failed")]
    Connect(#[source] ConnectError),
    /// Its cyclone did not answer as one.
    #[error("opening the session failed")]
    Open(#[source] OpenError),
    /// The session ended before the runner was ready.
    #[error("the session ended before the runner was ready")]
    Session(#[source] SessionError),
    /// The runner ended before it was ready.
    #[error("the runner did not start: {0}")]
    Runner(String),
    /// It took too long.
    #[error("the runner was not ready within {0:?}")]
    Late(std::time::Duration),
}

impl From<&StartError> for Failure {
    fn from(error: &StartError) -> Self {
        // The caller is told what failed; the operator's log has the whole chain.
        let message = match error {
            StartError::Launch(cause) => format!("{error}: {cause}"),
            other => other.to_string(),
        };
        match error {
            StartError::Launch(LaunchError::NotOffered { what, .. }) => {
                Self::new(FailureCode::InvalidRequest, message).with("field", *what)
            }
            StartError::Launch(_)
            | StartError::Connect(_)
            | StartError::Open(_)
            | StartError::Session(_)
            | StartError::Runner(_)
            | StartError::Late(_) => Self::new(FailureCode::SandboxStartFailed, message),
        }
    }
}

/// What a session may hold beside the value: a failure with its details, or a
/// piece of output with every character escaped.
const FRAME_ALLOWANCE_BYTES: u64 = 1 << 20;

/// A sandbox that is not there.
#[derive(Debug)]
pub(crate) struct NotStarted {
    /// Why.
    pub(crate) error: StartError,
    /// Whether something of the attempt is shown to be gone.
    pub(crate) removed: bool,
}

/// The largest frame of an execution whose value may have `result_bytes`.
pub(crate) fn frame_bytes(result_bytes: u64) -> usize {
    let bytes = result_bytes.saturating_add(FRAME_ALLOWANCE_BYTES);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Starts a sandbox and waits for its runner; `enter` hears of each phase.
///
/// # Cancellation
///
/// Cancel `cancel` and await the result, to know that nothing is left. After a
/// drop the sandbox is removed in the background.
pub(crate) async fn start<E: Engine>(
    engine: &E,
    spec: SandboxSpec,
    max_frame_bytes: usize,
    cancel: CancellationToken,
    mut enter: impl FnMut(Phase) + Send,
) -> Result<Waiting<E::Sandbox>, NotStarted> {
    let launched = engine.launch(spec, cancel.clone()).await;
    let mut sandbox = launched.map_err(|error| NotStarted {
        error: StartError::Launch(error),
        removed: true,
    })?;
    enter(Phase::Connect);
    let greeted = greet(&mut sandbox, max_frame_bytes, enter);
    let error = match cancel.run_until_cancelled(greeted).await {
        Some(Ok(session)) => return Ok(Waiting { sandbox, session }),
        Some(Err(error)) => error,
        None => StartError::Launch(LaunchError::Cancelled),
    };
    let removed = match sandbox.destroy().await {
        Ok(_) => true,
        Err(destroy) => {
            tracing::error!(error = %destroy, "a sandbox that did not start could not be removed");
            false
        }
    };
    Err(NotStarted { error, removed })
}

async fn greet<S: Sandbox>(
    sandbox: &mut S,
    max_frame_bytes: usize,
    mut enter: impl FnMut(Phase) + Send,
) -> Result<Session<S::Stream>, StartError> {
    let stream = sandbox.connect().await.map_err(StartError::Connect)?;
    let token = sandbox.token();
    let config = SessionConfig {
        token: token.map(|token| SessionToken::new(token.expose())),
        max_frame_bytes,
        ..SessionConfig::default()
    };
    let mut session = Session::open(stream, &config)
        .await
        .map_err(StartError::Open)?;
    enter(Phase::Ready);
    match session.ready().await.map_err(StartError::Session)? {
        None => Ok(session),
        Some(Frame::Result(FrameOutcome::Failure(failure))) => {
            let stderr = failure.details.get("stderr").and_then(|text| text.as_str());
            Err(StartError::Runner(match stderr {
                Some(stderr) if !stderr.is_empty() => format!("{}: {stderr}", failure.message),
                Some(_) | None => failure.message,
            }))
        }
        Some(_) => Err(StartError::Runner("it spoke out of turn".to_owned())),
    }
}
