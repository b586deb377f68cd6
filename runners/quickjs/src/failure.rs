//! Why a function failed, in the words and the shape that its caller gets.

use rquickjs::{Function, Object, Value};
use serde::Serialize;

use crate::position::{Position, SOURCE_NAME};
use crate::protocol::cut;
use crate::unavailable;

/// The longest message or stack that is reported, in bytes.
const MAX_TEXT_BYTES: usize = 8192;

/// What a runner may report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    /// The source does not parse.
    SyntaxError,
    /// The function threw, or can never end.
    Exception,
    /// The source exports nothing to call.
    InvalidHandler,
    /// The value is not JSON.
    InvalidResult,
    /// The value is JSON, and too much of it.
    ResultTooLarge,
}

/// A failure of the function.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    code: Code,
    message: String,
    details: Details,
}

/// The details of a failure, by its code.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Details {
    /// Where the source stops making sense, counted from one.
    Position {
        /// The line in the caller's source.
        line: u32,
        /// The column in that line.
        column: u32,
    },
    /// What was thrown.
    Thrown(Thrown),
    /// What was exported instead of a handler.
    Handler {
        /// The export that was looked for.
        handler: String,
        /// The type of what was found there.
        found: String,
        /// The names of the exports that there are.
        exports: Vec<String>,
    },
    /// Which part of the value is not JSON.
    Place {
        /// A JSON Pointer to it.
        path: String,
        /// What it is.
        r#type: String,
    },
    /// Which limit was exceeded.
    Size {
        /// The most that was allowed.
        limit: usize,
        /// What was measured.
        bytes: usize,
    },
}

/// How an error came to be nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unhandled {
    /// A promise was rejected and nobody looked.
    Rejection,
    /// A timer or a microtask threw.
    Error,
    /// The handler's promise can never settle.
    NeverSettled,
}

/// What was thrown, be it an error or not.
#[derive(Debug, Serialize)]
pub(crate) struct Thrown {
    class: Option<String>,
    message: String,
    stack: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    thrown: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Box<Self>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unhandled: Option<Unhandled>,
    /// The place of the innermost frame, if that is in the caller's source.
    #[serde(skip)]
    position: Option<Position>,
}

impl Failure {
    /// A failure that no value was thrown for.
    pub(crate) fn exception(message: String, unhandled: Option<Unhandled>) -> Self {
        let thrown = Thrown {
            class: Some("Error".to_owned()),
            message,
            stack: String::new(),
            thrown: None,
            cause: None,
            unhandled,
            position: None,
        };
        Self::thrown(thrown, None)
    }

    /// A failure because something was thrown.
    pub(crate) fn thrown(thrown: Thrown, unhandled: Option<Unhandled>) -> Self {
        let message = match (&thrown.class, &thrown.thrown) {
            (Some(class), _) if thrown.message.is_empty() => class.clone(),
            (Some(class), _) => format!("{class}: {}", thrown.message),
            (None, Some(shown)) => format!("thrown: {shown}"),
            (None, None) => thrown.message.clone(),
        };
        let unhandled = unhandled.or(thrown.unhandled);
        Self {
            code: Code::Exception,
            message: cut(&message, MAX_TEXT_BYTES).to_owned(),
            details: Details::Thrown(Thrown {
                unhandled,
                ..thrown
            }),
        }
    }

    /// A failure to parse the source, if that is what `thrown` reports.
    pub(crate) fn syntax_error(thrown: Thrown) -> Self {
        match thrown.position {
            Some(Position { line, column }) if thrown.class.as_deref() == Some("SyntaxError") => {
                Self {
                    code: Code::SyntaxError,
                    message: cut(&format!("SyntaxError: {}", thrown.message), MAX_TEXT_BYTES)
                        .to_owned(),
                    details: Details::Position { line, column },
                }
            }
            Some(_) | None => Self::thrown(thrown, None),
        }
    }

    /// A failure to parse the source, found by this runner itself.
    pub(crate) fn syntax_error_at(position: Position, message: &str) -> Self {
        let Position { line, column } = position;
        Self {
            code: Code::SyntaxError,
            message: format!("SyntaxError: {message}"),
            details: Details::Position { line, column },
        }
    }

    /// A source without the handler that was asked for.
    pub(crate) fn invalid_handler(handler: &str, found: &str, exports: Vec<String>) -> Self {
        let message = if found == "undefined" {
            let names = match exports.as_slice() {
                [] => "nothing".to_owned(),
                names => names.join(", "),
            };
            format!("the function has no export `{handler}`; it exports {names}")
        } else {
            format!("the export `{handler}` is not a function but of type {found}")
        };
        Self {
            code: Code::InvalidHandler,
            message: cut(&message, MAX_TEXT_BYTES).to_owned(),
            details: Details::Handler {
                handler: handler.to_owned(),
                found: found.to_owned(),
                exports,
            },
        }
    }

    /// A value that is not JSON.
    pub(crate) fn invalid_result(path: &str, r#type: String, reason: &str) -> Self {
        let place = if path.is_empty() {
            "the result".to_owned()
        } else {
            format!("the result at `{path}`")
        };
        let message = format!("{place} cannot be written as JSON ({type}): {reason}");
        Self {
            code: Code::InvalidResult,
            message: cut(&message, MAX_TEXT_BYTES).to_owned(),
            details: Details::Place {
                path: cut(path, MAX_TEXT_BYTES).to_owned(),
                r#type,
            },
        }
    }

    /// A value over its limit.
    pub(crate) fn result_too_large(limit: usize, bytes: usize) -> Self {
        Self {
            code: Code::ResultTooLarge,
            message: format!("the result is at least {bytes} bytes, over the limit of {limit}"),
            details: Details::Size { limit, bytes },
        }
    }
}

impl Thrown {
    /// Describes `value`, thrown by `source`, with the help of the prelude's `describe`.
    pub(crate) fn describe<'js>(
        describe: &Function<'js>,
        value: Value<'js>,
        source: &str,
    ) -> rquickjs::Result<Self> {
        Self::from_description(&describe.call((value,))?, source)
    }

    fn from_description(description: &Object<'_>, source: &str) -> rquickjs::Result<Self> {
        let class: Option<String> = description.get("class")?;
        let message: String = description.get("message")?;
        let thrown: Option<String> = description.get("thrown")?;
        let stack: String = description.get("stack")?;
        let cause: Option<Object<'_>> = description.get("cause")?;
        let message = match class.as_deref() {
            Some("ReferenceError") => unavailable::explain(&message).unwrap_or(message),
            Some(_) | None => message,
        };
        let (stack, position) = own_frames(&stack, source);
        Ok(Self {
            class: class.map(|class| cut(&class, MAX_TEXT_BYTES).to_owned()),
            message: cut(&message, MAX_TEXT_BYTES).to_owned(),
            stack,
            thrown: thrown.map(|shown| cut(&shown, MAX_TEXT_BYTES).to_owned()),
            cause: cause
                .map(|cause| Self::from_description(&cause, source).map(Box::new))
                .transpose()?,
            unhandled: None,
            position,
        })
    }
}

/// Returns the frames of `stack` that lie in the caller's source, one per line, and the position of
/// the first.
pub(crate) fn own_frames(stack: &str, source: &str) -> (String, Option<Position>) {
    let mut frames = String::new();
    let mut innermost = None;
    for line in stack.lines() {
        let Some(frame) = line.trim().strip_prefix("at ") else {
            continue;
        };
        let (name, place) = match frame.rsplit_once(" (") {
            Some((name, place)) => (name, place.trim_end_matches(')')),
            None => ("<anonymous>", frame),
        };
        let Some(position) = Position::of_frame(place, source) else {
            continue;
        };
        innermost = innermost.or(Some(position));
        let separator = if frames.is_empty() { "" } else { "\n" };
        let Position { line, column } = position;
        let added = format!("{separator}at {name} ({SOURCE_NAME}:{line}:{column})");
        if frames.len() + added.len() > MAX_TEXT_BYTES {
            break;
        }
        frames.push_str(&added);
    }
    (frames, innermost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_frames_of_the_caller_are_kept() {
        let stack = "    at inner (function.js:3:9)\n    at native\n    at log (veritech:console:1:2)\n    \
                     at function.js:7:1\n    at x (other-function.js:1:1)\n";
        assert_eq!(
            own_frames(stack, "").0,
            "at inner (function.js:3:9)\nat <anonymous> (function.js:7:1)"
        );
    }

    #[test]
    fn a_stack_is_cut_between_frames() {
        let stack = "    at deep (function.js:1:1)\n".repeat(10_000);
        let (frames, _) = own_frames(&stack, "");
        assert!(frames.len() <= MAX_TEXT_BYTES);
        assert!(frames.ends_with("at deep (function.js:1:1)"));
    }
}
