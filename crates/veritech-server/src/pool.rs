//! Sandboxes that wait, never used, for the requests that they fit.
//!
//! Each configured image has a shelf of the same number of sandboxes. A task
//! per shelf replaces what was taken and what died; failures to start back off.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use lifecycle::Tasks;
use parking_lot::Mutex;
use sandbox::{Engine, Image, Limits, Network, Sandbox as _, SandboxSpec};
use tokio::sync::Notify;
use tokio::time;

use crate::waiting::Waiting;

/// How often a shelf is searched for sandboxes that died.
const SWEEP: Duration = Duration::from_secs(1);

/// How long a shelf that is not empty waits before it is filled again: making a sandbox takes as
/// much of the machine as a short function does, and the function comes first.
const GRACE: Duration = Duration::from_millis(3);

/// The first and the longest pause after a sandbox that did not start.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

/// The waiting sandboxes of one image.
#[derive(Debug)]
pub(crate) struct Shelf<E: Engine> {
    /// What a sandbox must be asked for to come from here.
    key: (Image, Limits, Network),
    count: usize,
    waiting: Mutex<VecDeque<Waiting<E::Sandbox>>>,
    taken: Notify,
}

/// Every shelf. Cheap to clone.
#[derive(Debug)]
pub(crate) struct Pool<E: Engine> {
    shelves: Arc<Mutex<Vec<Arc<Shelf<E>>>>>,
}

impl<E: Engine> Default for Pool<E> {
    fn default() -> Self {
        Self {
            shelves: Arc::default(),
        }
    }
}

impl<E: Engine> Pool<E> {
    /// Adds a shelf that is to hold `count` sandboxes.
    pub(crate) fn add(&self, image: Image, limits: Limits, count: usize) -> Arc<Shelf<E>> {
        let shelf = Arc::new(Shelf {
            key: (image, limits, Network::None),
            count,
            waiting: Mutex::default(),
            taken: Notify::new(),
        });
        self.shelves.lock().push(Arc::clone(&shelf));
        shelf
    }

    /// Takes a sandbox that is just what `spec` asks for.
    pub(crate) fn take(&self, spec: &SandboxSpec) -> Option<Waiting<E::Sandbox>> {
        let shelves = self.shelves.lock();
        let fits = |shelf: &&Arc<Shelf<E>>| {
            let (image, limits, network) = &shelf.key;
            *image == spec.image && *limits == spec.limits && *network == spec.network
        };
        shelves.iter().find(fits)?.take()
    }

    /// How many sandboxes wait.
    pub(crate) fn len(&self) -> usize {
        let shelves = self.shelves.lock();
        shelves.iter().map(|shelf| shelf.waiting.lock().len()).sum()
    }

    /// Removes every sandbox that waits, and returns when they are gone.
    pub(crate) async fn clear(&self) {
        let shelves: Vec<_> = std::mem::take(&mut *self.shelves.lock());
        let waiting = shelves
            .iter()
            .flat_map(|shelf| std::mem::take(&mut *shelf.waiting.lock()))
            .map(remove::<E>);
        futures_util::future::join_all(waiting).await;
    }
}

impl<E: Engine> Shelf<E> {
    fn take(&self) -> Option<Waiting<E::Sandbox>> {
        let mut waiting = self.waiting.lock();
        loop {
            let mut oldest = waiting.pop_front()?;
            self.taken.notify_one();
            if is_alive::<E>(&mut oldest) {
                return Some(oldest);
            }
        }
    }

    /// Drops the sandboxes that have died; the engine removes what is left of them.
    fn sweep(&self) {
        self.waiting.lock().retain_mut(is_alive::<E>);
    }

    /// Leaves the machine to whoever took a sandbox, unless it was the last one.
    async fn grace(&self) {
        let emptied = async {
            while !self.waiting.lock().is_empty() {
                self.taken.notified().await;
            }
        };
        // An end is all that is waited for, whichever.
        drop(time::timeout(GRACE, emptied).await);
    }

    fn is_full(&self) -> bool {
        self.waiting.lock().len() >= self.count
    }

    /// Keeps the shelf full with what `start` makes until `tasks` drain, when
    /// `start` may make nothing.
    ///
    /// # Cancellation
    ///
    /// Safe to drop; what waits on the shelf stays until [`Pool::clear`].
    pub(crate) async fn keep_full<F, Error>(
        &self,
        tasks: &Tasks,
        mut start: impl FnMut(SandboxSpecParts) -> F,
    ) where
        F: Future<Output = Result<Option<Waiting<E::Sandbox>>, Error>>,
        Error: std::error::Error,
    {
        let (mut pause, longest) = BACKOFF;
        while !tasks.is_draining() {
            self.sweep();
            if self.is_full() {
                tokio::select! {
                    () = self.taken.notified() => self.grace().await,
                    () = time::sleep(SWEEP) => {}
                    () = tasks.draining() => {}
                }
                continue;
            }
            match start(self.key.clone()).await {
                Ok(Some(waiting)) => {
                    self.waiting.lock().push_back(waiting);
                    pause = BACKOFF.0;
                }
                Ok(None) => {}
                Err(error) => {
                    let image = &self.key.0.reference;
                    tracing::warn!(%image, %error, ?pause, "a sandbox for the pool did not start");
                    tokio::select! {
                        () = time::sleep(pause) => {}
                        () = tasks.draining() => {}
                    }
                    pause = longest.min(pause * 2);
                }
            }
        }
    }
}

/// What the specification of a shelf's next sandbox is made of.
pub(crate) type SandboxSpecParts = (Image, Limits, Network);

fn is_alive<E: Engine>(waiting: &mut Waiting<E::Sandbox>) -> bool {
    waiting.sandbox.ended().now_or_never().is_none()
}

async fn remove<E: Engine>(waiting: Waiting<E::Sandbox>) {
    if let Err(error) = waiting.sandbox.destroy().await {
        tracing::error!(%error, "a waiting sandbox could not be removed");
    }
}
