//! Images made by tests, in a registry or put into a store.

use std::sync::Arc;

use image_store::Store;
use sandbox::{Phase, Progress, RegistryReference};
use serde_json::json;
use testkit::{Image, ImageBuilder, Layer};
use tokio_util::sync::CancellationToken;

/// Hears of no progress.
pub(crate) struct Silent;

impl Progress for Silent {
    fn advance(&self, _phase: Phase, _done: u64, _total: u64) {}
}

/// An image to be made, of one layer.
pub(crate) struct Layout {
    layer: Layer,
    image: ImageBuilder,
}

impl Layout {
    /// Returns an image with nothing in it. All that it says about how it wants to
    /// be run is to have no effect.
    pub(crate) fn new() -> Self {
        let image = ImageBuilder::default()
            .environment("PATH=/image")
            .environment("LD_PRELOAD=/image.so")
            .environment("NODE_OPTIONS=--inspect")
            .setting("User", json!("root"))
            .setting("WorkingDir", json!("/etc"))
            .setting("Entrypoint", json!(["/image/entrypoint"]))
            .setting("Cmd", json!(["from the image"]))
            .setting("Volumes", json!({"/etc": {}}));
        Self {
            layer: Layer::default(),
            image,
        }
    }

    /// Adds a file.
    pub(crate) fn file(mut self, path: &str, mode: u32, contents: &[u8]) -> Self {
        self.layer = self.layer.file(path, mode, contents);
        self
    }

    /// Adds a symbolic link.
    pub(crate) fn link(mut self, path: &str, target: &str) -> Self {
        self.layer = self.layer.symlink(path, target);
        self
    }

    /// Adds a label.
    pub(crate) fn label(mut self, name: &str, text: &str) -> Self {
        self.image = self.image.label(name, text);
        self
    }

    /// Makes the image.
    pub(crate) fn build(self) -> Image {
        self.image.plain_layer(self.layer).build()
    }

    /// Puts the image into a store under a name with the tag `latest`.
    pub(crate) async fn import(self, store: &Store, name: &str) {
        let layout = tempfile::tempdir().expect("a directory");
        self.build().write_layout(layout.path(), name);
        let reference = RegistryReference::try_new(name, "latest").expect("a name");
        let (progress, cancel) = (Arc::new(Silent), CancellationToken::new());
        store
            .import(layout.path(), Some(&reference), progress, cancel)
            .await
            .expect("the image is imported");
    }
}
