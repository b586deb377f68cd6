//! The images that are complete: looking them up, putting them there, and taking
//! away what is no longer needed.

mod evict;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use rustix::fs::{Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, futimens};
use serde::{Deserialize, Serialize};

pub(crate) use self::evict::{evict, remove};
use crate::digest::Digest;
use crate::error::{PullError, StoreError};
use crate::layout::{self, ImagePaths, Layout};
use crate::lock::{self, Lock, Sharing};
use crate::manifest::Configuration;
use crate::names;
use crate::workspace::Workspace;

/// What of an image was left out when it was unpacked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Device nodes and FIFOs that were skipped.
    pub devices: u64,
    /// Files and directories that lost a set-user-id or set-group-id bit.
    pub set_id_bits: u64,
    /// Files that lost capabilities.
    pub capabilities: u64,
    /// Other extended attributes that were left out.
    pub attributes: u64,
    /// Entries whose owner was not root, and that now have the same as all others.
    pub owners: u64,
}

/// What is kept about an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub(crate) digest: Digest,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) size: u64,
    pub(crate) counts: Counts,
    pub(crate) created: SystemTime,
}

impl Meta {
    /// Returns what is to be known of an image that was just unpacked.
    pub(crate) fn new(
        digest: Digest,
        configuration: Configuration,
        size: u64,
        counts: Counts,
    ) -> Self {
        let run = configuration.config.unwrap_or_default();
        let environment = run.env.unwrap_or_default();
        Self {
            digest,
            labels: run.labels.unwrap_or_default(),
            environment: environment
                .iter()
                .filter_map(|variable| variable.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            size,
            counts,
            created: SystemTime::now(),
        }
    }
}

/// An image of the store, ready to be mounted. Cheap to clone.
///
/// While one is alive, in any process, the image is not removed.
#[derive(Clone, Debug)]
pub struct StoredImage {
    reference: String,
    meta: Arc<Meta>,
    _lease: Arc<Lock>,
}

impl StoredImage {
    /// Returns the image's full name, with its tag or digest.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Returns the digest of the manifest, as `sha256:…`; of an image for several
    /// platforms, that of this platform's manifest.
    pub fn digest(&self) -> &str {
        self.meta.digest.as_str()
    }

    /// Returns the path of the root filesystem within the store. It has the
    /// directories `/proc`, `/dev`, `/tmp` and `/veritech`, and must be mounted
    /// read-only: all who use the image share it.
    pub fn rootfs(&self) -> PathBuf {
        layout::rootfs_in_store(&self.meta.digest)
    }

    /// Returns the image's labels.
    pub fn labels(&self) -> &BTreeMap<String, String> {
        &self.meta.labels
    }

    /// Returns the environment that the image wants its programs to have.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.meta.environment
    }

    /// Returns how many bytes of the disk the image takes, at most.
    pub fn size(&self) -> u64 {
        self.meta.size
    }

    /// Returns what of the image was left out.
    pub fn counts(&self) -> Counts {
        self.meta.counts
    }
}

/// An image of the store, for those who look through it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Its names with tags, or those with digests if it has no tag. None if it was
    /// imported without a name.
    pub names: Vec<String>,
    /// The digest of its manifest, as `sha256:…`.
    pub digest: String,
    /// How many bytes of the disk it takes, at most.
    pub size: u64,
    /// When it was unpacked.
    pub created: SystemTime,
    /// When it was last asked for.
    pub last_used: SystemTime,
    /// Whether somebody holds it now.
    pub in_use: bool,
    /// What of it was left out.
    pub counts: Counts,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// Returns the image that `reference` names, if it is there.
pub(crate) fn find(layout: &Layout, reference: &str) -> Result<Option<StoredImage>, StoreError> {
    let digest = names::read(layout, reference).map_err(StoreError::at("read a name"))?;
    let Some(digest) = digest else {
        return Ok(None);
    };
    if let Some(image) = take(layout, &digest, reference)? {
        return Ok(Some(image));
    }
    if !layout.image(&digest).directory().exists() {
        return Ok(None);
    }
    // Its lease is locked for a moment by somebody who rearranges or looks through
    // the store. Then it is either gone or to be had.
    let _rearranging = lock::wait(&layout.lock()).map_err(StoreError::at("look up an image"))?;
    take(layout, &digest, reference)
}

/// Returns the image with that digest, if it is there and its lease is to be had,
/// and says that it was used.
fn take(
    layout: &Layout,
    digest: &Digest,
    reference: &str,
) -> Result<Option<StoredImage>, StoreError> {
    const STEP: &str = "look up an image";
    let paths = layout.image(digest);
    let lease =
        lock::attempt_existing(&paths.lease(), Sharing::Shared).map_err(StoreError::at(STEP))?;
    let Some(lease) = lease else {
        return Ok(None);
    };
    touch(&paths).map_err(StoreError::at(STEP))?;
    let meta = read_meta(&paths).map_err(StoreError::at(STEP))?;
    Ok(Some(StoredImage {
        reference: reference.to_owned(),
        meta: Arc::new(meta),
        _lease: Arc::new(lease),
    }))
}

/// Puts an image that has been made in a workspace where it belongs, under the
/// names `aliases`, and returns it under the first.
pub(crate) fn put(
    layout: &Layout,
    made: &ImagePaths,
    digest: &Digest,
    aliases: &[String],
    workspace: &Workspace,
) -> Result<StoredImage, PullError> {
    const STEP: &str = "put an image into place";
    let reference = aliases.first().map_or(digest.as_str(), String::as_str);
    let _rearranging = lock::wait(&layout.lock()).map_err(StoreError::at(STEP))?;
    let place = layout.image(digest);
    if !readable(&place) {
        if place.directory().exists() {
            // It has been damaged from outside; it cannot be used, so nobody does.
            fs::rename(place.directory(), workspace.path("damaged"))
                .map_err(StoreError::at(STEP))?;
        }
        fs::rename(made.directory(), place.directory()).map_err(StoreError::at(STEP))?;
    }
    for name in aliases {
        names::write(layout, name, digest).map_err(StoreError::at(STEP))?;
    }
    take(layout, digest, reference)?.ok_or_else(|| {
        let gone = io::ErrorKind::NotFound.into();
        StoreError::at(STEP)(gone).into()
    })
}

/// Gives an image that is there more names, and returns it under the first.
pub(crate) fn name(
    layout: &Layout,
    digest: &Digest,
    aliases: &[String],
) -> Result<Option<StoredImage>, StoreError> {
    const STEP: &str = "name an image";
    let reference = aliases.first().map_or(digest.as_str(), String::as_str);
    let _rearranging = lock::wait(&layout.lock()).map_err(StoreError::at(STEP))?;
    if !readable(&layout.image(digest)) {
        return Ok(None);
    }
    for name in aliases {
        names::write(layout, name, digest).map_err(StoreError::at(STEP))?;
    }
    take(layout, digest, reference)
}

/// Returns all images, those that were used last first.
pub(crate) fn list(layout: &Layout) -> Result<Vec<Summary>, StoreError> {
    const STEP: &str = "list the images";
    let _rearranging = lock::wait(&layout.lock()).map_err(StoreError::at(STEP))?;
    let names = names::all(layout).map_err(StoreError::at(STEP))?;
    let mut images = Vec::new();
    for (digest, paths) in images_of(layout).map_err(StoreError::at(STEP))? {
        // One that cannot be read is removed when room is made.
        let Ok(meta) = read_meta(&paths) else {
            continue;
        };
        let (by_digest, mut by_tag): (Vec<_>, Vec<_>) = names
            .iter()
            .filter(|name| name.digest == digest)
            .map(|name| name.name.clone())
            .partition(|name| name.contains('@'));
        if by_tag.is_empty() {
            by_tag = by_digest;
        }
        let free = lock::attempt_existing(&paths.lease(), Sharing::Exclusive)
            .map_err(StoreError::at(STEP))?;
        images.push(Summary {
            names: by_tag,
            digest: digest.into(),
            size: meta.size,
            created: meta.created,
            last_used: last_used(&paths),
            in_use: free.is_none(),
            counts: meta.counts,
            labels: meta.labels,
        });
    }
    images.sort_by_key(|image| std::cmp::Reverse(image.last_used));
    Ok(images)
}

/// Returns the directories of all images.
fn images_of(layout: &Layout) -> io::Result<Vec<(Digest, ImagePaths)>> {
    let mut images = Vec::new();
    for entry in fs::read_dir(layout.images())? {
        let name = entry?.file_name();
        if let Some(digest) = name.to_str().and_then(layout::digest_of) {
            let paths = layout.image(&digest);
            images.push((digest, paths));
        }
    }
    Ok(images)
}

fn readable(paths: &ImagePaths) -> bool {
    read_meta(paths).is_ok()
}

fn read_meta(paths: &ImagePaths) -> io::Result<Meta> {
    Ok(serde_json::from_slice(&fs::read(paths.meta())?)?)
}

fn last_used(paths: &ImagePaths) -> SystemTime {
    fs::metadata(paths.lease())
        .and_then(|lease| lease.modified())
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Says that an image was used now.
fn touch(paths: &ImagePaths) -> io::Result<()> {
    let at = |tv_nsec| Timespec { tv_sec: 0, tv_nsec };
    let now = Timestamps {
        last_access: at(UTIME_OMIT),
        last_modification: at(UTIME_NOW),
    };
    Ok(futimens(File::open(paths.lease())?, &now)?)
}
