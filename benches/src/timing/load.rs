//! Many calls at once: as many as are answered, or as many as are meant to be made.

use std::cell::RefCell;
use std::thread;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::samples::{Sample, Samples};
use super::schedule::Schedule;

/// Calls of which the time has come and that the caller has not seen yet. Beyond these
/// the clock waits, and their times stay what they are.
const DUE: usize = 1024;

/// What came of a load.
#[derive(Debug, Default)]
pub(crate) struct Load {
    pub(crate) samples: Samples,
    /// How many calls had a value.
    pub(crate) succeeded: u32,
    /// How many had none.
    pub(crate) failed: u32,
    /// From the first call to the last answer.
    pub(crate) lasted: Duration,
    /// What went wrong first.
    pub(crate) first_failure: Option<String>,
}

impl Load {
    /// Returns how many calls a second had a value.
    pub(crate) fn per_second(&self) -> f64 {
        f64::from(self.succeeded) / self.lasted.as_secs_f64().max(1e-9)
    }

    fn add(&mut self, outcome: anyhow::Result<Sample>) {
        match outcome {
            Ok(sample) => {
                self.samples.add(sample);
                self.succeeded += 1;
            }
            Err(error) => {
                self.failed += 1;
                self.first_failure
                    .get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }
}

/// Has `callers` make one call after another for `lasting`, but one each at least.
pub(crate) async fn closed<F>(callers: u32, lasting: Duration, call: impl Fn() -> F) -> Load
where
    F: Future<Output = anyhow::Result<Sample>>,
{
    let load = RefCell::new(Load::default());
    let begun = Instant::now();
    let caller = async || {
        loop {
            let outcome = call().await;
            load.borrow_mut().add(outcome);
            if begun.elapsed() >= lasting {
                break;
            }
        }
    };
    join_all((0..callers).map(|_| caller())).await;
    let mut load = load.into_inner();
    load.lasted = begun.elapsed();
    load
}

/// Makes calls by a schedule, however long the earlier ones take. Each takes from when
/// it was meant to be made.
///
/// # Errors
///
/// Returns an error if no thread can be started.
pub(crate) async fn open<F>(schedule: Schedule, call: impl Fn() -> F) -> anyhow::Result<Load>
where
    F: Future<Output = anyhow::Result<Sample>>,
{
    let begun = Instant::now();
    let (sender, mut due) = mpsc::channel(DUE);
    // A thread of its own: the runtime's timers are a millisecond coarse.
    let clock = thread::Builder::new()
        .name("clock".to_owned())
        .spawn(move || {
            for time in schedule.times() {
                let intended = begun + time;
                thread::sleep(intended.saturating_duration_since(Instant::now()));
                if sender.blocking_send(intended).is_err() {
                    break;
                }
            }
        })?;
    let mut load = Load::default();
    let mut under_way = FuturesUnordered::new();
    loop {
        tokio::select! {
            next = due.recv() => match next {
                Some(intended) => under_way.push(since(intended, call())),
                None => break,
            },
            Some(outcome) = under_way.next() => load.add(outcome),
        }
    }
    while let Some(outcome) = under_way.next().await {
        load.add(outcome);
    }
    load.lasted = begun.elapsed();
    clock.join().ok();
    Ok(load)
}

/// Returns what a call comes to that was meant to begin at `intended`.
async fn since<F>(intended: Instant, call: F) -> anyhow::Result<Sample>
where
    F: Future<Output = anyhow::Result<Sample>>,
{
    let sample = call.await?;
    Ok(Sample {
        took: intended.elapsed(),
        ..sample
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_closed_load_has_as_many_calls_at_once_as_callers() {
        let (now, most) = (Cell::new(0), Cell::new(0));
        let load = closed(3, Duration::ZERO, async || {
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            tokio::task::yield_now().await;
            now.set(now.get() - 1);
            Ok(Sample::default())
        })
        .await;
        assert_eq!((load.succeeded, most.get()), (3, 3));
    }

    #[tokio::test]
    async fn what_fails_is_counted_and_the_first_failure_told() {
        let number = Cell::new(0);
        let load = closed(2, Duration::ZERO, async || {
            number.set(number.get() + 1);
            anyhow::bail!("failure {}", number.get())
        })
        .await;
        assert_eq!((load.succeeded, load.failed), (0, 2));
        assert_eq!(load.first_failure.as_deref(), Some("failure 1"));
    }

    #[tokio::test]
    async fn an_open_load_goes_on_while_a_call_hangs_and_counts_its_delay() {
        let (number, release) = (Cell::new(0), Notify::new());
        let schedule = Schedule::new(1000.0, Duration::from_millis(20));
        let load = open(schedule, async || {
            number.set(number.get() + 1);
            // The first ends only when the last is made.
            match number.get() {
                1 => release.notified().await,
                20 => release.notify_one(),
                _ => {}
            }
            Ok(Sample::default())
        });
        let load = load.await.expect("it runs");
        let summary = load.samples.summary().expect("some");
        assert_eq!(load.succeeded, 20);
        assert!(summary.max_ms >= 19.0, "{summary:?}");
    }
}
