//! What a Docker daemon leaves on the host when it ends, and its removal:
//! processes, mounts, cgroups.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::mount::{UnmountFlags, unmount};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::Instant;

/// How long what was killed may take to be gone.
const LIMIT: Duration = Duration::from_secs(10);

/// How long to wait between two looks.
const INTERVAL: Duration = Duration::from_millis(10);

/// Removes what belongs to the daemon with the files in `directory` and its
/// containers in the cgroup `cgroup`; returns what could not be removed.
pub(super) fn remove(directory: &Path, cgroup: &str) -> Result<(), String> {
    let gone = came_true(LIMIT, || {
        let left = processes(directory, cgroup);
        for pid in &left {
            // It may have ended since it was seen.
            kill_process(*pid, Signal::KILL).ok();
        }
        left.is_empty()
    });
    if !gone {
        return Err(format!("processes {:?}", processes(directory, cgroup)));
    }
    for mount in mounts(directory) {
        unmount(&mount, UnmountFlags::DETACH)
            .map_err(|error| format!("the mount `{}`: {error}", mount.display()))?;
    }
    let mut left = None;
    let gone = came_true(LIMIT, || {
        left = cgroups(cgroup).iter().find_map(|path| prune(path).err());
        left.is_none()
    });
    if gone {
        Ok(())
    } else {
        Err(format!("a cgroup: {}", left.unwrap_or_default()))
    }
}

/// Looks at a condition until it is true, for as long as `limit`; returns
/// whether it came true.
pub(super) fn came_true(limit: Duration, mut look: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if look() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(INTERVAL);
    }
}

/// Returns the daemon's helpers, which name its files on their command lines,
/// and everything in its containers.
fn processes(directory: &Path, cgroup: &str) -> Vec<Pid> {
    let directory = directory.to_string_lossy();
    let member = format!("/{cgroup}/");
    let belongs = |process: &Path| {
        let read = |file| fs::read(process.join(file)).unwrap_or_default();
        String::from_utf8_lossy(&read("cmdline")).contains(directory.as_ref())
            || String::from_utf8_lossy(&read("cgroup")).contains(&member)
    };
    let running = fs::read_dir("/proc").expect("/proc is mounted");
    running
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter_map(|path| {
            let pid = path.file_name()?.to_str()?.parse().ok()?;
            (belongs(&path) && is_running(&path)).then(|| Pid::from_raw(pid))?
        })
        .filter(|pid| *pid != rustix::process::getpid())
        .collect()
}

/// Returns whether there is a process with this directory in `/proc`, other than
/// one that has ended and only waits to be asked how.
pub(super) fn is_running(process: &Path) -> bool {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Returns the mounts in `directory`, those that lie on others first.
fn mounts(directory: &Path) -> Vec<PathBuf> {
    let table = fs::read_to_string("/proc/self/mountinfo").expect("/proc is mounted");
    let mut mounts: Vec<_> = table
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(PathBuf::from)
        .filter(|path| path.starts_with(directory))
        .collect();
    mounts.reverse();
    mounts
}

/// Returns the directories of the cgroup `name` in every hierarchy.
fn cgroups(name: &str) -> Vec<PathBuf> {
    let table = fs::read_to_string("/proc/self/mountinfo").expect("/proc is mounted");
    table
        .lines()
        .filter(|line| line.contains(" - cgroup"))
        .filter_map(|line| line.split(' ').nth(4))
        .map(|hierarchy| Path::new(hierarchy).join(name))
        .filter(|path| path.is_dir())
        .collect()
}

/// Removes a cgroup and those in it. Its files go with it.
fn prune(cgroup: &Path) -> Result<(), String> {
    let failed = |error| format!("`{}`: {error}", cgroup.display());
    for entry in fs::read_dir(cgroup).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            prune(&path)?;
        }
    }
    fs::remove_dir(cgroup).map_err(failed)
}
