//! Compares what came of a case with what must.

use veritech_protocol::{Frame, FrameOutcome, Level, Output, RunnerFailure, Stream};

use crate::case::{Case, Claim, Expected, ExpectedOutput};

/// What came of an execution.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    /// What was put out, in order.
    pub(crate) output: Vec<Output>,
    /// How it ended, or why there is no result.
    pub(crate) outcome: Option<FrameOutcome>,
}

impl Observed {
    /// Adds a frame.
    pub(crate) fn add(&mut self, frame: Frame) {
        match frame {
            Frame::Ready => {}
            Frame::Output(output) => self.output.push(output),
            Frame::Result(outcome) => self.outcome = Some(outcome),
        }
    }
}

/// Returns what is wrong, in words.
pub(crate) fn check(case: &Case, observed: &Observed) -> Result<(), String> {
    check_outcome(&case.outcome, observed.outcome.as_ref())?;
    check_output(&case.output, &observed.output)
}

fn check_outcome(expected: &Expected, outcome: Option<&FrameOutcome>) -> Result<(), String> {
    match (expected, outcome) {
        (Expected::Value(json), Some(FrameOutcome::Value(value))) if value.get() == json => Ok(()),
        (Expected::ValueLike(what, holds), Some(FrameOutcome::Value(value))) => {
            let parsed = serde_json::from_str(value.get());
            if parsed.is_ok_and(|value| holds(&value)) {
                Ok(())
            } else {
                Err(format!("expected {what}, got {}", shorten(value.get())))
            }
        }
        (Expected::Unset, Some(FrameOutcome::Unset)) | (Expected::NoResult, None) => Ok(()),
        (Expected::Failure { code, claims }, Some(FrameOutcome::Failure(failure)))
            if failure.code == *code =>
        {
            claims
                .iter()
                .try_for_each(|claim| check_claim(claim, failure))
        }
        _ => Err(format!(
            "expected {}, got {}",
            wanted(expected),
            got(outcome)
        )),
    }
}

fn check_claim(claim: &Claim, failure: &RunnerFailure) -> Result<(), String> {
    let details = serde_json::Value::Object(failure.details.clone());
    let holds = match claim {
        Claim::Message(text) => failure.message.contains(text),
        Claim::Detail(pointer, json) => {
            let wanted = serde_json::from_str::<serde_json::Value>(json).ok();
            details.pointer(pointer).cloned() == wanted
        }
        Claim::DetailContains(pointer, text) => details
            .pointer(pointer)
            .and_then(|found| found.as_str())
            .is_some_and(|found| found.contains(text)),
        Claim::NoDetail(pointer) => details
            .pointer(pointer)
            .is_none_or(|found| found.is_null() || found.as_str() == Some("")),
    };
    if holds {
        Ok(())
    } else {
        Err(format!(
            "{claim:?} does not hold for `{}` with {}",
            shorten(&failure.message),
            shorten(&details.to_string())
        ))
    }
}

fn check_output(expected: &ExpectedOutput, output: &[Output]) -> Result<(), String> {
    match expected {
        ExpectedOutput::Any => Ok(()),
        ExpectedOutput::Messages(messages) => [Stream::Stdout, Stream::Stderr]
            .into_iter()
            .try_for_each(|stream| check_messages(stream, messages, output)),
        ExpectedOutput::Bytes(least, most) => {
            let lengths = output.iter().map(|output| output.message.len());
            let bytes = u64::try_from(lengths.sum::<usize>()).unwrap_or(u64::MAX);
            if (*least..=*most).contains(&bytes) {
                Ok(())
            } else {
                Err(format!(
                    "expected {least} to {most} bytes of output, got {bytes}"
                ))
            }
        }
    }
}

/// Compares one stream: between the two there is no order to rely on.
fn check_messages(
    stream: Stream,
    expected: &[(Stream, Option<Level>, &str)],
    output: &[Output],
) -> Result<(), String> {
    let expected: Vec<_> = expected
        .iter()
        .filter(|(of, _, _)| *of == stream)
        .map(|&(_, level, message)| (level, message))
        .collect();
    let got: Vec<_> = output
        .iter()
        .filter(|output| output.stream == stream)
        .map(|output| (output.level, output.message.as_str()))
        .collect();
    if expected == got {
        Ok(())
    } else {
        Err(format!(
            "expected {stream:?} {}, got {}",
            shorten(&format!("{expected:?}")),
            shorten(&format!("{got:?}"))
        ))
    }
}

fn wanted(expected: &Expected) -> String {
    match expected {
        Expected::Value(json) => format!("the value {}", shorten(json)),
        Expected::ValueLike(what, _) => (*what).to_owned(),
        Expected::Unset => "unset".to_owned(),
        Expected::Failure { code, claims: _ } => format!("the failure {code}"),
        Expected::NoResult => "no result".to_owned(),
    }
}

fn got(outcome: Option<&FrameOutcome>) -> String {
    match outcome {
        Some(FrameOutcome::Value(value)) => format!("the value {}", shorten(value.get())),
        Some(FrameOutcome::Unset) => "unset".to_owned(),
        Some(FrameOutcome::Failure(failure)) => {
            format!(
                "the failure {}: {}",
                failure.code,
                shorten(&failure.message)
            )
        }
        None => "no result".to_owned(),
    }
}

/// Cuts a text to what a line of the report can hold.
fn shorten(text: &str) -> String {
    const MOST: usize = 600;
    match text.get(..text.floor_char_boundary(MOST)) {
        Some(begin) if begin.len() < text.len() => format!("{begin}… ({} bytes)", text.len()),
        Some(_) | None => text.to_owned(),
    }
}
