//! Where a store is and how much it may take.

use std::path::PathBuf;
use std::time::Duration;

const GIB: u64 = 1 << 30;

/// Where a store is and how much it may take.
///
/// [`StoreConfig::new`] has sensible limits; change the fields that matter.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The directory. It is made if it is missing, with mode 0755: the users of
    /// sandboxes must be able to pass through it.
    pub root: PathBuf,
    /// How much all images may take together before the least recently used
    /// ones are removed.
    pub max_bytes: u64,
    /// How much one image may take, unpacked. What is fetched for it may take as
    /// much again while it is being unpacked.
    pub max_image_bytes: u64,
    /// How many layers an image may have.
    pub max_layers: usize,
    /// How many files, directories and links the layers of an image may list.
    pub max_entries: u64,
    /// How long fetching and unpacking an image may take, from the first request
    /// to a registry to the last file.
    pub pull_timeout: Duration,
    /// Registries (`host` or `host:port`) that are spoken to without TLS, besides
    /// those on this host.
    pub insecure_registries: Vec<String>,
    /// The directory with Docker's `config.json`, in place of the one in the
    /// environment (`DOCKER_CONFIG`, or `.docker` in the home directory).
    pub docker_config: Option<PathBuf>,
}

impl StoreConfig {
    /// Returns the configuration of a store below `root`: 20 GiB, of which an
    /// image may take 8 in at most 127 layers and a million entries, fetched and
    /// unpacked within 10 minutes.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            max_bytes: 20 * GIB,
            max_image_bytes: 8 * GIB,
            max_layers: 127,
            max_entries: 1_000_000,
            pull_timeout: Duration::from_mins(10),
            insecure_registries: Vec::new(),
            docker_config: None,
        }
    }
}
