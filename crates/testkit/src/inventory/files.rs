//! Mounts, cgroups, temporary files and abstract sockets.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Item, is_ours};

/// Where a program keeps what should not outlive it.
const TEMPORARY: [&str; 4] = ["/tmp", "/var/tmp", "/run", "/dev/shm"];

/// How deep below those directories names are looked at.
const TEMPORARY_DEPTH: usize = 3;

/// How deep below `/sys/fs/cgroup` names are looked at.
const CGROUP_DEPTH: usize = 6;

/// Returns the mounts of this process's mount namespace.
pub(super) fn mounts() -> Vec<Item> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("/proc is mounted");
    mounts
        .lines()
        .map(|line| {
            // id parent device root point options … - type source options
            let about = line.split(' ').skip(3).take(2);
            let what = line.split(" - ").nth(1).unwrap_or_default();
            about.chain([what]).collect::<Vec<_>>().join(" ")
        })
        .map(Item::Mount)
        .collect()
}

/// Returns the cgroups that are named after us, in every hierarchy.
pub(super) fn cgroups() -> Vec<Item> {
    let mut found = Vec::new();
    search(Path::new("/sys/fs/cgroup"), CGROUP_DEPTH, &mut found);
    found.retain(|path| path.is_dir());
    found.into_iter().map(Item::Cgroup).collect()
}

/// Returns the temporary files that are named after us.
pub(super) fn temporary() -> Vec<Item> {
    let mut found = Vec::new();
    for directory in TEMPORARY {
        search(Path::new(directory), TEMPORARY_DEPTH, &mut found);
    }
    found.into_iter().map(Item::File).collect()
}

/// Returns the abstract Unix sockets that are named after us.
pub(super) fn sockets() -> Vec<Item> {
    let table = fs::read_to_string("/proc/net/unix").unwrap_or_default();
    table
        .lines()
        .filter_map(|line| line.split_once('@'))
        .filter(|(_, name)| is_ours(name))
        .map(|(_, name)| Item::Socket(name.to_owned()))
        .collect()
}

/// Adds every path below `directory` whose last part is a name of ours.
///
/// What cannot be read is not ours, or is just being removed.
fn search(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if is_ours(&entry.file_name().to_string_lossy()) {
            found.push(path.clone());
        }
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_directory && depth > 1 {
            search(&path, depth - 1, found);
        }
    }
}
