//! What a sandbox uses, and which limits it has hit.
//!
//! From the kernel's files where the container is on this host, otherwise from
//! what the daemon says. What was once seen stays true when the container, and
//! with it everything that could be looked at, has gone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bollard::query_parameters::{InspectContainerOptionsBuilder, StatsOptionsBuilder};
use futures_util::StreamExt as _;
use parking_lot::Mutex;
use sandbox::{Limit, LimitHit, Limits, Mechanism, Refusals, Report};
use tokio::sync::OnceCell;
use tokio::time;

use crate::daemon::Daemon;
use crate::events::Watch;
use crate::local::{Local, Usage};

/// The longest time between two measurements of processor time.
const LONGEST_INTERVAL: Duration = Duration::from_secs(1);

/// The shortest, where the daemon has to be asked.
const SHORTEST_ASKED: Duration = Duration::from_secs(1);

/// How long the news that something was killed may take to come from a daemon
/// on another host.
const NEWS_MAY_TAKE: Duration = Duration::from_millis(200);

/// Watches one sandbox.
#[derive(Debug)]
pub(crate) struct Observation {
    daemon: Daemon,
    container: String,
    watch: Watch,
    limits: Limits,
    mechanism: Mechanism,
    interval: Duration,
    place: OnceCell<Option<Local>>,
    seen: Mutex<Usage>,
    /// The limit that the engine ended the sandbox for.
    exceeded: Mutex<Option<LimitHit>>,
    concluded: AtomicBool,
}

impl Observation {
    /// Watches the container with this id.
    pub(crate) fn new(
        daemon: Daemon,
        container: String,
        watch: Watch,
        limits: Limits,
        mechanism: Mechanism,
        interval: Duration,
    ) -> Self {
        Self {
            daemon,
            container,
            watch,
            limits,
            mechanism,
            interval,
            place: OnceCell::new(),
            seen: Mutex::default(),
            exceeded: Mutex::default(),
            concluded: AtomicBool::new(false),
        }
    }

    /// Returns the container's id.
    pub(crate) fn container(&self) -> &str {
        &self.container
    }

    /// Waits until the sandbox has used more processor time than it may.
    pub(crate) async fn excess(&self) -> LimitHit {
        loop {
            let local = self.place().await.is_some();
            time::sleep(self.next_interval(local)).await;
            self.look().await;
            let used = self.seen.lock().cpu_time.unwrap_or_default();
            if used > self.limits.cpu_time {
                let hit = LimitHit {
                    limit: Limit::CpuTime,
                    allowed: millis(self.limits.cpu_time),
                    measured: Some(millis(used)),
                };
                *self.exceeded.lock() = Some(hit);
                return hit;
            }
        }
    }

    /// Returns what was used and hit so far.
    pub(crate) async fn report(&self) -> Report {
        if !self.concluded.load(Ordering::Acquire) {
            self.look().await;
            self.await_news().await;
        }
        self.summary()
    }

    /// Takes the last look, at a sandbox that is about to be removed.
    pub(crate) async fn conclude(&self) -> Report {
        self.look().await;
        self.concluded.store(true, Ordering::Release);
        self.summary()
    }

    /// Kills everything in the container, if it is on this host and can be killed
    /// without the daemon, and returns whether nothing of it runs any more.
    ///
    /// The daemon needs much longer to do that and to say so.
    pub(crate) async fn kill(&self) -> bool {
        match self.place().await {
            Some(local) => local.kill().await,
            None => false,
        }
    }

    /// Returns how long the sandbox needs at least to use the rest of its
    /// processor time, so that an idle one costs next to nothing.
    fn next_interval(&self, local: bool) -> Duration {
        let used = self.seen.lock().cpu_time.unwrap_or_default();
        let left = self.limits.cpu_time.saturating_sub(used);
        let processors = self.limits.cpu_millis.div_ceil(1000).max(1);
        let shortest = if local {
            self.interval.min(LONGEST_INTERVAL)
        } else {
            SHORTEST_ASKED
        };
        (left / processors).clamp(shortest, LONGEST_INTERVAL)
    }

    /// Finds the container on this host, once.
    async fn place(&self) -> Option<&Local> {
        let find = async || {
            if !self.daemon.may_be_local() {
                return None;
            }
            let options = InspectContainerOptionsBuilder::new().build();
            let inspected = self
                .daemon
                .api()
                .inspect_container(&self.container, Some(options));
            let found = self.daemon.ask("look up the container", inspected).await;
            let pid = found.ok()?.state?.pid?;
            let pid = u32::try_from(pid).ok().filter(|&pid| pid > 0)?;
            Local::find(&self.container, pid, self.mechanism)
        };
        self.place.get_or_init(find).await.as_ref()
    }

    /// Takes in what can be seen now.
    async fn look(&self) {
        let now = match self.place().await {
            Some(local) => local.usage(),
            None => self.ask().await,
        };
        let mut seen = self.seen.lock();
        *seen = Usage {
            cpu_time: seen.cpu_time.max(now.cpu_time),
            memory_peak_bytes: seen.memory_peak_bytes.max(now.memory_peak_bytes),
            memory_kills: seen.memory_kills.max(now.memory_kills),
            refused_processes: seen.refused_processes.max(now.refused_processes),
            disk_full: now.disk_full,
        };
    }

    /// Asks the daemon.
    async fn ask(&self) -> Usage {
        let options = StatsOptionsBuilder::new()
            .stream(false)
            .one_shot(true)
            .build();
        let mut stats = Box::pin(self.daemon.api().stats(&self.container, Some(options)));
        let Ok(Some(Ok(stats))) = time::timeout(LONGEST_INTERVAL, stats.next()).await else {
            return Usage::default();
        };
        let cpu = stats.cpu_stats.and_then(|it| it.cpu_usage);
        let memory = stats.memory_stats.unwrap_or_default();
        Usage {
            cpu_time: cpu.and_then(|it| it.total_usage).map(Duration::from_nanos),
            // Daemons on version 2 of cgroups say how much there is now.
            memory_peak_bytes: memory.max_usage.max(memory.usage),
            ..Usage::default()
        }
    }

    /// Gives the news of a kill time to arrive, where it comes from far away and
    /// is likely.
    async fn await_news(&self) {
        let used = self.seen.lock().memory_peak_bytes.unwrap_or(0);
        let likely = used >= self.limits.memory_bytes / 10 * 9;
        if self.place().await.is_some() || !likely {
            return;
        }
        let arrived = async {
            while self.watch.kills() == 0 {
                time::sleep(self.interval).await;
            }
        };
        // Without news there was no kill.
        time::timeout(NEWS_MAY_TAKE, arrived).await.unwrap_or(());
    }

    fn summary(&self) -> Report {
        let seen = *self.seen.lock();
        let mut hits: Vec<LimitHit> = self.exceeded.lock().iter().copied().collect();
        let refusals = Refusals {
            memory: seen.memory_kills > 0 || self.watch.kills() > 0,
            processes: seen.refused_processes > 0,
            disk: seen.disk_full,
        };
        hits.extend(self.limits.hits(refusals, seen.memory_peak_bytes));
        Report {
            cpu_time: seen.cpu_time.unwrap_or_default(),
            memory_peak_bytes: seen.memory_peak_bytes,
            hits,
        }
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
