//! Places in the caller's source.
//!
//! The language counts columns in bytes of UTF-8. Callers, their editors and the other runners count
//! them in UTF-16 code units.

/// The name under which the source is known to the language.
pub(crate) const SOURCE_NAME: &str = "function.js";

/// A line and a column, both from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// The line.
    pub(crate) line: u32,
    /// The column in that line.
    pub(crate) column: u32,
}

impl Position {
    /// Reads the position at the end of a stack frame's place, such as `function.js:3:9`, if it is
    /// in the caller's source.
    pub(crate) fn of_frame(place: &str, source: &str) -> Option<Self> {
        let place = place.strip_prefix(SOURCE_NAME)?.strip_prefix(':')?;
        let (line, column) = place.split_once(':')?;
        let position = Self {
            line: line.parse().ok()?,
            column: column.parse().ok()?,
        };
        Some(position.in_utf16(source))
    }

    /// Returns the position just after `text`.
    pub(crate) fn after(text: &str) -> Self {
        let last = text.rsplit('\n').next().unwrap_or_default();
        Self {
            line: saturated(text.matches('\n').count() + 1),
            column: saturated(last.encode_utf16().count() + 1),
        }
    }

    /// Turns a column counted in bytes into one counted in UTF-16 code units.
    fn in_utf16(self, source: &str) -> Self {
        let line = usize::try_from(self.line.saturating_sub(1))
            .ok()
            .and_then(|line| source.split('\n').nth(line));
        let before = usize::try_from(self.column.saturating_sub(1))
            .ok()
            .zip(line)
            .and_then(|(bytes, line)| line.get(..bytes));
        let column = before.map_or(self.column, |before| {
            saturated(before.encode_utf16().count() + 1)
        });
        Self { column, ..self }
    }
}

fn saturated(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn columns_are_counted_in_utf16() {
        let source = "first\nlet x = 'é😀'; bad";
        let bytes = source.lines().nth(1).and_then(|line| line.find("bad"));
        let place = format!("function.js:2:{}", bytes.expect("it is there") + 1);

        assert_eq!(Position::of_frame(&place, source), Some(at(2, 16)));
    }

    #[test]
    fn a_place_outside_of_the_source_is_left_as_it_is() {
        assert_eq!(Position::of_frame("function.js:9:7", "x"), Some(at(9, 7)));
        assert_eq!(Position::of_frame("function.js:1:99", "é"), Some(at(1, 99)));
    }

    #[test]
    fn frames_of_other_files_have_no_position() {
        assert_eq!(Position::of_frame("other-function.js:1:1", ""), None);
        assert_eq!(Position::of_frame("function.js.map:1:1", ""), None);
        assert_eq!(Position::of_frame("native", ""), None);
    }

    #[test]
    fn the_end_of_a_text_has_a_position() {
        assert_eq!(Position::after(""), at(1, 1));
        assert_eq!(Position::after("a\n😀b"), at(2, 4));
    }
}
