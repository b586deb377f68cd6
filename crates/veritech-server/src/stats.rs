//! Counters that operators read.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// Counts what a dispatcher does. Cheap to share; never goes backwards, except
/// for the two gauges.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) requests: Counter,
    pub(crate) refused: Counter,
    pub(crate) dropped: Counter,
    pub(crate) succeeded: Counter,
    pub(crate) failed_user: Counter,
    pub(crate) failed_request: Counter,
    pub(crate) failed_system: Counter,
    pub(crate) undelivered: Counter,
    pub(crate) warm_starts: Counter,
    pub(crate) cold_starts: Counter,
    pub(crate) quarantined: Counter,
    pub(crate) processing_us: Counter,
    pub(crate) publishing_us: Counter,
    pub(crate) removed: Counter,
    pub(crate) removing_us: Counter,
    pub(crate) waiting: Gauge,
    pub(crate) running: Gauge,
}

/// A number that grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number of things that are there now.
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicU64);

impl Gauge {
    /// Counts one more until the returned guard is dropped.
    pub(crate) fn enter(&self) -> Entered<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Entered(self)
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One of the things that a [`Gauge`] counts.
#[derive(Debug)]
pub(crate) struct Entered<'a>(&'a Gauge);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a dispatcher has done and is doing, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Executions that may run at once.
    pub places: u64,
    /// Executions that hold a place.
    pub running: u64,
    /// Requests that wait for one.
    pub waiting: u64,
    /// Sandboxes that are ready and unused.
    pub warm: u64,
    /// Requests that were read.
    pub requests: u64,
    /// Requests that were refused before they waited for anything.
    pub refused: u64,
    /// Messages that could not be answered: no reply subject, or a forbidden one.
    pub dropped: u64,
    /// Executions with a value.
    pub succeeded: u64,
    /// Executions that failed by the function's doing.
    pub failed_user: u64,
    /// Executions that failed by the request's doing.
    pub failed_request: u64,
    /// Executions that failed by ours.
    pub failed_system: u64,
    /// Results that could not be handed over.
    pub undelivered: u64,
    /// Executions in a sandbox that had been waiting.
    pub warm_starts: u64,
    /// Executions in a sandbox started for them.
    pub cold_starts: u64,
    /// Places that are lost because a sandbox did not go away.
    pub quarantined: u64,
    /// Time from intake to result, summed up, in microseconds.
    pub processing_us: u64,
    /// Time that publishing results took, summed up, in microseconds.
    pub publishing_us: u64,
    /// Sandboxes that were removed.
    pub removed: u64,
    /// Time that removing them took, until each was proved gone, summed up, in
    /// microseconds.
    pub removing_us: u64,
}

impl Counters {
    /// Returns the counters at this moment.
    pub(crate) fn snapshot(&self, places: usize, warm: usize) -> Stats {
        Stats {
            places: u64::try_from(places).unwrap_or(u64::MAX),
            running: self.running.get(),
            waiting: self.waiting.get(),
            warm: u64::try_from(warm).unwrap_or(u64::MAX),
            requests: self.requests.get(),
            refused: self.refused.get(),
            dropped: self.dropped.get(),
            succeeded: self.succeeded.get(),
            failed_user: self.failed_user.get(),
            failed_request: self.failed_request.get(),
            failed_system: self.failed_system.get(),
            undelivered: self.undelivered.get(),
            warm_starts: self.warm_starts.get(),
            cold_starts: self.cold_starts.get(),
            quarantined: self.quarantined.get(),
            processing_us: self.processing_us.get(),
            publishing_us: self.publishing_us.get(),
            removed: self.removed.get(),
            removing_us: self.removing_us.get(),
        }
    }
}
