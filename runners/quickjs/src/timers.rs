//! Which timer is due next. The callbacks are the prelude's.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// A number by which the prelude knows a timer.
pub(crate) type TimerId = u32;

/// Timers in the order in which they are due, and in which they were made among equals.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BinaryHeap<Reverse<(u64, u64, TimerId)>>,
    /// The sequence number of each timer's valid entry in the queue, and whether it keeps the
    /// execution waiting.
    live: HashMap<TimerId, (u64, bool)>,
    sequence: u64,
}

impl Timers {
    /// Makes `id` due at `due_ms`, instead of when it was due before.
    pub(crate) fn schedule(&mut self, id: TimerId, due_ms: u64, keeps_waiting: bool) {
        self.sequence += 1;
        self.queue.push(Reverse((due_ms, self.sequence, id)));
        self.live.insert(id, (self.sequence, keeps_waiting));
    }

    /// Forgets `id`.
    pub(crate) fn cancel(&mut self, id: TimerId) {
        self.live.remove(&id);
    }

    /// Sets whether `id` keeps the execution waiting.
    pub(crate) fn keep(&mut self, id: TimerId, keeps_waiting: bool) {
        if let Some((_, keeps)) = self.live.get_mut(&id) {
            *keeps = keeps_waiting;
        }
    }

    /// Returns when the next timer is due, if any is left that is worth waiting for.
    pub(crate) fn next_due_ms(&mut self) -> Option<u64> {
        if !self.live.values().any(|&(_, keeps)| keeps) {
            return None;
        }
        self.drop_stale();
        self.queue.peek().map(|&Reverse((due_ms, _, _))| due_ms)
    }

    /// Takes the next timer that is due at `now_ms`.
    pub(crate) fn take_due(&mut self, now_ms: u64) -> Option<TimerId> {
        self.drop_stale();
        let &Reverse((due_ms, _, id)) = self.queue.peek()?;
        if due_ms > now_ms {
            return None;
        }
        self.queue.pop();
        self.live.remove(&id);
        Some(id)
    }

    /// Removes entries of timers that were cancelled or scheduled anew.
    fn drop_stale(&mut self) {
        while let Some(&Reverse((_, sequence, id))) = self.queue.peek() {
            if self
                .live
                .get(&id)
                .is_some_and(|&(live, _)| live == sequence)
            {
                break;
            }
            self.queue.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_in_order_of_time_and_then_of_making() {
        let mut timers = Timers::default();
        timers.schedule(1, 20, true);
        timers.schedule(2, 10, true);
        timers.schedule(3, 10, true);

        assert_eq!(timers.next_due_ms(), Some(10));
        assert_eq!(timers.take_due(9), None);
        assert_eq!(timers.take_due(10), Some(2));
        assert_eq!(timers.take_due(10), Some(3));
        assert_eq!(timers.take_due(10), None);
        assert_eq!(timers.take_due(20), Some(1));
        assert_eq!(timers.next_due_ms(), None);
    }

    #[test]
    fn a_cancelled_timer_is_never_due() {
        let mut timers = Timers::default();
        timers.schedule(1, 10, true);
        timers.cancel(1);
        assert_eq!(timers.next_due_ms(), None);
        assert_eq!(timers.take_due(99), None);
    }

    #[test]
    fn a_timer_scheduled_anew_is_due_once() {
        let mut timers = Timers::default();
        timers.schedule(1, 10, true);
        timers.schedule(1, 30, true);
        assert_eq!(timers.take_due(10), None);
        assert_eq!(timers.take_due(30), Some(1));
        assert_eq!(timers.take_due(30), None);
    }

    #[test]
    fn a_timer_that_nobody_waits_for_still_fires_among_others() {
        let mut timers = Timers::default();
        timers.schedule(1, 10, false);
        assert_eq!(timers.next_due_ms(), None);
        timers.schedule(2, 20, true);
        assert_eq!(timers.next_due_ms(), Some(10));
        assert_eq!(timers.take_due(10), Some(1));
    }
}
