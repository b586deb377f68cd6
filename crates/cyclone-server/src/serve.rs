//! Serves one execution from the start of the runner to the end of everything.

use std::io;

use axum::serve as serve_http;
use tokio::sync::{mpsc, oneshot, watch};

use crate::confinement::kill_everything;
use crate::listen::Listen;
use crate::routes::{self, App};
use crate::runner::{RunnerOrigin, SpawnError};
use crate::session;
use crate::socket::{self, BindError, Bound};
use crate::supervisor;
use crate::token::Token;

/// The largest execution that is accepted unless configured otherwise, in bytes.
pub const DEFAULT_MAX_REQUEST_BYTES: usize = 32 * 1024 * 1024;

/// How many frames wait for a dispatcher that reads slowly; the runner is not read while it is full.
const FRAME_QUEUE: usize = 16;

/// What to serve, and where.
#[derive(Debug)]
pub struct Config {
    /// Where the dispatcher connects.
    pub listen: Listen,
    /// What it must show; required where [`Listen::needs_token`].
    pub token: Option<Token>,
    /// What executes functions.
    pub runner: RunnerOrigin,
    /// The largest execution that is accepted, in bytes.
    pub max_request_bytes: usize,
}

/// Serving could not begin, or broke off.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Others could connect, and nothing tells them from the dispatcher.
    #[error("listening on {0} needs a token")]
    Unguarded(Listen),

    /// The listening address cannot be used.
    #[error(transparent)]
    Bind(#[from] BindError),

    /// The runner could not be started.
    #[error(transparent)]
    Spawn(#[from] SpawnError),

    /// The HTTP server failed.
    #[error("failed to serve connections")]
    Http(#[source] io::Error),
}

/// Serves until one execution is over, or the dispatcher has gone away.
///
/// Nothing that the runner started is left running, as far as this process can reach it; as pid 1
/// that is everything. To be called on a current-thread runtime, after [`shield`](crate::shield).
///
/// # Cancellation
///
/// Not safe to drop: the runner is left running. End the process instead.
///
/// # Errors
///
/// Returns a [`ServeError`] if serving could not begin. What goes wrong later is told to the
/// dispatcher.
pub async fn serve(config: Config) -> Result<(), ServeError> {
    let Config {
        listen,
        token,
        runner,
        max_request_bytes,
    } = config;
    if listen.needs_token() && token.is_none() {
        return Err(ServeError::Unguarded(listen));
    }
    let Bound {
        acceptor,
        abandoned,
    } = socket::bind(&listen)?;
    let runner = runner.start()?;
    let pid = runner.pid;

    let (tell_ready, ready) = watch::channel(false);
    let (frames, outgoing) = mpsc::channel(FRAME_QUEUE);
    let (give, execution) = oneshot::channel();
    let (sockets, mut upgraded) = mpsc::channel(1);

    let router = routes::router(App::new(token, ready, sockets, max_request_bytes));
    let session = async {
        if let Some(Some(socket)) = upgraded.recv().await {
            session::converse(socket, give, outgoing, pid, max_request_bytes).await;
        }
    };
    let supervised = async {
        supervisor::supervise(runner, execution, tell_ready, frames).await;
        // The session ends when the last frame has arrived.
        std::future::pending::<()>().await;
    };
    let abandoned = async {
        match abandoned {
            // Nothing is ever sent: it completes when the other end is dropped.
            Some(abandoned) => drop(abandoned.await),
            None => std::future::pending().await,
        }
    };

    let served = tokio::select! {
        served = serve_http(acceptor, router).into_future() => served.map_err(ServeError::Http),
        () = session => Ok(()),
        () = supervised => Ok(()),
        () = abandoned => Ok(()),
    };
    kill_everything(pid);
    served
}
