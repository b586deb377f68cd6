//! How a session is opened and bounded.

use std::fmt;
use std::time::Duration;

/// How a session is opened and bounded.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// What the cyclone was given as its token, where it listens for more than one connection.
    pub token: Option<SessionToken>,
    /// The largest frame that is ever taken, in bytes; [`Session::limit_frames`] lowers it.
    ///
    /// [`Session::limit_frames`]: crate::Session::limit_frames
    pub max_frame_bytes: usize,
    /// How long nothing may be heard during an execution before the cyclone is pinged.
    pub ping_after: Duration,
    /// How long nothing may be heard during an execution at all.
    pub silence_limit: Duration,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            token: None,
            max_frame_bytes: 64 * 1024 * 1024,
            ping_after: Duration::from_secs(5),
            silence_limit: Duration::from_secs(30),
        }
    }
}

/// A per-sandbox secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    /// Wraps a secret, which must consist of visible ASCII characters to go into a header.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// Returns the secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
