//! Isolation, by attempts from inside: what a kernel feature denies is tried, not
//! read out of a configuration.
//!
//! ```text
//!            attempts ── encoded ──▶ intruder: Deno, Python, a dropped binary in
//!  (one list of system calls)        Python, and in Node.js by its own text
//!                                        │
//!  expected ◀── [{attempt, outcome}] ────┘
//! ```
//!
//! The same list is made by every intruder, in a sandbox. Those of its attempts that
//! do no harm are made on the host as well, where they must succeed: an intruder that
//! always says "denied" proves nothing.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![forbid(unsafe_code)]

mod attempts;
mod binary;
mod canaries;
mod control;
mod dropped;
mod intruder;
mod kept;
mod neighbour;
mod program;
mod searched;
mod tried;
