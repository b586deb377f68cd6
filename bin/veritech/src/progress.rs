//! Shows how far something long is, as a bar on standard error; nothing where
//! that is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sandbox::{Phase, Progress};

/// What a bar of bytes looks like.
const BYTES: &str = "{msg:10} [{bar:32}] {bytes}/{total_bytes} {bytes_per_sec}";

/// What is shown while the total is not known.
const UNKNOWN: &str = "{spinner} {msg} {bytes}";

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// A bar that appears when there is something to show.
#[derive(Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// Returns a bar that shows nothing yet.
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        Self(bar.with_style(style(UNKNOWN)))
    }

    /// Shows that `done` of `total` units of `phase` are finished.
    pub(crate) fn show(&self, phase: &str, done: u64, total: u64) {
        // A total may become known only after something was shown.
        if self.0.message() != phase || self.0.length().is_some() != (total > 0) {
            self.0.set_message(phase.to_owned());
            self.0
                .set_style(style(if total > 0 { BYTES } else { UNKNOWN }));
            self.0.enable_steady_tick(TICK);
        }
        if total > 0 {
            self.0.set_length(total);
        } else {
            self.0.unset_length();
        }
        self.0.set_position(done);
    }

    /// Removes what is shown, so that something else can be printed.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn advance(&self, phase: Phase, done: u64, total: u64) {
        let phase = match phase {
            Phase::Pulling => "pulling",
            Phase::Unpacking => "unpacking",
            Phase::Starting => "starting",
        };
        self.show(phase, done, total);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Returns a style, plain if the template were none.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
