//! What these tests share.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image_store::{PullError, Store, StoreConfig, StoredImage, parse_name};
use sandbox::PullPolicy;
use sandbox::{Phase, Progress, RegistryReference};
use tempfile::TempDir;
use testkit::{Image, ImageBuilder, Layer, Registry};
use tokio_util::sync::CancellationToken;

/// Hears nothing.
pub(crate) struct Deaf;

impl Progress for Deaf {
    fn advance(&self, _phase: Phase, _done: u64, _total: u64) {}
}

/// A store in a directory of its own.
pub(crate) struct Fixture {
    pub(crate) directory: TempDir,
    pub(crate) store: Store,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut StoreConfig)) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("image-store-test-")
            .tempdir()
            .expect("a directory for the store");
        let mut config = StoreConfig::new(directory.path().join("store"));
        // Not the configuration of whoever runs the tests.
        config.docker_config = Some(directory.path().join("docker"));
        change(&mut config);
        let store = Store::open(config).expect("the store opens");
        Self { directory, store }
    }

    pub(crate) async fn pull(&self, name: &str) -> Result<StoredImage, Arc<PullError>> {
        self.pull_by(name, PullPolicy::IfNotPresent).await
    }

    pub(crate) async fn pull_by(
        &self,
        name: &str,
        policy: PullPolicy,
    ) -> Result<StoredImage, Arc<PullError>> {
        let never = CancellationToken::new();
        self.store
            .prepare(&reference(name), policy, &Deaf, never)
            .await
    }

    /// Returns where an image's root filesystem is.
    pub(crate) fn rootfs(&self, image: &StoredImage) -> PathBuf {
        self.store.root().join(image.rootfs())
    }

    /// Fails if anything is left of a pull that failed.
    #[track_caller]
    pub(crate) fn assert_nothing_is_left(&self) {
        for directory in ["images", "names", "tmp"] {
            let left = names_in(&self.store.root().join(directory));
            assert_eq!(left, Vec::<String>::new(), "left in `{directory}`");
        }
    }
}

pub(crate) fn reference(name: &str) -> RegistryReference {
    parse_name(name).expect("a name")
}

/// Returns the names of what is in a directory.
pub(crate) fn names_in(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    names
}

/// An image of one file.
pub(crate) fn hello(text: &str) -> Image {
    ImageBuilder::default()
        .layer(Layer::default().file("hello", 0o644, text.as_bytes()))
        .build()
}

/// Starts a registry with one image, and returns the image's name.
pub(crate) async fn registry_with(image: &Image) -> (Registry, String) {
    let registry = Registry::start().await;
    registry.push(image, "team/hello", "1").await;
    let name = format!("{}/team/hello:1", registry.name());
    (registry, name)
}

/// Returns an error and all its causes, as an operator reads them.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
