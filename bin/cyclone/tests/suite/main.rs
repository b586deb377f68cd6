//! The built cyclone, with runners that are scripts and do what each test needs.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod rig;

#[cfg(feature = "conformance")]
mod conforming;
mod lifecycle;
mod listeners;
mod runners;
