//! The Docker engine: sandboxes that are containers of a Docker engine, on this
//! host or another.
//!
//! ```text
//!  DockerEngine ── supervision ──▶ container ── pid 1: cyclone, and its runner
//!       │              │              ▲
//!       │              ├── stream ────┘ attach: standard input and output
//!       │              └── end, report, removal
//!       ├── images: pulled, inspected; our own is loaded from memory
//!       ├── lease: a container that runs as long as this process has the daemon
//!       └── reclaim: removes the containers of instances without a lease
//! ```
//!
//! # Invariants
//!
//! - Nothing of any host is mounted, and nothing is published: cyclone is reached
//!   by the connection to the daemon, so that the daemon may be anywhere.
//! - A container is created from the id of an image that was inspected. Whatever
//!   the image says, who runs what, where and with which variables is ours to say.
//! - One task owns each container from its creation to its removal. It is believed
//!   gone when the daemon does not have it any more.
//! - When the dispatcher ends, its connections end, and with them its containers.
//! - The daemon's failures are never told as the function's.
//!
//! Linux only, and empty elsewhere.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod attach;
mod builtin;
pub mod capabilities;
mod config;
mod container;
mod daemon;
mod doctor;
mod egress;
mod engine;
mod events;
#[doc(hidden)]
pub mod fuzzing;
mod images;
mod lease;
mod local;
mod observation;
mod port;
mod pull;
mod reclaim;
mod removal;
mod seccomp;
mod stream;
mod supervision;
mod volume;

pub use self::config::{Config, Connect};
pub use self::doctor::{cases_here, check_egress, check_host};
pub use self::engine::{DockerEngine, DockerSandbox};
pub use self::stream::DockerStream;
