//! The caller's library: remote function calls over NATS.
//!
//! A [`Client`] publishes a request to the dispatchers and gives back a
//! [`Call`]: a stream of events that ends with exactly one result.
//!
//! ```text
//!            ┌──────────────────── Call ─────────────────────┐
//!  request ─▶│ publish ─▶ events ─▶ failed before it started? │─▶ result
//!            │    ▲                          │                │
//!            │    └──────── wait a little ◀──┘                │
//!            └────────────────────────────────────────────────┘
//! ```
//!
//! ```no_run
//! use veritech_client::{Client, Options};
//! use veritech_protocol::{Kind, RemoteFunctionRequest};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::connect("nats://127.0.0.1:4222", Options::default()).await?;
//! let request = RemoteFunctionRequest::new(
//!     Kind::Resolver,
//!     "builtin/quickjs",
//!     "export default () => `Hello!`",
//! );
//! let greeting: String = client.call(request).result().await?.value()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Values as properties
//!
//! A [`Schema`] of [`Prop`]s says what the properties of a thing may be, and a
//! [`Mapping`] makes them of JSON, whoever gave it:
//!
//! ```text
//!  Prop ─▶ Schema ──┐
//!  JSON Schema ─▲▼  ├─▶ Mapping ─▶ PropertyTree, or all that does not fit
//!  JSON ────────────┘
//! ```
//!
//! # Invariants
//!
//! - Nothing waits for ever: each call has a deadline, and within it a silent
//!   dispatcher is noticed after three heartbeats.
//! - Everything is bounded: messages that wait, bytes of an event, bytes of a
//!   value.
//! - What an attempt and its successors decide is in modules without clock,
//!   socket or task (`attempt`, `parts`, `retry`); `driver` carries it out.
//! - One module knows the NATS library: `transport`.
#![forbid(unsafe_code)]

mod call;
mod client;
mod control;
mod header;
mod options;
mod outcome;
mod retry;
mod status;

mod json_schema;
mod mapping;
mod number;
mod pointer;
mod prop;
mod property;
mod schema;

mod attempt;
mod driver;
mod parts;
mod transport;

pub use self::call::{Call, Canceller};
pub use self::client::Client;
pub use self::control::{Cancellation, ControlError};
pub use self::header::{InvalidHeader, Tenant, TraceContext};
pub use self::json_schema::{Unmapped, UnmappedSchema};
pub use self::mapping::{Expected, Found, Mapping, MappingError, MappingErrors, MappingLimits};
pub use self::options::{CallOptions, InboxPrefix, InvalidInboxPrefix, Options};
pub use self::outcome::{CallError, CallResult, FoundBy, Report, ValueError};
pub use self::pointer::{InvalidPointer, Pointer};
pub use self::prop::{Prop, Shape};
pub use self::property::{Change, Content, How, Mismatch, Misplaced, PropertyTree, PropertyValue};
pub use self::retry::{Backoff, Retry};
pub use self::schema::{InvalidSchema, Schema, SchemaFault};
pub use self::status::{EndpointStatus, InstanceStatus};
pub use self::transport::ConnectError;
