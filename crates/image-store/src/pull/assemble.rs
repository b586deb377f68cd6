//! From verified blobs in a workspace to an image on the shelf.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::syncfs;
use sandbox::{Phase, Progress};
use tracing::warn;

use super::mismatch;
use crate::config::StoreConfig;
use crate::digest::Digest;
use crate::error::{PullError, StoreError};
use crate::layout::{ImagePaths, Layout, passable_directory};
use crate::manifest::{Configuration, Manifest};
use crate::shelf::{self, Meta, StoredImage};
use crate::stop::Stop;
use crate::unpack::{Bounds, Unpacker};
use crate::workspace::Workspace;

/// An image whose blobs lie in a workspace.
pub(crate) struct Assembly {
    pub(crate) layout: Arc<Layout>,
    pub(crate) config: Arc<StoreConfig>,
    pub(crate) workspace: Workspace,
    pub(crate) manifest: Manifest,
    pub(crate) digest: Digest,
    pub(crate) configuration: Configuration,
    pub(crate) aliases: Vec<String>,
    pub(crate) progress: Arc<dyn Progress>,
    pub(crate) stop: Stop,
}

/// Returns where a blob lies in a workspace.
pub(crate) fn blob_path(workspace: &Workspace, digest: &Digest) -> PathBuf {
    workspace.path(&format!("blob-{}", digest.hex()))
}

impl Assembly {
    /// Unpacks the layers, puts the image on the shelf and makes room for it.
    ///
    /// Blocks. Nothing is left if it fails.
    pub(crate) fn run(self) -> Result<StoredImage, PullError> {
        let made = ImagePaths::being_made(self.workspace.path("image"));
        passable_directory(made.directory())
            .and_then(|()| passable_directory(&made.rootfs()))
            .map_err(StoreError::at("make an image's directory"))?;
        let bounds = Bounds {
            bytes: self.config.max_image_bytes,
            entries: self.config.max_entries,
        };
        let mut unpacker = Unpacker::new(&made.rootfs(), bounds, &self.stop)
            .map_err(StoreError::at("open an image's directory"))?;
        let mut before = 0_u64;
        let total = self
            .manifest
            .layers
            .iter()
            .fold(0_u64, |sum, layer| sum.saturating_add(layer.size));
        let layers = self.manifest.layers.iter();
        for (layer, diff_id) in layers.zip(self.configuration.diff_ids()) {
            let file = File::open(blob_path(&self.workspace, &layer.digest))
                .map_err(StoreError::at("open a layer"))?;
            let read = |bytes: u64| {
                self.progress
                    .advance(Phase::Unpacking, before.saturating_add(bytes), total);
            };
            let content = unpacker.layer(file, &layer.digest, &read)?;
            if content != *diff_id {
                let what = format!("what is in layer {}", layer.digest);
                return Err(mismatch(&what, diff_id.as_str(), &content));
            }
            before = before.saturating_add(layer.size);
        }
        let unpacked = unpacker.finish()?;
        let meta = Meta::new(
            self.digest.clone(),
            self.configuration,
            unpacked.bytes,
            unpacked.counts,
        );
        complete(&made, &meta).map_err(StoreError::at("complete an image"))?;
        let image = shelf::put(
            &self.layout,
            &made,
            &self.digest,
            &self.aliases,
            &self.workspace,
        )?;
        drop(self.workspace);
        if let Err(error) = shelf::evict(&self.layout, self.config.max_bytes) {
            // The image is there all the same.
            warn!(
                error = &error as &dyn std::error::Error,
                "cannot make room in the image store"
            );
        }
        Ok(image)
    }
}

/// Writes what makes an unpacked image complete, and all of it to the disk: after a
/// power failure nobody would verify it again.
fn complete(made: &ImagePaths, meta: &Meta) -> std::io::Result<()> {
    fs::write(made.meta(), serde_json::to_vec(meta)?)?;
    let lease = File::create(made.lease())?;
    Ok(syncfs(&lease)?)
}
