//! What one sandbox may use, and what happened when it used more.

use std::fmt;
use std::time::Duration;

/// What everything in one sandbox together may use.
///
/// The values are taken as they are: whoever builds them has checked them
/// against its configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Memory, in bytes, swap included.
    pub memory_bytes: u64,
    /// Processor time per second of wall time, in thousandths of one processor.
    pub cpu_millis: u32,
    /// Processor time over the sandbox's life.
    pub cpu_time: Duration,
    /// Processes and threads at once.
    pub processes: u32,
    /// Bytes that the sandbox can write to its scratch file system.
    pub disk_bytes: u64,
}

/// Which network a sandbox sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Network {
    /// None: a network namespace with nothing in it.
    #[default]
    None,
    /// Outward connections.
    Egress,
}

impl Network {
    /// Returns the network's name in requests and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Egress => "egress",
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One of the limits that an engine enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    /// [`Limits::memory_bytes`].
    Memory,
    /// [`Limits::cpu_millis`].
    Cpu,
    /// [`Limits::cpu_time`].
    CpuTime,
    /// [`Limits::processes`].
    Processes,
    /// [`Limits::disk_bytes`].
    Disk,
}

impl Limit {
    /// Every limit, in the order in which tables show them.
    pub const ALL: [Self; 5] = [
        Self::Memory,
        Self::Cpu,
        Self::CpuTime,
        Self::Processes,
        Self::Disk,
    ];

    /// Returns the limit's name in requests, events and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory_bytes",
            Self::Cpu => "cpus",
            Self::CpuTime => "cpu_time_ms",
            Self::Processes => "processes",
            Self::Disk => "disk_bytes",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A limit that the sandbox ran into, as seen from outside.
///
/// Both figures are in the unit of [`Limit::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LimitHit {
    /// Which limit.
    pub limit: Limit,
    /// What was allowed.
    pub allowed: u64,
    /// What was measured, where it can be.
    pub measured: Option<u64>,
}

/// What a sandbox wanted, and was refused by the kernel or killed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// Something was killed for lack of memory.
    pub memory: bool,
    /// A process or thread could not be started.
    pub processes: bool,
    /// The scratch file system is full.
    pub disk: bool,
}

impl Limits {
    /// Returns the limits that were hit by what was refused, in a sandbox that
    /// had used `memory_peak_bytes` at most.
    ///
    /// What was refused found everything in use: that is what was measured.
    pub fn hits(&self, refusals: Refusals, memory_peak_bytes: Option<u64>) -> Vec<LimitHit> {
        let Refusals {
            memory,
            processes,
            disk,
        } = refusals;
        let hit = |limit, allowed, measured| LimitHit {
            limit,
            allowed,
            measured,
        };
        let all_processes = u64::from(self.processes);
        [
            memory.then(|| hit(Limit::Memory, self.memory_bytes, memory_peak_bytes)),
            processes.then(|| hit(Limit::Processes, all_processes, Some(all_processes))),
            disk.then(|| hit(Limit::Disk, self.disk_bytes, Some(self.disk_bytes))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
