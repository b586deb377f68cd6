//! The lines between cyclone and this runner.
//!
//! One line comes in, the execution. Lines go out on a pipe of their own: `ready`, `output` for each
//! console call, and one `result`, after which nothing is written any more.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, Write as _};
use std::os::fd::OwnedFd;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::failure::Failure;

/// What one execution is, as cyclone sends it.
#[derive(Deserialize)]
pub(crate) struct Execution {
    /// The execution's id.
    pub(crate) id: String,
    /// The function's kind.
    pub(crate) kind: String,
    /// The function's source.
    pub(crate) code: String,
    /// The language of the source; JavaScript if absent.
    #[serde(default)]
    pub(crate) language: Option<String>,
    /// The export to call; the default export if absent.
    #[serde(default)]
    pub(crate) handler: Option<String>,
    /// The handler's first argument; an empty object if absent.
    #[serde(default)]
    pub(crate) inputs: Option<Box<RawValue>>,
    /// What `process.env` holds.
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    /// When the execution must have ended, in Unix milliseconds.
    #[serde(default)]
    pub(crate) deadline: Option<f64>,
    /// How long the execution may take.
    #[serde(default)]
    pub(crate) timeout_ms: Option<u64>,
    /// How many bytes of messages cyclone wants at most.
    #[serde(default)]
    pub(crate) output_bytes: Option<usize>,
    /// How many bytes of value cyclone wants at most.
    #[serde(default)]
    pub(crate) result_bytes: Option<usize>,
}

/// An execution that could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// Standard input ended before a line did.
    #[error("standard input ended before an execution came")]
    Ended,
    /// Standard input failed.
    #[error("failed to read standard input")]
    Input(#[source] io::Error),
    /// The line is not an execution.
    #[error("the line on standard input is not an execution")]
    Malformed(#[source] serde_json::Error),
}

impl Execution {
    /// Reads the one line that standard input holds.
    pub(crate) fn read() -> Result<Self, ReadError> {
        let mut line = Vec::new();
        io::stdin()
            .lock()
            .read_until(b'\n', &mut line)
            .map_err(ReadError::Input)?;
        if line.is_empty() {
            return Err(ReadError::Ended);
        }
        serde_json::from_slice(&line).map_err(ReadError::Malformed)
    }
}

/// How serious a message is, and so the stream it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// `console.debug`, `console.trace`.
    Debug,
    /// `console.log` and most others.
    Info,
    /// `console.warn`.
    Warn,
    /// `console.error`, `console.assert`.
    Error,
}

/// Which of the two output streams a message would have gone to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event<'a> {
    Ready,
    Output {
        stream: Stream,
        level: Level,
        message: &'a str,
    },
    Result {
        status: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        unset: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        failure: Option<&'a Failure>,
    },
}

/// What an execution came to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A value, as JSON text.
    Value(Vec<u8>),
    /// `undefined`.
    Unset,
    /// The function failed.
    Failure(Failure),
}

/// The pipe to cyclone.
#[derive(Debug)]
pub(crate) struct Channel {
    pipe: File,
    /// How many bytes of messages may still go out; nothing goes out before there is an execution.
    output_left: usize,
    output_bytes: usize,
}

impl Channel {
    /// Returns the channel whose writing end is `pipe`.
    pub(crate) fn new(pipe: OwnedFd) -> Self {
        Self {
            pipe: pipe.into(),
            output_left: 0,
            output_bytes: 0,
        }
    }

    /// Says that the language is warm.
    pub(crate) fn ready(&mut self) -> io::Result<()> {
        self.send(&Event::Ready)
    }

    /// Lets messages out from now on, up to `bytes` and the one that exceeds them.
    pub(crate) fn open_output(&mut self, bytes: usize) {
        self.output_bytes = bytes;
        self.output_left = bytes.saturating_add(1);
    }

    /// Whether a message would be dropped.
    pub(crate) fn is_silenced(&self) -> bool {
        self.output_left == 0
    }

    /// Sends one console message, or drops it when the bound was exceeded before.
    pub(crate) fn output(&mut self, stream: Stream, level: Level, message: &str) -> io::Result<()> {
        if self.is_silenced() {
            return Ok(());
        }
        // Up to the end of a character, so that cyclone sees that something was cut.
        let end = message.ceil_char_boundary(self.output_bytes.saturating_add(1));
        let cut = message.get(..end).unwrap_or(message);
        self.output_left = self.output_left.saturating_sub(cut.len());
        self.send(&Event::Output {
            stream,
            level,
            message: cut,
        })
    }

    /// Sends the result and closes the channel.
    pub(crate) fn finish(mut self, outcome: &Outcome) -> io::Result<()> {
        let (status, unset, failure) = match outcome {
            Outcome::Value(json) => {
                let mut line = br#"{"event":"result","status":"success","value":"#.to_vec();
                line.extend_from_slice(json);
                line.extend_from_slice(b"}\n");
                return self.pipe.write_all(&line);
            }
            Outcome::Unset => ("success", Some(true), None),
            Outcome::Failure(failure) => ("failure", None, Some(failure)),
        };
        self.send(&Event::Result {
            status,
            unset,
            failure,
        })
    }

    /// Writes one line at once, so that a reader never sees half of it for long.
    fn send(&mut self, event: &Event<'_>) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.pipe.write_all(&line)
    }
}

/// Returns the beginning of `text`, at most `bytes` long and ending where a character does.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("aé", 99), "aé");
        assert_eq!(cut("", 0), "");
    }
}
