//! One line of the log is one line, whatever is in it.

use std::io::{self, Write};

/// The longest line, in bytes.
pub(crate) const MAX_LINE_BYTES: usize = 64 * 1024;

/// What a line that is cut ends with.
const CUT: &str = " … (cut)";

/// Writes each event as one line.
#[derive(Debug)]
pub(crate) struct OneLine<W> {
    inner: W,
    /// Whether the lines may have colours.
    ansi: bool,
    /// Said after the line.
    notes: String,
}

impl<W> OneLine<W> {
    /// Writes to `inner`, and `notes` after the first line.
    pub(crate) fn new(inner: W, ansi: bool, notes: String) -> Self {
        Self { inner, ansi, notes }
    }
}

impl<W: Write> Write for OneLine<W> {
    /// Takes a whole event.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let mut text = one_line(&String::from_utf8_lossy(event), self.ansi);
        text.push_str(&std::mem::take(&mut self.notes));
        self.inner.write_all(text.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Escapes what would end a line early or move a terminal's cursor, and cuts what
/// is too long.
fn one_line(event: &str, ansi: bool) -> String {
    let event = event.strip_suffix('\n').unwrap_or(event);
    let is_plain = |character: char| !character.is_control() || (ansi && character == '\x1b');
    let mut line = String::with_capacity(event.len() + 1);
    for character in event.chars() {
        if line.len() >= MAX_LINE_BYTES {
            line.push_str(CUT);
            break;
        }
        if is_plain(character) {
            line.push(character);
        } else {
            line.extend(character.escape_default());
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_begin_a_line_of_its_own_does_not() {
        let forged = "INFO a\r\n2026-01-01 INFO forged\u{85}\x1b[2J\0\n";
        assert_eq!(
            one_line(forged, false),
            "INFO a\\r\\n2026-01-01 INFO forged\\u{85}\\u{1b}[2J\\u{0}\n"
        );
        assert_eq!(
            one_line("\x1b[1mWARN\x1b[0m é\n", true),
            "\x1b[1mWARN\x1b[0m é\n"
        );
    }

    #[test]
    fn an_endless_line_is_cut() {
        let line = one_line(&"é".repeat(MAX_LINE_BYTES), false);
        assert!(
            line.len() <= MAX_LINE_BYTES + CUT.len() + 2,
            "{}",
            line.len()
        );
        assert!(line.ends_with(" … (cut)\n"));
    }
}
