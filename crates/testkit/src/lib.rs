//! What tests share.
//!
//! - [`tools`]: where the programs are that tests need.
//! - [`nats`]: a real NATS server of the test's own.
//! - [`docker`]: the Docker engine that tests share, and daemons of a test's own.
//! - [`registry`]: a real registry of images of the test's own.
//! - [`image`]: images made of what a test says is in them.
//! - [`wait`]: waiting for a condition instead of for a time.
//! - [`inventory`]: what is left on the host after something ran.
//!
//! Everything here panics when it cannot do what it is asked, with a message
//! that says what to do: a test that cannot run has failed, never passed.
#![forbid(unsafe_code)]
#![expect(
    clippy::panic,
    reason = "a panic is how a test fails, and this crate is used by tests alone"
)]

#[cfg(target_os = "linux")]
pub mod docker;
pub mod image;
pub mod inventory;
pub mod malformed;
pub mod nats;
pub mod registry;
pub mod tools;
pub mod wait;

pub use self::image::{Image, ImageBuilder, Layer};
pub use self::inventory::HostInventory;
pub use self::nats::NatsServer;
pub use self::registry::Registry;
pub use self::wait::{eventually, eventually_blocking};
