//! Shows events to a person or a program.

use std::io::{self, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use serde_json::Value;
use veritech_protocol::{
    Event, EventBody, ExecutionResult, Failure, Level, Outcome, Output, Progress, Stream,
};

use crate::cli::OutputFormat;
use crate::exit::Exit;
use crate::terminal::{print_line, say, say_labelled};

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const DIM: Style = Style::new().dimmed();

/// Shows the events of one execution as they come.
#[derive(Debug)]
pub(crate) struct Presenter {
    format: OutputFormat,
    terminal: bool,
    progress_shown: bool,
}

impl Presenter {
    /// Returns a presenter for standard output and standard error.
    pub(crate) fn new(format: OutputFormat) -> Self {
        Self {
            format,
            terminal: io::stderr().is_terminal(),
            progress_shown: false,
        }
    }

    /// Shows one event.
    ///
    /// # Errors
    ///
    /// Returns an error if standard output is closed.
    pub(crate) fn event(&mut self, event: &Event) -> anyhow::Result<()> {
        match self.format {
            OutputFormat::Events => print_line(&event.encode()?)?,
            OutputFormat::Text | OutputFormat::Json => match &event.body {
                EventBody::Output(output) => Self::output(output),
                EventBody::Progress(progress) => self.progress(progress),
                _ => self.clear_progress(),
            },
        }
        Ok(())
    }

    /// Shows how it ended, and returns the exit code for it.
    ///
    /// # Errors
    ///
    /// Returns an error if standard output is closed.
    pub(crate) fn result(
        &mut self,
        event: &Event,
        result: &ExecutionResult,
    ) -> anyhow::Result<Exit> {
        self.clear_progress();
        if self.format == OutputFormat::Json {
            print_line(&event.encode()?)?;
        }
        match &result.outcome {
            Outcome::Value(value) => {
                if self.format == OutputFormat::Text {
                    print_line(value.get())?;
                }
                Ok(Exit::Success)
            }
            Outcome::Unset | Outcome::Parts { .. } => Ok(Exit::Success),
            Outcome::Failure(failure) => {
                if self.format == OutputFormat::Text {
                    Self::failure(failure);
                }
                Ok(Exit::for_failure(failure))
            }
        }
    }

    fn output(output: &Output) {
        // `json` promises the result alone on standard output; standard error is free.
        let (label, style) = match (output.level, output.stream) {
            (Some(Level::Error), _) => ("error ", RED),
            (Some(Level::Warn), _) => ("warn  ", YELLOW),
            (Some(Level::Info), _) => ("info  ", DIM),
            (Some(Level::Debug), _) => ("debug ", DIM),
            (None, Stream::Stderr | Stream::Stdout) => ("", Style::new()),
        };
        for line in output.message.split('\n') {
            say_labelled(label, style, line);
        }
    }

    fn failure(failure: &Failure) {
        error(&format!("{} ({})", failure.message, failure.code));
        let text = |key: &str| failure.details.get(key).and_then(Value::as_str);
        if let Some(stack) = text("stack") {
            for line in stack.lines() {
                say(&format!("    {}", line.trim_start()));
            }
        }
        if let (Some(line), Some(column)) =
            (failure.details.get("line"), failure.details.get("column"))
        {
            say(&format!("    at line {line}, column {column}"));
        }
        let mut cause = failure.details.get("cause");
        while let Some(current) = cause {
            let field = |key: &str| current.get(key).and_then(Value::as_str).unwrap_or_default();
            say(&format!(
                "  caused by {}: {}",
                field("class"),
                field("message")
            ));
            cause = current.get("cause");
        }
    }

    fn progress(&mut self, progress: &Progress) {
        if !self.terminal {
            return;
        }
        let Progress { phase, done, total } = progress;
        let text = match (done.checked_mul(100), total) {
            (Some(hundredfold), 1..) => format!("{phase} {}%", hundredfold / total),
            _ => phase.to_string(),
        };
        self.progress_shown = true;
        // A terminal that went away needs no progress.
        drop(write!(io::stderr(), "\r\x1b[K{text}"));
    }

    fn clear_progress(&mut self) {
        if self.progress_shown {
            self.progress_shown = false;
            drop(write!(io::stderr(), "\r\x1b[K"));
        }
    }
}

/// Prints an error of the command itself.
pub(crate) fn error(message: &str) {
    say_labelled("error:", RED, &format!(" {message}"));
}
