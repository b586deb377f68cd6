//! What the native engine is told when it is started.

use std::path::PathBuf;
use std::time::Duration;

use image_store::Store;
use sandbox::{Executable, ImagePattern, InjectionRule, Programs, PullPolicy};

/// Where the host users of sandboxes begin unless said otherwise: behind all that
/// distributions and systemd give to users, containers and services.
const DEFAULT_FIRST_HOST_UID: u32 = 0x7000_0000;

/// How the engine behaves on this host.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether, and where, interpreters of the host may be used.
    pub host_images: HostImages,
    /// Where images of registries come from; `None` if there are none.
    pub registry_images: Option<RegistryImages>,
    /// The images whose sandboxes are brought forth by a zygote, where their runner is one of ours
    /// and not Python's: a runtime that is warm already, but shares its address-space layout and
    /// its engine's own seeds with its siblings.
    pub zygotes: Vec<ImagePattern>,
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
            registry_images: None,
            zygotes: Vec::new(),
            first_host_uid: DEFAULT_FIRST_HOST_UID,
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
    /// CPython; searched on `PATH` as `python3` if not given.
    pub python: Option<PathBuf>,
}

/// Use of images from registries.
#[derive(Clone, Debug)]
pub struct RegistryImages {
    /// Pulls images and keeps them.
    pub store: Store,
    /// When a registry is asked what a tag stands for.
    pub pull_policy: PullPolicy,
    /// Images that bring no runner along and get one of ours. The first rule that
    /// fits an image counts.
    pub injection: Vec<InjectionRule>,
}

/// The programs that the engine brings along.
#[derive(Clone, Debug)]
pub struct Executables {
    /// The launcher: a program that calls [`launcher::main`](crate::launcher::main).
    pub launcher: Executable,
    /// What is put into sandboxes.
    pub programs: Programs,
}
