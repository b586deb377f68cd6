//! Where the time of one execution went.

use std::time::Duration;

use tokio::time::Instant;
use veritech_protocol::Timings;

/// A stretch of an execution. They follow each other without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Queued,
    Image,
    Sandbox,
    Connect,
    Ready,
    Execute,
    HandOver,
}

/// Books time to phases, from intake on.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    booked: Timings,
    phase: Phase,
    since: Instant,
}

impl Ledger {
    /// Opens the ledger at intake: the request waits for a place.
    pub(crate) fn open(at: Instant) -> Self {
        Self {
            booked: Timings::default(),
            phase: Phase::Queued,
            since: at,
        }
    }

    /// Books the time until `at` to the phase that ends, and begins `phase`.
    pub(crate) fn enter(&mut self, phase: Phase, at: Instant) {
        let spent = micros(at.saturating_duration_since(self.since));
        self.book(spent);
        self.phase = phase;
        self.since = at;
    }

    /// Returns the ledger as it stands at `at`; its phases add up to the total.
    pub(crate) fn close(mut self, at: Instant) -> Timings {
        self.enter(Phase::HandOver, at);
        self.booked
    }

    fn book(&mut self, spent_us: u64) {
        let Timings {
            queued_us,
            image_us,
            sandbox_us,
            connect_us,
            ready_us,
            execute_us,
            hand_over_us,
            total_us,
        } = &mut self.booked;
        let phase_us = match self.phase {
            Phase::Queued => queued_us,
            Phase::Image => image_us,
            Phase::Sandbox => sandbox_us,
            Phase::Connect => connect_us,
            Phase::Ready => ready_us,
            Phase::Execute => execute_us,
            Phase::HandOver => hand_over_us,
        };
        *phase_us = phase_us.saturating_add(spent_us);
        *total_us = total_us.saturating_add(spent_us);
    }
}

/// Returns whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_add_up_to_the_total() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut ledger = Ledger::open(start);
        ledger.enter(Phase::Image, at(10));
        ledger.enter(Phase::Sandbox, at(12));
        ledger.enter(Phase::Execute, at(15));
        ledger.enter(Phase::HandOver, at(40));
        let timings = ledger.close(at(41));

        assert_eq!(timings.queued_us, 10_000);
        assert_eq!(timings.image_us, 2_000);
        assert_eq!(timings.sandbox_us, 3_000);
        assert_eq!(timings.execute_us, 25_000);
        assert_eq!(timings.hand_over_us, 1_000);
        assert_eq!(timings.total_us, 41_000);
    }
}
