//! The dispatcher's side of a session with a cyclone.
//!
//! A session runs over any stream that an engine gives, carries one execution, and is then over:
//!
//! ```text
//!   open ──▶ Session ──ready──▶ (a pool may keep it) ──execute──▶ next … next ──▶ the result
//! ```
//!
//! A session may be opened while the sandbox's runner still starts, and then wait in a pool without
//! anybody polling it: cyclone sends no ping before an execution. What happens to the sandbox
//! meanwhile is known from its engine, and at the latest from [`Session::execute`] or
//! [`Session::next`].
//!
//! # Trust
//!
//! Whatever is read was written by an adversary: the function may have taken its cyclone over. Frames
//! are bounded before they are stored and decoded without panicking, and read no faster than
//! [`Session::limit_rate`] says; their truth is the caller's to judge. After the result nothing is read.
#![forbid(unsafe_code)]

mod config;
mod error;
mod rate;
mod session;

pub use self::config::{SessionConfig, SessionToken};
pub use self::error::{OpenError, SessionError};
pub use self::rate::Rate;
pub use self::session::Session;
