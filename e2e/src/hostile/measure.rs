//! Figures of many runs.

use std::fmt;
use std::time::Duration;

/// How long something took, many times.
#[derive(Clone, Debug, Default)]
pub struct Spread(Vec<Duration>);

impl Spread {
    /// Adds one time.
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// Returns how many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns the time that `percent` of all do not exceed; zero if there is none.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or_default()
    }

    /// Returns how many times as long 99 of 100 take here as in `other`.
    pub fn ratio(&self, other: &Self) -> f64 {
        let base = other.percentile(99).as_secs_f64();
        if base > 0.0 {
            self.percentile(99).as_secs_f64() / base
        } else {
            0.0
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |percent| self.percentile(percent).as_secs_f64() * 1e3;
        write!(
            f,
            "p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms ({})",
            ms(50),
            ms(99),
            ms(100),
            self.count()
        )
    }
}

/// What was measured of hostile executions.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Executions.
    pub runs: usize,
    /// How long after their deadline the result of those came that timed out.
    pub overshoot: Spread,
    /// How long after the start the result of those came that end by themselves at once.
    pub early_end: Spread,
}

impl Tally {
    /// Adds all of another.
    pub fn extend(&mut self, other: &Self) {
        self.runs += other.runs;
        self.overshoot.extend(&other.overshoot);
        self.early_end.extend(&other.early_end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_added() {
        let mut spread = Spread::default();
        assert_eq!(spread.percentile(99), Duration::ZERO);
        for ms in (1..=200).rev() {
            spread.add(Duration::from_millis(ms));
        }
        assert_eq!(spread.percentile(50), Duration::from_millis(100));
        assert_eq!(spread.percentile(99), Duration::from_millis(198));
        assert_eq!(spread.percentile(100), Duration::from_millis(200));

        let mut half = Spread::default();
        half.add(Duration::from_millis(99));
        assert!((spread.ratio(&half) - 2.0).abs() < 1e-9);
    }
}
