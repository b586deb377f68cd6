//! Sandboxes that wait, never used, for the requests that they fit.
//!
//! Each configured image has a shelf. One task, the keeper, starts and removes: it gives
//! every shelf its share of one budget, by what its image has lately been called for.
//!
//! ```text
//!  take ──▶ shelf ── calls, misses, starts ──▶ demand ──┐
//!             ▲                                         ▼
//!             └── keeper: start, remove ◀── shares ◀── budget
//! ```

mod demand;
mod shares;
mod shelf;

use std::thread;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use lifecycle::Tasks;
use parking_lot::Mutex;
use sandbox::{Engine, Image, Limits, Network, Sandbox as _, SandboxSpec};
use tokio::sync::Notify;
use tokio::time::{self, Instant};
use tracing::Instrument as _;

use self::shares::{Budget, share};
use self::shelf::Shelf;
use crate::config::PoolConfig;
use crate::waiting::Waiting;

/// How often the keeper looks for sandboxes that died, and for demand that fell.
const SWEEP: Duration = Duration::from_secs(1);

/// Every shelf.
#[derive(Debug)]
pub(crate) struct Pool<E: Engine> {
    shelves: Mutex<Vec<Shelf<E>>>,
    changed: Notify,
    budget: Budget,
    idle: Duration,
}

/// What the specification of a shelf's next sandbox is made of.
pub(crate) type SandboxSpecParts = (Image, Limits, Network);

impl<E: Engine> Pool<E> {
    /// Returns a pool without shelves.
    pub(crate) fn new(config: &PoolConfig) -> Self {
        Self {
            shelves: Mutex::default(),
            changed: Notify::new(),
            budget: Budget {
                count: config.count,
                bytes: config.memory_bytes,
            },
            idle: config.idle,
        }
    }

    /// Adds a shelf for sandboxes of this image, of which at least the first number is to
    /// wait, and at most the second.
    pub(crate) fn add(&self, image: Image, limits: Limits, range: (usize, usize)) {
        let key = (image, limits, Network::None);
        self.shelves.lock().push(Shelf::new(key, range, self.idle));
        self.changed.notify_one();
    }

    /// Takes a sandbox that is just what `spec` asks for.
    pub(crate) fn take(&self, spec: &SandboxSpec) -> Option<Waiting<E::Sandbox>> {
        let mut shelves = self.shelves.lock();
        let taken = shelves.iter_mut().find(|shelf| shelf.fits(spec))?.take();
        self.changed.notify_one();
        taken
    }

    /// How many sandboxes wait.
    pub(crate) fn len(&self) -> usize {
        self.shelves.lock().iter().map(Shelf::len).sum()
    }

    /// Removes every sandbox that waits, and returns when they are gone. Call it when the
    /// keeper has ended.
    pub(crate) async fn clear(&self) {
        let shelves = std::mem::take(&mut *self.shelves.lock());
        let waiting = shelves
            .into_iter()
            .flat_map(Shelf::into_waiting)
            .map(remove::<E>);
        futures_util::future::join_all(waiting).await;
    }

    /// Keeps on every shelf what it should hold with what `start` makes, until `tasks`
    /// drain, when `start` may make nothing.
    ///
    /// As many start at once as there are processors.
    ///
    /// # Cancellation
    ///
    /// Safe to drop; what waits stays until [`clear`](Self::clear).
    pub(crate) async fn keep<F, Error>(
        &self,
        tasks: &Tasks,
        start: impl Fn(SandboxSpecParts) -> F + Sync,
    ) where
        F: Future<Output = Result<Option<Waiting<E::Sandbox>>, Error>> + Send,
        Error: std::error::Error + Send,
    {
        let at_once = thread::available_parallelism().map_or(1, usize::from);
        let mut starting = FuturesUnordered::new();
        let mut removing = FuturesUnordered::new();
        let mut swept = Instant::now();
        while !tasks.is_draining() {
            if swept.elapsed() >= SWEEP {
                self.shelves.lock().iter_mut().for_each(Shelf::sweep);
                swept = Instant::now();
            }
            let (removed, next) = self.level();
            removing.extend(removed.into_iter().map(remove::<E>));
            let pause = match next {
                Next::Start { index, key } if starting.len() < at_once => {
                    if let Some(shelf) = self.shelves.lock().get_mut(index) {
                        shelf.begin();
                    }
                    let span = tracing::info_span!("pool", image = %key.0.reference);
                    starting.push(measured::<E, _, _>(index, start(key)).instrument(span));
                    continue;
                }
                Next::Start { .. } => SWEEP,
                Next::Wait(pause) => pause,
            };
            tokio::select! {
                Some((index, outcome)) = starting.next() => self.settle(index, outcome),
                Some(()) = removing.next() => {}
                () = self.changed.notified() => {}
                () = time::sleep(pause) => {}
                () = tasks.draining() => {}
            }
        }
        while let Some((index, outcome)) = starting.next().await {
            self.settle(index, outcome);
        }
        while removing.next().await.is_some() {}
    }

    /// Compares what waits with what should. Returns what waits in vain, and what is to
    /// be done next.
    fn level(&self) -> (Vec<Waiting<E::Sandbox>>, Next) {
        let now = Instant::now();
        let mut shelves = self.shelves.lock();
        let claims: Vec<_> = shelves.iter().map(|shelf| shelf.claim(now)).collect();
        let shares = share(&claims, self.budget);
        let is_short = |(shelf, share): (&Shelf<E>, &usize)| shelf.held() < *share;
        let has_short = shelves.iter().zip(&shares).any(is_short);
        let held: usize = shelves.iter().map(Shelf::held).sum();
        let bytes: u64 = shelves
            .iter()
            .zip(&claims)
            .map(|(shelf, claim)| shelf.bytes(claim))
            .sum();
        let is_full = held >= self.budget.count || bytes >= self.budget.bytes;
        // What nobody asks for any more goes when it has waited long enough, or makes room.
        let longest = if has_short && is_full {
            Duration::ZERO
        } else {
            self.idle
        };
        let mut removed = Vec::new();
        for (shelf, share) in shelves.iter_mut().zip(&shares) {
            removed.extend(shelf.surplus(*share, now, longest));
        }
        let mut wait = SWEEP;
        let mut worst: Option<(usize, &Shelf<E>, usize)> = None;
        for (index, (shelf, share)) in shelves.iter().zip(&shares).enumerate() {
            if shelf.held() >= *share {
                continue;
            }
            if let Some(due) = shelf.not_before().filter(|due| *due > now) {
                wait = wait.min(due - now);
                continue;
            }
            let is_worse = |(_, other, others): (usize, &Shelf<E>, usize)| {
                // The smaller part of its share it holds, the worse it is off.
                shelf.held() * others < other.held() * *share
            };
            if worst.is_none_or(is_worse) {
                worst = Some((index, shelf, *share));
            }
        }
        let next = match worst {
            Some((index, shelf, _)) => Next::Start {
                index,
                key: shelf.key().clone(),
            },
            None => Next::Wait(wait),
        };
        (removed, next)
    }

    /// Puts what was started on its shelf.
    fn settle<Error: std::error::Error>(&self, index: usize, outcome: Outcome<E, Error>) {
        let mut shelves = self.shelves.lock();
        let Some(shelf) = shelves.get_mut(index) else {
            return;
        };
        match outcome {
            Ok(Some(started)) => shelf.put(started),
            Ok(None) => shelf.withdraw(),
            Err(error) => {
                let pause = shelf.back_off();
                let image = &shelf.key().0.reference;
                tracing::warn!(%image, %error, ?pause, "a sandbox for the pool did not start");
            }
        }
    }
}

/// What the keeper does next.
enum Next {
    /// It starts a sandbox for the shelf of this index.
    Start { index: usize, key: SandboxSpecParts },
    /// It waits for a change, and no longer than this.
    Wait(Duration),
}

/// What came of a start.
type Outcome<E, Error> = Result<Option<Started<E>>, Error>;

/// A sandbox that waits, and what it took to make it.
struct Started<E: Engine> {
    waiting: Waiting<E::Sandbox>,
    took: Duration,
    bytes: Option<u64>,
}

/// Measures a start.
async fn measured<E: Engine, F, Error>(index: usize, start: F) -> (usize, Outcome<E, Error>)
where
    F: Future<Output = Result<Option<Waiting<E::Sandbox>>, Error>>,
{
    let began = Instant::now();
    let outcome = match start.await {
        Ok(Some(mut waiting)) => {
            let took = began.elapsed();
            let bytes = waiting.sandbox.report().await.memory_peak_bytes;
            Ok(Some(Started {
                waiting,
                took,
                bytes,
            }))
        }
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    (index, outcome)
}

async fn remove<E: Engine>(waiting: Waiting<E::Sandbox>) {
    if let Err(error) = waiting.sandbox.destroy().await {
        tracing::error!(%error, "a waiting sandbox could not be removed");
    }
}
