//! The dispatcher: takes requests, runs them in sandboxes, answers.
//!
//! ```text
//!            intake (credits)                 dispatch                     engine
//!  NATS ──▶ one request at a time ──▶ admit ─▶ place ─▶ image ─▶ sandbox ──▶ cyclone
//!                                                │                   ▲
//!  NATS ◀── mailbox ◀── events, heartbeats ──────┴─── result         └ pool, kept warm
//! ```
//!
//! [`Dispatcher`] executes one request after the other's shape, whatever the
//! transport: `veritech run` uses it alone, [`Server`] puts it on NATS.
//!
//! # Invariants
//!
//! - Every request that was taken gets exactly one result, last, within its own
//!   time limits and the configured ones.
//! - A place is given back when its sandbox is proved gone, and never before.
//! - No engine is named here, and nothing that a sandbox says is believed but
//!   its own function's outcome.
#![forbid(unsafe_code)]

pub mod config;
pub mod dispatch;
pub mod mailbox;
pub mod nats;

mod ledger;
mod output;
mod pool;
mod registry;
mod reporter;
mod stats;
mod verdict;
mod waiting;

pub use cyclone_client::Rate;

pub use self::config::{AllowedImage, Config, PoolConfig, WarmImage};
pub use self::dispatch::{Dispatcher, Received};
pub use self::mailbox::{Mailbox, Undeliverable};
pub use self::nats::{Connection, Server, ServerError};
pub use self::registry::CancelOutcome;
pub use self::stats::Stats;
