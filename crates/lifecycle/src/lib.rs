//! Starts, drains and stops a daemon.
//!
//! Stopping has two steps, and every task sees them in this order:
//!
//! ```text
//!  running ──shutdown──▶ draining ──grace is over, or hurried──▶ aborting ──▶ all tasks done
//!                            └───────────── all tasks done ────────────▲
//! ```
//!
//! 1. **Drain.** Take no new work; let what runs finish.
//! 2. **Abort.** The grace period is over; end what still runs.
//!
//! A task is spawned through [`Tasks`], selects on [`Tasks::draining`] where it
//! waits for new work and on [`Tasks::aborting`] where it waits for old work.
#![forbid(unsafe_code)]

use std::time::Duration;

use tokio::time;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, Span};

/// Spawns tasks that shutdown waits for.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    drain: CancellationToken,
    abort: CancellationToken,
}

/// Whether every task finished within the grace period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Drained {
    /// All tasks finished by themselves.
    Cleanly,
    /// Tasks were still running and were told to abort.
    Forced,
}

impl Tasks {
    /// Spawns a task in `span` that [`shutdown`](Self::shutdown) waits for.
    pub fn spawn<F>(&self, span: Span, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        drop(self.tracker.spawn(task.instrument(span)));
    }

    /// Completes once no new work should be taken.
    pub async fn draining(&self) {
        self.drain.cancelled().await;
    }

    /// Whether no new work should be taken.
    pub fn is_draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    /// Completes once running work should be given up.
    pub async fn aborting(&self) {
        self.abort.cancelled().await;
    }

    /// Drains for up to `grace` or until `hurry` completes, then aborts, then
    /// waits for the last task.
    ///
    /// # Cancellation
    ///
    /// Safe to drop: tasks stay told what they were told.
    pub async fn shutdown(&self, grace: Duration, hurry: impl Future<Output = ()>) -> Drained {
        self.tracker.close();
        self.drain.cancel();
        let patience = async {
            tokio::select! {
                () = time::sleep(grace) => {}
                () = hurry => {}
            }
        };
        tokio::select! {
            biased;
            () = self.tracker.wait() => return Drained::Cleanly,
            () = patience => {}
        }
        self.abort.cancel();
        self.tracker.wait().await;
        Drained::Forced
    }
}

#[cfg(test)]
mod tests {
    use std::future;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_outlives_the_grace_period_is_aborted() {
        let tasks = Tasks::default();
        let worker = tasks.clone();
        tasks.spawn(Span::none(), async move { worker.aborting().await });

        let before = time::Instant::now();
        let drained = tasks
            .shutdown(Duration::from_secs(30), future::pending())
            .await;

        assert_eq!(drained, Drained::Forced);
        assert_eq!(time::Instant::now() - before, Duration::from_secs(30));
    }

    #[tokio::test(start_paused = true)]
    async fn idle_tasks_do_not_use_up_the_grace_period() {
        let tasks = Tasks::default();
        let worker = tasks.clone();
        tasks.spawn(Span::none(), async move { worker.draining().await });

        let before = time::Instant::now();
        let drained = tasks
            .shutdown(Duration::from_secs(30), future::pending())
            .await;

        assert_eq!(drained, Drained::Cleanly);
        assert_eq!(time::Instant::now(), before);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hurried_shutdown_skips_the_wait() {
        let tasks = Tasks::default();
        let worker = tasks.clone();
        tasks.spawn(Span::none(), async move { worker.aborting().await });

        let before = time::Instant::now();
        let drained = tasks
            .shutdown(Duration::from_secs(30), future::ready(()))
            .await;

        assert_eq!(drained, Drained::Forced);
        assert_eq!(time::Instant::now(), before);
    }
}
