//! Keeps a launcher running.
//!
//! ```text
//!          start ──▶ Up ──launcher ends──▶ Down ──backoff, start──▶ Up
//!            │                              ▲  └────── fails ──┐
//!            └── fails: the engine too      └──────────────────┘
//! ```
//!
//! While none runs, launches fail at once and may be tried again.

use std::sync::Arc;
use std::time::Duration;

use sandbox::LaunchError;
use tokio::sync::watch;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::connection::{Connection, Setup, unavailable};

/// How long to wait before the first restart.
const FIRST_BACKOFF: Duration = Duration::from_millis(20);

/// The longest wait between two restarts.
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);

/// A launcher that has lived for this long has worked.
const HEALTHY: Duration = Duration::from_secs(10);

/// Hands out the launcher that runs now.
#[derive(Clone, Debug)]
pub(crate) struct Keeper(watch::Receiver<State>);

#[derive(Clone, Debug)]
enum State {
    Up(Arc<Connection>),
    Down(String),
}

impl Keeper {
    /// Starts the first launcher, and returns with the keeper the work of keeping
    /// it, which ends after `stop`.
    pub(crate) async fn start(
        setup: Setup,
        stop: CancellationToken,
    ) -> Result<(Self, impl Future<Output = ()> + Send + 'static), LaunchError> {
        let first = Connection::start(&setup).await?;
        let (state, current) = watch::channel(State::Up(Arc::clone(&first)));
        Ok((Self(current), keep(setup, first, state, stop)))
    }

    /// Returns the launcher.
    pub(crate) fn current(&self) -> Result<Arc<Connection>, LaunchError> {
        match &*self.0.borrow() {
            State::Up(connection) => Ok(Arc::clone(connection)),
            State::Down(reason) => Err(unavailable(format!(
                "its launcher is being restarted: {reason}"
            ))),
        }
    }
}

async fn keep(
    setup: Setup,
    first: Arc<Connection>,
    state: watch::Sender<State>,
    stop: CancellationToken,
) {
    let mut connection = first;
    let mut backoff = FIRST_BACKOFF;
    loop {
        let started = time::Instant::now();
        let Some(reason) = stop.run_until_cancelled(connection.run()).await else {
            return;
        };
        tracing::warn!(reason, "the native launcher is gone");
        if started.elapsed() >= HEALTHY {
            backoff = FIRST_BACKOFF;
        }
        state.send_replace(State::Down(reason));
        wait_for(&connection).await;

        connection = loop {
            if stop
                .run_until_cancelled(time::sleep(backoff))
                .await
                .is_none()
            {
                return;
            }
            backoff = LONGEST_BACKOFF.min(backoff * 2);
            match stop.run_until_cancelled(Connection::start(&setup)).await {
                None => return,
                Some(Ok(connection)) => break connection,
                Some(Err(error)) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, "the native launcher cannot be restarted");
                    state.send_replace(State::Down(error.to_string()));
                }
            }
        };
        state.send_replace(State::Up(Arc::clone(&connection)));
    }
}

/// Waits for the process of a launcher whose socket has ended.
async fn wait_for(connection: &Connection) {
    let Some(mut process) = connection.take_process() else {
        return;
    };
    let waited = tokio::task::spawn_blocking(move || {
        // It may have closed its socket without ending.
        process.kill().ok();
        process.wait()
    });
    if let Ok(Err(error)) = waited.await {
        tracing::warn!(%error, "the native launcher could not be waited for");
    }
}
