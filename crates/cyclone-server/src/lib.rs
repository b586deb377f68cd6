//! The server inside a sandbox: supervises one execution.
//!
//! Cyclone is pid 1 of a sandbox. It starts the language runner at once, so that the runner is warm
//! when work comes, takes one execution over a WebSocket, passes it to the runner, streams output and
//! the one result back, kills everything and ends.
//!
//! ```text
//!  dispatcher          routes      session         supervisor            runner
//!      │  GET /execute   │            │                │◀── fd 3: ready ───│
//!      ├────────────────▶├─ socket ──▶│◀──── frames ───┤                   │
//!      │◀─ ready ─────────────────────┤                │                   │
//!      ├─ execution ─────────────────▶├── execution ──▶├── stdin: a line ─▶│
//!      │◀─ output, result ────────────┤◀──── frames ───┤◀─ stdout, stderr, ┤
//!      │◀─ close 1000 ────────────────┤                │   fd 3: lines     │
//! ```
//!
//! # Trust
//!
//! The dispatcher is trusted. Whatever the runner writes is the work of an adversary: it is bounded
//! before it is stored, decoded without panicking, and can at worst end its own execution. No handler
//! is installed for any signal, so the kernel shields a cyclone that is pid 1 from everything that is
//! sent from inside; and it is not dumpable, so nothing inside can read or write its memory.
//!
//! # Invariants
//!
//! - At most one execution, and the frame `result` at most once, last.
//! - Queues are bounded: a dispatcher that reads slowly slows the runner down.
//! - Reading ends at the result or at the runner's exit, never only at the end of a file: something
//!   detached may hold a pipe open for ever.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod listen;
mod token;

mod confinement;
mod reaper;
mod runner;

mod control;
#[doc(hidden)]
pub mod fuzzing;
mod text;
mod timestamp;

mod supervisor;

mod clock;
mod routes;
mod serve;
mod session;
mod socket;

pub use self::confinement::{ConfinementError, shield};
pub use self::listen::{InvalidListen, Listen};
pub use self::runner::{InvalidRunner, RunnerCommand, RunnerOrigin, SpawnError};
pub use self::serve::{Config, DEFAULT_MAX_REQUEST_BYTES, ServeError, serve};
pub use self::socket::BindError;
pub use self::token::{MAX_TOKEN_BYTES, Token, TokenError};
