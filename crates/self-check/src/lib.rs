//! Tries the walls of a sandbox from inside, where a function would be.
//!
//! [`run`] is a runner: it says that it is ready, takes an execution, whatever it is, and returns a
//! [`Report`] as its value. So what it finds is what a function of that sandbox would find. It
//! tries and does not judge: what is wrong is for whoever launched it to say, outside.
//!
//! ```text
//!   cyclone ── execution ──▶ run ──▶ calls, files, network, process ──▶ Report ──▶ cyclone
//! ```
//!
//! Linux only, and empty elsewhere.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod calls;
mod files;
mod network;
mod process;
mod report;
mod runner;

pub use self::report::Report;
pub use self::runner::run;
