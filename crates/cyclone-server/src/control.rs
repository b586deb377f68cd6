//! Splits what a runner writes to its event pipe into lines of bounded length.

/// How much of a line that is too long is kept, to tell what it would have been.
const KEPT_BYTES: usize = 64;

/// A line of the event pipe, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// All of it.
    Whole(Vec<u8>),
    /// It was longer than the limit.
    TooLong {
        /// Whether it began as a result does.
        is_result: bool,
        /// How long it was.
        bytes: u64,
    },
}

/// The unfinished line of the event pipe.
#[derive(Debug)]
pub(crate) struct ControlLines {
    unfinished: Vec<u8>,
    /// How many bytes of the line were not stored.
    dropped: u64,
    limit: usize,
}

impl ControlLines {
    /// Starts with lines of at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            unfinished: Vec::new(),
            dropped: 0,
            limit,
        }
    }

    /// Lets lines be longer from now on.
    pub(crate) fn raise_limit(&mut self, limit: usize) {
        self.limit = self.limit.max(limit);
    }

    /// Takes bytes off `chunk` up to the end of a line, which is returned, or all of them.
    pub(crate) fn take_line(&mut self, chunk: &mut &[u8]) -> Option<Line> {
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let (line, rest) = chunk.split_at(end.unwrap_or(chunk.len()));
        *chunk = rest.get(1..).unwrap_or_default();
        self.store(line);
        end.map(|_| self.complete())
    }

    /// Keeps what fits, and counts the rest.
    fn store(&mut self, bytes: &[u8]) {
        let fits = self.limit.saturating_sub(self.unfinished.len());
        if self.dropped == 0 && bytes.len() <= fits {
            self.unfinished.extend_from_slice(bytes);
            return;
        }
        // Only the beginning is of use from here on, and the memory is not.
        let missing = KEPT_BYTES.saturating_sub(self.unfinished.len());
        let kept = bytes.get(..missing.min(bytes.len())).unwrap_or_default();
        let all = self.unfinished.len().saturating_add(bytes.len());
        self.unfinished.extend_from_slice(kept);
        self.unfinished.truncate(KEPT_BYTES);
        self.unfinished.shrink_to(KEPT_BYTES);
        let dropped = all.saturating_sub(self.unfinished.len());
        self.dropped = self
            .dropped
            .saturating_add(u64::try_from(dropped).unwrap_or(u64::MAX));
    }

    fn complete(&mut self) -> Line {
        let line = std::mem::take(&mut self.unfinished);
        match std::mem::take(&mut self.dropped) {
            0 => Line::Whole(line),
            dropped => Line::TooLong {
                is_result: begins_as_result(&line),
                bytes: dropped.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX)),
            },
        }
    }
}

/// Returns whether a line says first of all that it is a result.
fn begins_as_result(line: &[u8]) -> bool {
    line.iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .take(RESULT.len())
        .eq(RESULT)
}

const RESULT: &[u8] = br#"{"event":"result""#;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(limit: usize, chunks: &[&[u8]]) -> Vec<Line> {
        let mut control = ControlLines::new(limit);
        let mut lines = Vec::new();
        for mut chunk in chunks.iter().copied() {
            while !chunk.is_empty() {
                lines.extend(control.take_line(&mut chunk));
            }
        }
        lines
    }

    fn whole(text: &str) -> Line {
        Line::Whole(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_are_put_together_from_pieces() {
        assert_eq!(
            lines(9, &[b"one\ntw", b"o", b"\n\nunfinished"]),
            [whole("one"), whole("two"), whole("")]
        );
    }

    #[test]
    fn a_line_over_the_limit_is_counted_and_the_next_one_read() {
        let long = "x".repeat(300);
        assert_eq!(
            lines(
                200,
                &[
                    &long.as_bytes()[..150],
                    &long.as_bytes()[150..],
                    b"\nnext\n"
                ]
            ),
            [
                Line::TooLong {
                    is_result: false,
                    bytes: 300
                },
                whole("next")
            ]
        );
    }

    #[test]
    fn a_result_over_the_limit_is_known_as_one() {
        let mut line = br#"{ "event": "result", "status": "success", "value": ""#.to_vec();
        line.resize(1000, b'x');
        line.push(b'\n');
        assert_eq!(
            lines(100, &[&line]),
            [Line::TooLong {
                is_result: true,
                bytes: 1000
            }]
        );
    }

    proptest! {
        #[test]
        fn no_more_than_the_limit_is_stored(
            chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..20),
        ) {
            let mut control = ControlLines::new(100);
            for chunk in &chunks {
                let mut chunk = chunk.as_slice();
                while !chunk.is_empty() {
                    control.take_line(&mut chunk);
                    prop_assert!(control.unfinished.len() <= 100);
                }
            }
        }
    }
}
