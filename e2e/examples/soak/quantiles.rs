//! Durations, put in order.

use std::fmt;
use std::time::Duration;

/// Durations that were measured.
#[derive(Debug, Default)]
pub(crate) struct Quantiles(Vec<Duration>);

impl Quantiles {
    pub(crate) fn add(&mut self, measured: Duration) {
        let at = self.0.partition_point(|other| *other <= measured);
        self.0.insert(at, measured);
    }

    /// Returns the smallest duration that `percent` of all do not exceed.
    fn at(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1) - 1;
        self.0.get(rank).copied().unwrap_or_default()
    }
}

impl fmt::Display for Quantiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
        write!(
            f,
            "p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms of {}",
            ms(self.at(50)),
            ms(self.at(99)),
            ms(self.at(100)),
            self.0.len()
        )
    }
}
