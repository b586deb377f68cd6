//! Runs one execution through a cyclone of its own.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cyclone_client::{OpenError, Session, SessionConfig, SessionError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time;
use veritech_protocol::{Execution, ExecutionId, InvalidExecutionId, RawValue};

use crate::case::Case;
use crate::check::Observed;

/// How long a runner may take to become ready, and a session to end after the case's own timeout.
const PATIENCE: Duration = Duration::from_secs(15);

/// Starts cyclones with the runner that is looked at, one for each case.
pub trait Cyclones {
    /// A connection to a cyclone.
    type Stream: AsyncRead + AsyncWrite + Unpin;

    /// What is running; dropping it ends it.
    type Cyclone;

    /// Why a cyclone could not be started or removed.
    type Error: std::error::Error + 'static;

    /// Starts a cyclone and connects to it.
    fn start(&self) -> impl Future<Output = Result<(Self::Stream, Self::Cyclone), Self::Error>>;

    /// Waits until a cyclone whose session is over is gone.
    fn end(&self, cyclone: Self::Cyclone) -> impl Future<Output = Result<(), Self::Error>>;
}

/// A case could not be run at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ObserveError<E: std::error::Error + 'static> {
    /// There is no cyclone for it.
    #[error("failed to start a cyclone")]
    Start(#[source] E),

    /// Its cyclone did not go.
    #[error("failed to end a cyclone")]
    End(#[source] E),

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

/// Runs the function of `case` and returns what came of it.
pub(crate) async fn observe<C: Cyclones>(
    cyclones: &C,
    case: &Case,
) -> Result<Observed, ObserveError<C::Error>> {
    let execution = execution(case)?;
    let (stream, cyclone) = cyclones.start().await.map_err(ObserveError::Start)?;
    let observed = converse(stream, case, &execution).await;
    cyclones.end(cyclone).await.map_err(ObserveError::End)?;
    observed
}

/// Sends the execution once the runner is ready, and collects what comes back.
async fn converse<S, E>(
    stream: S,
    case: &Case,
    execution: &Execution,
) -> Result<Observed, ObserveError<E>>
where
    S: AsyncRead + AsyncWrite + Unpin,
    E: std::error::Error + 'static,
{
    let config = SessionConfig::default();
    let opened = in_time(
        "opening a session",
        PATIENCE,
        Session::open(stream, &config),
    )
    .await?;
    let mut session = opened.map_err(ObserveError::Open)?;
    match in_time("becoming ready", PATIENCE, session.ready()).await? {
        Ok(None) => {}
        Ok(Some(frame)) => return Err(ObserveError::RunnerFailed(format!("{frame:?}"))),
        Err(error) => return Err(ObserveError::Ready(error)),
    }
    let patience = PATIENCE.saturating_add(Duration::from_millis(case.timeout_ms));
    in_time("the execution", patience, execute(session, execution)).await
}

/// Collects what comes of the execution, until the session ends.
async fn execute<S>(mut session: Session<S>, execution: &Execution) -> Observed
where
    S: AsyncRead + AsyncWrite + Unpin,
{
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

async fn in_time<T, E: std::error::Error + 'static>(
    what: &'static str,
    patience: Duration,
    future: impl Future<Output = T>,
) -> Result<T, ObserveError<E>> {
    time::timeout(patience, future)
        .await
        .map_err(|_| ObserveError::TooSlow { what, patience })
}

/// Returns what the runner is sent for `case`.
fn execution<E: std::error::Error + 'static>(case: &Case) -> Result<Execution, ObserveError<E>> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    Ok(Execution {
        id: "conformance-1"
            .parse::<ExecutionId>()
            .map_err(ObserveError::Id)?,
        kind: case.kind,
        code: case.code.clone(),
        language: case.language,
        handler: case.handler.map(str::to_owned),
        inputs: RawValue::from_string(case.inputs.clone()).map_err(ObserveError::Inputs)?,
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
