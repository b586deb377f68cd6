//! What every runner must do, as cases to run against one.
//!
//! A case is data: a function's source, what it is called with, and what must come of it. Each is run
//! through a cyclone of its own, as a dispatcher would: one that is a process of this host, with a
//! runner's command; or, with the feature `engines`, one in a sandbox of an engine, with the runner of
//! an image.
//!
//! ```text
//!   Case ──▶ harness: a cyclone of Processes or Sandboxes, session ──▶ Observed ──▶ check ──▶ Verdict
//! ```
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod case;
mod cases;
mod check;
mod harness;
mod processes;
#[cfg(feature = "engines")]
mod sandboxes;
mod suite;

pub use self::case::{Case, Feature, SourceLanguage, UnknownLanguage};
pub use self::cases::all;
pub use self::harness::Cyclones;
pub use self::processes::ProcessError;
#[cfg(feature = "engines")]
pub use self::sandboxes::{SandboxError, Sandboxes};
pub use self::suite::{Options, SuiteError, Summary, run, run_through};
