//! Why an execution has no value.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest message of a failure, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 8 * 1024;

/// Who has to change something before the same request can succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Origin {
    /// The function did it.
    User,
    /// The request asked for it.
    Request,
    /// It is Veritech's or the host's doing.
    System,
}

macro_rules! failure_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $origin:ident, $retryable:literal;)+) => {
        /// What went wrong: stable names that programs branch on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum FailureCode {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl FailureCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the code's name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Returns who has to change something.
            pub const fn origin(self) -> Origin {
                match self { $(Self::$variant => Origin::$origin),+ }
            }

            /// Returns whether the same request may succeed if it is sent again.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable),+ }
            }
        }
    };
}

failure_codes! {
    /// A field of the request is missing, malformed or out of its limits.
    InvalidRequest = "invalid_request", Request, false;
    /// No such kind of function.
    UnsupportedKind = "unsupported_kind", Request, false;
    /// The image cannot or may not be run here.
    UnsupportedImage = "unsupported_image", Request, false;
    /// An execution of this id is in flight.
    DuplicateId = "duplicate_id", Request, false;
    /// No place is free and none can be waited for.
    Overloaded = "overloaded", System, true;
    /// The request waited for a place longer than it wanted to.
    Expired = "expired", System, true;
    /// The dispatcher is stopping.
    ShuttingDown = "shutting_down", System, true;
    /// The image could not be had.
    ImagePullFailed = "image_pull_failed", System, true;
    /// The sandbox could not be started.
    SandboxStartFailed = "sandbox_start_failed", System, true;
    /// The engine lost the sandbox.
    SandboxLost = "sandbox_lost", System, true;
    /// The code does not parse.
    SyntaxError = "syntax_error", User, false;
    /// The code threw.
    Exception = "exception", User, false;
    /// The handler is missing or not callable.
    InvalidHandler = "invalid_handler", User, false;
    /// The value is not JSON, or not what the kind or `response_type` demands.
    InvalidResult = "invalid_result", User, false;
    /// The value is larger than `result_bytes`, or than one message where one must do.
    ResultTooLarge = "result_too_large", User, false;
    /// The sandbox ran out of `memory_bytes`.
    OutOfMemory = "out_of_memory", User, false;
    /// The sandbox ran out of `disk_bytes`.
    DiskFull = "disk_full", User, false;
    /// The sandbox ran out of `processes`.
    TooManyProcesses = "too_many_processes", User, false;
    /// The sandbox used up `cpu_time_ms`.
    CpuExhausted = "cpu_exhausted", User, false;
    /// The function ran for longer than `timeout_ms`.
    TimedOut = "timed_out", User, false;
    /// The execution was cancelled.
    Cancelled = "cancelled", Request, false;
    /// The runner ended without a result.
    RunnerExited = "runner_exited", User, false;
    /// What came out of the sandbox was not the protocol.
    ProtocolError = "protocol_error", User, false;
    /// A bug in Veritech.
    Internal = "internal", System, false;
    /// Nobody serves the subject. Found by the client.
    NoResponders = "no_responders", System, true;
    /// Nothing was heard for three heartbeats. Found by the client.
    DispatcherLost = "dispatcher_lost", System, false;
    /// No dispatcher said that it had taken the request. Found by the client.
    NotAccepted = "not_accepted", System, true;
    /// An event is missing. Found by the client.
    SequenceGap = "sequence_gap", System, false;
    /// The caller's own deadline passed. Found by the client.
    DeadlineExceeded = "deadline_exceeded", System, false;
    /// The request does not fit into one message. Found by the client.
    RequestTooLarge = "request_too_large", Request, false;
}

impl FailureCode {
    /// Returns the number that NATS services use for it (ADR-32).
    pub const fn service_error_code(self) -> u16 {
        match (self, self.origin()) {
            (Self::Overloaded, _) => 429,
            (_, Origin::Request) => 400,
            (_, Origin::User) => 422,
            (_, Origin::System) => 503,
        }
    }
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why an execution has no value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failure {
    /// What went wrong.
    pub code: FailureCode,
    /// Who has to change something.
    pub origin: Origin,
    /// Whether the same request may succeed if it is sent again.
    pub retryable: bool,
    /// The same for a person, at most 8 KiB.
    pub message: String,
    /// Figures and positions, by code.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub details: serde_json::Map<String, serde_json::Value>,
}

impl Failure {
    /// Returns a failure without details; a longer message is cut.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        let mut message = message.into();
        truncate(&mut message, MAX_MESSAGE_BYTES);
        Self {
            code,
            origin: code.origin(),
            retryable: code.retryable(),
            message,
            details: serde_json::Map::new(),
        }
    }

    /// Returns the failure with one more detail.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }
}

/// Cuts `text` to at most `max_bytes`, never inside a character.
pub fn truncate(text: &mut String, max_bytes: usize) {
    text.truncate(text.floor_char_boundary(max_bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_on_the_wire_is_the_name_in_code() {
        for code in FailureCode::ALL {
            let json = serde_json::to_string(code).expect("serialises");
            assert_eq!(json, format!("\"{code}\""));
        }
    }

    #[test]
    fn what_is_retryable_is_never_the_functions_doing() {
        for code in FailureCode::ALL {
            assert!(
                !code.retryable() || code.origin() == Origin::System,
                "{code}"
            );
        }
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let failure = Failure::new(FailureCode::Exception, "€".repeat(4000));
        assert!(failure.message.len() <= MAX_MESSAGE_BYTES);
        assert!(failure.message.chars().all(|character| character == '€'));
    }
}
