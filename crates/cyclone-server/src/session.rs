//! The conversation with the dispatcher over one WebSocket.
//!
//! Three things go on at a time: frames go up, one execution comes down, and time runs. Whichever
//! ends first ends the session, and with it everything in the sandbox.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use rustix::process::Pid;
use tokio::sync::{mpsc, oneshot};
use tokio::time;
use veritech_protocol::{Execution, Frame};

use crate::clock::Clock;
use crate::confinement::kill_everything;

/// How long the dispatcher may take to close its side after the result.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Holds the conversation until it is over, whoever ends it.
///
/// When time is up the connection ends without a result: the dispatcher has its own clock, and names
/// the failure.
pub(crate) async fn converse(
    socket: WebSocket,
    execution: oneshot::Sender<Execution>,
    frames: mpsc::Receiver<Frame>,
    runner: Pid,
    max_request_bytes: usize,
) {
    let clock = Clock::new();
    let (mut sink, mut stream) = socket.split();
    let end = {
        let up = up(&mut sink, frames, &clock, runner);
        let down = down(&mut stream, execution, &clock, max_request_bytes);
        tokio::select! {
            end = up => end,
            end = down => end,
            () = clock.expired() => End::Over,
            () = clock.silent() => End::Over,
        }
    };
    kill_everything(runner);
    let reason = match end {
        End::Over => return,
        End::Delivered => CloseFrame {
            code: close_code::NORMAL,
            reason: Utf8Bytes::default(),
        },
        End::Refused(reason) => CloseFrame {
            code: close_code::POLICY,
            reason: reason.into(),
        },
    };
    let farewell = async {
        sink.send(Message::Close(Some(reason))).await.ok();
        while let Some(Ok(_)) = stream.next().await {}
    };
    // A dispatcher that does not answer the close has lost nothing.
    time::timeout(CLOSE_PATIENCE, farewell).await.ok();
}

/// How a session ends.
enum End {
    /// The result has been sent.
    Delivered,
    /// The dispatcher sent what it may not.
    Refused(String),
    /// The dispatcher is gone, or time is up.
    Over,
}

/// Sends frames, the result last, and pings.
async fn up(
    sink: &mut SplitSink<WebSocket, Message>,
    mut frames: mpsc::Receiver<Frame>,
    clock: &Clock,
    runner: Pid,
) -> End {
    loop {
        let frame = tokio::select! {
            frame = frames.recv() => frame,
            () = clock.ping_due() => {
                if sink.send(Message::Ping(Bytes::new())).await.is_err() {
                    return End::Over;
                }
                clock.pinged();
                continue;
            }
        };
        let Some(mut frame) = frame else {
            return End::Over;
        };
        // What is there already goes with one write.
        loop {
            let Some(message) = encode(&frame) else {
                return End::Over;
            };
            if matches!(frame, Frame::Result(_)) {
                return deliver(sink, message, runner).await;
            }
            if sink.feed(message).await.is_err() {
                return End::Over;
            }
            match frames.try_recv() {
                Ok(next) => frame = next,
                Err(_) => break,
            }
        }
        if sink.flush().await.is_err() {
            return End::Over;
        }
    }
}

/// Sends the result. It goes before the kill, which takes time, unless the dispatcher is slow.
async fn deliver(sink: &mut SplitSink<WebSocket, Message>, result: Message, runner: Pid) -> End {
    let mut sending = sink.send(result);
    tokio::select! {
        biased;
        _ = &mut sending => return End::Delivered,
        () = std::future::ready(()) => kill_everything(runner),
    }
    match sending.await {
        Ok(()) => End::Delivered,
        Err(_) => End::Over,
    }
}

/// Returns the message that a frame is.
fn encode(frame: &Frame) -> Option<Message> {
    Some(Message::Text(frame.encode().ok()?.into()))
}

/// Takes the one execution, and notices when the dispatcher goes away.
async fn down(
    stream: &mut SplitStream<WebSocket>,
    execution: oneshot::Sender<Execution>,
    clock: &Clock,
    max_request_bytes: usize,
) -> End {
    let mut execution = Some(execution);
    while let Some(Ok(message)) = stream.next().await {
        clock.heard();
        let text = match message {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => continue,
            Message::Close(_) => return End::Over,
            Message::Binary(_) => return End::Refused("an execution is text".to_owned()),
        };
        let Some(execution) = execution.take() else {
            return End::Refused("one execution was taken already".to_owned());
        };
        match Execution::decode(text.as_bytes(), max_request_bytes) {
            Ok(decoded) => {
                clock.start(Duration::from_millis(decoded.timeout_ms));
                // After a runner that failed while it was warm, the result is on its way already.
                drop(execution.send(decoded));
            }
            Err(error) => return End::Refused(close_reason(&error.to_string())),
        }
    }
    End::Over
}

/// Cuts `reason` to what a close frame can carry.
fn close_reason(reason: &str) -> String {
    reason
        .get(..reason.floor_char_boundary(120))
        .unwrap_or_default()
        .to_owned()
}
