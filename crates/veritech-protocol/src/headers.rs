//! Names of NATS headers.

/// The type of the event in the message.
pub const EVENT: &str = "Veritech-Event";
/// The event's number in its execution: 1, 2, 3 …
pub const SEQUENCE: &str = "Veritech-Sequence";
/// Whose fair share a request counts against.
pub const TENANT: &str = "Veritech-Tenant";
/// W3C trace context, <https://www.w3.org/TR/trace-context/>.
pub const TRACEPARENT: &str = "traceparent";
/// Its vendors' part.
pub const TRACESTATE: &str = "tracestate";
/// What failed, in words, on failed results (NATS ADR-32).
pub const SERVICE_ERROR: &str = "Nats-Service-Error";
/// What failed, as a number in HTTP's manner, on failed results (NATS ADR-32).
pub const SERVICE_ERROR_CODE: &str = "Nats-Service-Error-Code";
