//! Names the cgroups of a dispatcher, and removes those of dead ones.
//!
//! A process number alone does not say whether its dispatcher lives: the kernel
//! gives numbers out again, and has others in each namespace. With the time at
//! which the process started it does, to those in the same namespace; what belongs
//! to another is left alone.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use sandbox::{ReclaimError, cgroup::kill};
use tokio::time;

use super::Cgroups;

/// What the names of dispatchers' cgroups begin with.
const PREFIX: &str = "veritech-";

/// How long to wait for the processes of a dead dispatcher to be gone.
const KILL_DEADLINE: Duration = Duration::from_secs(5);

/// How long to wait before a cgroup that is still busy is tried again.
const BUSY: Duration = Duration::from_millis(5);

/// Returns the name of this dispatcher's cgroups.
pub(super) fn own_name() -> io::Result<String> {
    let pid = std::process::id();
    let started = start_time(pid).ok_or(io::ErrorKind::InvalidData)?;
    let namespace = pid_namespace()?;
    Ok(format!("{PREFIX}{pid}-{started}-{namespace}"))
}

/// Returns the number of the namespace that this process's number is of.
fn pid_namespace() -> io::Result<u64> {
    fs::metadata("/proc/self/ns/pid").map(|namespace| namespace.ino())
}

/// Removes the cgroups of dispatchers that no longer live, beside those of
/// `cgroups`, and says of how many sandboxes.
pub(crate) async fn reclaim(cgroups: &Cgroups) -> Result<usize, ReclaimError> {
    let mut removed = 0;
    let mut failure = None;
    let parents: Vec<&Path> = cgroups
        .places
        .directories()
        .into_iter()
        .filter_map(Path::parent)
        .collect();
    for (index, parent) in parents.iter().enumerate() {
        for name in dead_dispatchers(parent) {
            match remove_all(&parent.join(&name)).await {
                // A sandbox of the first version has a directory in each place.
                Ok(count) if index == 0 => removed += count,
                Ok(_) => {}
                Err(source) => {
                    failure.get_or_insert(ReclaimError { what: name, source });
                }
            }
        }
    }
    failure.map_or(Ok(removed), Err)
}

/// Lists the cgroups in `parent` whose dispatcher is dead.
fn dead_dispatchers(parent: &Path) -> Vec<String> {
    let (Ok(entries), Ok(namespace)) = (fs::read_dir(parent), pid_namespace()) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            owner(name).is_some_and(|owner| {
                owner.namespace == namespace && start_time(owner.pid) != Some(owner.started)
            })
        })
        .collect()
}

/// Whose a cgroup is.
struct Owner {
    pid: u32,
    started: u64,
    namespace: u64,
}

/// Reads whose a cgroup is from its name.
fn owner(name: &str) -> Option<Owner> {
    let mut numbers = name.strip_prefix(PREFIX)?.split('-');
    Some(Owner {
        pid: numbers.next()?.parse().ok()?,
        started: numbers.next()?.parse().ok()?,
        namespace: numbers.next()?.parse().ok()?,
    })
}

/// Returns when a process started, in the kernel's own unit.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

/// Kills what is in a dispatcher's cgroup and removes it with all below.
async fn remove_all(dispatcher: &Path) -> io::Result<usize> {
    let deadline = time::Instant::now() + KILL_DEADLINE;
    let mut sandboxes = 0;
    for entry in fs::read_dir(dispatcher)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove(&entry.path(), deadline).await?;
            sandboxes += 1;
        }
    }
    remove(dispatcher, deadline).await?;
    Ok(sandboxes)
}

/// Kills what is in a cgroup and removes it.
async fn remove(cgroup: &Path, deadline: time::Instant) -> io::Result<()> {
    loop {
        match fs::remove_dir(cgroup) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if time::Instant::now() >= deadline => return Err(error),
            Err(_) => {
                kill(cgroup)?;
                time::sleep(BUSY).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_dead_are_found() {
        let parent = tempfile::tempdir().expect("a directory");
        let mine = own_name().expect("a name");
        let me = std::process::id();
        let namespace = pid_namespace().expect("a namespace");
        let dead = format!("veritech-{me}-1-{namespace}");
        for name in [
            mine.as_str(),
            dead.as_str(),
            // Perhaps alive, where nobody here can see it.
            &format!("veritech-{me}-1-1"),
            "veritech-x-1-1",
            "other-1-1-1",
        ] {
            fs::create_dir(parent.path().join(name)).expect("made");
        }

        assert_eq!(dead_dispatchers(parent.path()), [dead]);
    }
}
