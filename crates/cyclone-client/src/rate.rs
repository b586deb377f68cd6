//! How fast a session is read.

use std::time::Duration;

use tokio::time::{self, Instant};

/// For how long what was not used is kept: the burst that goes through at once.
const BURST: Duration = Duration::from_millis(100);

/// How fast a session is read.
///
/// What comes faster waits in the stream, and in the end the sandbox does: neither
/// memory nor processor time of the dispatcher grow with what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Messages per second, those of the WebSocket itself among them; at least 1.
    pub messages: u64,
    /// Bytes per second; at least 1.
    pub bytes: u64,
}

impl Rate {
    /// Returns the rate of so many times less.
    #[must_use]
    pub fn divided_by(self, divisor: u64) -> Self {
        let divided = |rate: u64| rate.checked_div(divisor).unwrap_or(rate).max(1);
        Self {
            messages: divided(self.messages),
            bytes: divided(self.bytes),
        }
    }

    /// Returns how long it takes until a message of so many bytes is paid for.
    fn cost(self, bytes: usize) -> Duration {
        let nanoseconds = |amount: u128, rate: u64| {
            let whole = (amount * 1_000_000_000).div_ceil(u128::from(rate.max(1)));
            Duration::from_nanos(u64::try_from(whole).unwrap_or(u64::MAX))
        };
        let bytes = u128::try_from(bytes).unwrap_or(u128::MAX >> 64);
        nanoseconds(1, self.messages).max(nanoseconds(bytes, self.bytes))
    }
}

/// A bucket of what may still be read. What is read is paid for afterwards, so a
/// message that is larger than the bucket still comes through.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: Rate,
    /// When everything that was read is paid for.
    paid: Instant,
}

impl Pace {
    /// Begins with a full bucket.
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            paid: Instant::now(),
        }
    }

    /// Counts a message that was read.
    pub(crate) fn count(&mut self, bytes: usize) {
        let now = Instant::now();
        self.paid = self
            .paid
            .max(now)
            .checked_add(self.rate.cost(bytes))
            .unwrap_or(now);
    }

    /// Waits until another may be read.
    ///
    /// # Cancellation
    ///
    /// Safe to drop.
    pub(crate) async fn wait(&self) {
        let debt = self.paid.saturating_duration_since(Instant::now());
        if debt > BURST {
            // Down to half of it, so that not every message costs a timer.
            time::sleep(debt.saturating_sub(BURST / 2)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        messages: 1000,
        bytes: 100_000,
    };

    /// Reads as many messages of so many bytes as come through, and returns how
    /// long that took.
    async fn read(rate: Rate, messages: usize, bytes: usize) -> Duration {
        let before = Instant::now();
        let mut pace = Pace::new(rate);
        for _ in 0..messages {
            pace.wait().await;
            pace.count(bytes);
        }
        before.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn messages_come_through_at_their_rate_after_a_burst() {
        assert_eq!(read(RATE, 100, 1).await, Duration::ZERO);
        let long = read(RATE, 10_000, 1).await;
        assert!((9800..=10_000).contains(&long.as_millis()), "{long:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_come_through_at_theirs_whatever_the_number_of_messages() {
        for (messages, bytes) in [(1000, 1000), (10, 100_000)] {
            let long = read(RATE, messages, bytes).await;
            assert!((8900..=10_000).contains(&long.as_millis()), "{long:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_used_does_not_add_up_to_more_than_a_burst() {
        let mut pace = Pace::new(RATE);
        time::sleep(Duration::from_mins(1)).await;
        let before = Instant::now();
        for _ in 0..1000 {
            pace.wait().await;
            pace.count(1);
        }
        assert!(before.elapsed() >= Duration::from_millis(800));
    }

    #[test]
    fn a_rate_is_never_nothing() {
        let least = RATE.divided_by(u64::MAX);
        assert_eq!((least.messages, least.bytes), (1, 1));
        assert_eq!(RATE.divided_by(0), RATE);
        // No message is free, and none costs for ever.
        assert!(RATE.cost(0) > Duration::ZERO);
        assert!(least.cost(usize::MAX) > Duration::ZERO);
    }
}
