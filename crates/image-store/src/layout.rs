//! Where things are in a store.
//!
//! ```text
//! images/sha256-…/rootfs      what is mounted
//!                /meta.json   what the image says of itself
//!                /lease       locked by those who use it; its time is that of the last use
//! names/…                     what a name stands for, one file each
//! locks/…                     held while an image is being pulled
//! tmp/…                       what is being made, one directory each
//! lock                        held while any of this is rearranged
//! ```

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::error::StoreError;

/// Sandboxes' users, who are others, pass through these.
const PASSABLE: u32 = 0o755;
const PRIVATE: u32 = 0o700;

const IMAGES: &str = "images";
const ROOTFS: &str = "rootfs";

/// The paths of a store.
#[derive(Debug)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Makes the directories that are missing.
    pub(crate) fn create(root: &Path) -> Result<Self, StoreError> {
        let layout = Self {
            root: root.to_owned(),
        };
        directory(root, PASSABLE).map_err(StoreError::at("make its directory"))?;
        for (path, mode) in [
            (layout.images(), PASSABLE),
            (layout.names(), PRIVATE),
            (layout.locks(), PRIVATE),
            (layout.workspaces(), PRIVATE),
        ] {
            directory(&path, mode).map_err(StoreError::at("make its directories"))?;
        }
        Ok(layout)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn images(&self) -> PathBuf {
        self.root.join(IMAGES)
    }

    pub(crate) fn image(&self, digest: &Digest) -> ImagePaths {
        ImagePaths(self.images().join(image_name(digest)))
    }

    pub(crate) fn names(&self) -> PathBuf {
        self.root.join("names")
    }

    fn locks(&self) -> PathBuf {
        self.root.join("locks")
    }

    /// Returns the lock for pulling an image. Some images share one, so that there
    /// is not a file for each that was ever pulled.
    pub(crate) fn pull_lock(&self, digest: &Digest) -> PathBuf {
        self.locks().join(digest.hex().get(..2).unwrap_or_default())
    }

    pub(crate) fn workspaces(&self) -> PathBuf {
        self.root.join("tmp")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }
}

/// The paths of an image.
#[derive(Debug)]
pub(crate) struct ImagePaths(PathBuf);

impl ImagePaths {
    /// Returns those of an image that is being made in `directory`.
    pub(crate) fn being_made(directory: PathBuf) -> Self {
        Self(directory)
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.0
    }

    pub(crate) fn rootfs(&self) -> PathBuf {
        self.0.join(ROOTFS)
    }

    pub(crate) fn meta(&self) -> PathBuf {
        self.0.join("meta.json")
    }

    pub(crate) fn lease(&self) -> PathBuf {
        self.0.join("lease")
    }
}

/// Returns the path of an image's root filesystem within a store.
pub(crate) fn rootfs_in_store(digest: &Digest) -> PathBuf {
    Path::new(IMAGES).join(image_name(digest)).join(ROOTFS)
}

/// Returns what the directory of an image is called.
fn image_name(digest: &Digest) -> String {
    format!("sha256-{}", digest.hex())
}

/// Returns the digest of the image whose directory is called `name`.
pub(crate) fn digest_of(name: &str) -> Option<Digest> {
    let hex = name.strip_prefix("sha256-")?;
    Digest::try_from(format!("sha256:{hex}")).ok()
}

/// Makes a directory that sandboxes' users can pass through.
pub(crate) fn passable_directory(path: &Path) -> io::Result<()> {
    directory(path, PASSABLE)
}

fn directory(path: &Path, mode: u32) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(mode).create(path)?;
    let permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode))
}
