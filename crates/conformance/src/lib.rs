//! What every runner must do, as cases to run against one.
//!
//! A case is data: a function's source, what it is called with, and what must come of it. Each is run
//! through a cyclone of its own, as a dispatcher would, so that what passes here holds in a sandbox
//! too.
//!
//! ```text
//!   Case ──▶ harness: socketpair, cyclone --listen fd://3, session ──▶ Observed ──▶ check ──▶ Verdict
//! ```
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod case;
mod cases;
mod check;
mod harness;
mod suite;

pub use self::case::{Case, Feature, SourceLanguage, UnknownLanguage};
pub use self::cases::all;
pub use self::harness::HarnessError;
pub use self::suite::{Options, SuiteError, Summary, run};
