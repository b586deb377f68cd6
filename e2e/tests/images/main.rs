//! The images that are published, and those that others build on them.
//!
//! `cargo xtask images` has built them into the Docker engine that tests use.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod alone;
mod building;
mod conforming;
mod dispatching;
mod docker;
mod memory;
mod published;
