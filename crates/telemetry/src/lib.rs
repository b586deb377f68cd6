//! Logging, and the trace context that travels with a request.
#![forbid(unsafe_code)]

mod limit;
mod line;
pub mod logging;
pub mod trace;

pub use self::limit::DEFAULT_RATE;
pub use self::logging::{InvalidLevel, LogFormat, init};
pub use self::trace::TraceContext;
