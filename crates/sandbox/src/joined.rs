//! Work that several ask for at once and that is done once, such as pulling an
//! image.
//!
//! ```text
//!  join(key) ──first──▶ a task of its own ──▶ result, for everybody who waits
//!  join(key) ──later──▶ │ progress ──▶ everybody
//!                       └── cancelled when nobody waits any more
//! ```

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::engine::{Phase, Progress};

/// Does each piece of work once for all who ask for it meanwhile. Cheap to clone.
///
/// `K` names a piece of work, `T` is what comes of it.
pub struct Joined<K, T> {
    flights: Arc<Mutex<HashMap<K, Flight<T>>>>,
    tasks: TaskTracker,
}

/// Nobody waits for the work any more, or its task was aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the work was given up")]
pub struct GivenUp;

/// A piece of work that is being done.
struct Flight<T> {
    state: watch::Receiver<State<T>>,
    /// Alive as long as somebody waits.
    interest: Weak<DropGuard>,
}

/// How far the work is.
struct State<T> {
    progress: Option<(Phase, u64, u64)>,
    result: Option<T>,
}

/// Hears of progress in the task, and tells those who wait.
struct Told<T>(watch::Sender<State<T>>);

impl<T: Send + Sync> Progress for Told<T> {
    fn advance(&self, phase: Phase, done: u64, total: u64) {
        self.0
            .send_modify(|state| state.progress = Some((phase, done, total)));
    }
}

impl<K, T> Joined<K, T>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// Returns what comes of the work called `key`, which `work` does unless it is
    /// being done already.
    ///
    /// `work` is given a token that is cancelled once nobody waits any more.
    /// While it winds up, the same work may begin again.
    ///
    /// # Cancellation
    ///
    /// Safe to drop: the work goes on for the others who wait for it.
    ///
    /// # Errors
    ///
    /// Returns [`GivenUp`] if the task that does the work has panicked.
    pub async fn join<F>(
        &self,
        key: K,
        progress: &dyn Progress,
        work: impl FnOnce(Arc<dyn Progress>, CancellationToken) -> F,
    ) -> Result<T, GivenUp>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let (mut state, _interest) = self.enter(key, work);
        loop {
            let (advance, result) = {
                let state = state.borrow_and_update();
                (state.progress, state.result.clone())
            };
            if let Some((phase, done, total)) = advance {
                progress.advance(phase, done, total);
            }
            if let Some(result) = result {
                return Ok(result);
            }
            state.changed().await.map_err(|_| GivenUp)?;
        }
    }

    /// Joins the work under way, or begins it.
    fn enter<F>(
        &self,
        key: K,
        work: impl FnOnce(Arc<dyn Progress>, CancellationToken) -> F,
    ) -> (watch::Receiver<State<T>>, Arc<DropGuard>)
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut flights = self.flights.lock();
        if let Some(flight) = flights.get(&key)
            && let Some(interest) = flight.interest.upgrade()
        {
            return (flight.state.clone(), interest);
        }
        let (tell, state) = watch::channel(State {
            progress: None,
            result: None,
        });
        let cancel = CancellationToken::new();
        let interest = Arc::new(cancel.clone().drop_guard());
        let told = Arc::new(Told(tell));
        let work = work(Arc::clone(&told) as Arc<dyn Progress>, cancel);
        flights.insert(
            key.clone(),
            Flight {
                state: state.clone(),
                interest: Arc::downgrade(&interest),
            },
        );
        let flights = Arc::clone(&self.flights);
        let ours = Arc::downgrade(&interest);
        let task = async move {
            let landing = Landing { flights, key, ours };
            let result = work.await;
            // Whoever asks from here on asks anew.
            drop(landing);
            told.0.send_modify(|state| state.result = Some(result));
        };
        // What it logs belongs to whoever asked first.
        drop(self.tasks.spawn(task.in_current_span()));
        (state, interest)
    }
}

/// Takes the work off the list when its task ends, however that ends.
struct Landing<K: Eq + Hash, T> {
    flights: Arc<Mutex<HashMap<K, Flight<T>>>>,
    key: K,
    ours: Weak<DropGuard>,
}

impl<K: Eq + Hash, T> Drop for Landing<K, T> {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        // Begun again meanwhile, it is no longer ours.
        if flights
            .get(&self.key)
            .is_some_and(|flight| flight.interest.ptr_eq(&self.ours))
        {
            flights.remove(&self.key);
        }
    }
}

impl<K, T> Default for Joined<K, T> {
    fn default() -> Self {
        Self {
            flights: Arc::default(),
            tasks: TaskTracker::new(),
        }
    }
}

impl<K, T> Clone for Joined<K, T> {
    fn clone(&self) -> Self {
        Self {
            flights: Arc::clone(&self.flights),
            tasks: self.tasks.clone(),
        }
    }
}

impl<K, T> fmt::Debug for Joined<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined")
            .field("under_way", &self.flights.lock().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::time;

    use super::*;

    struct Heard(Mutex<Vec<u64>>);

    impl Progress for Heard {
        fn advance(&self, _phase: Phase, done: u64, _total: u64) {
            self.0.lock().push(done);
        }
    }

    fn deaf() -> Heard {
        Heard(Mutex::default())
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_ask_meanwhile_share_the_work_and_its_progress() {
        let joined = Joined::<&str, usize>::default();
        let done = Arc::new(AtomicUsize::new(0));
        let work = |progress: Arc<dyn Progress>, _cancel| {
            let done = Arc::clone(&done);
            async move {
                time::sleep(Duration::from_secs(1)).await;
                progress.advance(Phase::Pulling, 7, 9);
                time::sleep(Duration::from_secs(1)).await;
                done.fetch_add(1, Ordering::SeqCst)
            }
        };
        let (one, other) = (deaf(), deaf());

        let (first, second) =
            tokio::join!(joined.join("a", &one, work), joined.join("a", &other, work));
        let third = joined.join("a", &one, work).await;

        assert_eq!((first, second, third), (Ok(0), Ok(0), Ok(1)));
        assert!(other.0.lock().contains(&7), "progress was not shared");
    }

    #[tokio::test(start_paused = true)]
    async fn work_is_cancelled_when_the_last_one_who_waited_leaves() {
        let joined = Joined::<&str, ()>::default();
        let (seen, mut cancelled) = watch::channel(false);
        let work = |_progress, cancel: CancellationToken| async move {
            cancel.cancelled().await;
            seen.send_replace(true);
        };
        let nobody = deaf();
        {
            let first = joined.join("a", &nobody, work);
            let second = joined.join("a", &nobody, |_, _| async {});
            let mut first = std::pin::pin!(first);
            let mut second = Box::pin(second);
            for _ in 0..3 {
                let both = async { tokio::join!(&mut first, &mut second) };
                let waited = time::timeout(Duration::from_secs(1), both).await;
                assert!(waited.is_err(), "it ended although somebody waited");
            }
            drop(second);
            assert!(!*cancelled.borrow());
        }
        cancelled.changed().await.expect("told");
        assert!(*cancelled.borrow());
    }
}
