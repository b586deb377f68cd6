//! How a session fails.

use std::time::Duration;

use tokio_tungstenite::tungstenite;
use veritech_protocol::FrameError;
use veritech_protocol::execution::SESSION_PROTOCOL;

/// A session that could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The token cannot be sent in a header.
    #[error("the token has characters that a header cannot carry")]
    InvalidToken,

    /// The cyclone refused: 401 for a wrong token, 409 when its session has begun already.
    #[error("the cyclone answered with HTTP status {status}")]
    Refused {
        /// The status of the answer.
        status: u16,
    },

    /// The cyclone is of another generation, as one in an old image may be.
    #[error(
        "the cyclone does not speak {SESSION_PROTOCOL}; build the image again with the cyclone of this \
         version of veritech"
    )]
    Generation,

    /// The connection broke, or what answered is no cyclone.
    #[error("failed to open the session")]
    Handshake(#[source] Box<tungstenite::Error>),
}

/// A session that broke.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The other side ended the session without a result.
    #[error("the cyclone ended the session{}{}", if reason.is_empty() { "" } else { ": " }, reason)]
    Closed {
        /// The code of its close frame, if it sent one.
        code: Option<u16>,
        /// The reason in its close frame: an adversary's words, at most 123 bytes.
        reason: String,
    },

    /// A frame was larger than allowed; it was not stored.
    #[error("a frame of {bytes} bytes exceeds the limit of {limit}")]
    Oversized {
        /// How large it was, as far as it was read.
        bytes: usize,
        /// The limit.
        limit: usize,
    },

    /// A frame was none that a sandbox sends.
    #[error("the sandbox sent what is not the protocol")]
    Malformed(#[source] FrameError),

    /// A message was not text, or a frame came where it may not.
    #[error("the sandbox sent {what}")]
    OutOfOrder {
        /// What came.
        what: &'static str,
    },

    /// The bytes were not those of a WebSocket.
    #[error("the sandbox broke the WebSocket protocol")]
    Violation(#[source] Box<tungstenite::Error>),

    /// Nothing was heard, not even the answer to a ping.
    #[error("nothing was heard for {silence:?}")]
    Silent {
        /// How long that lasted.
        silence: Duration,
    },

    /// The execution cannot be written as a frame.
    #[error("failed to encode the execution")]
    Encode,

    /// The stream failed.
    #[error("the connection to the sandbox failed")]
    Io(#[source] std::io::Error),
}

impl SessionError {
    /// Returns whether the sandbox is to blame by what it sent, rather than for ending.
    pub fn is_protocol_violation(&self) -> bool {
        match self {
            Self::Oversized { .. }
            | Self::Malformed(_)
            | Self::OutOfOrder { .. }
            | Self::Violation(_) => true,
            Self::Closed { .. } | Self::Silent { .. } | Self::Encode | Self::Io(_) => false,
        }
    }
}

impl From<tungstenite::Error> for SessionError {
    fn from(error: tungstenite::Error) -> Self {
        use tungstenite::Error;
        use tungstenite::error::{CapacityError, ProtocolError};
        match error {
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(
                ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing,
            ) => Self::Closed {
                code: None,
                reason: String::new(),
            },
            Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => Self::Oversized {
                bytes: size,
                limit: max_size,
            },
            Error::Io(error) => Self::Io(error),
            other => Self::Violation(Box::new(other)),
        }
    }
}
