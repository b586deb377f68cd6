//! The runner as cyclone sees it: a process, a line in, lines out.

mod console;
mod failures;
mod handlers;
mod harness;
mod limits;
mod platform;
mod results;
mod tampering;
