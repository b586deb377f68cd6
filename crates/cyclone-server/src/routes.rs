//! What cyclone answers over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{Request, State, WebSocketUpgrade, ws::WebSocket};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::sync::{mpsc, watch};
use veritech_protocol::execution::SESSION_PROTOCOL;

use crate::token::Token;

/// How much of a session is read at once. The library has as much memory for it, and writes zeros to
/// all of that before each read.
const READ_BYTES: usize = 16 * 1024;

/// What the routes share.
#[derive(Debug)]
pub(crate) struct App {
    token: Option<Token>,
    ready: watch::Receiver<bool>,
    /// Whether the one session has begun.
    taken: AtomicBool,
    /// Takes the session's socket, or `None` if its connection broke before it was one.
    sockets: mpsc::Sender<Option<WebSocket>>,
    max_request_bytes: usize,
}

impl App {
    pub(crate) fn new(
        token: Option<Token>,
        ready: watch::Receiver<bool>,
        sockets: mpsc::Sender<Option<WebSocket>>,
        max_request_bytes: usize,
    ) -> Self {
        Self {
            token,
            ready,
            taken: AtomicBool::new(false),
            sockets,
            max_request_bytes,
        }
    }
}

/// Returns the routes, each behind the token if there is one.
pub(crate) fn router(app: App) -> Router {
    let app = Arc::new(app);
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/execute", get(execute))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), authorise))
        .with_state(app)
}

/// Lets only those in who know the token.
async fn authorise(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION);
    let authorised = app
        .token
        .as_ref()
        .is_none_or(|token| shown.is_some_and(|shown| token.authorises(shown.as_bytes())));
    if authorised {
        next.run(request).await
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

/// The process is up.
async fn healthz() -> StatusCode {
    StatusCode::OK
}

/// The runner waits for an execution.
async fn readyz(State(app): State<Arc<App>>) -> StatusCode {
    if *app.ready.borrow() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

/// Becomes the one session.
async fn execute(State(app): State<Arc<App>>, upgrade: WebSocketUpgrade) -> Response {
    if app.taken.swap(true, Ordering::AcqRel) {
        return (StatusCode::CONFLICT, "one execution was taken already").into_response();
    }
    let (upgraded, failed) = (app.sockets.clone(), app.sockets.clone());
    upgrade
        .protocols([SESSION_PROTOCOL])
        .read_buffer_size(READ_BYTES)
        .max_message_size(app.max_request_bytes)
        .max_frame_size(app.max_request_bytes)
        .on_failed_upgrade(move |_| drop(failed.try_send(None)))
        .on_upgrade(async move |socket| drop(upgraded.send(Some(socket)).await))
}
