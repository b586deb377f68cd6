//! Ends what is in a control group, for engines that have one for each sandbox.
//!
//! A sandbox's first process takes all others along when it is killed, but only
//! when its turn comes. Until then a fork bomb goes on; and an end takes processor
//! time, for which those that have used up their share would wait.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// What lifts the limit on processors, in the second version and in the first.
const UNLIMITED: [(&str, &str); 2] = [("cpu.max", "max"), ("cpu.cfs_quota_us", "-1")];

/// Lets the processes in a cgroup use any processor, as far as they had a share.
pub fn unthrottle(cgroup: &Path) {
    for (file, unlimited) in UNLIMITED {
        // There is one of the two, or none.
        write(&cgroup.join(file), unlimited).ok();
    }
}

/// Sends SIGKILL to every process in a cgroup, and returns whether there was any.
/// One that is forked meanwhile may escape, and be found the next time.
///
/// Two names tell the cgroup from others: its own, and that of the one above.
///
/// # Errors
///
/// Returns an error if the cgroup cannot be read, or a process in it not be killed.
pub fn kill(cgroup: &Path) -> io::Result<bool> {
    let processes = fs::read_to_string(cgroup.join("cgroup.procs"))?;
    let pids = processes.lines().filter_map(|line| line.parse().ok());
    let pids: Vec<Pid> = pids.filter_map(Pid::from_raw).collect();
    // The second version does it in one go, from 5.14 on.
    if !pids.is_empty() && write(&cgroup.join("cgroup.kill"), "1").is_err() {
        for &pid in &pids {
            kill_member(cgroup, pid)?;
        }
    }
    Ok(!pids.is_empty())
}

/// Writes to a file that is there.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(file)?;
    file.write_all(text.as_bytes())
}

/// Kills a process, unless it has ended and its id is another's by now.
fn kill_member(cgroup: &Path, pid: Pid) -> io::Result<()> {
    let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else {
        return Ok(());
    };
    if !is_member(cgroup, pid) {
        return Ok(());
    }
    match pidfd_send_signal(process, Signal::KILL) {
        // One that has ended meanwhile is what is wanted.
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

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
        let procs = cgroup.path().join("cgroup.procs");
        fs::write(procs, innocent.id().to_string()).expect("written");

        let found = kill(cgroup.path()).expect("it is read");

        let ended = innocent.try_wait().expect("it can be waited for");
        innocent.kill().expect("it is killed");
        innocent.wait().expect("it is waited for");
        assert!(found);
        assert_eq!(ended, None);
    }

    #[test]
    fn the_limit_on_processors_is_lifted_as_each_version_spells_it() {
        for (file, unlimited) in UNLIMITED {
            let cgroup = tempfile::tempdir().expect("a directory");
            let path = cgroup.path().join(file);
            fs::write(&path, "").expect("written");
            unthrottle(cgroup.path());
            assert_eq!(fs::read_to_string(&path).expect("readable"), unlimited);
            assert_eq!(fs::read_dir(cgroup.path()).expect("readable").count(), 1);
        }
    }
}
