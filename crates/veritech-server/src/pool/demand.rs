//! How many sandboxes of an image should wait for the calls to come.

use std::time::Duration;

use tokio::time::Instant;

/// How many times what happened is weakened to a third before a sandbox has waited in vain
/// for long enough.
const FADINGS: u32 = 6;

/// How many standard deviations more calls than expected are provided for. Calls that do
/// not know of each other come as a Poisson process, whose deviation is the root of what
/// is expected.
const MARGIN: f64 = 3.0;

/// The weight of the newest start in the mean of how long starts take.
const NEWEST: f64 = 0.125;

/// What is known of the calls for one image and of its sandboxes' starts.
#[derive(Debug)]
pub(super) struct Demand {
    idle: Duration,
    calls: Recent,
    misses: Recent,
    last_call: Option<Instant>,
    start_seconds: Option<f64>,
}

impl Demand {
    /// Returns the demand for an image whose sandboxes may wait in vain for `idle`.
    pub(super) fn new(idle: Duration) -> Self {
        let memory = idle.as_secs_f64() / f64::from(FADINGS);
        Self {
            idle,
            calls: Recent::new(memory),
            misses: Recent::new(memory),
            last_call: None,
            start_seconds: None,
        }
    }

    /// Counts a call, and whether there was a sandbox for it.
    pub(super) fn call(&mut self, now: Instant, found: bool) {
        self.calls.count(now);
        if !found {
            self.misses.count(now);
        }
        self.last_call = Some(now);
    }

    /// Takes note of how long a start took.
    pub(super) fn started(&mut self, took: Duration) {
        let took = took.as_secs_f64();
        let mean = self.start_seconds.unwrap_or(took);
        self.start_seconds = Some(mean + (took - mean) * NEWEST);
    }

    /// Returns how many sandboxes should wait: those that are called for while one
    /// starts, with a margin, and those that were missing lately. While calls are no
    /// further apart than a sandbox may wait, it is at least one.
    pub(super) fn wanted(&self, now: Instant) -> usize {
        let Some(last_call) = self.last_call else {
            return 0;
        };
        let expected = self.calls.per_second(now) * self.start_seconds.unwrap_or_default();
        let wanted = expected + MARGIN * expected.sqrt() + self.misses.at(now);
        let least = usize::from(now.saturating_duration_since(last_call) < self.idle);
        least.max(whole(wanted))
    }
}

/// A count that forgets exponentially.
#[derive(Debug)]
struct Recent {
    /// In how many seconds it forgets two thirds.
    memory: f64,
    count: f64,
    at: Option<Instant>,
}

impl Recent {
    fn new(memory: f64) -> Self {
        Self {
            memory,
            count: 0.0,
            at: None,
        }
    }

    fn per_second(&self, now: Instant) -> f64 {
        self.at(now) / self.memory
    }

    fn count(&mut self, now: Instant) {
        self.count = self.at(now) + 1.0;
        self.at = Some(now);
    }

    fn at(&self, now: Instant) -> f64 {
        let age = self
            .at
            .map(|at| now.saturating_duration_since(at))
            .unwrap_or_default();
        self.count * (-age.as_secs_f64() / self.memory).exp()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is not negative, and a number beyond all others is the largest"
)]
fn whole(number: f64) -> usize {
    number.round() as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IDLE: Duration = Duration::from_secs(30);

    /// Calls at a steady rate for half a minute, each start taking `start`.
    fn steady(per_second: u32, start: Duration) -> (Demand, Instant) {
        let mut demand = Demand::new(IDLE);
        demand.started(start);
        let mut now = Instant::now();
        for _ in 0..per_second * 30 {
            now += Duration::from_secs(1) / per_second;
            demand.call(now, true);
        }
        (demand, now)
    }

    #[test]
    fn without_calls_nothing_is_wanted() {
        assert_eq!(Demand::new(IDLE).wanted(Instant::now()), 0);
    }

    #[test]
    fn faster_calls_and_slower_starts_want_more() {
        let wanted = |per_second, ms| {
            let (demand, now) = steady(per_second, Duration::from_millis(ms));
            demand.wanted(now)
        };
        // A hundred calls a second while a start takes 50 ms: 5 and three times their root.
        assert!((11..=12).contains(&wanted(100, 50)), "{}", wanted(100, 50));
        assert!(wanted(400, 50) > wanted(100, 50));
        assert!(wanted(100, 200) > wanted(100, 50));
        assert_eq!(wanted(1, 5), 1);
    }

    #[test]
    fn what_was_missing_is_wanted_for_the_next_time_and_then_forgotten() {
        let mut demand = Demand::new(IDLE);
        demand.started(Duration::from_millis(5));
        let burst = Instant::now();
        for _ in 0..50 {
            demand.call(burst, false);
        }
        assert!(demand.wanted(burst) >= 50);
        let second_later = demand.wanted(burst + Duration::from_secs(1));
        assert!((35..50).contains(&second_later), "{second_later}");
        assert_eq!(demand.wanted(burst + IDLE - Duration::from_secs(5)), 1);
        assert_eq!(demand.wanted(burst + IDLE), 0);
    }

    proptest! {
        #[test]
        fn the_estimate_only_falls_while_nothing_is_called(
            gaps in prop::collection::vec((0_u64..2000, any::<bool>()), 1..100),
            start in 0_u64..10_000,
            waits in prop::collection::vec(0_u64..10_000, 2..5),
        ) {
            let mut demand = Demand::new(IDLE);
            demand.started(Duration::from_millis(start));
            let mut now = Instant::now();
            for (gap, found) in gaps {
                now += Duration::from_millis(gap);
                demand.call(now, found);
            }
            let mut before = demand.wanted(now);
            prop_assert!(before >= 1);
            for wait in waits {
                now += Duration::from_millis(wait);
                let after = demand.wanted(now);
                prop_assert!(after <= before);
                before = after;
            }
        }
    }
}
