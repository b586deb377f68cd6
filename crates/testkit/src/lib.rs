//! What tests share.
//!
//! - [`tools`]: where the programs are that tests need.
//! - [`nats`]: a real NATS server of the test's own.
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

pub mod inventory;
pub mod nats;
pub mod tools;
pub mod wait;

pub use self::inventory::HostInventory;
pub use self::nats::NatsServer;
pub use self::wait::{eventually, eventually_blocking};
