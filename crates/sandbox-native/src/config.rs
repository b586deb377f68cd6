//! What the native engine is told when it is started.

use std::path::PathBuf;
use std::time::Duration;

use sandbox::{Executable, Programs};

/// How the engine behaves on this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whether, and where, interpreters of the host may be used.
    pub host_images: HostImages,
    /// The first of the 65,536 host user and group ids that sandboxes get when
    /// the engine runs as root. Nobody else on the host may use these.
    pub first_host_uid: u32,
    /// Whether limits may be enforced by cgroups where the host allows it.
    pub cgroups: bool,
    /// The shortest time between two measurements of what a sandbox uses.
    pub sample_interval: Duration,
    /// How long a killed sandbox may take to be gone before its place is given up.
    pub kill_deadline: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host_images: HostImages::default(),
            first_host_uid: 100_000,
            cgroups: true,
            sample_interval: Duration::from_millis(20),
            kill_deadline: Duration::from_secs(5),
        }
    }
}

/// Use of interpreters that are installed on the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostImages {
    /// Whether `host/…` images exist. Their sandboxes see the host's `/usr` and
    /// libraries, read-only.
    pub allowed: bool,
    /// Node.js; searched on `PATH` if not given.
    pub node: Option<PathBuf>,
    /// Deno; searched on `PATH` if not given.
    pub deno: Option<PathBuf>,
}

/// The programs that the engine brings along.
#[derive(Clone, Debug)]
pub struct Executables {
    /// The launcher: a program that calls [`launcher::main`](crate::launcher::main).
    pub launcher: Executable,
    /// What is put into sandboxes.
    pub programs: Programs,
}
