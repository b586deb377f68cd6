//! Inherited file descriptors, and children that inherit chosen ones.
//!
//! A sandbox hands its processes their only ways out as numbered descriptors: cyclone finds its
//! listener at a number it was told, a runner finds its event pipe at 3. Turning such a number into
//! an owned value, and putting one where a child expects it, are the two things the standard
//! library offers only as `unsafe`. This crate does them once, with checks:
//!
//! ```text
//!   parent ── ChildSetup::apply(command) ──▶ fork ─▶ oom score, session, dup2, identity ─▶ exec
//!                                                                                           │
//!   child  ◀──────────────────────── inherit(3): checked, owned, close-on-exec ◀────────────┘
//! ```
//!
//! Beside them it holds the other unsafe things that are done in a sandbox: [`reset_fault_handlers`]
//! for its first process, [`populate`] for the heap of a runner, and [`attempt`] for whoever tries its
//! walls.
//!
//! Elsewhere than on Linux there is [`inherit`] alone.
#![cfg(unix)]

#[cfg(target_os = "linux")]
mod attempt;
#[cfg(target_os = "linux")]
mod child;
mod inherit;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod signals;

#[cfg(target_os = "linux")]
pub use self::attempt::{Attempted, attempt, attempt_32_bit};
#[cfg(target_os = "linux")]
pub use self::child::{ChildSetup, Identity, SetupError};
pub use self::inherit::{InheritError, inherit};
#[cfg(target_os = "linux")]
pub use self::memory::populate;
#[cfg(target_os = "linux")]
pub use self::signals::reset_fault_handlers;
