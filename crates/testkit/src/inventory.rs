//! What is left on the host after something ran.
//!
//! A test takes an inventory before and after, and asserts that nothing
//! appeared:
//!
//! ```no_run
//! use testkit::HostInventory;
//!
//! let before = HostInventory::take();
//! // … run something …
//! assert_eq!(HostInventory::take().since(&before), []);
//! ```
//!
//! An inventory is of the whole host, so such a test must not run beside
//! others: with a name that starts with `serial_` nextest runs it alone.

mod files;
mod kernel;
mod processes;

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

/// Everything on the host that a sandbox could leave behind, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostInventory {
    items: BTreeSet<Item>,
}

/// One thing that could be left behind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// A process, or what remains of one that nobody waited for.
    Process {
        /// Its id.
        pid: u32,
        /// Its parent's id.
        parent: u32,
        /// Its name, as the kernel keeps it.
        name: String,
        /// When it was started, in clock ticks after boot: ids are used again.
        started: u64,
    },
    /// A network namespace, by its inode, that a process is in.
    NetworkNamespace(String),
    /// A mount in this process's mount namespace.
    Mount(String),
    /// A cgroup with a name of ours.
    Cgroup(PathBuf),
    /// A file or directory with a name of ours where temporary files are kept.
    File(PathBuf),
    /// An abstract Unix socket with a name of ours.
    Socket(String),
    /// A network device of this process's network namespace.
    Device(String),
    /// An object of System V's interprocess communication.
    Ipc(String),
}

impl HostInventory {
    /// Looks at the host.
    ///
    /// # Panics
    ///
    /// If there is no `/proc`.
    pub fn take() -> Self {
        let items = processes::running()
            .into_iter()
            .chain(processes::network_namespaces())
            .chain(files::mounts())
            .chain(files::cgroups())
            .chain(files::temporary())
            .chain(files::sockets())
            .chain(kernel::devices())
            .chain(kernel::ipc())
            .collect();
        Self { items }
    }

    /// Returns what is in this inventory and was not in the earlier one.
    ///
    /// A process that was moved to another parent is still the same one.
    pub fn since(&self, before: &Self) -> Vec<Item> {
        let known: BTreeSet<_> = before.items.iter().map(Item::identity).collect();
        self.items
            .iter()
            .filter(|item| !known.contains(&item.identity()))
            .cloned()
            .collect()
    }

    /// Returns everything that was found, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }
}

impl Item {
    /// Returns what stays the same for as long as the thing exists.
    fn identity(&self) -> String {
        match self {
            Self::Process { pid, started, .. } => format!("process {pid} of {started}"),
            Self::NetworkNamespace(_)
            | Self::Mount(_)
            | Self::Cgroup(_)
            | Self::File(_)
            | Self::Socket(_)
            | Self::Device(_)
            | Self::Ipc(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process {
                pid,
                parent,
                name,
                started: _,
            } => write!(f, "process {pid} ({name}), child of {parent}"),
            Self::NetworkNamespace(inode) => write!(f, "network namespace {inode}"),
            Self::Mount(mount) => write!(f, "mount {mount}"),
            Self::Cgroup(path) => write!(f, "cgroup {}", path.display()),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Socket(name) => write!(f, "socket {name}"),
            Self::Device(name) => write!(f, "network device {name}"),
            Self::Ipc(object) => write!(f, "IPC object {object}"),
        }
    }
}

/// Returns whether something is called after a part of the system.
fn is_ours(name: &str) -> bool {
    name.contains("veritech") || name.contains("cyclone")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::*;
    use crate::wait;

    #[test]
    fn a_process_is_seen_while_it_runs_and_until_it_is_waited_for() {
        let before = HostInventory::take();
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("cat starts");
        let id = child.id();
        let is_child = |item: &Item| matches!(item, Item::Process { pid, .. } if *pid == id);

        assert!(HostInventory::take().since(&before).iter().any(is_child));

        drop(child.stdin.take());
        wait::eventually_blocking(Duration::from_secs(5), "zombie", || {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            stat.contains(") Z ").then_some(())
        });
        assert!(HostInventory::take().since(&before).iter().any(is_child));

        child.wait().expect("cat ends");
        assert!(!HostInventory::take().since(&before).iter().any(is_child));
    }

    #[test]
    fn a_file_of_ours_is_seen_and_others_are_not() {
        let before = HostInventory::take();
        let others = tempfile::Builder::new().prefix("other-").tempdir().unwrap();
        let ours = tempfile::Builder::new()
            .prefix("veritech-testkit-")
            .tempdir()
            .unwrap();

        let appeared = HostInventory::take().since(&before);

        assert!(appeared.contains(&Item::File(ours.path().to_owned())));
        assert!(!appeared.contains(&Item::File(others.path().to_owned())));
    }

    #[test]
    fn the_hosts_own_mounts_and_network_namespace_are_in_it() {
        let inventory = HostInventory::take();

        assert!(inventory.items().any(|item| matches!(item, Item::Mount(_))));
        assert!(
            inventory
                .items()
                .any(|item| matches!(item, Item::NetworkNamespace(_)))
        );
    }
}
