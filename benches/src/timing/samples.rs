//! Times that were measured, and what they come to.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// The longest time that is told apart from longer ones.
const LONGEST: Duration = Duration::from_hours(1);

/// Decimal digits to which a time is kept.
const DIGITS: u8 = 3;

const MEBIBYTE: f64 = 1_048_576.0;

/// One thing that was measured once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sample {
    /// How long it took.
    pub(crate) took: Duration,
    /// The processor time that it cost, where that can be told.
    pub(crate) cpu: Option<Duration>,
    /// The most memory that it had at once, where that can be told.
    pub(crate) memory_bytes: Option<u64>,
}

impl Sample {
    /// Returns a sample of which only the time is known.
    pub(crate) fn of(took: Duration) -> Self {
        Self {
            took,
            ..Self::default()
        }
    }
}

/// Every sample of one thing. None is left out, however far off it is.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    times_ns: Histogram<u64>,
    cpu: Mean,
    memory_bytes: Mean,
}

#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    count: u32,
}

/// What the samples of one thing come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// How many there are.
    pub(crate) count: u64,
    /// The shortest time, in milliseconds, as are all of these.
    pub(crate) min_ms: f64,
    /// The median.
    pub(crate) p50_ms: f64,
    /// The 95th percentile.
    pub(crate) p95_ms: f64,
    /// The 99th percentile.
    pub(crate) p99_ms: f64,
    /// The longest time.
    pub(crate) max_ms: f64,
    /// Processor time of each, on average, in milliseconds.
    pub(crate) cpu_ms: Option<f64>,
    /// Memory of each, on average, in mebibytes.
    pub(crate) memory_mib: Option<f64>,
}

impl Default for Samples {
    fn default() -> Self {
        let times_ns = Histogram::new_with_bounds(1, nanoseconds(LONGEST), DIGITS);
        Self {
            times_ns: times_ns.expect("invariant: the bounds are valid"),
            cpu: Mean::default(),
            memory_bytes: Mean::default(),
        }
    }
}

impl Samples {
    /// Adds a sample; a time of more than an hour counts as an hour.
    pub(crate) fn add(&mut self, sample: Sample) {
        self.times_ns.saturating_record(nanoseconds(sample.took));
        if let Some(cpu) = sample.cpu {
            self.cpu.add(cpu.as_secs_f64() * 1e3);
        }
        if let Some(bytes) = sample.memory_bytes {
            self.memory_bytes.add(bytes as f64);
        }
    }

    /// Returns what they come to, or `None` if there are none.
    pub(crate) fn summary(&self) -> Option<Summary> {
        let at = |quantile| milliseconds(self.times_ns.value_at_quantile(quantile));
        (!self.times_ns.is_empty()).then(|| Summary {
            count: self.times_ns.len(),
            min_ms: milliseconds(self.times_ns.min()),
            p50_ms: at(0.5),
            p95_ms: at(0.95),
            p99_ms: at(0.99),
            max_ms: milliseconds(self.times_ns.max()),
            cpu_ms: self.cpu.value(),
            memory_mib: self.memory_bytes.value().map(|bytes| bytes / MEBIBYTE),
        })
    }
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count = self.count.saturating_add(1);
    }

    fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

/// Returns bytes in mebibytes.
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / MEBIBYTE
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() <= other.abs() * 0.002
    }

    #[test]
    fn percentiles_are_those_of_all_samples_and_outliers_are_kept() {
        let mut samples = Samples::default();
        for ms in 1..=100 {
            samples.add(Sample::of(Duration::from_millis(ms)));
        }
        samples.add(Sample::of(Duration::from_secs(9)));

        let summary = samples.summary().expect("there are some");
        assert_eq!(summary.count, 101);
        assert!(close(summary.min_ms, 1.0), "{summary:?}");
        assert!(close(summary.p50_ms, 51.0), "{summary:?}");
        assert!(close(summary.p95_ms, 96.0), "{summary:?}");
        assert!(close(summary.p99_ms, 100.0), "{summary:?}");
        assert!(close(summary.max_ms, 9000.0), "{summary:?}");
    }

    #[test]
    fn processor_time_and_memory_are_means_of_those_that_have_them() {
        let mut samples = Samples::default();
        samples.add(Sample::default());
        for (ms, mib) in [(2, 3), (4, 5)] {
            samples.add(Sample {
                took: Duration::from_millis(1),
                cpu: Some(Duration::from_millis(ms)),
                memory_bytes: Some(mib << 20),
            });
        }
        let summary = samples.summary().expect("there are some");
        assert_eq!((summary.cpu_ms, summary.memory_mib), (Some(3.0), Some(4.0)));
    }

    #[test]
    fn nothing_measured_comes_to_nothing() {
        assert_eq!(Samples::default().summary(), None);
    }

    #[test]
    fn a_time_beyond_the_longest_is_kept_as_the_longest() {
        let mut samples = Samples::default();
        samples.add(Sample::of(Duration::MAX));
        let summary = samples.summary().expect("there is one");
        assert!(close(summary.max_ms, 3_600_000.0), "{summary:?}");
    }
}
