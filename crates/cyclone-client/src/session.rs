//! One session with one cyclone.

use std::fmt;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{self, Instant};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Bytes, Message};
use veritech_protocol::execution::SESSION_PROTOCOL;
use veritech_protocol::{Execution, Frame};

use crate::config::SessionConfig;
use crate::error::{OpenError, SessionError};
use crate::rate::{Pace, Rate};

/// Where a cyclone takes executions. The host means nothing: the stream is connected already.
const EXECUTE_URL: &str = "ws://cyclone/execute";

/// A session with a cyclone.
pub struct Session<S> {
    socket: WebSocketStream<S>,
    frame_limit: usize,
    pace: Option<Pace>,
    ping_after: Duration,
    silence_limit: Duration,
    /// When something was last heard; `None` before the execution, when silence means nothing.
    heard: Option<Instant>,
    pinged: bool,
    over: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Opens a session over a connected stream.
    ///
    /// The runner need not be ready yet; see [`ready`](Self::ready).
    ///
    /// # Cancellation
    ///
    /// Safe to drop; the stream is closed, which ends the cyclone if it had no other.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the stream does not become a session. It has no time limit of its
    /// own.
    pub async fn open(stream: S, config: &SessionConfig) -> Result<Self, OpenError> {
        let mut request = EXECUTE_URL
            .into_client_request()
            .map_err(|error| OpenError::Handshake(Box::new(error)))?;
        if let Some(token) = &config.token {
            let value = format!("Bearer {}", token.expose());
            let mut value = HeaderValue::try_from(value).map_err(|_| OpenError::InvalidToken)?;
            value.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        request.headers_mut().insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(SESSION_PROTOCOL),
        );
        let limits = WebSocketConfig::default()
            .max_message_size(Some(config.max_frame_bytes))
            .max_frame_size(Some(config.max_frame_bytes));
        match tokio_tungstenite::client_async_with_config(request, stream, Some(limits)).await {
            Ok((socket, _response)) => Ok(Self {
                socket,
                frame_limit: config.max_frame_bytes,
                pace: None,
                ping_after: config.ping_after,
                silence_limit: config.silence_limit,
                heard: None,
                pinged: false,
                over: false,
            }),
            Err(tungstenite::Error::Http(response)) => Err(OpenError::Refused {
                status: response.status().as_u16(),
            }),
            Err(tungstenite::Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(_))) => {
                Err(OpenError::Generation)
            }
            Err(error) => Err(OpenError::Handshake(Box::new(error))),
        }
    }

    /// Waits until the runner is ready for an execution.
    ///
    /// Returns `None` when it is, or the one frame that says why it never will be.
    ///
    /// # Cancellation
    ///
    /// Safe to drop, and to call again.
    ///
    /// # Errors
    ///
    /// Returns a [`SessionError`] if the session breaks.
    pub async fn ready(&mut self) -> Result<Option<Frame>, SessionError> {
        match self.receive().await? {
            Frame::Ready => Ok(None),
            frame @ Frame::Result(_) => {
                self.over = true;
                Ok(Some(frame))
            }
            Frame::Output(_) => Err(SessionError::OutOfOrder {
                what: "output before an execution",
            }),
        }
    }

    /// Lowers the size of the frames that are taken from here on.
    ///
    /// It cannot be raised above the configured one.
    pub fn limit_frames(&mut self, max_frame_bytes: usize) {
        self.frame_limit = self.frame_limit.min(max_frame_bytes);
    }

    /// Reads no faster than this from here on.
    pub fn limit_rate(&mut self, rate: Rate) {
        self.pace = Some(Pace::new(rate));
    }

    /// Sends the one execution.
    ///
    /// # Cancellation
    ///
    /// Not safe to drop: whether the execution has been sent is unknown then. Drop the session.
    ///
    /// # Errors
    ///
    /// Returns a [`SessionError`] if the session breaks. A runner that ended while it was warm may
    /// show only at [`next`](Self::next).
    pub async fn execute(&mut self, execution: &Execution) -> Result<(), SessionError> {
        let text = execution.encode().map_err(|_| SessionError::Encode)?;
        self.heard = Some(Instant::now());
        Ok(self.socket.send(Message::text(text)).await?)
    }

    /// Returns the next frame, or `None` after the result.
    ///
    /// It must be polled while an execution runs, at least every few seconds: cyclone pings, and
    /// takes a dispatcher that does not answer within 10 s for gone.
    ///
    /// # Cancellation
    ///
    /// Safe to drop; no frame is lost.
    ///
    /// # Errors
    ///
    /// Returns a [`SessionError`] if the session breaks before a result; it is over then.
    pub async fn next(&mut self) -> Result<Option<Frame>, SessionError> {
        if self.over {
            return Ok(None);
        }
        match self.receive().await {
            Ok(Frame::Ready) => {
                self.over = true;
                Err(SessionError::OutOfOrder {
                    what: "`ready` during an execution",
                })
            }
            Ok(frame @ Frame::Output(_)) => Ok(Some(frame)),
            Ok(frame @ Frame::Result(_)) => {
                self.over = true;
                Ok(Some(frame))
            }
            Err(error) => {
                self.over = true;
                Err(error)
            }
        }
    }

    /// Takes leave, without waiting for an answer.
    ///
    /// # Cancellation
    ///
    /// Safe to drop.
    pub async fn close(mut self) {
        // It may have gone first.
        self.socket.close(None).await.ok();
    }

    /// Waits for a frame; pings while it waits.
    async fn receive(&mut self) -> Result<Frame, SessionError> {
        loop {
            if let Some(pace) = &self.pace {
                pace.wait().await;
            }
            let patience = self.patience();
            let message = tokio::select! {
                biased;
                message = self.socket.next() => message,
                () = sleep_until(patience) => {
                    self.lose_patience().await?;
                    continue;
                }
            };
            let message = match message {
                Some(message) => message?,
                None => return Err(tungstenite::Error::ConnectionClosed.into()),
            };
            if self.heard.is_some() {
                self.heard = Some(Instant::now());
            }
            self.pinged = false;
            if let Some(pace) = &mut self.pace {
                pace.count(message.len());
            }
            match message {
                Message::Text(text) if text.len() > self.frame_limit => {
                    return Err(SessionError::Oversized {
                        bytes: text.len(),
                        limit: self.frame_limit,
                    });
                }
                Message::Text(text) => {
                    return Frame::decode(text.as_bytes(), self.frame_limit)
                        .map_err(SessionError::Malformed);
                }
                Message::Binary(_) | Message::Frame(_) => {
                    return Err(SessionError::OutOfOrder {
                        what: "a binary message",
                    });
                }
                Message::Close(frame) => {
                    let (code, reason) = frame
                        .map(|frame| (Some(frame.code.into()), frame.reason.as_str().to_owned()))
                        .unwrap_or_default();
                    return Err(SessionError::Closed { code, reason });
                }
                // The library answers pings by itself while it is read.
                Message::Ping(_) | Message::Pong(_) => {}
            }
        }
    }

    /// Returns when to ping, or to give up.
    fn patience(&self) -> Option<Instant> {
        let patience = if self.pinged {
            self.silence_limit
        } else {
            self.ping_after
        };
        self.heard.and_then(|heard| heard.checked_add(patience))
    }

    /// Pings, or gives up if that has been done.
    async fn lose_patience(&mut self) -> Result<(), SessionError> {
        if self.pinged {
            return Err(SessionError::Silent {
                silence: self.silence_limit,
            });
        }
        self.pinged = true;
        Ok(self.socket.send(Message::Ping(Bytes::new())).await?)
    }
}

impl<S> fmt::Debug for Session<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("executing", &self.heard.is_some())
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

async fn sleep_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
