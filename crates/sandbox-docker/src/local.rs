//! Looks at a container on this very host, where the daemon's word is not needed.
//!
//! The kernel's own files say more than the daemon does, at once, and cost next
//! to nothing: whether a fork was refused, whether something was killed for want
//! of memory, how full the scratch space is.
//!
//! The daemon names a process; it is believed only if that is in a cgroup named
//! after the container, so that a daemon on another host is found out.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Mode, OFlags, ResolveFlags};
use sandbox::{Mechanism, cgroup};
use tokio::time::{self, Instant};

/// The part of a scratch file system that is as good as nothing left.
const FULL: u64 = 4096;

/// How long to wait for the end of what was killed before leaving it to the daemon.
const KILL_MAY_TAKE: Duration = Duration::from_secs(2);

/// How long to wait before looking again.
const KILL_INTERVAL: Duration = Duration::from_millis(1);

/// `TMPFS_MAGIC` of `linux/magic.h`.
const TMPFS: u64 = 0x0102_1994;

/// A container on this host.
#[derive(Debug)]
pub(crate) struct Local {
    memory: PathBuf,
    pids: PathBuf,
    cpu: PathBuf,
    version: Version,
    scratch: Option<OwnedFd>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

/// What the kernel's files say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) cpu_time: Option<Duration>,
    pub(crate) memory_peak_bytes: Option<u64>,
    pub(crate) memory_kills: u64,
    pub(crate) refused_processes: u64,
    pub(crate) disk_full: bool,
}

impl Local {
    /// Finds the container with this id, whose first process is `pid`; `None` if
    /// it is not on this host, or has ended.
    pub(crate) fn find(container: &str, pid: u32, mechanism: Mechanism) -> Option<Self> {
        let version = match mechanism {
            Mechanism::CgroupV1 => Version::V1,
            Mechanism::CgroupV2 => Version::V2,
            Mechanism::Rlimit | Mechanism::Affinity | Mechanism::Tmpfs | Mechanism::Sampled => {
                return None;
            }
        };
        let scratch = open_scratch(pid);
        // Looked at after the scratch space was opened: a process that is in the
        // container's cgroup now was there all along.
        let membership = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        let directory = |controller| {
            let path = path_of(&membership, version, controller)?;
            let own = path.contains(container);
            own.then(|| directory_of(&mounts, version, controller, &path))?
        };
        Some(Self {
            memory: directory("memory")?,
            pids: directory("pids")?,
            cpu: directory("cpuacct").or_else(|| directory("cpu"))?,
            version,
            scratch,
        })
    }

    /// Kills everything in the container, and returns whether it was seen to be
    /// gone; `false` if this user may not, or it takes too long.
    pub(crate) async fn kill(&self) -> bool {
        cgroup::unthrottle(&self.cpu);
        let deadline = Instant::now() + KILL_MAY_TAKE;
        while Instant::now() < deadline {
            match cgroup::kill(&self.pids) {
                Ok(true) => time::sleep(KILL_INTERVAL).await,
                Ok(false) => return true,
                // With its last process gone the daemon removes it.
                Err(error) => return error.kind() == io::ErrorKind::NotFound,
            }
        }
        false
    }

    /// Returns what the container has used. Files that have gone say nothing.
    pub(crate) fn usage(&self) -> Usage {
        let read = |directory: &Path, name: &str| {
            fs::read_to_string(directory.join(name)).unwrap_or_default()
        };
        let number = |text: String| text.trim().parse::<u64>().ok();
        let refused_processes = field(&read(&self.pids, "pids.events"), "max").unwrap_or(0);
        let disk_full = self.scratch.as_ref().is_some_and(is_full);
        match self.version {
            Version::V1 => Usage {
                cpu_time: number(read(&self.cpu, "cpuacct.usage")).map(Duration::from_nanos),
                memory_peak_bytes: number(read(&self.memory, "memory.max_usage_in_bytes")),
                memory_kills: field(&read(&self.memory, "memory.oom_control"), "oom_kill")
                    .unwrap_or(0),
                refused_processes,
                disk_full,
            },
            Version::V2 => Usage {
                cpu_time: field(&read(&self.cpu, "cpu.stat"), "usage_usec")
                    .map(Duration::from_micros),
                memory_peak_bytes: number(read(&self.memory, "memory.peak")),
                memory_kills: field(&read(&self.memory, "memory.events"), "oom_kill").unwrap_or(0),
                refused_processes,
                disk_full,
            },
        }
    }
}

/// Opens the scratch directory of a process, whatever its image has put there.
fn open_scratch(pid: u32) -> Option<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = rustix::fs::open(format!("/proc/{pid}/root"), flags, Mode::empty()).ok()?;
    let followed = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS | ResolveFlags::BENEATH;
    let scratch = rustix::fs::openat2(root, "tmp", flags, Mode::empty(), followed).ok()?;
    let kind = rustix::fs::fstatfs(&scratch).ok()?.f_type;
    (u64::try_from(kind) == Ok(TMPFS)).then_some(scratch)
}

fn is_full(scratch: &OwnedFd) -> bool {
    rustix::fs::fstatfs(scratch).is_ok_and(|scratch| {
        let size = u64::try_from(scratch.f_bsize).unwrap_or(1);
        scratch.f_bfree.saturating_mul(size) < FULL || scratch.f_ffree == 0
    })
}

/// Returns the figure called `name`, of lines `NAME FIGURE`.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(found, _)| *found == name)
        .and_then(|(_, figure)| figure.trim().parse().ok())
}

/// Returns the cgroup that `/proc/PID/cgroup` names for a controller.
fn path_of(membership: &str, version: Version, controller: &str) -> Option<String> {
    membership.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (number, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let wanted = match version {
            Version::V1 => controllers.split(',').any(|it| it == controller),
            Version::V2 => number == "0" && controllers.is_empty(),
        };
        wanted.then(|| path.to_owned())
    })
}

/// Returns where a cgroup is found, of the mounts that `mountinfo` lists.
fn directory_of(mounts: &str, version: Version, controller: &str, path: &str) -> Option<PathBuf> {
    mounts.lines().find_map(|line| {
        let (place, source) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let (root, at) = (place.next()?, place.next()?);
        let mut source = source.split(' ');
        let kind = source.next()?;
        let options = source.nth(1)?;
        let wanted = match version {
            Version::V1 => kind == "cgroup" && options.split(',').any(|it| it == controller),
            Version::V2 => kind == "cgroup2",
        };
        if !wanted {
            return None;
        }
        let below = Path::new(path).strip_prefix(root).ok()?;
        Some(Path::new(at).join(below))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
25 24 0:22 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory
26 24 0:23 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
27 24 0:24 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
";

    #[test]
    fn a_cgroup_is_found_in_both_versions() {
        let membership = "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/system.slice/x\n";
        let find = |version, controller| {
            let path = path_of(membership, version, controller)?;
            directory_of(MOUNTS, version, controller, &path)
        };

        assert_eq!(
            find(Version::V1, "cpuacct").as_deref(),
            Some(Path::new("/sys/fs/cgroup/cpu,cpuacct/docker/abc"))
        );
        assert_eq!(
            find(Version::V2, "memory").as_deref(),
            Some(Path::new("/sys/fs/cgroup/unified/system.slice/x"))
        );
        assert_eq!(find(Version::V1, "pids"), None);
    }

    #[test]
    fn a_process_that_is_not_in_the_container_is_not_believed() {
        let own = std::process::id();
        assert!(Local::find("0123456789abcdef", own, Mechanism::CgroupV1).is_none());
    }

    #[test]
    fn figures_are_found_by_name() {
        let text = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n";
        assert_eq!(field(text, "oom_kill"), Some(3));
        assert_eq!(field(text, "max"), None);
        assert_eq!(field("max max", "max"), None);
    }
}
