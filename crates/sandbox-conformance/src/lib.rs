//! What every engine must do, checked against the real thing.
//!
//! A [`Host`] starts an engine and says what it has on this host; each check is
//! an async function that launches sandboxes whose cyclone is the [`probe`], and
//! asserts what a dispatcher relies on. An engine's integration test runs all of
//! them, each as a test of its own:
//!
//! ```ignore
//! mod conformance {
//!     sandbox_conformance::conformance!(crate::support::Containers);
//! }
//! ```
//!
//! - [`lifecycle`]: launch, connect, end, destroy, and everything that can go
//!   wrong between these, without a trace.
//! - [`limits`]: each is held, and named when it was hit.
//! - [`isolation`]: from the host, from the network, from each other.
//! - [`calls`]: what the kernel must not be asked.
//! - [`images`]: what can and cannot be launched.
//! - [`leftovers`]: dispatchers that are killed, and those beside them.
//!
//! What an engine promises is what it says: a check of a limit looks at the
//! engine's [`Enforcement`](sandbox::Enforcement) first, and no check is left
//! out.
//!
//! Everything here panics when a promise is not kept, saying what was seen.
//!
//! Linux only, and empty elsewhere.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::panic,
    reason = "a panic is how a test fails, and this crate is used by tests alone"
)]

pub mod calls;
pub mod host;
pub mod images;
pub mod inventory;
pub mod isolation;
pub mod leftovers;
pub mod lifecycle;
pub mod limits;
pub mod probe;
mod rig;
mod suite;

pub use self::host::Host;
pub use self::inventory::{Inventory, Item};
pub use self::probe::Probe;

/// How long anything may take.
pub const DEADLINE: std::time::Duration = std::time::Duration::from_secs(20);
