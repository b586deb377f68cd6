//! The files of cgroups of the second version.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use sandbox::Limits;

use super::{Places, Usage, field, number, set};

/// The span in which a share of processors is counted, in microseconds.
const PERIOD_US: u64 = 100_000;

/// The smallest share that the kernel takes, in microseconds per span.
const SMALLEST_QUOTA_US: u64 = 1_000;

/// The file that limits memory and swap together, or swap; present where the kernel
/// has swap at all.
pub(super) const SWAP_LIMIT: &str = "memory.swap.max";

/// The file through which a process joins.
pub(super) const ENTRANCE: &str = "cgroup.procs";

/// The controllers that limits need.
pub(super) const CONTROLLERS: [&str; 3] = ["memory", "pids", "cpu"];

/// Lets the cgroups below a dispatcher's have the controllers that it has.
pub(super) fn enable_controllers(places: &Places) -> io::Result<()> {
    let enabled: String = [
        (&places.memory, "+memory "),
        (&places.processes, "+pids "),
        (&places.cpu, "+cpu "),
    ]
    .into_iter()
    .filter_map(|(place, name)| place.is_some().then_some(name))
    .collect();
    for directory in places.directories() {
        set(directory, "cgroup.subtree_control", enabled.trim())?;
    }
    Ok(())
}

/// Lists which of [`CONTROLLERS`] the children of a cgroup have.
pub(super) fn delegated(directory: &Path) -> Vec<&'static str> {
    let enabled = fs::read_to_string(directory.join("cgroup.subtree_control")).unwrap_or_default();
    CONTROLLERS
        .into_iter()
        .filter(|name| enabled.split_whitespace().any(|word| word == *name))
        .collect()
}

/// Sets the limits of a sandbox.
pub(super) fn limit(places: &Places, limits: &Limits) -> io::Result<()> {
    if let Some(memory) = &places.memory {
        set(memory, "memory.max", limits.memory_bytes)?;
        // Present where the kernel has swap at all.
        if memory.join(SWAP_LIMIT).exists() {
            set(memory, SWAP_LIMIT, 0)?;
        }
    }
    if let Some(processes) = &places.processes {
        set(processes, "pids.max", limits.processes)?;
    }
    if let Some(cpu) = &places.cpu {
        let quota_us = u64::from(limits.cpu_millis) * PERIOD_US / 1000;
        let quota_us = quota_us.max(SMALLEST_QUOTA_US);
        set(cpu, "cpu.max", format_args!("{quota_us} {PERIOD_US}"))?;
    }
    Ok(())
}

/// Measures what a sandbox has used.
pub(super) fn usage(places: &Places) -> Usage {
    let memory = places.memory.as_deref();
    let processes = places.processes.as_deref();
    Usage {
        cpu_time: cpu_time(places),
        // Kernels before 5.19 do not tell.
        memory_peak_bytes: memory.and_then(|it| number(it, "memory.peak")),
        memory_kills: memory
            .and_then(|it| field(it, "memory.events", "oom_kill"))
            .unwrap_or_default(),
        refused_processes: processes
            .and_then(|it| field(it, "pids.events", "max"))
            .unwrap_or_default(),
    }
}

/// Measures the processor time of a sandbox.
pub(super) fn cpu_time(places: &Places) -> Option<Duration> {
    let accounting = places.accounting.as_deref()?;
    field(accounting, "cpu.stat", "usage_usec").map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_usage_are_written_and_read_as_the_kernel_spells_them() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = directory.path();
        let places = Places {
            memory: Some(at.to_owned()),
            processes: Some(at.to_owned()),
            cpu: Some(at.to_owned()),
            accounting: Some(at.to_owned()),
        };
        let read = |file: &str| fs::read_to_string(at.join(file)).expect("was written");
        fs::write(at.join("memory.swap.max"), "max\n").expect("written");
        fs::write(at.join("memory.peak"), "4096\n").expect("written");
        fs::write(at.join("memory.events"), "low 0\noom 2\noom_kill 1\n").expect("written");
        fs::write(at.join("pids.events"), "max 3\n").expect("written");
        fs::write(at.join("cpu.stat"), "usage_usec 1500\nuser_usec 1\n").expect("written");

        let limits = Limits {
            memory_bytes: 1 << 20,
            cpu_millis: 1500,
            cpu_time: Duration::from_secs(1),
            processes: 12,
            disk_bytes: 1 << 20,
        };
        limit(&places, &limits).expect("limited");

        assert_eq!(read("memory.max"), "1048576");
        assert_eq!(read("memory.swap.max"), "0");
        assert_eq!(read("pids.max"), "12");
        assert_eq!(read("cpu.max"), "150000 100000");
        let expected = Usage {
            cpu_time: Some(Duration::from_micros(1500)),
            memory_peak_bytes: Some(4096),
            memory_kills: 1,
            refused_processes: 3,
        };
        assert_eq!(usage(&places), expected);
    }
}
