//! What a sandbox uses, measured from outside.
//!
//! Where a cgroup holds the sandbox, the kernel keeps the sums. Elsewhere they
//! are added up from `/proc`, over every process below the sandbox's first one:
//! orphans become that one's children, so that none escapes.

mod tree;

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rustix::process::Pid;
use sandbox::{Enforcement, Limit, LimitHit, Limits, Mechanism, Refusals, Report};
use tokio::time;

use crate::cgroup::{Cgroup, Usage};

/// The part of a scratch file system that is as good as nothing left.
const FULL: u64 = 4096;

/// The longest time between two measurements of processor time.
const LONGEST_INTERVAL: Duration = Duration::from_secs(1);

/// Watches one sandbox.
#[derive(Debug)]
pub(crate) struct Observation {
    pid: Pid,
    cgroup: Option<Cgroup>,
    scratch: OwnedFd,
    limits: Limits,
    enforcement: Enforcement,
    interval: Duration,
    sampled_peak: AtomicU64,
    /// The most processor time that was seen, in microseconds: where no cgroup
    /// keeps the sum, that of processes which nobody waited for ends with them.
    sampled_cpu: AtomicU64,
    /// The limit that the engine ended the sandbox for.
    exceeded: Mutex<Option<LimitHit>>,
    /// Set when there is nothing left to measure.
    last: Mutex<Option<Report>>,
}

impl Observation {
    /// Watches the sandbox whose first process is `pid`.
    pub(crate) fn new(
        pid: Pid,
        cgroup: Option<Cgroup>,
        scratch: OwnedFd,
        limits: Limits,
        enforcement: Enforcement,
        interval: Duration,
    ) -> Self {
        Self {
            pid,
            cgroup,
            scratch,
            limits,
            enforcement,
            interval,
            sampled_peak: AtomicU64::new(0),
            sampled_cpu: AtomicU64::new(0),
            exceeded: Mutex::new(None),
            last: Mutex::new(None),
        }
    }

    /// Returns the sandbox's cgroup.
    pub(crate) fn cgroup(&self) -> Option<&Cgroup> {
        self.cgroup.as_ref()
    }

    /// Waits until the sandbox exceeds a limit that nothing else holds it to.
    pub(crate) async fn excess(&self) -> LimitHit {
        loop {
            time::sleep(self.next_interval()).await;
            let used = self.cpu_time();
            if used > self.limits.cpu_time {
                return self.exceed(Limit::CpuTime, millis(self.limits.cpu_time), millis(used));
            }
            if self.enforcement.memory == Mechanism::Sampled {
                let used = tree::memory_bytes(self.pid);
                self.sampled_peak.fetch_max(used, Ordering::Relaxed);
                if used > self.limits.memory_bytes {
                    return self.exceed(Limit::Memory, self.limits.memory_bytes, used);
                }
            }
        }
    }

    /// Returns what was used and hit so far.
    pub(crate) fn report(&self) -> Report {
        if let Some(last) = &*self.last.lock() {
            return last.clone();
        }
        let usage = self.usage();
        Report {
            cpu_time: usage.cpu_time.unwrap_or_default(),
            memory_peak_bytes: usage.memory_peak_bytes,
            hits: self.hits(&usage),
        }
    }

    /// Takes the last report, of a sandbox that is gone, whose processes were
    /// waited for and had used `waited_for`.
    pub(crate) fn conclude(&self, waited_for: Duration) -> Report {
        let mut report = self.report();
        report.cpu_time = report.cpu_time.max(waited_for);
        *self.last.lock() = Some(report.clone());
        report
    }

    fn exceed(&self, limit: Limit, allowed: u64, measured: u64) -> LimitHit {
        let hit = LimitHit {
            limit,
            allowed,
            measured: Some(measured),
        };
        *self.exceeded.lock() = Some(hit);
        hit
    }

    /// Returns how long the sandbox needs at least to use the rest of its
    /// processor time, so that an idle one costs next to nothing.
    fn next_interval(&self) -> Duration {
        if self.enforcement.memory == Mechanism::Sampled {
            return self.interval;
        }
        let left = self.limits.cpu_time.saturating_sub(self.cpu_time());
        let processors = self.limits.cpu_millis.div_ceil(1000).max(1);
        (left / processors).clamp(self.interval, LONGEST_INTERVAL)
    }

    fn cpu_time(&self) -> Duration {
        match &self.cgroup {
            Some(cgroup) => cgroup.cpu_time(),
            None => None,
        }
        .unwrap_or_else(|| self.sampled_cpu_time())
    }

    /// Returns the processor time of the processes that there are, or were when
    /// that was more.
    fn sampled_cpu_time(&self) -> Duration {
        let now = tree::cpu_time(self.pid);
        let micros = now.as_micros().try_into().unwrap_or(u64::MAX);
        let most = self.sampled_cpu.fetch_max(micros, Ordering::Relaxed);
        Duration::from_micros(most.max(micros))
    }

    fn usage(&self) -> Usage {
        let mut usage = match &self.cgroup {
            Some(cgroup) => cgroup.usage(),
            None => Usage::default(),
        };
        if usage.cpu_time.is_none() {
            usage.cpu_time = Some(self.sampled_cpu_time());
        }
        if usage.memory_peak_bytes.is_none() {
            let now = tree::memory_bytes(self.pid);
            let peak = self.sampled_peak.fetch_max(now, Ordering::Relaxed).max(now);
            usage.memory_peak_bytes = (peak > 0).then_some(peak);
        }
        usage
    }

    fn hits(&self, usage: &Usage) -> Vec<LimitHit> {
        let mut hits: Vec<LimitHit> = self.exceeded.lock().iter().copied().collect();
        let refusals = Refusals {
            memory: usage.memory_kills > 0,
            processes: usage.refused_processes > 0 || self.has_every_process(),
            disk: self.is_disk_full(),
        };
        hits.extend(self.limits.hits(refusals, usage.memory_peak_bytes));
        hits
    }

    /// Returns whether no process more can be started, where the kernel does not
    /// count those that it refuses.
    fn has_every_process(&self) -> bool {
        self.enforcement.processes == Mechanism::Rlimit
            && tree::tasks(self.pid) >= u64::from(self.limits.processes)
    }

    fn is_disk_full(&self) -> bool {
        rustix::fs::fstatfs(&self.scratch).is_ok_and(|scratch| {
            let free = scratch
                .f_bfree
                .saturating_mul(u64::try_from(scratch.f_bsize).unwrap_or(1));
            free < FULL || scratch.f_ffree == 0
        })
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
