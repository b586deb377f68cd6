//! Kills what is in a cgroup.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// Sends SIGKILL to every process in a cgroup. One that is forked meanwhile may
/// escape, and be found the next time.
pub(super) fn kill(cgroup: &Path) -> io::Result<()> {
    // The second version does it in one go, from 5.14 on.
    if fs::write(cgroup.join("cgroup.kill"), "1").is_ok() {
        return Ok(());
    }
    let processes = fs::read_to_string(cgroup.join("cgroup.procs"))?;
    let pids = processes.lines().filter_map(|line| line.parse().ok());
    for pid in pids.filter_map(Pid::from_raw) {
        kill_member(cgroup, pid);
    }
    Ok(())
}

/// Kills a process, unless it has ended and its id is another's by now.
fn kill_member(cgroup: &Path, pid: Pid) {
    let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else {
        return;
    };
    if is_member(cgroup, pid) {
        // One that has ended meanwhile is what is wanted.
        pidfd_send_signal(process, Signal::KILL).ok();
    }
}

/// Returns whether a process is in a cgroup, by the two names that no other has:
/// its dispatcher's and its own.
fn is_member(cgroup: &Path, pid: Pid) -> bool {
    let names = |path: &Path| -> Option<(Box<OsStr>, Box<OsStr>)> {
        let own = path.file_name()?;
        Some((path.parent()?.file_name()?.into(), own.into()))
    };
    let Some(wanted) = names(cgroup) else {
        return false;
    };
    let membership = fs::read_to_string(format!("/proc/{}/cgroup", pid.as_raw_nonzero()));
    let membership = membership.unwrap_or_default();
    membership
        .lines()
        .filter_map(|line| line.splitn(3, ':').nth(2))
        .any(|path| names(Path::new(path)).as_ref() == Some(&wanted))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_that_is_not_in_the_cgroup_is_not_killed() {
        let cgroup = tempfile::tempdir().expect("a directory");
        let mut innocent = Command::new("sleep").arg("600").spawn().expect("it starts");
        // As if the id of a member had been given to another process.
        fs::write(
            cgroup.path().join("cgroup.procs"),
            innocent.id().to_string(),
        )
        .expect("written");
        // No kernel makes this one: a file of that name would swallow the order.
        fs::create_dir(cgroup.path().join("cgroup.kill")).expect("made");

        kill(cgroup.path()).expect("it is read");

        let ended = innocent.try_wait().expect("it can be waited for");
        innocent.kill().expect("it is killed");
        innocent.wait().expect("it is waited for");
        assert_eq!(ended, None);
    }
}
