//! Sums over a process and all its descendants, read from `/proc`.

use std::fs;
use std::time::Duration;

use rustix::process::Pid;

/// The most processes that are visited: a sandbox with more has other troubles.
const MOST: usize = 4096;

/// Returns the processor time of the processes alive, and of those they waited for.
pub(super) fn cpu_time(first: Pid) -> Duration {
    let ticks: u64 = processes(first).into_iter().filter_map(ticks).sum();
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    Duration::from_millis(ticks.saturating_mul(1000) / per_second)
}

/// Returns the private and shared writable memory of the processes alive.
pub(super) fn memory_bytes(first: Pid) -> u64 {
    processes(first)
        .into_iter()
        .filter_map(resident)
        .fold(0, u64::saturating_add)
}

/// Returns how many processes and threads are alive.
pub(super) fn tasks(first: Pid) -> u64 {
    let threads = |pid: &i32| fs::read_dir(format!("/proc/{pid}/task")).map(Iterator::count);
    let all = processes(first);
    let counts = all.iter().filter_map(|pid| threads(pid).ok());
    counts
        .map(|count| u64::try_from(count).unwrap_or(u64::MAX))
        .sum()
}

/// Lists a process and its descendants.
fn processes(first: Pid) -> Vec<i32> {
    let mut found = vec![first.as_raw_nonzero().get()];
    let mut next = 0;
    while let Some(&pid) = found.get(next) {
        next += 1;
        let threads = fs::read_dir(format!("/proc/{pid}/task"));
        for thread in threads.into_iter().flatten().flatten() {
            let children = fs::read_to_string(thread.path().join("children"));
            let children = children.unwrap_or_default();
            found.extend(
                children
                    .split_whitespace()
                    .filter_map(|it| it.parse::<i32>().ok()),
            );
        }
        if found.len() > MOST {
            break;
        }
    }
    found
}

/// Returns a process's own time and that of the children that it waited for.
fn ticks(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let times = fields.split_whitespace().skip(11).take(4);
    Some(times.filter_map(|it| it.parse::<u64>().ok()).sum())
}

/// Returns the bytes that a process has in memory, but for files.
fn resident(pid: i32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kibibytes: u64 = status
        .lines()
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            matches!(name, "RssAnon" | "RssShmem")
                .then(|| value.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok())?
        })
        .sum();
    Some(kibibytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_seen() {
        let me = rustix::process::getpid();
        assert!(memory_bytes(me) > 0);
        assert!(tasks(me) > 0);
        assert!(processes(me).contains(&me.as_raw_nonzero().get()));
        assert!(ticks(me.as_raw_nonzero().get()).is_some());
    }
}
