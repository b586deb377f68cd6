//! When to give up: a deadline or a cancellation, whichever comes first.

use std::time::Duration;

use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use crate::error::PullError;

/// Ends a piece of work at its deadline or when it is cancelled.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    cancel: CancellationToken,
    limit: Duration,
    deadline: Instant,
}

impl Stop {
    /// Returns a stop that is due `limit` from now.
    pub(crate) fn after(limit: Duration, cancel: CancellationToken) -> Self {
        Self {
            cancel,
            limit,
            deadline: Instant::now() + limit,
        }
    }

    /// Fails once it is time to stop. Work that blocks asks again and again.
    pub(crate) fn check(&self) -> Result<(), PullError> {
        if self.cancel.is_cancelled() {
            Err(PullError::Cancelled)
        } else if Instant::now() >= self.deadline {
            Err(PullError::TimedOut { limit: self.limit })
        } else {
            Ok(())
        }
    }

    /// Waits for `work`, unless it is time to stop before.
    ///
    /// # Cancellation
    ///
    /// `work` is dropped when it is time to stop.
    pub(crate) async fn or<T>(
        &self,
        work: impl Future<Output = Result<T, PullError>>,
    ) -> Result<T, PullError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(PullError::Cancelled),
            () = time::sleep_until(self.deadline) => Err(PullError::TimedOut { limit: self.limit }),
            done = work => done,
        }
    }
}
