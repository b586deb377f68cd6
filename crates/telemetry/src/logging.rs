//! Where log lines go and what they look like.
//!
//! They go to standard error, so that standard output holds values only.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

/// How a log line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For a person; in colour on a terminal.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// A level filter that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "must be `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,async_nats=warn`"
)]
pub struct InvalidLevel(#[source] tracing_subscriber::filter::ParseError);

/// Starts logging what `level` lets through. A second call changes nothing.
///
/// # Errors
///
/// Returns an error if `level` is no filter.
pub fn init(level: &str, format: LogFormat) -> Result<(), InvalidLevel> {
    let filter = EnvFilter::builder().parse(level).map_err(InvalidLevel)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    // A process that already logs goes on doing so.
    drop(match format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        assert!(init("info,=", LogFormat::Text).is_err());
    }
}
