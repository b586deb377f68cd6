//! The contract between caller, dispatcher and sandbox.
//!
//! A caller publishes a [`RemoteFunctionRequest`] to the subject of its
//! [`Kind`]; the dispatcher that takes it answers with [`Event`]s, of which the
//! last is the one result. Between the dispatcher and a sandbox's cyclone, and
//! between cyclone and its runner, an [`Execution`] goes down and [`Frame`]s
//! come up, in the same JSON.
//!
//! ```text
//!  caller ── RemoteFunctionRequest ──▶ dispatcher ── Execution ──▶ cyclone ──▶ runner
//!         ◀──────── Event ───────────            ◀──── Frame ─────        ◀─
//! ```
//!
//! # Invariants
//!
//! - Nothing here does I/O, reads a clock or needs a runtime.
//! - Every decoder bounds size and nesting before it parses, and no input makes
//!   one panic.
//! - Values of functions are raw JSON text end to end: key order, the spelling
//!   of numbers and every character survive.
#![forbid(unsafe_code)]

pub mod bounds;
pub mod event;
pub mod execution;
pub mod failure;
pub mod headers;
pub mod id;
pub mod image;
pub mod json;
pub mod kind;
pub mod request;
#[cfg(feature = "schema")]
pub mod schema;
pub mod subject;

pub use self::bounds::{Bound, Bounds, Terms};
pub use self::event::{
    Accepted, Event, EventBody, EventError, ExecutionResult, Outcome, Part, Phase, Progress,
    Started, Timings, UnknownEvent, Usage,
};
pub use self::execution::{
    Execution, Frame, FrameError, FrameOutcome, Level, Output, RunnerFailure, Stream,
};
pub use self::failure::{Failure, FailureCode, Origin};
pub use self::id::{ExecutionId, InvalidExecutionId};
pub use self::image::{ImageReference, InvalidImageReference};
pub use self::kind::{InvalidResult, Kind, ResponseType};
pub use self::request::{
    Language, Network, OnCallerLost, RemoteFunctionRequest, Replies, RequestError, RequestedLimits,
};
pub use self::subject::{InvalidPrefix, Subjects};

pub use serde_json::value::RawValue;
