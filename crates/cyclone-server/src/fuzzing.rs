//! Ways in for fuzzing: what reads foreign bytes, and is private otherwise.

use veritech_protocol::{Frame, FrameOutcome};

use crate::control::ControlLines;
use crate::supervisor::{believe, decode};
use crate::text::Lines;

/// Reads what a runner wrote to its event pipe, as it comes in pieces of
/// `at_once` bytes, with lines of at most `limit` bytes.
///
/// A result that is not believed comes as the failure that is told instead.
pub fn heard(bytes: &[u8], at_once: usize, limit: usize) -> Vec<Result<Frame, FrameOutcome>> {
    let mut control = ControlLines::new(limit);
    let mut heard = Vec::new();
    for mut chunk in bytes.chunks(at_once.max(1)) {
        while let Some(line) = control.take_line(&mut chunk) {
            heard.push(match decode(line, limit) {
                Ok(Frame::Result(outcome)) => Ok(Frame::Result(believe(outcome))),
                other => other,
            });
        }
    }
    heard
}

/// Splits what a runner printed into messages, as it comes in pieces of
/// `at_once` bytes.
pub fn printed(bytes: &[u8], at_once: usize) -> Vec<String> {
    let mut lines = Lines::default();
    let mut messages = Vec::new();
    for chunk in bytes.chunks(at_once.max(1)) {
        lines.push(chunk, |message| messages.push(message));
    }
    messages.extend(lines.flush());
    messages
}

/// The most bytes that one message has.
pub use crate::text::MAX_LINE_BYTES;
