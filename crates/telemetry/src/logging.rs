//! Where log lines go and what they look like.
//!
//! They go to standard error, so that standard output holds values only. No place
//! in the code can flood them (see `limit`), and nothing that is
//! logged can look like more than one line.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::num::NonZeroU32;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::time::Instant;
use tracing::callsite::Identifier;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{self, FilterExt as _, Targets, dynamic_filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::limit::Limit;
use crate::line::OneLine;

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

/// Starts logging what `level` lets through, of each place in the code `rate`
/// lines a second. A second call changes nothing.
///
/// # Errors
///
/// Returns an error if `level` is no filter.
pub fn init(level: &str, format: LogFormat, rate: NonZeroU32) -> Result<(), InvalidLevel> {
    let targets: Targets = level.parse().map_err(InvalidLevel)?;
    let ansi = io::stderr().is_terminal() && format == LogFormat::Text;
    let subscriber = subscriber(targets, format, rate, ansi, io::stderr);
    // A process that already logs goes on doing so.
    drop(subscriber.try_init());
    Ok(())
}

fn subscriber<W>(
    targets: Targets,
    format: LogFormat,
    rate: NonZeroU32,
    ansi: bool,
    output: W,
) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let limit = Arc::new(Mutex::new(Limit::new(rate)));
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(ansi)
        .with_writer(Lines {
            output,
            format,
            ansi,
            limit: Arc::clone(&limit),
        });
    let lines = match format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let within_limit = dynamic_filter_fn(move |metadata, _context| {
        let name = || match metadata.line() {
            Some(line) => format!("{}:{line}", metadata.target()),
            None => metadata.target().to_owned(),
        };
        !metadata.is_event()
            || limit
                .lock()
                .admit(metadata.callsite(), name, Instant::now())
    });
    Registry::default().with(lines.with_filter(targets.and(within_limit)))
}

/// Where lines go, and what is to be said besides.
#[derive(Debug)]
struct Lines<W> {
    output: W,
    format: LogFormat,
    ansi: bool,
    limit: Arc<Mutex<Limit<Identifier>>>,
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Lines<W> {
    type Writer = OneLine<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        let left_out = self.limit.lock().tell(Instant::now());
        let mut notes = String::new();
        for (place, lines) in left_out {
            note(&mut notes, self.format, &place, lines);
        }
        OneLine::new(self.output.make_writer(), self.ansi, notes)
    }
}

/// Writes a line about lines that were not written.
fn note(notes: &mut String, format: LogFormat, place: &str, lines: u64) {
    let mut time = String::new();
    // Without the time it is still worth knowing.
    SystemTime.format_time(&mut Writer::new(&mut time)).ok();
    let written = match format {
        LogFormat::Text => writeln!(
            notes,
            "{time}  WARN log lines were left out place={place} lines={lines}"
        ),
        // A module's name has nothing to escape.
        LogFormat::Json => writeln!(
            notes,
            r#"{{"timestamp":"{time}","level":"WARN","message":"log lines were left out","place":"{place}","lines":{lines},"target":"telemetry"}}"#
        ),
    };
    written.expect("invariant: writing to a string succeeds");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::DEFAULT_RATE;

    /// Returns what is logged at `info`.
    fn logged(format: LogFormat, rate: u32, log: impl FnOnce()) -> String {
        let written = Arc::new(Mutex::new(Vec::new()));
        let rate = NonZeroU32::new(rate).expect("not 0");
        let targets = "info".parse().expect("a filter");
        let output = Arc::clone(&written);
        let output = move || Shared(Arc::clone(&output));
        let subscriber = subscriber(targets, format, rate, false, output);
        tracing::subscriber::with_default(subscriber, log);
        let written = written.lock().clone();
        String::from_utf8(written).expect("text")
    }

    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        assert!(init("info,veritech=loud", LogFormat::Text, DEFAULT_RATE).is_err());
    }

    #[test]
    fn one_place_cannot_flood_the_log_and_hides_nothing_but_itself() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let log = logged(format, 1, || {
                for number in 0..1000 {
                    tracing::info!(number, "flood");
                }
                tracing::info!("calm");
                tracing::debug!("not asked for");
            });
            let lines: Vec<_> = log.lines().collect();
            assert_eq!(lines.len(), 12, "{log}");
            assert!(lines.iter().any(|line| line.contains("calm")), "{log}");
            let note = lines.last().expect("a note");
            assert!(note.contains("log lines were left out"), "{log}");
            assert!(note.contains("990"), "{log}");
            assert!(note.contains("telemetry::logging::tests:"), "{log}");
        }
    }

    #[test]
    fn nothing_that_is_logged_begins_a_line_of_its_own() {
        let forged = "x\n2026-01-01T00:00:00Z  INFO forged\r\x1b[2J";
        for format in [LogFormat::Text, LogFormat::Json] {
            let log = logged(format, 100, || {
                let span = tracing::info_span!("execution", by = %forged);
                let _entered = span.enter();
                tracing::info!(shown = %forged, debugged = ?forged, text = forged, "{forged}");
            });
            assert_eq!(log.lines().count(), 1, "{log}");
            assert!(!log.contains(['\r', '\x1b']), "{log}");
        }
    }
}
