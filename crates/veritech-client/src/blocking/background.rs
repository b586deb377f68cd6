//! The thread on which the runtime of a blocking client lives.

use std::io;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

/// A runtime on a thread of its own, which ends with the value.
#[derive(Debug)]
pub(super) struct Background {
    runtime: Handle,
    closing: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Starts the thread.
    pub(super) fn start() -> io::Result<Self> {
        let closing = CancellationToken::new();
        let closed = closing.clone();
        let (sender, started) = mpsc::sync_channel(1);
        // The runtime is made and dropped by its thread alone: dropping one within
        // another runtime is a panic.
        let keep = move || match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => {
                drop(sender.send(Ok(runtime.handle().clone())));
                runtime.block_on(closed.cancelled_owned());
            }
            Err(error) => drop(sender.send(Err(error))),
        };
        let thread = thread::Builder::new()
            .name("veritech-client".to_owned())
            .spawn(keep)?;
        let runtime = started.recv().map_err(io::Error::other)??;
        Ok(Self {
            runtime,
            closing,
            thread: Some(thread),
        })
    }

    /// Runs a future on the calling thread, with timers and connections of the
    /// background.
    ///
    /// Not by the runtime itself, which refuses that within another one with a
    /// panic.
    pub(super) fn run<F: Future>(&self, future: F) -> F::Output {
        let _within = self.runtime.enter();
        pollster::block_on(future)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.closing.cancel();
        if let Some(thread) = self.thread.take() {
            // A thread that has panicked has ended as well.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    async fn wait_a_little() -> u8 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        7
    }

    #[test]
    fn a_future_waits_for_timers_on_any_thread() {
        let background = Background::start().expect("starts");
        assert_eq!(background.run(wait_a_little()), 7);
        thread::scope(|scope| {
            let other = scope.spawn(|| background.run(wait_a_little()));
            assert_eq!(other.join().expect("no panic"), 7);
        });
    }

    #[tokio::test]
    async fn it_works_and_ends_within_another_runtime() {
        let background = Background::start().expect("starts");
        assert_eq!(background.run(wait_a_little()), 7);
        drop(background);
        assert_eq!(wait_a_little().await, 7);
    }

    #[test]
    fn it_takes_everything_with_it_that_runs_there() {
        let background = Background::start().expect("starts");
        let alive = Arc::new(());
        let held = Arc::clone(&alive);
        let task = background.runtime.spawn(async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        assert_eq!(Arc::strong_count(&alive), 2);
        drop(background);
        assert_eq!(Arc::strong_count(&alive), 1);
        assert!(task.is_finished());
    }
}
