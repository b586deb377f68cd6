//! The processes below a process.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use testkit::eventually;

/// A process, told apart from later ones of the same id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its name, as the kernel keeps it.
    pub name: String,
    /// When it was started, in clock ticks after boot.
    started: u64,
}

impl Process {
    /// Returns whether it still executes. What waits to be reaped does not.
    pub fn is_alive(&self) -> bool {
        stat(self.pid).is_some_and(|stat| stat.started == self.started && stat.executes())
    }

    /// Returns the name of the cgroups of its sandboxes, if it is a dispatcher in this
    /// pid namespace.
    pub(crate) fn cgroup(&self) -> String {
        let namespace = fs::metadata("/proc/self/ns/pid").expect("/proc is mounted");
        format!("veritech-{}-{}-{}", self.pid, self.started, namespace.ino())
    }

    /// Sends it SIGKILL.
    ///
    /// # Panics
    ///
    /// If that is not allowed.
    pub fn kill(&self) {
        signal(self.pid, Signal::KILL);
    }
}

/// Waits until none of the processes executes any more.
///
/// # Panics
///
/// If one still does after `limit`.
pub async fn gone(limit: Duration, processes: &[Process]) {
    eventually(limit, "end of every process", async || {
        let mut alive = processes.to_vec();
        alive.retain(Process::is_alive);
        if alive.is_empty() { Ok(()) } else { Err(alive) }
    })
    .await;
}

/// Sends a signal.
///
/// # Panics
///
/// If there is no such process, or it belongs to somebody else.
pub fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = pid.expect("invariant: the kernel's process ids are positive");
    kill_process(pid, signal).expect("a process of the test's own can be signalled");
}

/// Sends a signal to a process group.
///
/// # Panics
///
/// If there is no such group, or it belongs to somebody else.
pub(crate) fn signal_group(leader: u32, signal: Signal) {
    let leader = i32::try_from(leader).ok().and_then(Pid::from_raw);
    let leader = leader.expect("invariant: the kernel's process ids are positive");
    kill_process_group(leader, signal).expect("a group of the test's own can be signalled");
}

/// Makes orphans below this process its own, so that whatever was started from here
/// stays below it, however it was detached.
///
/// # Panics
///
/// If the kernel refuses it.
pub(crate) fn adopt_orphans() {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .expect("any process can adopt orphans");
}

/// Returns every living process but this one: all that there are in a pid namespace that this process is the first of.
pub(crate) fn others() -> Vec<Process> {
    numbers()
        .filter(|pid| *pid != std::process::id())
        .filter_map(process)
        .collect()
}

/// Returns the numbers of all processes.
fn numbers() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc")
        .expect("/proc is mounted")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// Returns the living processes below `root`, at any depth.
pub fn descendants(root: u32) -> Vec<Process> {
    let all: BTreeMap<u32, Stat> = numbers()
        .filter_map(|pid| Some((pid, stat(pid)?)))
        .filter(|(_, stat)| stat.executes())
        .collect();
    let is_below = |pid: u32| {
        let mut current = pid;
        // Parents may change between two reads: no chain is longer than this.
        for _ in 0..all.len() {
            match all.get(&current) {
                Some(stat) if stat.parent == root => return true,
                Some(stat) => current = stat.parent,
                None => return false,
            }
        }
        false
    };
    all.iter()
        .filter(|(pid, _)| is_below(**pid))
        .map(|(pid, stat)| Process {
            pid: *pid,
            name: stat.name.clone(),
            started: stat.started,
        })
        .collect()
}

/// Returns the parent of a process, as long as both live.
pub(crate) fn parent(of: &Process) -> Option<Process> {
    process(stat(of.pid)?.parent)
}

/// Returns a living process by its id.
pub(crate) fn process(pid: u32) -> Option<Process> {
    let stat = stat(pid).filter(Stat::executes)?;
    Some(Process {
        pid,
        name: stat.name,
        started: stat.started,
    })
}

#[derive(Debug)]
struct Stat {
    name: String,
    state: char,
    parent: u32,
    threads: u64,
    started: u64,
}

impl Stat {
    /// Returns whether any thread of it still executes. The first may have ended before
    /// the others: the process then has a zombie's state, and is none.
    fn executes(&self) -> bool {
        self.state != 'Z' || self.threads > 1
    }
}

/// Reads `/proc/<pid>/stat`: `pid (name) state ppid …`, the number of threads being
/// the 20th field, and the start time the 22nd. The name may itself contain brackets and spaces.
fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some(Stat {
        name: name.to_owned(),
        state: fields.next()?.chars().next()?,
        parent: fields.next()?.parse().ok()?,
        threads: fields.nth(15)?.parse().ok()?,
        started: fields.nth(1)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_below_its_parent_until_it_has_ended() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("cat starts");
        let below = descendants(std::process::id());
        let found = below.iter().find(|process| process.pid == child.id());
        let found = found.expect("the child is found").clone();
        assert!(found.is_alive());

        drop(child.stdin.take());
        child.wait().expect("cat ends");
        assert!(!found.is_alive());
    }
}
