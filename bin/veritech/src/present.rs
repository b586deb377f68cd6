//! Shows events to a person or a program.

use anstyle::{AnsiColor, Style};
use serde_json::Value;
use veritech_protocol::{
    Event, EventBody, ExecutionResult, Failure, Level, Outcome, Output, Progress, Stream,
};

use crate::cli::OutputFormat;
use crate::exit::Exit;
use crate::progress::Bar;
use crate::terminal::{print_line, say, say_labelled};

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const DIM: Style = Style::new().dimmed();

/// Shows the events of one execution as they come.
#[derive(Debug)]
pub(crate) struct Presenter {
    format: OutputFormat,
    /// Shown while something is prepared.
    bar: Option<Bar>,
}

impl Presenter {
    /// Returns a presenter for standard output and standard error.
    pub(crate) fn new(format: OutputFormat) -> Self {
        Self { format, bar: None }
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
                EventBody::Output(output) => {
                    self.bar = None;
                    Self::output(output);
                }
                EventBody::Progress(Progress { phase, done, total }) => {
                    let bar = self.bar.get_or_insert_with(Bar::new);
                    bar.show(&phase.to_string(), *done, *total);
                }
                _ => self.bar = None,
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
        self.bar = None;
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
}

/// Prints an error of the command itself.
pub(crate) fn error(message: &str) {
    say_labelled("error:", RED, &format!(" {message}"));
}
