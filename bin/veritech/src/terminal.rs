//! Writes lines to standard output and standard error.
//!
//! Much of what is shown was written by the function: on a terminal its
//! control characters are spelled out, so that it can neither rewrite the
//! screen nor pass for the command itself. Files and pipes get every byte.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};

use anstyle::Style;

/// Prints a line for a person to standard error; where nobody listens, nobody
/// misses it.
pub(crate) fn say(line: &str) {
    say_labelled("", Style::new(), line);
}

/// Prints a line for a person that begins with a label of our own.
pub(crate) fn say_labelled(label: &str, style: Style, text: &str) {
    let mut stderr = io::stderr().lock();
    let text = fit(&stderr, text);
    drop(if stderr.is_terminal() && !label.is_empty() {
        writeln!(stderr, "{style}{label}{style:#}{text}")
    } else {
        writeln!(stderr, "{label}{text}")
    });
}

/// Prints a line to standard output.
///
/// # Errors
///
/// Returns an error if standard output is closed.
pub(crate) fn print_line(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let line = fit(&stdout, line);
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Whether the command ended because nobody reads its standard output.
pub(crate) fn is_unread(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    })
}

fn fit<'a>(sink: &impl IsTerminal, text: &'a str) -> Cow<'a, str> {
    if sink.is_terminal() {
        visible(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// Spells out control characters except line ends and tabs, as JSON would.
fn visible(text: &str) -> Cow<'_, str> {
    let hidden = |one: char| one.is_control() && one != '\n' && one != '\t';
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut spelled = String::with_capacity(text.len() + 16);
    for one in text.chars() {
        if hidden(one) {
            // Writing to a string cannot fail.
            let _ = write!(spelled, "\\u{:04x}", u32::from(one));
        } else {
            spelled.push(one);
        }
    }
    Cow::Owned(spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_spelled_out() {
        for (text, shown) in [
            ("plain\ttext\n", "plain\ttext\n"),
            ("Zoë ☃", "Zoë ☃"),
            ("\x1b[2Jgone", "\\u001b[2Jgone"),
            ("fine\rforged", "fine\\u000dforged"),
            ("\u{9b}2J\x7f\x07", "\\u009b2J\\u007f\\u0007"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }
}
