//! What a sandbox is told, and what it says.
//!
//! The same JSON passes between dispatcher and cyclone (one WebSocket text
//! frame each) and between cyclone and runner (one line each).
//!
//! # Trust
//!
//! Every [`Frame`] was written by an adversary. It carries no id, no origin and
//! no time that anyone believes: the dispatcher adds those.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::id::ExecutionId;
use crate::json::{self, OutOfBounds};
use crate::kind::{Kind, without_position};
use crate::request::Language;

/// The WebSocket subprotocol (RFC 6455, section 1.9) of a session between dispatcher and cyclone.
///
/// A cyclone may come from an image that was built long before or after the dispatcher: the number
/// is raised whenever one would no longer understand the other.
pub const SESSION_PROTOCOL: &str = "veritech.1";

/// The deepest nesting of a frame: that of a value, and what wraps it.
const MAX_FRAME_DEPTH: usize = 136;

/// The deepest nesting of an execution: that of inputs, and what wraps them.
const MAX_EXECUTION_DEPTH: usize = 264;

/// One function with its inputs, as a runner is given it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Execution {
    /// Names it; the handler's `context.id`.
    pub id: ExecutionId,
    /// What it is for; the handler's `context.kind`.
    pub kind: Kind,
    /// The function's source.
    pub code: String,
    /// The language of the source; the runner's own if absent.
    #[serde(default)]
    pub language: Option<Language>,
    /// The export to call; the default one if absent.
    #[serde(default)]
    pub handler: Option<String>,
    /// The handler's first argument, as JSON text.
    pub inputs: Box<RawValue>,
    /// Variables to set inside the language before the code loads.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// When time is up, in Unix milliseconds; the handler's `context.deadline`.
    pub deadline: u64,
    /// How long it may run, in milliseconds.
    pub timeout_ms: u64,
    /// Bytes of output messages that are passed on.
    pub output_bytes: u64,
    /// Bytes of the value's JSON text.
    pub result_bytes: u64,
}

/// One thing that a runner, or the cyclone around it, has to say.
#[derive(Clone, Debug)]
pub enum Frame {
    /// The runner is warm and waits for its execution.
    Ready,
    /// The function wrote something.
    Output(Output),
    /// The execution has ended; the last frame.
    Result(FrameOutcome),
}

/// Something that the function wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Output {
    /// Where it wrote.
    pub stream: Stream,
    /// How important it called it; absent for what did not go through `console`
    /// or a logger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The text, without a final line feed.
    pub message: String,
    /// When, in RFC 3339 with milliseconds; a runner leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
}

/// A standard stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How important a line of output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Level {
    /// For whoever debugs the function.
    Debug,
    /// Ordinary.
    Info,
    /// Should be looked at.
    Warn,
    /// Something failed.
    Error,
}

impl Level {
    /// Returns the level's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// How the sandbox says that an execution ended.
#[derive(Clone, Debug)]
pub enum FrameOutcome {
    /// The handler returned this value.
    Value(Box<RawValue>),
    /// The handler returned nothing.
    Unset,
    /// It failed.
    Failure(RunnerFailure),
}

/// A failure as a sandbox reports it: a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerFailure {
    /// The failure's code, whatever the sandbox says it is.
    pub code: String,
    /// What happened, in words.
    pub message: String,
    /// Figures and positions.
    #[serde(default)]
    pub details: serde_json::Map<String, serde_json::Value>,
}

/// Text that is not a frame or an execution.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// It is larger or deeper than allowed, or not UTF-8.
    #[error("the frame {0}")]
    OutOfBounds(OutOfBounds),
    /// It is not JSON of the right shape.
    #[error("the frame is malformed: {0}")]
    Malformed(String),
    /// It is an event that a sandbox does not send.
    #[error("a sandbox does not send `{0}` events")]
    Unexpected(String),
}

impl Execution {
    /// Writes the execution as one line of JSON, without the line feed.
    ///
    /// # Errors
    ///
    /// Returns an error only if memory runs out of what JSON can express, which
    /// these types cannot.
    pub fn encode(&self) -> serde_json::Result<String> {
        Ok(single_line(serde_json::to_string(self)?))
    }

    /// Reads an execution of at most `max_bytes`.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the text.
    pub fn decode(text: &[u8], max_bytes: usize) -> Result<Self, FrameError> {
        let text =
            json::bounded(text, max_bytes, MAX_EXECUTION_DEPTH).map_err(FrameError::OutOfBounds)?;
        serde_json::from_str(text).map_err(malformed)
    }
}

#[derive(Deserialize)]
struct EventName<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct RawOutcome {
    status: Status,
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    value: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unset: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<RunnerFailure>,
}

/// Whether there is a value or a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) enum Status {
    Success,
    Failure,
}

impl Frame {
    /// Writes the frame as one line of JSON, without the line feed.
    ///
    /// # Errors
    ///
    /// Returns an error only where [`Execution::encode`] would.
    pub fn encode(&self) -> serde_json::Result<String> {
        let body = match self {
            Self::Ready => return Ok(r#"{"event":"ready"}"#.to_owned()),
            Self::Output(output) => splice("output", &serde_json::to_string(output)?),
            Self::Result(outcome) => {
                let raw = match outcome {
                    FrameOutcome::Value(value) => RawOutcome {
                        status: Status::Success,
                        value: Some(value.clone()),
                        unset: false,
                        failure: None,
                    },
                    FrameOutcome::Unset => RawOutcome {
                        status: Status::Success,
                        value: None,
                        unset: true,
                        failure: None,
                    },
                    FrameOutcome::Failure(failure) => RawOutcome {
                        status: Status::Failure,
                        value: None,
                        unset: false,
                        failure: Some(failure.clone()),
                    },
                };
                splice("result", &serde_json::to_string(&raw)?)
            }
        };
        Ok(single_line(body))
    }

    /// Reads a frame of at most `max_bytes`; unknown members are ignored.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the text.
    pub fn decode(text: &[u8], max_bytes: usize) -> Result<Self, FrameError> {
        let text =
            json::bounded(text, max_bytes, MAX_FRAME_DEPTH).map_err(FrameError::OutOfBounds)?;
        let EventName { event } = serde_json::from_str(text).map_err(malformed)?;
        match event.as_ref() {
            "ready" => Ok(Self::Ready),
            "output" => serde_json::from_str(text)
                .map(Self::Output)
                .map_err(malformed),
            "result" => {
                let raw: RawOutcome = serde_json::from_str(text).map_err(malformed)?;
                FrameOutcome::try_from(raw).map(Self::Result)
            }
            other => {
                let mut name = other.to_owned();
                crate::failure::truncate(&mut name, 64);
                Err(FrameError::Unexpected(name))
            }
        }
    }
}

impl TryFrom<RawOutcome> for FrameOutcome {
    type Error = FrameError;

    fn try_from(raw: RawOutcome) -> Result<Self, FrameError> {
        let RawOutcome {
            status,
            value,
            unset,
            failure,
        } = raw;
        match (status, value, unset, failure) {
            (Status::Success, Some(value), false, None) => Ok(Self::Value(value)),
            (Status::Success, None, true, None) => Ok(Self::Unset),
            (Status::Failure, None, false, Some(failure)) => Ok(Self::Failure(failure)),
            _ => Err(FrameError::Malformed(
                "a result has either a value, or unset, or a failure".to_owned(),
            )),
        }
    }
}

fn malformed(error: serde_json::Error) -> FrameError {
    FrameError::Malformed(without_position(&error.to_string()))
}

/// Reads a member that is there, `null` included.
pub(crate) fn present<'de, D>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

/// Puts the event's name before the members of `body`, an object.
fn splice(event: &str, body: &str) -> String {
    let members = body.strip_prefix('{').unwrap_or(body);
    format!(r#"{{"event":"{event}",{members}"#)
}

/// Replaces line feeds between tokens, which raw JSON text may hold, by spaces.
/// Inside strings JSON has none.
fn single_line(text: String) -> String {
    if text.contains(['\n', '\r']) {
        text.replace(['\n', '\r'], " ")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_survive_with_their_order_spelling_and_characters() {
        for json in [
            r#"{"z":1,"a":1.0,"z":-0,"e":1e+21}"#,
            r#""\ud83d\ude00 é 😀 \u0000""#,
            "null",
            "[[[]]]",
        ] {
            let text = format!(r#"{{"event":"result","status":"success","value":{json}}}"#);
            let frame = Frame::decode(text.as_bytes(), 1000).expect("decodes");
            assert_eq!(frame.encode().expect("encodes"), text);
        }
    }

    #[test]
    fn a_result_that_is_two_things_at_once_is_refused() {
        for text in [
            r#"{"event":"result","status":"success","value":1,"unset":true}"#,
            r#"{"event":"result","status":"success"}"#,
            r#"{"event":"result","status":"failure","value":1}"#,
            r#"{"event":"result","status":"success","failure":{"code":"x","message":""}}"#,
            r#"{"event":"accepted"}"#,
        ] {
            Frame::decode(text.as_bytes(), 1000).expect_err(text);
        }
    }

    #[test]
    fn inputs_written_over_several_lines_go_down_in_one() {
        let inputs = RawValue::from_string("{\n  \"a\":\r\n 1}".to_owned()).expect("JSON");
        let execution = Execution {
            id: "x".parse().expect("valid"),
            kind: Kind::Resolver,
            code: "a\nb".to_owned(),
            language: None,
            handler: None,
            inputs,
            env: BTreeMap::new(),
            deadline: 0,
            timeout_ms: 1,
            output_bytes: 1,
            result_bytes: 1,
        };
        let line = execution.encode().expect("encodes");
        assert!(!line.contains('\n'), "{line}");
        let back = Execution::decode(line.as_bytes(), 1000).expect("decodes");
        assert_eq!(back.code, "a\nb");
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_decoders_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            drop(Frame::decode(&bytes, 200));
            drop(Execution::decode(&bytes, 200));
        }

        #[test]
        fn output_comes_back_as_it_went(message in ".*", warn in any::<bool>()) {
            let output = Output {
                stream: if warn { Stream::Stderr } else { Stream::Stdout },
                level: warn.then_some(Level::Warn),
                message,
                timestamp: None,
            };
            let text = Frame::Output(output.clone()).encode().expect("encodes");
            prop_assert!(!text.contains('\n'));
            match Frame::decode(text.as_bytes(), text.len()).expect("decodes") {
                Frame::Output(back) => prop_assert_eq!(back, output),
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
