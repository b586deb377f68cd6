//! Starts a sandbox up to the point where its runner waits for an execution.

use cyclone_client::{OpenError, Session, SessionConfig, SessionError};
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

/// Starts a sandbox and waits for its runner; `enter` hears of each phase.
///
/// # Cancellation
///
/// Safe to drop: the sandbox is removed in the background.
pub(crate) async fn start<E: Engine>(
    engine: &E,
    spec: SandboxSpec,
    mut enter: impl FnMut(Phase) + Send,
) -> Result<Waiting<E::Sandbox>, StartError> {
    let launched = engine.launch(spec, CancellationToken::new()).await;
    let mut sandbox = launched.map_err(StartError::Launch)?;
    enter(Phase::Connect);
    match greet(&mut sandbox, enter).await {
        Ok(session) => Ok(Waiting { sandbox, session }),
        Err(error) => {
            if let Err(destroy) = sandbox.destroy().await {
                tracing::error!(error = %destroy, "a sandbox that did not start could not be removed");
            }
            Err(error)
        }
    }
}

async fn greet<S: Sandbox>(
    sandbox: &mut S,
    mut enter: impl FnMut(Phase) + Send,
) -> Result<Session<S::Stream>, StartError> {
    let stream = sandbox.connect().await.map_err(StartError::Connect)?;
    let mut session = Session::open(stream, &SessionConfig::default())
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
