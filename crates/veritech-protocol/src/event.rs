//! What a dispatcher sends to a mailbox.
//!
//! Each event is one flat JSON object: `event` and `id`, then the members of
//! its body. The `result` comes last, exactly once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::execution::{Output, Status, present};
use crate::failure::Failure;
use crate::id::ExecutionId;
use crate::json::{self, OutOfBounds};

/// The deepest nesting of an event: that of a value, and what wraps it.
const MAX_EVENT_DEPTH: usize = 136;

/// One event of one execution.
#[derive(Clone, Debug)]
pub struct Event {
    /// The execution; `None` if the request could not be read.
    pub id: Option<ExecutionId>,
    /// What happened.
    pub body: EventBody,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum EventBody {
    /// A dispatcher has taken the request.
    Accepted(Accepted),
    /// Something long is being prepared.
    Progress(Progress),
    /// A sandbox has the function.
    Started(Started),
    /// The function wrote something.
    Output(Output),
    /// The execution goes on, and nothing else was to be said.
    Heartbeat,
    /// A piece of a value too large for one message.
    Part(Part),
    /// The execution has ended.
    Result(ExecutionResult),
    /// An event of a later version of the protocol.
    Unknown(UnknownEvent),
}

/// A dispatcher has taken the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Accepted {
    /// Which instance.
    pub instance: String,
    /// How often it will be heard at least, in milliseconds.
    pub heartbeat_ms: u64,
}

/// How far a long preparation is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Progress {
    /// What is being prepared.
    pub phase: Phase,
    /// How much of it is done.
    pub done: u64,
    /// How much there is; 0 if that is not known.
    pub total: u64,
}

/// What is prepared before a function can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Phase {
    /// An image is fetched, in bytes.
    Pulling,
    /// An image is unpacked, in bytes.
    Unpacking,
    /// A sandbox is started.
    Starting,
}

/// A sandbox has the function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Started {
    /// The sandbox's name on its host.
    pub sandbox: String,
    /// The engine that made it.
    pub engine: String,
    /// Whether it had been waiting.
    pub warm: bool,
    /// What enforces each limit.
    pub enforced: BTreeMap<String, String>,
}

/// A piece of the JSON text of a value too large for one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Part {
    /// 0 for the first.
    pub index: u32,
    /// The piece.
    pub data: String,
}

/// How an execution ended.
#[derive(Clone, Debug)]
pub struct ExecutionResult {
    /// Its value, or why there is none.
    pub outcome: Outcome,
    /// Where the time went.
    pub timings: Timings,
    /// What it used.
    pub usage: Usage,
    /// The digest of the image that ran, where it is known.
    pub image_digest: Option<String>,
}

/// A value, or why there is none.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The value, as JSON text.
    Value(Box<RawValue>),
    /// The function returned nothing, which is not `null`.
    Unset,
    /// The value came in parts.
    Parts {
        /// How many.
        parts: u32,
        /// SHA-256 of the value's JSON text, in lower-case hexadecimal.
        sha256: String,
    },
    /// The execution failed.
    Failure(Failure),
}

/// Where the time went, in microseconds, from intake to the hand-over of the
/// result. The phases add up to the total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Timings {
    /// Waiting for a place.
    pub queued_us: u64,
    /// Preparing the image.
    pub image_us: u64,
    /// Starting the sandbox, or taking a waiting one.
    pub sandbox_us: u64,
    /// Connecting to its cyclone.
    pub connect_us: u64,
    /// Waiting for its runner.
    pub ready_us: u64,
    /// Executing the function.
    pub execute_us: u64,
    /// From the end of the execution to the hand-over of the result.
    pub hand_over_us: u64,
    /// All of it.
    pub total_us: u64,
}

/// What an execution used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Usage {
    /// Processor time, in milliseconds.
    pub cpu_ms: u64,
    /// The most memory at once, in bytes, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_peak_bytes: Option<u64>,
    /// Bytes of output messages that the function wrote, as far as they were counted.
    pub output_bytes: u64,
    /// Whether output beyond the limit was cut.
    pub output_truncated: bool,
}

/// An event of a later version of the protocol, kept as it came.
#[derive(Clone, Debug)]
pub struct UnknownEvent {
    /// Its name.
    pub name: String,
    /// All of its text.
    pub text: Box<RawValue>,
}

/// Text that is not an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It is larger or deeper than allowed, or not UTF-8.
    #[error("the event {0}")]
    OutOfBounds(OutOfBounds),
    /// It is not JSON of the right shape.
    #[error("the event is malformed: {0}")]
    Malformed(String),
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
    id: Option<ExecutionId>,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct RawResult {
    status: Status,
    /// The value, if the status is success and it fits into one message.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    value: Option<Box<RawValue>>,
    /// Whether the function returned nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unset: bool,
    /// How many parts the value came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parts: Option<u32>,
    /// SHA-256 of the value's JSON text if it came in parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    /// Why there is no value, if the status is failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    /// Where the time went.
    #[serde(default)]
    timings: Timings,
    /// What it used.
    #[serde(default)]
    usage: Usage,
    /// The digest of the image that ran, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image_digest: Option<String>,
}

impl Event {
    /// Returns an event of an execution.
    pub fn new(id: Option<ExecutionId>, body: EventBody) -> Self {
        Self { id, body }
    }

    /// Writes the event as JSON text.
    ///
    /// # Errors
    ///
    /// Returns an error only if a member cannot be expressed in JSON, which
    /// these types cannot bring about.
    pub fn encode(&self) -> serde_json::Result<String> {
        let members = match &self.body {
            EventBody::Accepted(body) => serde_json::to_string(body)?,
            EventBody::Progress(body) => serde_json::to_string(body)?,
            EventBody::Started(body) => serde_json::to_string(body)?,
            EventBody::Output(body) => serde_json::to_string(body)?,
            EventBody::Heartbeat => "{}".to_owned(),
            EventBody::Part(body) => serde_json::to_string(body)?,
            EventBody::Result(body) => serde_json::to_string(&RawResult::from(body.clone()))?,
            EventBody::Unknown(unknown) => return Ok(unknown.text.get().to_owned()),
        };
        let event = self.body.name();
        let id = serde_json::to_string(&self.id)?;
        let members = members.strip_prefix('{').unwrap_or(&members);
        let separator = if members == "}" { "" } else { "," };
        Ok(format!(
            r#"{{"event":"{event}","id":{id}{separator}{members}"#
        ))
    }

    /// Reads an event of at most `max_bytes`; unknown members are ignored.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the text.
    pub fn decode(text: &[u8], max_bytes: usize) -> Result<Self, EventError> {
        let text =
            json::bounded(text, max_bytes, MAX_EVENT_DEPTH).map_err(EventError::OutOfBounds)?;
        Self::parse(text).map_err(|error| EventError::Malformed(error.to_string()))
    }

    fn parse(text: &str) -> serde_json::Result<Self> {
        let Envelope { event, id } = serde_json::from_str(text)?;
        let body = match event.as_ref() {
            "accepted" => EventBody::Accepted(serde_json::from_str(text)?),
            "progress" => EventBody::Progress(serde_json::from_str(text)?),
            "started" => EventBody::Started(serde_json::from_str(text)?),
            "output" => EventBody::Output(serde_json::from_str(text)?),
            "heartbeat" => EventBody::Heartbeat,
            "part" => EventBody::Part(serde_json::from_str(text)?),
            "result" => {
                let raw: RawResult = serde_json::from_str(text)?;
                EventBody::Result(raw.try_into()?)
            }
            _ => EventBody::Unknown(UnknownEvent {
                name: event.into_owned(),
                text: serde_json::from_str(text)?,
            }),
        };
        Ok(Self { id, body })
    }
}

impl EventBody {
    /// Returns the event's name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Progress(_) => "progress",
            Self::Started(_) => "started",
            Self::Output(_) => "output",
            Self::Heartbeat => "heartbeat",
            Self::Part(_) => "part",
            Self::Result(_) => "result",
            Self::Unknown(unknown) => &unknown.name,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pulling => "pulling",
            Self::Unpacking => "unpacking",
            Self::Starting => "starting",
        })
    }
}

impl From<ExecutionResult> for RawResult {
    fn from(result: ExecutionResult) -> Self {
        let ExecutionResult {
            outcome,
            timings,
            usage,
            image_digest,
        } = result;
        let mut raw = Self {
            status: Status::Success,
            value: None,
            unset: false,
            parts: None,
            sha256: None,
            failure: None,
            timings,
            usage,
            image_digest,
        };
        match outcome {
            Outcome::Value(value) => raw.value = Some(value),
            Outcome::Unset => raw.unset = true,
            Outcome::Parts { parts, sha256 } => {
                raw.parts = Some(parts);
                raw.sha256 = Some(sha256);
            }
            Outcome::Failure(failure) => {
                raw.status = Status::Failure;
                raw.failure = Some(failure);
            }
        }
        raw
    }
}

impl TryFrom<RawResult> for ExecutionResult {
    type Error = serde_json::Error;

    fn try_from(raw: RawResult) -> serde_json::Result<Self> {
        let RawResult {
            status,
            value,
            unset,
            parts,
            sha256,
            failure,
            timings,
            usage,
            image_digest,
        } = raw;
        let outcome = match (status, value, unset, parts, sha256, failure) {
            (Status::Success, Some(value), false, None, None, None) => Outcome::Value(value),
            (Status::Success, None, true, None, None, None) => Outcome::Unset,
            (Status::Success, None, false, Some(parts), Some(sha256), None) => {
                Outcome::Parts { parts, sha256 }
            }
            (Status::Failure, None, false, None, None, Some(failure)) => Outcome::Failure(failure),
            _ => {
                return Err(serde::de::Error::custom(
                    "a result has either a value, or unset, or parts, or a failure",
                ));
            }
        };
        Ok(Self {
            outcome,
            timings,
            usage,
            image_digest,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::failure::FailureCode;

    fn id() -> Option<ExecutionId> {
        Some("x-1".parse().expect("valid"))
    }

    fn result(outcome: Outcome) -> EventBody {
        EventBody::Result(ExecutionResult {
            outcome,
            timings: Timings::default(),
            usage: Usage::default(),
            image_digest: None,
        })
    }

    #[test]
    fn a_null_value_is_not_an_absent_one() {
        let null = RawValue::from_string("null".to_owned()).expect("JSON");
        let text = Event::new(id(), result(Outcome::Value(null)))
            .encode()
            .expect("encodes");
        let back = Event::decode(text.as_bytes(), 10_000).expect("decodes");
        assert!(
            matches!(&back.body, EventBody::Result(ExecutionResult { outcome: Outcome::Value(value), .. }) if value.get() == "null"),
            "{back:?}"
        );
    }

    #[test]
    fn an_event_of_a_later_version_survives_a_round_trip() {
        let text = r#"{"event":"snapshot","id":"x-1","at":{"b":1,"a":2.0}}"#;
        let event = Event::decode(text.as_bytes(), 1000).expect("decodes");
        assert_eq!(event.body.name(), "snapshot");
        assert_eq!(event.encode().expect("encodes"), text);
    }

    #[test]
    fn an_unreadable_request_is_answered_without_an_id() {
        let failure = Failure::new(FailureCode::InvalidRequest, "not JSON");
        let event = Event::new(None, result(Outcome::Failure(failure)));
        let text = event.encode().expect("encodes");
        assert!(
            text.starts_with(r#"{"event":"result","id":null,"status":"failure""#),
            "{text}"
        );
        assert!(
            Event::decode(text.as_bytes(), 10_000)
                .expect("decodes")
                .id
                .is_none()
        );
    }

    fn bodies() -> impl Strategy<Value = EventBody> {
        let json = prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            ".*".prop_map(|text| serde_json::to_string(&text).expect("serialises")),
            Just("{\"b\": 1, \"a\":\n[null]}".to_owned()),
        ];
        prop_oneof![
            (".*", any::<u64>()).prop_map(|(instance, heartbeat_ms)| {
                EventBody::Accepted(Accepted {
                    instance,
                    heartbeat_ms,
                })
            }),
            (any::<u64>(), any::<u64>()).prop_map(|(done, total)| {
                EventBody::Progress(Progress {
                    phase: Phase::Pulling,
                    done,
                    total,
                })
            }),
            Just(EventBody::Heartbeat),
            (any::<u32>(), ".*").prop_map(|(index, data)| EventBody::Part(Part { index, data })),
            json.prop_map(|json| {
                result(Outcome::Value(RawValue::from_string(json).expect("JSON")))
            }),
            Just(result(Outcome::Unset)),
            (any::<u32>(), "[0-9a-f]{64}")
                .prop_map(|(parts, sha256)| result(Outcome::Parts { parts, sha256 })),
            ".*".prop_map(|message| {
                let failure = Failure::new(FailureCode::Exception, message);
                result(Outcome::Failure(failure.with("line", 3)))
            }),
        ]
    }

    proptest! {
        #[test]
        fn events_come_back_as_they_went(body in bodies()) {
            let text = Event::new(id(), body).encode().expect("encodes");
            let back = Event::decode(text.as_bytes(), text.len()).expect("decodes");
            prop_assert_eq!(back.encode().expect("encodes"), text);
        }

        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            drop(Event::decode(&bytes, 200));
        }
    }
}
