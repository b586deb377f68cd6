//! What processes cost.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// Returns the processor time of all children of this process that have been waited for.
pub(crate) fn of_children() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok(duration(usage.user_time()) + duration(usage.system_time()))
}

/// Returns the processor time of a process, without that of its children; to a tick,
/// which is mostly 10 ms.
pub(crate) fn of_process(pid: u32) -> anyhow::Result<Duration> {
    let path = format!("/proc/{pid}/stat");
    let stat = fs::read_to_string(&path).with_context(|| format!("failed to read `{path}`"))?;
    time_in(&stat).with_context(|| format!("`{path}` is not as expected"))
}

/// Returns the share of memory of these processes in bytes: pages that several have count
/// in parts.
pub(crate) fn proportional_set_size(pids: impl IntoIterator<Item = u32>) -> anyhow::Result<u64> {
    pids.into_iter()
        .map(|pid| kilobytes(&format!("/proc/{pid}/smaps_rollup"), "Pss:"))
        .sum()
}

/// Returns the memory in bytes that a process has in its address space.
pub(crate) fn resident(pid: u32) -> anyhow::Result<u64> {
    kilobytes(&format!("/proc/{pid}/status"), "VmRSS:")
}

/// Reads the processor time out of the fields of proc_pid_stat(5). The second, a name in
/// parentheses, may hold anything.
fn time_in(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(") ")?;
    // The first of these is field 3; `utime` and `stime` are 14 and 15.
    let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    Some(Duration::from_millis((user + system) * 1000 / per_second))
}

fn kilobytes(path: &str, name: &str) -> anyhow::Result<u64> {
    let text = fs::read_to_string(path).with_context(|| format!("failed to read `{path}`"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let figure = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    let figure = figure.with_context(|| format!("`{path}` has no `{name}`"))?;
    Ok(figure * 1024)
}

fn duration(time: TimeVal) -> Duration {
    let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
    let microseconds = u64::try_from(time.tv_usec()).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_micros(microseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_process_is_not_taken_for_a_field() {
        let stat = "7 (a) R 1) S 1 7 7 0 -1 4194560 88 0 0 0 100 50 20 30 20 0 1 0 5 6 7";
        let per_second = rustix::param::clock_ticks_per_second();
        let expected = Duration::from_millis(150_000 / per_second);
        assert_eq!(time_in(stat), Some(expected));
        assert_eq!(time_in("7 (a) S 1"), None);
    }

    #[test]
    fn this_process_has_memory_and_time() {
        let pid = std::process::id();
        assert!(resident(pid).expect("told") > 0);
        assert!(proportional_set_size([pid]).expect("told") > 0);
        of_process(pid).expect("told");
    }
}
