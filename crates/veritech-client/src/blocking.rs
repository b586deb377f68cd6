//! The same client for programs without an async runtime.
//!
//! ```no_run
//! use veritech_client::{Options, blocking};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = blocking::Client::connect("nats://127.0.0.1:4222", Options::default())?;
//! let code = "export default ({ name }) => `Hello, ${name}!`";
//! let call = client.resolver("builtin/quickjs", code);
//! let greeting: String = call.inputs(&serde_json::json!({ "name": "Ada" }))?.result()?.value()?;
//! # Ok(())
//! # }
//! ```
//!
//! # One thread for each client
//!
//! A client has a thread of its own, shared by its clones and calls, on which a
//! runtime keeps the connection alive: between two calls, too, the server is
//! answered and a lost connection made again. The calls themselves run on the
//! threads that wait for them, so that many threads may share a client and none
//! waits for another. When the client, its clones and its calls are dropped, so
//! are connection and thread.
//!
//! Nothing here panics within an async runtime, or waits for it; but as
//! everything that blocks, it holds up one of its threads. Use
//! [`crate::Client`] there.

mod background;
mod call;
mod client;
mod resolve;
mod typed_call;

pub use self::call::{Call, Canceller};
pub use self::client::{Client, ConnectError};
pub use self::typed_call::TypedCall;
