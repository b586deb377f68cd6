//! What must hold of every parser of foreign bytes, whatever the bytes.
//!
//! One function for each parser. It takes any bytes at all, has them parsed, and
//! panics if something that was promised does not hold: that what was read can
//! be written and read again, that bounds are kept, that nothing is outside of
//! where it belongs. `fuzz/` looks for bytes that break one; the seeds it starts
//! from, and whatever it once found, are tried in an ordinary test.
//!
//! ```text
//!  fuzz/targets/NAME.rs ─────────┐
//!                                ├──▶ TARGETS: NAME, check ──▶ the parser itself
//!  tests/seeds.rs ─ fuzz/seeds/ ─┘
//! ```
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::panic,
    reason = "a panic is how a property says that it does not hold"
)]

mod configuration;
mod docker;
mod images;
mod protocol;
mod runner;
mod session;
mod subjects;

/// A parser, and what must hold of it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called, in `fuzz/` too.
    pub name: &'static str,
    /// Tries it with any bytes.
    ///
    /// # Panics
    ///
    /// Panics if something does not hold.
    pub check: fn(&[u8]),
}

/// Every parser of foreign bytes.
pub const TARGETS: &[Target] = &[
    target("attach_stream", docker::attach_stream),
    target("configuration", configuration::configuration),
    target("event", protocol::event),
    target("frame", protocol::frame),
    target("image_configuration", images::configuration),
    target("image_document", images::document),
    target("image_name", images::name),
    target("layer", images::layer),
    target("request", protocol::request),
    target("runner_line", runner::line),
    target("runner_output", runner::output),
    target("session", session::session),
    target("subject", subjects::subject),
    target("trace_context", subjects::trace_context),
];

const fn target(name: &'static str, check: fn(&[u8])) -> Target {
    Target { name, check }
}

/// Tries the parser of this name with some bytes.
///
/// # Panics
///
/// Panics if there is none, or if something does not hold of it.
pub fn check(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.unwrap_or_else(|| panic!("no target is called `{name}`"));
    (target.check)(bytes);
}

/// Takes one byte off the front, 0 if there is none: what a property chooses by.
fn choice(bytes: &mut &[u8]) -> usize {
    let (first, rest) = bytes.split_at(usize::from(!bytes.is_empty()));
    *bytes = rest;
    first.first().copied().map_or(0, usize::from)
}

/// Stands for the program's own module, which the configuration's sources name.
mod exit {
    /// An error that is the user's to mend.
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    pub(crate) struct UsageError(pub(crate) String);
}

#[path = "../../../bin/veritech/src/redact.rs"]
mod redact;
