//! The caller's library: remote function calls over NATS.
//!
//! A caller has a function's source, its inputs, and the image that it must run
//! in. A [`Client`] publishes them as a request to the dispatchers, and gives
//! back what the function returned, or why it has not.
//!
//! ```no_run
//! use veritech_client::{Client, Options};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::connect("nats://127.0.0.1:4222", Options::default()).await?;
//! let code = "export default ({ name }) => `Hello, ${name}!`";
//! let call = client.resolver("builtin/quickjs", code);
//! let inputs = serde_json::json!({ "name": "Ada" });
//! let greeting: String = call.inputs(&inputs)?.await?.value()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Kinds
//!
//! A function is of a kind, and must return what its kind demands:
//!
//! | method | the function | its result |
//! |---|---|---|
//! | [`resolver`](Client::resolver) | computes a value | [`CallResult`]: any JSON, or nothing |
//! | [`qualification`](Client::qualification) | judges something | [`Qualification`]: success, warning, failure or unknown |
//! | [`validation`](Client::validation) | says whether something is valid | [`Validation`] |
//! | [`code_generation`](Client::code_generation) | writes code | [`CodeGeneration`] |
//! | [`action`](Client::action) | does something | [`Action`]: ok, warning or error |
//!
//! Each method gives a [`FunctionCall`], to which the rest is said, and which is
//! then awaited for its result, or [called](FunctionCall::call). Kinds are types,
//! so that none is taken for another.
//!
//! [`Client::call`] takes a whole request as it is on the wire, of whatever kind:
//! for programs that pass on what others have written.
//!
//! # Events
//!
//! A call that goes on is a stream of events, of which the last is the one
//! result: a [`TypedCall`], or a [`Call`] of a request.
//!
//! ```no_run
//! use futures_util::StreamExt as _;
//! use veritech_protocol::EventBody;
//!
//! # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let code = "export default () => { console.log('restarting'); return { status: 'ok' } }";
//! let mut call = client.action("registry.example.com/tools", code).call();
//! while let Some(event) = call.next().await {
//!     match event.body {
//!         EventBody::Progress(progress) => println!("{}: {}", progress.phase, progress.done),
//!         EventBody::Output(output) => println!("{}", output.message),
//!         _ => {}
//!     }
//! }
//! let done = call.result().await?;
//! println!("{:?} in {} ms", done.value.status, done.report.timings.total_us / 1000);
//! # Ok(())
//! # }
//! ```
//!
//! # Cancelling
//!
//! Dropping a call only stops listening; with
//! [`on_caller_lost`](FunctionCall::on_caller_lost) the execution ends some time
//! after that. To end it at once, [cancel](TypedCall::cancel) it, from another
//! task with a [`Canceller`], or from another program by its id with
//! [`Client::cancel`]. The result, then the failure `cancelled`, comes when the
//! sandbox is gone.
//!
//! Every future here may be dropped at any time; what that means is said where
//! it means anything.
//!
//! # Failures
//!
//! That a function has failed is a [`CallError`], or a [`KindError`] where the
//! kind is known, and never a result. Its [`code`](CallError::code) is a stable
//! name to branch on, its origin says who has to change something:
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use veritech_client::KindError;
//! use veritech_protocol::{FailureCode, Origin};
//!
//! # async fn example(client: veritech_client::Client) {
//! let call = client.validation("builtin/quickjs", "export default () => { for (;;); }");
//! match call.timeout(Duration::from_secs(1)).await {
//!     Ok(validated) => println!("{}", validated.value.valid),
//!     Err(error) if error.code() == FailureCode::TimedOut => println!("too slow"),
//!     Err(KindError::Failed(failed)) if failed.failure.origin == Origin::User => {
//!         println!("the function is wrong: {}", failed.failure.message);
//!     }
//!     Err(error) => println!("not your fault: {error}"),
//! }
//! # }
//! ```
//!
//! What certainly never started is repeated by the client itself, with growing
//! waits, until the deadline; what has started only where the caller says that it
//! may be executed twice: see [`Retry`]. Then the events of the next attempt
//! follow those of the first.
//!
//! ```text
//!            ┌──────────────────── Call ─────────────────────┐
//!  request ─▶│ publish ─▶ events ─▶ failed before it started? │─▶ result
//!            │    ▲                          │                │
//!            │    └──────── wait a little ◀──┘                │
//!            └────────────────────────────────────────────────┘
//! ```
//!
//! # Properties
//!
//! An application that lets its users program where values come from has a [`Schema`]
//! of [`Prop`]s, which says what may be in which place, and binds a
//! [`ResolverBackend`] to each: a literal, JSON, or a function. Whatever the backend,
//! one [`Mapping`] makes typed properties of what it gives.
//!
//! ```text
//!  Prop ─▶ Schema ──┐                     ┌ literal, Json ┐
//!  JSON Schema ─▲▼  ├─▶ Bindings ─▶ resolve               ├─ Mapping ─▶ PropertyTree
//!  ResolverBackend ─┘                     └ Function ─ Call┘     └─▶ all that does not fit
//! ```
//!
//! ```no_run
//! use veritech_client::{Bindings, FunctionBackend, Prop, ResolverBackend, Schema};
//!
//! # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let schema = Schema::try_new(
//!     Prop::object()
//!         .prop("name", Prop::string().required())
//!         .prop("url", Prop::string().documented("Where it is found.")),
//! )?;
//! let code = "export default ({ name }) => `https://${name}.example.com`";
//! let url = FunctionBackend::javascript("builtin/quickjs", code)
//!     .input_from("name", "/name".parse()?);
//! let bindings = Bindings::new(schema)
//!     .bind("/name".parse()?, ResolverBackend::String { value: "shop".to_owned() })?
//!     .bind("/url".parse()?, url)?;
//!
//! let tree = client.resolve_all(&bindings).await?.into_complete()?;
//! let url = tree.get("/url").and_then(|url| url.as_str());
//! assert_eq!(url, Some("https://shop.example.com"));
//! # Ok(())
//! # }
//! ```
//!
//! A literal that cannot fit is refused when it is bound. Functions are called when the
//! props that they need have their values, independent ones side by side. A function
//! that fails leaves its prop unset, and those that need it, and no other: see
//! [`Resolutions`]. What has changed between two trees is their
//! [`diff`](PropertyTree::diff).
//!
//! # Without an async runtime
//!
//! With the feature `blocking` there is the same client in the module `blocking`,
//! for programs that have no async runtime: its calls are iterators over their
//! events, and everything waits on the calling thread.
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
//!
//! [`Qualification`]: veritech_protocol::kind::qualification::Qualification
//! [`Validation`]: veritech_protocol::kind::validation::Validation
//! [`CodeGeneration`]: veritech_protocol::kind::code_generation::CodeGeneration
//! [`Action`]: veritech_protocol::kind::action::Action
#![forbid(unsafe_code)]

#[cfg(feature = "blocking")]
pub mod blocking;
mod call;
mod client;
mod control;
mod header;
mod kinds;
mod options;
mod outcome;
mod retry;
mod status;

mod backend;
mod bindings;
mod json_schema;
mod mapping;
mod number;
mod pointer;
mod prop;
mod property;
mod resolve;
mod schema;

mod attempt;
mod driver;
mod parts;
mod transport;

pub use self::backend::{FunctionBackend, Input, ResolverBackend};
pub use self::bindings::{BindError, Bindings};
pub use self::call::{Call, Canceller};
pub use self::client::Client;
pub use self::control::{Cancellation, ControlError};
pub use self::header::{InvalidHeader, Tenant, TraceContext};
pub use self::json_schema::{Unmapped, UnmappedSchema};
pub use self::kinds::{
    FunctionCall, FunctionKind, InvalidInputs, KindError, MistypedValue, Resolver, TypedCall,
    TypedResult,
};
pub use self::mapping::{Expected, Found, Mapping, MappingError, MappingErrors, MappingLimits};
pub use self::options::{CallOptions, InboxPrefix, InvalidInboxPrefix, Options};
pub use self::outcome::{CallError, CallResult, FoundBy, Report, ValueError};
pub use self::pointer::{InvalidPointer, Pointer};
pub use self::prop::{Prop, Shape};
pub use self::property::{Change, Content, How, Mismatch, Misplaced, PropertyTree, PropertyValue};
pub use self::resolve::{
    CycleError, Incomplete, Resolutions, ResolveError, ResolveOptions, Unresolved,
};
pub use self::retry::{Backoff, Retry};
pub use self::schema::{InvalidSchema, Schema, SchemaFault};
pub use self::status::{EndpointStatus, InstanceStatus};
pub use self::transport::ConnectError;
