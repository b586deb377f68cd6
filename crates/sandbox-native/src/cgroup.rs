//! Control groups: what holds a whole sandbox to its limits, where there are any.
//!
//! ```text
//!  <the dispatcher's own cgroup>/          v2: or the nearest one above that can be written
//!     veritech-<pid>-<start time>/         one for each dispatcher: whose it is
//!        sandbox-000007/                   one for each sandbox
//! ```
//!
//! With the first version this is done once for each controller. Everything
//! here is files; [`v1`] and [`v2`] know their names.

mod discovery;
mod leftovers;
mod v1;
mod v2;

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox::{Limits, Mechanism, SandboxId, cgroup};
use tokio::time;

pub(crate) use self::leftovers::reclaim;

/// How long to wait before a cgroup that is still busy is tried again.
const BUSY: Duration = Duration::from_millis(1);

/// Which version the host's controllers belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Several hierarchies.
    V1,
    /// One hierarchy.
    V2,
}

impl Version {
    /// Returns the mechanism's name.
    pub(crate) const fn mechanism(self) -> Mechanism {
        match self {
            Self::V1 => Mechanism::CgroupV1,
            Self::V2 => Mechanism::CgroupV2,
        }
    }
}

/// Which limits cgroups can enforce here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Controllers {
    /// The version.
    pub(crate) version: Version,
    /// Memory.
    pub(crate) memory: bool,
    /// Processes and threads.
    pub(crate) processes: bool,
    /// Share of processors.
    pub(crate) cpu: bool,
}

/// The directory of each controller; with the second version all are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Places {
    memory: Option<PathBuf>,
    processes: Option<PathBuf>,
    cpu: Option<PathBuf>,
    accounting: Option<PathBuf>,
}

/// This dispatcher's cgroups.
#[derive(Debug)]
pub(crate) struct Cgroups {
    version: Version,
    places: Places,
}

/// The cgroups of one sandbox.
#[derive(Debug)]
pub(crate) struct Cgroup {
    version: Version,
    places: Places,
}

/// What the processes of a cgroup have used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Processor time.
    pub(crate) cpu_time: Option<Duration>,
    /// The most memory at once, in bytes.
    pub(crate) memory_peak_bytes: Option<u64>,
    /// How often a process was killed for want of memory.
    pub(crate) memory_kills: u64,
    /// How often a process or thread was refused.
    pub(crate) refused_processes: u64,
}

impl Places {
    /// Lists the directories, each once.
    fn directories(&self) -> Vec<&Path> {
        let mut directories: Vec<&Path> =
            [&self.memory, &self.processes, &self.cpu, &self.accounting]
                .into_iter()
                .flatten()
                .map(PathBuf::as_path)
                .collect();
        directories.sort_unstable();
        directories.dedup();
        directories
    }

    /// Returns the places of the same name below each.
    fn below(&self, name: &str) -> Self {
        let join = |place: &Option<PathBuf>| place.as_ref().map(|place| place.join(name));
        Self {
            memory: join(&self.memory),
            processes: join(&self.processes),
            cpu: join(&self.cpu),
            accounting: join(&self.accounting),
        }
    }

    /// Makes the directories, or none of them.
    fn create(&self) -> io::Result<()> {
        for directory in self.directories() {
            if let Err(error) = fs::create_dir(directory) {
                self.remove_now();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Removes the directories that can be removed.
    fn remove_now(&self) {
        for directory in self.directories() {
            // What cannot be removed here is removed by a later dispatcher.
            fs::remove_dir(directory).ok();
        }
    }
}

impl Cgroups {
    /// Makes this dispatcher's cgroups, and says why not if that cannot be.
    pub(crate) fn open() -> io::Result<Self> {
        let discovered = discovery::discover()?;
        let places = discovered.parents.below(&leftovers::own_name()?);
        places.create()?;
        let cgroups = Self {
            version: discovered.version,
            places,
        };
        if cgroups.version == Version::V2 {
            // Dropping `cgroups` removes them again.
            v2::enable_controllers(&cgroups.places)?;
        }
        Ok(cgroups)
    }

    /// Returns which limits these enforce.
    pub(crate) fn controllers(&self) -> Controllers {
        Controllers {
            version: self.version,
            memory: self.places.memory.is_some(),
            processes: self.places.processes.is_some(),
            cpu: self.places.cpu.is_some(),
        }
    }

    /// Returns whether the kernel accounts for swap, so that sandboxes get none.
    pub(crate) fn forbid_swap(&self) -> bool {
        let limit = match self.version {
            Version::V1 => v1::SWAP_LIMIT,
            Version::V2 => v2::SWAP_LIMIT,
        };
        let memory = self.places.memory.as_ref();
        memory.is_some_and(|memory| memory.join(limit).exists())
    }

    /// Makes the cgroups of a sandbox.
    pub(crate) fn create(&self, sandbox: SandboxId, limits: &Limits) -> io::Result<Cgroup> {
        let cgroup = Cgroup {
            version: self.version,
            places: self.places.below(&sandbox.to_string()),
        };
        cgroup.places.create()?;
        let limited = match self.version {
            Version::V1 => v1::limit(&cgroup.places, limits),
            Version::V2 => v2::limit(&cgroup.places, limits),
        };
        if let Err(error) = limited {
            cgroup.places.remove_now();
            return Err(error);
        }
        Ok(cgroup)
    }
}

impl Drop for Cgroups {
    fn drop(&mut self) {
        self.places.remove_now();
    }
}

impl Cgroup {
    /// Opens the files through which a process with one thread joins.
    pub(crate) fn entrances(&self) -> io::Result<Vec<OwnedFd>> {
        let file = match self.version {
            Version::V1 => v1::ENTRANCE,
            Version::V2 => v2::ENTRANCE,
        };
        self.places
            .directories()
            .into_iter()
            .map(|directory| {
                let file = File::options().write(true).open(directory.join(file))?;
                Ok(file.into())
            })
            .collect()
    }

    /// Hastens the end of processes whose first one was killed.
    pub(crate) fn hasten_end(&self) {
        if let Some(cpu) = &self.places.cpu {
            cgroup::unthrottle(cpu);
        }
        if let Some(directory) = self.places.directories().first()
            && let Err(error) = cgroup::kill(directory)
        {
            tracing::debug!(%error, "the end of a sandbox could not be hastened");
        }
    }

    /// Measures what was used so far.
    pub(crate) fn usage(&self) -> Usage {
        match self.version {
            Version::V1 => v1::usage(&self.places),
            Version::V2 => v2::usage(&self.places),
        }
    }

    /// Measures processor time alone.
    pub(crate) fn cpu_time(&self) -> Option<Duration> {
        match self.version {
            Version::V1 => v1::cpu_time(&self.places),
            Version::V2 => v2::cpu_time(&self.places),
        }
    }

    /// Removes the cgroups, waiting for the last process to have left.
    pub(crate) async fn remove(&self, deadline: time::Instant) -> io::Result<()> {
        for directory in self.places.directories() {
            loop {
                match fs::remove_dir(directory) {
                    Ok(()) => break,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                    Err(error)
                        if error.kind() != io::ErrorKind::ResourceBusy
                            || time::Instant::now() >= deadline =>
                    {
                        return Err(error);
                    }
                    Err(_) => time::sleep(BUSY).await,
                }
            }
        }
        Ok(())
    }
}

/// Writes a value to a file of a cgroup.
fn set(directory: &Path, file: &str, value: impl ToString) -> io::Result<()> {
    fs::write(directory.join(file), value.to_string())
}

/// Reads the number that a file consists of.
fn number(directory: &Path, file: &str) -> Option<u64> {
    let text = fs::read_to_string(directory.join(file)).ok()?;
    text.trim().parse().ok()
}

/// Reads the number after a word at the beginning of a line.
fn field(directory: &Path, file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(directory.join(file)).ok()?;
    text.lines().find_map(|line| {
        let (word, value) = line.split_once(' ')?;
        (word == name).then(|| value.trim().parse().ok())?
    })
}
