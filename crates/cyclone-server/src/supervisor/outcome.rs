//! The failures that cyclone itself finds, and which of a runner's it passes on.

use serde_json::{Map, Value, json};
use veritech_protocol::{FailureCode, Frame, FrameOutcome, RunnerFailure};

use crate::reaper::Exit;

/// The failures that are a function's own and that a runner is believed.
const BELIEVED: [FailureCode; 5] = [
    FailureCode::SyntaxError,
    FailureCode::Exception,
    FailureCode::InvalidHandler,
    FailureCode::InvalidResult,
    FailureCode::ResultTooLarge,
];

/// Returns the outcome, unless it claims what only those outside can know.
pub(crate) fn believe(outcome: FrameOutcome) -> FrameOutcome {
    match &outcome {
        FrameOutcome::Failure(failure)
            if !BELIEVED.iter().any(|code| code.name() == failure.code) =>
        {
            let claimed: String = failure.code.chars().take(64).collect();
            protocol_error(&format!("a runner cannot report the failure `{claimed}`"))
        }
        FrameOutcome::Value(_) | FrameOutcome::Unset | FrameOutcome::Failure(_) => outcome,
    }
}

/// Returns the failure for an event that came when it may not.
pub(super) fn out_of_order(frame: &Frame) -> FrameOutcome {
    protocol_error(match frame {
        Frame::Ready => "the runner said more than once that it was ready",
        Frame::Output(_) => "the runner reported output before it had an execution",
        Frame::Result(_) => "the runner reported a result before it had an execution",
    })
}

/// Returns the failure for what is not the protocol.
pub(super) fn protocol_error(message: &str) -> FrameOutcome {
    failure(FailureCode::ProtocolError, message.to_owned(), json!({}))
}

/// Returns the failure for a result whose line was not even kept.
pub(super) fn too_large(bytes: u64, limit: u64) -> FrameOutcome {
    failure(
        FailureCode::ResultTooLarge,
        format!("the result has {bytes} bytes, the limit is {limit}"),
        json!({ "limit": limit, "bytes": bytes }),
    )
}

/// Returns the failure for a runner that ended before it had an execution.
pub(super) fn exited_early(exit: Exit, was_ready: bool, last_words: &[u8]) -> FrameOutcome {
    let when = if was_ready {
        "before it had an execution"
    } else {
        "before it was ready"
    };
    let mut details = exit.details();
    if let (Value::Object(details), false) = (&mut details, last_words.is_empty()) {
        let said = String::from_utf8_lossy(last_words).trim_end().to_owned();
        details.insert("stderr".to_owned(), Value::String(said));
    }
    failure(
        FailureCode::RunnerExited,
        format!("the runner {} {when}", exit.describe()),
        details,
    )
}

/// Returns the failure for a runner that ended without a result.
pub(super) fn exited(exit: Exit) -> FrameOutcome {
    failure(
        FailureCode::RunnerExited,
        format!("the runner {} without a result", exit.describe()),
        exit.details(),
    )
}

fn failure(code: FailureCode, message: String, details: Value) -> FrameOutcome {
    FrameOutcome::Failure(RunnerFailure {
        code: code.name().to_owned(),
        message,
        details: match details {
            Value::Object(details) => details,
            _ => Map::new(),
        },
    })
}
