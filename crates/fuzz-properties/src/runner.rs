//! What a runner writes, on cyclone's side.

use cyclone_server::fuzzing::{MAX_LINE_BYTES, heard, printed};
use veritech_protocol::{Frame, FrameOutcome};

use crate::choice;

/// The failures that a runner is believed.
const BELIEVED: [&str; 6] = [
    "syntax_error",
    "exception",
    "invalid_handler",
    "invalid_result",
    "result_too_large",
    // What is told in place of those it is not.
    "protocol_error",
];

/// The event pipe: the same whatever the pieces in which it comes, and nothing is
/// believed that a function cannot know.
pub(crate) fn line(bytes: &[u8]) {
    let mut bytes = bytes;
    let at_once = choice(&mut bytes);
    let limit = 64 + 16 * choice(&mut bytes);
    let pieces = heard(bytes, at_once, limit);
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(pieces.len(), lines, "each line is one thing");

    let whole = heard(bytes, usize::MAX, limit);
    for (piece, whole) in pieces.iter().zip(&whole) {
        assert_eq!(format!("{piece:?}"), format!("{whole:?}"));
        let failure = match piece {
            Ok(Frame::Result(FrameOutcome::Failure(failure)))
            | Err(FrameOutcome::Failure(failure)) => failure,
            Ok(_) => continue,
            Err(other) => panic!("a line that is refused is no {other:?}"),
        };
        assert!(BELIEVED.contains(&failure.code.as_str()), "{failure:?}");
    }
}

/// Standard output and error: pieces change nothing, and no message is too long.
pub(crate) fn output(bytes: &[u8]) {
    let mut bytes = bytes;
    let at_once = choice(&mut bytes);
    let pieces = printed(bytes, at_once);
    assert_eq!(pieces, printed(bytes, usize::MAX));
    for message in &pieces {
        // A byte that is no character becomes one of three.
        assert!(message.len() <= 3 * MAX_LINE_BYTES, "{}", message.len());
        assert!(!message.contains('\n'));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && bytes.len() < MAX_LINE_BYTES
    {
        let lines: Vec<_> = text
            .split_terminator('\n')
            .map(|line| line.strip_suffix('\r').unwrap_or(line))
            .collect();
        // Only a line that is ended loses its carriage return.
        if !text.ends_with('\r') {
            assert_eq!(pieces, lines);
        }
    }
}
