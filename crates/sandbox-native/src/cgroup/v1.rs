//! The files of cgroups of the first version.

use std::io;
use std::time::Duration;

use sandbox::Limits;

use super::{Places, Usage, field, number, set};

/// The span in which a share of processors is counted, in microseconds: that of every new cgroup.
const PERIOD_US: u64 = 100_000;

/// The smallest share that the kernel takes, in microseconds per span.
const SMALLEST_QUOTA_US: u64 = 1_000;

/// The file that limits memory and swap together, or swap; present where the kernel
/// accounts for swap.
pub(super) const SWAP_LIMIT: &str = "memory.memsw.limit_in_bytes";

/// The file through which a process with one thread joins.
///
/// A thread that moves itself takes no lock; moving a whole process through
/// `cgroup.procs` waits for all forks on the host to be over, which takes
/// milliseconds (an RCU grace period).
pub(super) const ENTRANCE: &str = "tasks";

/// Sets the limits of a sandbox.
pub(super) fn limit(places: &Places, limits: &Limits) -> io::Result<()> {
    if let Some(memory) = &places.memory {
        set(memory, "memory.limit_in_bytes", limits.memory_bytes)?;
        // Present where the kernel accounts for swap.
        if memory.join(SWAP_LIMIT).exists() {
            set(memory, SWAP_LIMIT, limits.memory_bytes)?;
        }
    }
    if let Some(processes) = &places.processes {
        set(processes, "pids.max", limits.processes)?;
    }
    if let Some(cpu) = &places.cpu {
        let quota_us = u64::from(limits.cpu_millis) * PERIOD_US / 1000;
        set(cpu, "cpu.cfs_quota_us", quota_us.max(SMALLEST_QUOTA_US))?;
    }
    Ok(())
}

/// Measures what a sandbox has used.
pub(super) fn usage(places: &Places) -> Usage {
    let memory = places.memory.as_deref();
    let processes = places.processes.as_deref();
    Usage {
        cpu_time: cpu_time(places),
        memory_peak_bytes: memory.and_then(|it| number(it, "memory.max_usage_in_bytes")),
        memory_kills: memory
            .and_then(|it| field(it, "memory.oom_control", "oom_kill"))
            .unwrap_or_default(),
        refused_processes: processes
            .and_then(|it| field(it, "pids.events", "max"))
            .unwrap_or_default(),
    }
}

/// Measures the processor time of a sandbox.
pub(super) fn cpu_time(places: &Places) -> Option<Duration> {
    let accounting = places.accounting.as_deref()?;
    number(accounting, "cpuacct.usage").map(Duration::from_nanos)
}
