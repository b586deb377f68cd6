//! When calls are meant to be made under a load of a given rate.

use std::time::Duration;

/// Calls at equal distances, whatever becomes of them.
///
/// A caller that waits for one answer before it asks again leaves out just the calls
/// that would have met a slow moment. Here a call has its time, and what it is late
/// counts as a part of how long it took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Schedule {
    interval: Duration,
    calls: u32,
}

impl Schedule {
    /// Returns the schedule of `per_second` calls a second for `lasting`, but of one call
    /// at least.
    ///
    /// A rate that is no positive number is one call a second.
    pub(crate) fn new(per_second: f64, lasting: Duration) -> Self {
        let interval = Duration::try_from_secs_f64(per_second.recip());
        let interval = interval
            .ok()
            .filter(|interval| !interval.is_zero())
            .unwrap_or(Duration::from_secs(1));
        let calls = lasting.as_nanos() / interval.as_nanos();
        Self {
            interval,
            calls: u32::try_from(calls).unwrap_or(u32::MAX).max(1),
        }
    }

    /// Returns when each call is meant to be made, after the first.
    pub(crate) fn times(self) -> impl Iterator<Item = Duration> {
        (0..self.calls).map(move |number| self.interval.saturating_mul(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_at_equal_distances_from_the_first_on() {
        let schedule = Schedule::new(4.0, Duration::from_secs(1));
        let times: Vec<_> = schedule.times().map(|time| time.as_millis()).collect();
        assert_eq!(times, [0, 250, 500, 750]);
    }

    #[test]
    fn there_is_always_a_call() {
        assert_eq!(
            Schedule::new(0.1, Duration::from_secs(1)).times().count(),
            1
        );
        assert_eq!(Schedule::new(5.0, Duration::ZERO).times().count(), 1);
    }

    #[test]
    fn a_rate_that_is_none_is_one_a_second() {
        for rate in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            let schedule = Schedule::new(rate, Duration::from_secs(3));
            assert_eq!(schedule.times().count(), 3, "{rate}");
        }
    }
}
