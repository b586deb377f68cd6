//! What must be true of a host and a configuration before functions are taken.
//!
//! Each check is a decision over facts, without reading anything itself; where the facts come from
//! stands beside it. What belongs to one engine is in that engine's crate, and adds to the same
//! list.
//!
//! ```text
//!   read ──▶ facts ──▶ decision ──▶ Check { ok | warned | refused, what to do }
//!                                     │
//!                  doctor shows all ◀─┴─▶ serve refuses, warns, or says nothing
//! ```
//!
//! Whether a sandbox holds is not asked of settings: [`probe`] launches one and has its walls tried
//! from inside, and [`walls`] judges what came back. What comes back is from inside a sandbox, but
//! nobody else has been in it: the program that speaks there is ours.
//!
//! Linux only, and empty elsewhere.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

pub mod files;
pub mod host;
pub mod limits;
pub mod list;
pub mod nats;
pub mod probe;
pub mod process;
pub mod subjects;
pub mod users;
pub mod walls;

mod access;
