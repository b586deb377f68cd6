//! Where log lines go and what they look like.
//!
//! They go to standard error, so that standard output holds values only.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{self, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

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
pub struct InvalidLevel(#[source] filter::ParseError);

/// Starts logging what `level` lets through. A second call changes nothing.
///
/// # Errors
///
/// Returns an error if `level` is no filter.
pub fn init(level: &str, format: LogFormat) -> Result<(), InvalidLevel> {
    let targets: Targets = level.parse().map_err(InvalidLevel)?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    let lines = match format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let subscriber = tracing_subscriber::registry().with(lines.with_filter(targets));
    // A process that already logs goes on doing so.
    drop(subscriber.try_init());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        assert!(init("info,veritech=loud", LogFormat::Text).is_err());
    }
}
