//! Reports to a mailbox, and is never silent for longer than a heartbeat.

use std::time::Duration;

use tokio::time::{self, Instant};
use veritech_protocol::{Event, EventBody, ExecutionId, Replies};

use crate::mailbox::{Mailbox, Undeliverable};

/// A mailbox with its clock.
#[derive(Debug)]
pub(crate) struct Reporter<M> {
    mailbox: M,
    id: Option<ExecutionId>,
    replies: Replies,
    heartbeat: Duration,
    publish_timeout: Duration,
    last_sent: Instant,
}

impl<M: Mailbox> Reporter<M> {
    /// Returns a reporter on an execution; `id` is `None` for a request that
    /// could not be read.
    pub(crate) fn new(
        mailbox: M,
        id: Option<ExecutionId>,
        replies: Replies,
        heartbeat: Duration,
        publish_timeout: Duration,
    ) -> Self {
        Self {
            mailbox,
            id,
            replies,
            heartbeat,
            publish_timeout,
            last_sent: Instant::now(),
        }
    }

    /// Hands over one event.
    pub(crate) async fn report(&mut self, body: EventBody) -> Result<(), Undeliverable> {
        let event = Event::new(self.id.clone(), body);
        let sent = self.mailbox.send(event, self.replies);
        let sent = time::timeout(self.publish_timeout, sent).await;
        self.last_sent = Instant::now();
        match sent {
            Ok(sent) => sent,
            Err(_) => Err(Undeliverable(format!(
                "an event was not taken within {:?}",
                self.publish_timeout
            ))),
        }
    }

    /// Awaits `work`, with heartbeats while it takes long.
    ///
    /// A heartbeat that cannot be sent is not the work's failure: the mailbox's
    /// connection may be on its way back.
    ///
    /// # Cancellation
    ///
    /// As safe to drop as `work` is.
    pub(crate) async fn during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                // The clock first: work that never pauses uses up the task's
                // budget, after which no timer is seen to have run out.
                biased;
                () = time::sleep_until(self.last_sent + self.heartbeat) => {
                    if let Err(error) = self.report(EventBody::Heartbeat).await {
                        tracing::debug!(%error, "heartbeat not sent");
                    }
                }
                done = &mut work => return done,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Beats(usize);

    impl Mailbox for &mut Beats {
        async fn send(&mut self, _event: Event, _replies: Replies) -> Result<(), Undeliverable> {
            self.0 += 1;
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_mailbox_hears_something_every_heartbeat_while_work_goes_on() {
        let mut beats = Beats::default();
        let second = Duration::from_secs(1);
        let mut reporter = Reporter::new(&mut beats, None, Replies::Events, second, second);
        reporter
            .during(time::sleep(Duration::from_millis(3500)))
            .await;
        assert_eq!(beats.0, 3);
    }
}
