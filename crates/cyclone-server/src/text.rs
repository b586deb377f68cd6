//! Turns the raw bytes that a runner prints into messages, one for each line.

/// The most bytes of a line that go into one message; a longer line becomes several.
pub const MAX_LINE_BYTES: usize = 8 * 1024;

/// The unfinished line of one stream.
///
/// Bytes that are no UTF-8 become U+FFFD. A character whose bytes arrive in two reads, or that lies
/// across the place where a long line is cut, stays whole.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    unfinished: Vec<u8>,
    /// Whether the beginning of the unfinished line has been emitted.
    cut: bool,
}

impl Lines {
    /// Takes what was read, and passes on every message it completes.
    pub(crate) fn push(&mut self, chunk: &[u8], mut emit: impl FnMut(String)) {
        for piece in chunk.split_inclusive(|&byte| byte == b'\n') {
            let (piece, ends) = match piece.strip_suffix(b"\n") {
                Some(piece) => (piece, true),
                None => (piece, false),
            };
            self.unfinished.extend_from_slice(piece);
            if ends && self.unfinished.last() == Some(&b'\r') {
                self.unfinished.pop();
            }
            self.cut_to_size(&mut emit);
            if ends && let Some(line) = self.finish(true) {
                emit(line);
            }
        }
    }

    /// Returns the line that nothing will end any more.
    pub(crate) fn flush(&mut self) -> Option<String> {
        self.finish(false)
    }

    /// Emits the beginning of a line that is too long, as often as needed.
    fn cut_to_size(&mut self, emit: &mut impl FnMut(String)) {
        while self.unfinished.len() > MAX_LINE_BYTES {
            let (begin, _) = self.unfinished.split_at(MAX_LINE_BYTES);
            let whole = whole_characters(begin);
            emit(lossy(begin.get(..whole).unwrap_or(begin)));
            self.unfinished.drain(..whole);
            self.cut = true;
        }
    }

    /// Ends the line; an `ended` one may be empty unless all of it has been emitted.
    fn finish(&mut self, ended: bool) -> Option<String> {
        let rest = std::mem::take(&mut self.unfinished);
        let cut = std::mem::take(&mut self.cut);
        (!rest.is_empty() || (ended && !cut)).then(|| lossy(&rest))
    }
}

/// Returns how many bytes at the beginning of `bytes` end with a character, at least one.
fn whole_characters(bytes: &[u8]) -> usize {
    let last = bytes
        .utf8_chunks()
        .last()
        .map_or(&[][..], |chunk| chunk.invalid());
    // What may still become a character fails only for being too short.
    let unfinished = match std::str::from_utf8(last) {
        Err(error) if error.error_len().is_none() => last.len(),
        Ok(_) | Err(_) => 0,
    };
    match bytes.len().saturating_sub(unfinished) {
        0 => bytes.len(),
        whole => whole,
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns the pieces of `text`, each of at most `most` bytes and ending with a character.
pub(crate) fn pieces(text: &str, most: usize) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let end = text.floor_char_boundary(most);
        match text.split_at_checked(end) {
            Some((piece, after)) if !piece.is_empty() && !after.is_empty() => {
                rest = Some(after);
                Some(piece)
            }
            Some(_) | None => Some(text),
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn messages(chunks: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut messages = Vec::new();
        for chunk in chunks {
            lines.push(chunk, |message| messages.push(message));
        }
        messages.extend(lines.flush());
        messages
    }

    #[test]
    fn each_line_is_a_message_however_it_ends() {
        assert_eq!(
            messages(&[b"a\nb\r\n\nc\rd", b"e\r", b"\nlast"]),
            ["a", "b", "", "c\rde", "last"]
        );
    }

    #[test]
    fn nothing_printed_is_no_message() {
        assert!(messages(&[]).is_empty());
        assert!(messages(&[b""]).is_empty());
    }

    #[test]
    fn a_character_split_over_reads_survives() {
        let text = "grün 🎈\n".as_bytes();
        for at in 0..text.len() {
            let (one, other) = text.split_at(at);
            assert_eq!(messages(&[one, other]), ["grün 🎈"], "split at {at}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(
            messages(&[b"a\xffb\xe2\x82\n\xf0\x9f"]),
            ["a\u{fffd}b\u{fffd}", "\u{fffd}"]
        );
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let line = "€".repeat(MAX_LINE_BYTES);
        let got = messages(&[line.as_bytes(), b"\n"]);

        assert!(got.iter().all(|message| message.len() <= MAX_LINE_BYTES));
        assert_eq!(got.concat(), line);
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_one_message() {
        let line = "x".repeat(MAX_LINE_BYTES);
        assert_eq!(messages(&[line.as_bytes(), b"\r\n"]), [line]);
    }

    #[test]
    fn pieces_are_bounded_and_end_with_a_character() {
        assert_eq!(pieces("", 4).collect::<Vec<_>>(), [""]);
        assert_eq!(pieces("abcd", 4).collect::<Vec<_>>(), ["abcd"]);
        assert_eq!(pieces("ab€d", 4).collect::<Vec<_>>(), ["ab", "€d"]);
    }

    proptest! {
        #[test]
        fn chunks_never_change_what_is_read(
            text in "[a-z\n€🎈]{0,400}",
            sizes in proptest::collection::vec(1_usize..40, 1..20),
        ) {
            let mut chunks = Vec::new();
            let mut rest = text.as_bytes();
            for size in sizes.into_iter().cycle() {
                if rest.is_empty() { break }
                let (chunk, after) = rest.split_at(size.min(rest.len()));
                chunks.push(chunk);
                rest = after;
            }
            prop_assert_eq!(messages(&chunks), messages(&[text.as_bytes()]));
        }

        #[test]
        fn no_bytes_make_it_panic_or_exceed_its_bound(
            chunks in proptest::collection::vec(
                proptest::collection::vec(any::<u8>(), 0..20_000), 0..4),
        ) {
            let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
            for message in messages(&chunks) {
                prop_assert!(message.len() <= 3 * MAX_LINE_BYTES);
            }
        }
    }
}
