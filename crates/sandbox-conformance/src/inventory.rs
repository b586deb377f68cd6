//! What an engine has on its host at one moment.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where cgroups of either version are.
const CGROUPS: &str = "/sys/fs/cgroup";

/// How deep below that cgroups are looked for.
const CGROUP_DEPTH: usize = 8;

/// Everything that an engine has for its sandboxes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    items: BTreeSet<Item>,
}

/// One thing that an engine has, with what tells it from a later one of its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Item {
    /// A process.
    Process {
        /// Its id.
        pid: u32,
        /// When it was started, in clock ticks after boot: ids are used again.
        started: u64,
    },
    /// What a process of the engine itself has of something, such as descriptors.
    Held {
        /// The process.
        pid: u32,
        /// Of what.
        what: String,
        /// How many.
        count: usize,
    },
    /// A cgroup.
    Cgroup(PathBuf),
    /// A file or directory.
    File(PathBuf),
    /// A mount that the whole host sees, by its place.
    Mount(PathBuf),
    /// A network device.
    NetworkDevice(String),
    /// A container, by its id.
    Container(String),
}

impl Inventory {
    /// Returns everything in it, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }

    /// Returns how many processes or containers are in it.
    pub fn running(&self) -> usize {
        let runs = |item: &&Item| matches!(item, Item::Process { .. } | Item::Container(_));
        self.items.iter().filter(runs).count()
    }

    /// Returns the differences to an earlier inventory, or `Ok` if there is none.
    ///
    /// # Errors
    ///
    /// Returns what has appeared and what has disappeared, for a person.
    pub fn compare(&self, earlier: &Self) -> Result<(), String> {
        let lines: Vec<String> = self
            .items
            .difference(&earlier.items)
            .map(|item| format!("appeared: {item}"))
            .chain(
                earlier
                    .items
                    .difference(&self.items)
                    .map(|item| format!("disappeared: {item}")),
            )
            .collect();
        if lines.is_empty() {
            Ok(())
        } else {
            Err(lines.join("; "))
        }
    }
}

impl FromIterator<Item> for Inventory {
    fn from_iter<I: IntoIterator<Item = Item>>(items: I) -> Self {
        Self {
            items: items.into_iter().collect(),
        }
    }
}

impl Item {
    /// Returns a process that runs, or that nobody has waited for.
    pub fn process(pid: u32) -> Option<Self> {
        let (_, started) = state(pid)?;
        Some(Self::Process { pid, started })
    }

    /// Counts the open descriptors of a process.
    ///
    /// # Panics
    ///
    /// If it does not run or belongs to somebody else.
    pub fn descriptors(pid: u32) -> Self {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).expect("readable");
        Self::Held {
            pid,
            what: "descriptors".to_owned(),
            count: descriptors.count(),
        }
    }

    /// Counts the mounts that a process sees which has a mount namespace of its
    /// own.
    ///
    /// # Panics
    ///
    /// If it does not run.
    pub fn mounts(pid: u32) -> Self {
        let table = fs::read_to_string(format!("/proc/{pid}/mountinfo")).expect("readable");
        Self::Held {
            pid,
            what: "mounts".to_owned(),
            count: table.lines().count(),
        }
    }

    /// Returns whether the kernel still has it. What only another program can
    /// tell, such as a container, is taken for gone.
    pub fn is_on_this_host(&self) -> bool {
        match self {
            // An orphan that has ended stays listed until some other process
            // takes notice; it can do nothing any more.
            Self::Process { pid, started } => state(*pid)
                .is_some_and(|(state, since)| since == *started && !matches!(state, 'Z' | 'X')),
            Self::Cgroup(path) | Self::File(path) => path.exists(),
            Self::Mount(place) => is_mounted(place),
            Self::NetworkDevice(name) => Path::new("/sys/class/net").join(name).exists(),
            Self::Held { .. } | Self::Container(_) => false,
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { pid, .. } => write!(f, "process {pid}"),
            Self::Held { pid, what, count } => write!(f, "{count} {what} of process {pid}"),
            Self::Cgroup(path) => write!(f, "cgroup {}", path.display()),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Mount(place) => write!(f, "mount at {}", place.display()),
            Self::NetworkDevice(name) => write!(f, "network device {name}"),
            Self::Container(id) => write!(f, "container {id}"),
        }
    }
}

/// Lists the children of a process.
///
/// # Panics
///
/// If it does not run.
pub fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("the process runs");
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|listed| {
            let pids: Vec<u32> = listed
                .split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect();
            pids
        })
        .collect()
}

/// Lists the cgroups, in every hierarchy, that are below one whose name begins
/// so.
pub fn cgroups_below(prefix: &str) -> Vec<Item> {
    let mut found = Vec::new();
    let mut waiting = vec![(PathBuf::from(CGROUPS), 0)];
    while let Some((directory, depth)) = waiting.pop() {
        for inside in directories(&directory) {
            if name(&inside).starts_with(prefix) {
                found.extend(directories(&inside).map(Item::Cgroup));
            } else if depth < CGROUP_DEPTH {
                waiting.push((inside, depth + 1));
            }
        }
    }
    found
}

fn directories(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn is_mounted(place: &Path) -> bool {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    // id parent device root point …
    let mut points = table.lines().filter_map(|line| line.split(' ').nth(4));
    points.any(|point| Path::new(point) == place)
}

/// Returns the state of a process and when it was started.
fn state(pid: u32) -> Option<(char, u64)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?.chars().next()?;
    let started = fields.nth(18)?.parse().ok()?;
    Some((state, started))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_start_as_well_as_its_number() {
        let me = Item::process(std::process::id()).expect("it runs");
        let Item::Process { pid, started } = me else {
            panic!("got {me:?}");
        };

        let earlier = Item::Process {
            pid,
            started: started - 1,
        };

        assert!(me.is_on_this_host());
        assert!(!earlier.is_on_this_host());
    }

    #[test]
    fn differences_are_told_in_both_directions() {
        let with = |name: &str| Inventory::from_iter([Item::Container(name.to_owned())]);

        assert_eq!(with("a").compare(&with("a")), Ok(()));
        assert_eq!(
            with("b").compare(&with("a")),
            Err("appeared: container b; disappeared: container a".to_owned())
        );
    }

    #[test]
    fn a_file_is_there_until_it_is_removed() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let item = Item::File(file.path().to_owned());

        assert!(item.is_on_this_host());
        drop(file);
        assert!(!item.is_on_this_host());
    }
}
