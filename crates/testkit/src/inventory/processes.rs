//! Processes and the namespaces they are in.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::Item;

/// The kernel's own threads are children of this process.
const KERNEL_THREADS: u32 = 2;

/// Returns every process of the host but this one and the kernel's own threads.
pub(super) fn running() -> Vec<Item> {
    directories()
        .filter_map(|directory| parse(&fs::read_to_string(directory.join("stat")).ok()?))
        .filter(|item| match item {
            Item::Process { pid, parent, .. } => {
                *pid != std::process::id() && *pid != KERNEL_THREADS && *parent != KERNEL_THREADS
            }
            _ => true,
        })
        .collect()
}

/// Returns the network namespaces that processes are in.
pub(super) fn network_namespaces() -> Vec<Item> {
    let inodes: BTreeSet<_> = directories()
        .filter_map(|directory| fs::read_link(directory.join("ns/net")).ok())
        .map(|link| link.to_string_lossy().into_owned())
        .collect();
    inodes.into_iter().map(Item::NetworkNamespace).collect()
}

/// Returns the directory of every process.
fn directories() -> impl Iterator<Item = PathBuf> {
    fs::read_dir("/proc")
        .expect("/proc is mounted")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default();
            name.as_encoded_bytes().iter().all(u8::is_ascii_digit)
        })
}

/// Reads `/proc/<pid>/stat`: `pid (name) state ppid …`, the start time being
/// the 22nd field. The name may itself contain brackets and spaces.
fn parse(stat: &str) -> Option<Item> {
    let (pid, rest) = stat.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let parent = fields.nth(1)?;
    let started = fields.nth(17)?;
    Some(Item::Process {
        pid: pid.parse().ok()?,
        parent: parent.parse().ok()?,
        name: name.to_owned(),
        started: started.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_is_read_whole() {
        let stat = "42 (a) b (c)) S 7 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987 1 1";

        let expected = Item::Process {
            pid: 42,
            parent: 7,
            name: "a) b (c)".to_owned(),
            started: 987,
        };
        assert_eq!(parse(stat), Some(expected));
    }
}
