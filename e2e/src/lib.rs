//! What the whole-system tests share.
//!
//! A test starts a [`World`]: a NATS server and one dispatcher, both real
//! processes of its own. It calls functions as an application would, through
//! the client library, or speaks the bare protocol ([`wire`]) where the message
//! itself is what matters.
//!
//! ```text
//!  test ── veritech-client ──▶ nats-server ──▶ `veritech serve` ──▶ sandboxes
//!       └─ wire (bare NATS) ─▶
//! ```
//!
//! Everything here panics when it cannot do what it is asked, and says what the
//! dispatcher has logged: a test that cannot run has failed, never passed.
#![forbid(unsafe_code)]
#![expect(
    clippy::panic,
    reason = "a panic is how a test fails, and this crate is used by tests alone"
)]

mod binary;
mod containers;
mod engine;
pub mod functions;
pub mod hostile;
mod instance;
mod leftovers;
mod processes;
pub mod wire;
mod world;
mod zygotes;

pub use self::binary::{command, veritech};
pub use self::containers::processes_of;
pub use self::engine::{TestEngine, published_images, store};
pub use self::instance::{CANARY, Instance, host_images};
pub use self::leftovers::leftovers;
pub use self::processes::{Process, descendants, gone, signal};
pub use self::world::{LIMIT, Started, World, figure, figures};
