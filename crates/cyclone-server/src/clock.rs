//! Time during an execution: when it is up, and when the dispatcher counts as gone.

use std::cell::Cell;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{self, Instant};

/// How often the dispatcher is pinged while its function runs.
const PING_INTERVAL: Duration = Duration::from_secs(5);

/// How long a ping may stay without anything heard.
const PATIENCE: Duration = Duration::from_secs(10);

/// The clock of one session.
///
/// It stands still until [`start`](Self::start). Before an execution a dispatcher keeps the session
/// in a pool, where nobody reads it and no ping would be answered.
pub(crate) struct Clock {
    timeout: watch::Sender<Option<Duration>>,
    /// When the dispatcher was pinged and had to answer.
    asked: watch::Sender<Option<Instant>>,
    heard: Cell<Instant>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            timeout: watch::Sender::new(None),
            asked: watch::Sender::new(None),
            heard: Cell::new(Instant::now()),
        }
    }

    /// Lets time run.
    pub(crate) fn start(&self, timeout: Duration) {
        self.timeout.send_replace(Some(timeout));
    }

    /// Notes a sign of life.
    pub(crate) fn heard(&self) {
        self.heard.set(Instant::now());
    }

    /// Notes that a ping has left.
    pub(crate) fn pinged(&self) {
        self.asked.send_replace(Some(Instant::now()));
    }

    /// Completes when the execution's time is up.
    pub(crate) async fn expired(&self) {
        let mut timeout = self.timeout.subscribe();
        let timeout = timeout
            .wait_for(Option::is_some)
            .await
            .map(|timeout| *timeout);
        match timeout {
            Ok(Some(timeout)) => time::sleep(timeout).await,
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }

    /// Completes when a ping should be sent.
    pub(crate) async fn ping_due(&self) {
        let mut timeout = self.timeout.subscribe();
        if timeout.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
        time::sleep(PING_INTERVAL).await;
    }

    /// Completes when a ping has stayed unanswered for too long.
    pub(crate) async fn silent(&self) {
        let mut asked = self.asked.subscribe();
        loop {
            let Ok(Some(since)) = asked.wait_for(Option::is_some).await.map(|since| *since) else {
                return std::future::pending().await;
            };
            time::sleep_until(since + PATIENCE).await;
            if self.heard.get() < since {
                return;
            }
            self.asked.send_replace(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pool_may_be_silent_for_ever() {
        let clock = Clock::new();
        let hour = Duration::from_secs(3600);

        time::timeout(hour, clock.silent())
            .await
            .expect_err("no ping was sent");
        time::timeout(hour, clock.ping_due())
            .await
            .expect_err("nothing runs");
        time::timeout(hour, clock.expired())
            .await
            .expect_err("nothing runs");
    }

    #[tokio::test(start_paused = true)]
    async fn a_dispatcher_that_answers_no_ping_is_gone_after_a_while() {
        let clock = Clock::new();
        let began = Instant::now();
        time::advance(Duration::from_secs(1)).await;
        clock.pinged();

        clock.silent().await;

        assert_eq!(began.elapsed(), Duration::from_secs(1) + PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dispatcher_that_answers_stays() {
        let clock = Clock::new();
        clock.pinged();
        time::advance(Duration::from_secs(1)).await;
        clock.heard();

        time::timeout(PATIENCE * 3, clock.silent())
            .await
            .expect_err("it answered");
    }

    #[tokio::test(start_paused = true)]
    async fn no_timeout_is_too_long() {
        let clock = Clock::new();
        clock.start(Duration::from_millis(u64::MAX));

        time::timeout(Duration::from_secs(3600), clock.expired())
            .await
            .expect_err("it has not expired");
    }
}
