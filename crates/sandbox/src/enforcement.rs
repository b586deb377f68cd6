//! What enforces which limit.

use std::fmt;

use crate::limits::Limit;

/// What holds a sandbox to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// A cgroup of the first version.
    CgroupV1,
    /// A cgroup of the second version.
    CgroupV2,
    /// A resource limit of each process (`setrlimit(2)`).
    Rlimit,
    /// The processors that it may run on (`sched_setaffinity(2)`).
    Affinity,
    /// The size of a file system in memory (`tmpfs(5)`).
    Tmpfs,
    /// Measured from outside at intervals; short excesses are not seen.
    Sampled,
}

impl Mechanism {
    /// Returns the name that `started` events and `veritech doctor` show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CgroupV1 => "cgroup-v1",
            Self::CgroupV2 => "cgroup-v2",
            Self::Rlimit => "rlimit",
            Self::Affinity => "affinity",
            Self::Tmpfs => "tmpfs",
            Self::Sampled => "sampled",
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What enforces each limit of the sandboxes of one image on this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enforcement {
    /// Enforces [`Limit::Memory`].
    pub memory: Mechanism,
    /// Enforces [`Limit::Cpu`].
    pub cpu: Mechanism,
    /// Enforces [`Limit::CpuTime`].
    pub cpu_time: Mechanism,
    /// Enforces [`Limit::Processes`].
    pub processes: Mechanism,
    /// Enforces [`Limit::Disk`].
    pub disk: Mechanism,
}

impl Enforcement {
    /// Returns what enforces `limit`.
    pub const fn of(&self, limit: Limit) -> Mechanism {
        match limit {
            Limit::Memory => self.memory,
            Limit::Cpu => self.cpu,
            Limit::CpuTime => self.cpu_time,
            Limit::Processes => self.processes,
            Limit::Disk => self.disk,
        }
    }

    /// Lists every limit with what enforces it.
    pub fn table(&self) -> impl Iterator<Item = (Limit, Mechanism)> + use<> {
        let table = *self;
        Limit::ALL
            .into_iter()
            .map(move |limit| (limit, table.of(limit)))
    }
}
