//! The waiting sandboxes of one image.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::FutureExt as _;
use sandbox::{Engine, Sandbox as _, SandboxSpec};
use tokio::time::Instant;

use super::demand::Demand;
use super::shares::Claim;
use super::{SandboxSpecParts, Started};
use crate::waiting::Waiting;

/// How long a shelf that is not empty waits before it is filled again: making a sandbox takes as
/// much of the machine as a short function does, and the function comes first.
const GRACE: Duration = Duration::from_millis(3);

/// The first and the longest pause after a sandbox that did not start.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

/// The share of the newest start in the mean of what sandboxes take, as a divisor.
const NEWEST: u64 = 8;

#[derive(Debug)]
pub(super) struct Shelf<E: Engine> {
    /// What a sandbox must be asked for to come from here.
    key: SandboxSpecParts,
    minimum: usize,
    maximum: usize,
    /// The oldest first.
    waiting: VecDeque<(Instant, Waiting<E::Sandbox>)>,
    starting: usize,
    demand: Demand,
    /// The mean memory of a sandbox, once one has been measured.
    bytes: Option<u64>,
    /// When one was taken, if none was started since.
    taken_at: Option<Instant>,
    failed: Option<Failed>,
}

/// The last start failed.
#[derive(Clone, Copy, Debug)]
struct Failed {
    until: Instant,
    pause: Duration,
}

impl<E: Engine> Shelf<E> {
    pub(super) fn new(
        key: SandboxSpecParts,
        (minimum, maximum): (usize, usize),
        idle: Duration,
    ) -> Self {
        Self {
            key,
            minimum,
            maximum,
            waiting: VecDeque::new(),
            starting: 0,
            demand: Demand::new(idle),
            bytes: None,
            taken_at: None,
            failed: None,
        }
    }

    pub(super) fn key(&self) -> &SandboxSpecParts {
        &self.key
    }

    pub(super) fn fits(&self, spec: &SandboxSpec) -> bool {
        let (image, limits, network) = &self.key;
        *image == spec.image && *limits == spec.limits && *network == spec.network
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// How many wait, or will soon.
    pub(super) fn held(&self) -> usize {
        self.waiting.len() + self.starting
    }

    /// The memory of those.
    pub(super) fn bytes(&self, claim: &Claim) -> u64 {
        let held = u64::try_from(self.held()).unwrap_or(u64::MAX);
        claim.bytes.saturating_mul(held)
    }

    pub(super) fn into_waiting(self) -> impl Iterator<Item = Waiting<E::Sandbox>> {
        self.waiting.into_iter().map(|(_, waiting)| waiting)
    }

    /// Takes the oldest that lives, and remembers that it was asked for.
    pub(super) fn take(&mut self) -> Option<Waiting<E::Sandbox>> {
        let now = Instant::now();
        let mut oldest_first = std::iter::from_fn(|| self.waiting.pop_front());
        let taken = oldest_first
            .find_map(|(_, mut waiting)| is_alive::<E>(&mut waiting).then_some(waiting));
        self.demand.call(now, taken.is_some());
        self.taken_at.get_or_insert(now);
        taken
    }

    /// What it claims of the budget. Until one has been measured they count as nothing: no
    /// more than are started at once can exceed the budget so.
    pub(super) fn claim(&self, now: Instant) -> Claim {
        Claim {
            minimum: self.minimum,
            wanted: self.demand.wanted(now).clamp(self.minimum, self.maximum),
            bytes: self.bytes.unwrap_or_default(),
        }
    }

    /// Drops the sandboxes that have died. The engine removes what is left of them.
    pub(super) fn sweep(&mut self) {
        self.waiting
            .retain_mut(|(_, waiting)| is_alive::<E>(waiting));
    }

    /// Returns those beyond `share` that have waited for `longest`.
    pub(super) fn surplus(
        &mut self,
        share: usize,
        now: Instant,
        longest: Duration,
    ) -> Vec<Waiting<E::Sandbox>> {
        let surplus = self.held().saturating_sub(share).min(self.waiting.len());
        let is_old = |(since, _): &(Instant, _)| now.saturating_duration_since(*since) >= longest;
        let old = self.waiting.iter().take(surplus).filter(|it| is_old(it));
        let count = old.count();
        let removed = self.waiting.drain(..count);
        removed.map(|(_, waiting)| waiting).collect()
    }

    /// Until when none may be started: while the last failure is fresh, and in the grace of
    /// whoever took one, unless that was the last.
    pub(super) fn not_before(&self) -> Option<Instant> {
        let grace = self.taken_at.filter(|_| !self.waiting.is_empty());
        let grace = grace.map(|taken_at| taken_at + GRACE);
        // An option is less than any that has something.
        grace.max(self.failed.map(|failed| failed.until))
    }

    /// Counts a start.
    pub(super) fn begin(&mut self) {
        self.starting += 1;
        self.taken_at = None;
    }

    /// Counts a start that came to nothing, for no fault.
    pub(super) fn withdraw(&mut self) {
        self.starting = self.starting.saturating_sub(1);
    }

    /// Ends a start that succeeded.
    pub(super) fn put(&mut self, started: Started<E>) {
        let Started {
            waiting,
            took,
            bytes,
        } = started;
        self.withdraw();
        self.failed = None;
        self.demand.started(took);
        // What cannot be told may be all that it is allowed.
        let bytes = bytes.unwrap_or(self.key.1.memory_bytes);
        self.bytes = Some(match self.bytes {
            Some(mean) => mean - mean / NEWEST + bytes / NEWEST,
            None => bytes,
        });
        self.waiting.push_back((Instant::now(), waiting));
    }

    /// Ends a start that failed, and returns how long there will be no other.
    pub(super) fn back_off(&mut self) -> Duration {
        self.withdraw();
        let (first, longest) = BACKOFF;
        let pause = self
            .failed
            .map_or(first, |failed| longest.min(failed.pause * 2));
        self.failed = Some(Failed {
            until: Instant::now() + pause,
            pause,
        });
        pause
    }
}

fn is_alive<E: Engine>(waiting: &mut Waiting<E::Sandbox>) -> bool {
    waiting.sandbox.ended().now_or_never().is_none()
}
