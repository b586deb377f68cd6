//! How many lines each place in the code may log.
//!
//! What callers send and functions do makes lines; in numbers they would fill the
//! disk and hide everything else. Each place has a bucket of its own, so that a
//! flood hides nothing but itself, and what was left out is counted and said.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

/// How many lines a second each place may log, unless somebody says otherwise.
pub const DEFAULT_RATE: NonZeroU32 = NonZeroU32::new(100).expect("invariant: 100 is not 0");

/// For how long what was not used is kept.
const BURST: Duration = Duration::from_secs(10);

/// How often it is said of a place that lines are left out.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// The buckets of all places. There are as many as places in the code that log.
#[derive(Debug)]
pub(crate) struct Limit<P> {
    interval: Duration,
    places: HashMap<P, Place>,
    /// When something was last told, and how much there is to tell.
    told: Option<Instant>,
    untold: u64,
}

#[derive(Debug)]
struct Place {
    name: String,
    /// When every line that was logged is paid for.
    paid: Instant,
    left_out: u64,
}

impl<P: Eq + Hash> Limit<P> {
    /// Allows so many lines a second of each place.
    pub(crate) fn new(rate: NonZeroU32) -> Self {
        Self {
            interval: Duration::from_secs(1) / rate.get(),
            places: HashMap::new(),
            told: None,
            untold: 0,
        }
    }

    /// Decides whether a place may log a line now; `name` says what it is called.
    pub(crate) fn admit(&mut self, place: P, name: impl FnOnce() -> String, now: Instant) -> bool {
        let state = self.places.entry(place).or_insert_with(|| Place {
            name: name(),
            paid: now,
            left_out: 0,
        });
        let paid = state.paid.max(now) + self.interval;
        if paid.saturating_duration_since(now) > BURST {
            state.left_out += 1;
            self.untold += 1;
            return false;
        }
        state.paid = paid;
        true
    }

    /// Returns the places of which lines were left out, with how many, if it is
    /// time to say so.
    pub(crate) fn tell(&mut self, now: Instant) -> Vec<(String, u64)> {
        let is_time = self
            .told
            .is_none_or(|told| now.saturating_duration_since(told) >= TELL_EVERY);
        if self.untold == 0 || !is_time {
            return Vec::new();
        }
        self.told = Some(now);
        self.untold = 0;
        self.places
            .values_mut()
            .filter(|place| place.left_out > 0)
            .map(|place| (place.name.clone(), std::mem::take(&mut place.left_out)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn rate(rate: u32) -> NonZeroU32 {
        NonZeroU32::new(rate).expect("not 0")
    }

    /// Returns how many of so many lines at once get through.
    fn admitted(limit: &mut Limit<char>, place: char, lines: usize, now: Instant) -> usize {
        (0..lines)
            .filter(|_| limit.admit(place, || place.to_string(), now))
            .count()
    }

    #[test]
    fn a_flood_gets_through_as_a_burst_and_then_at_its_rate() {
        let mut limit = Limit::new(rate(5));
        let now = Instant::now();
        assert_eq!(admitted(&mut limit, 'a', 1000, now), 50);
        assert_eq!(admitted(&mut limit, 'a', 1000, now + SECOND), 5);
        assert_eq!(admitted(&mut limit, 'a', 1000, now + 1000 * SECOND), 50);
    }

    #[test]
    fn a_flood_hides_no_other_place() {
        let mut limit = Limit::new(rate(1));
        let now = Instant::now();
        admitted(&mut limit, 'a', 1000, now);
        assert_eq!(admitted(&mut limit, 'b', 10, now), 10);
    }

    #[test]
    fn what_was_left_out_is_told_once_and_not_too_often() {
        let mut limit = Limit::new(rate(1));
        let now = Instant::now();
        assert_eq!(limit.tell(now), []);
        admitted(&mut limit, 'a', 15, now);
        assert_eq!(limit.tell(now), [("a".to_owned(), 5)]);
        assert_eq!(limit.tell(now), []);
        admitted(&mut limit, 'a', 7, now);
        assert_eq!(limit.tell(now + SECOND), []);
        assert_eq!(limit.tell(now + 11 * SECOND), [("a".to_owned(), 7)]);
        assert_eq!(limit.tell(now + 30 * SECOND), []);
    }
}
