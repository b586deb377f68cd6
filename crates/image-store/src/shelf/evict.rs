//! Making room: the least recently used images go first, and none that is in use.

use std::fs;

use tracing::info;

use super::{images_of, last_used, read_meta};
use crate::digest::Digest;
use crate::error::{RemoveError, StoreError};
use crate::layout::{ImagePaths, Layout};
use crate::lock::{self, Sharing};
use crate::names::{self, Name};
use crate::workspace::{self, Workspace};

/// Removes images until all of them take no more than `max_bytes`, as far as they
/// are not in use, and what dead processes have left. Returns how many it were.
///
/// Blocks.
pub(crate) fn evict(layout: &Layout, max_bytes: u64) -> Result<usize, StoreError> {
    const STEP: &str = "make room";
    workspace::remove_abandoned(layout)?;
    let trash = Workspace::create(layout)?;
    let mut removed = 0;
    {
        let _rearranging = lock::wait(&layout.lock()).map_err(StoreError::at(STEP))?;
        let mut images: Vec<_> = images_of(layout)
            .map_err(StoreError::at(STEP))?
            .into_iter()
            .map(|(digest, paths)| {
                // One that cannot be read counts for nothing, but goes first.
                let size = read_meta(&paths).map(|meta| meta.size);
                (
                    size.is_ok(),
                    last_used(&paths),
                    size.unwrap_or(0),
                    digest,
                    paths,
                )
            })
            .collect();
        images.sort_by_key(|(readable, used, ..)| (*readable, *used));
        let mut total = images
            .iter()
            .fold(0_u64, |sum, (_, _, size, ..)| sum.saturating_add(*size));
        for (readable, _, size, digest, paths) in images {
            if readable && total <= max_bytes {
                break;
            }
            if discard(&paths, &digest, &trash).map_err(StoreError::at(STEP))? {
                info!(digest = %digest, size, "removed an image to make room");
                total = total.saturating_sub(size);
                removed += 1;
            }
        }
        forget(layout, |name| {
            !layout.image(&name.digest).directory().exists()
        })
        .map_err(StoreError::at(STEP))?;
    }
    drop(trash);
    Ok(removed)
}

/// Removes what `what` names: an image by its digest, or a name and, if it was the
/// last tag, its image.
///
/// Blocks.
pub(crate) fn remove(layout: &Layout, what: &str) -> Result<(), RemoveError> {
    const STEP: &str = "remove an image";
    let trash = Workspace::create(layout)?;
    let _rearranging = lock::wait(&layout.lock()).map_err(StoreError::at(STEP))?;
    let all = names::all(layout).map_err(StoreError::at(STEP))?;
    let (digest, others) = if let Ok(digest) = Digest::try_from(what) {
        (digest, false)
    } else {
        let named = all
            .iter()
            .find(|name| name.name == what)
            .ok_or_else(|| RemoveError::NotFound(what.to_owned()))?;
        let others = all.iter().any(|name| {
            name.digest == named.digest && name.name != what && !name.name.contains('@')
        });
        // A name with a digest goes with the image only.
        (named.digest.clone(), others && !what.contains('@'))
    };
    if others {
        names::remove(layout, what).map_err(StoreError::at(STEP))?;
        return Ok(());
    }
    let paths = layout.image(&digest);
    if !paths.directory().exists() {
        forget(layout, |name| name.digest == digest).map_err(StoreError::at(STEP))?;
        return Err(RemoveError::NotFound(what.to_owned()));
    }
    if !discard(&paths, &digest, &trash).map_err(StoreError::at(STEP))? {
        return Err(RemoveError::InUse(what.to_owned()));
    }
    forget(layout, |name| name.digest == digest).map_err(StoreError::at(STEP))?;
    Ok(())
}

/// Moves an image into a workspace, with which it will be removed, unless it is in
/// use.
fn discard(paths: &ImagePaths, digest: &Digest, trash: &Workspace) -> std::io::Result<bool> {
    let lease = paths.lease();
    if lease.try_exists()? {
        let Some(_lease) = lock::attempt_existing(&lease, Sharing::Exclusive)? else {
            return Ok(false);
        };
        fs::rename(paths.directory(), trash.path(digest.hex()))?;
    } else {
        // Nobody can use an image without a lease.
        fs::rename(paths.directory(), trash.path(digest.hex()))?;
    }
    Ok(true)
}

fn forget(layout: &Layout, which: impl Fn(&Name) -> bool) -> std::io::Result<()> {
    for name in names::all(layout)? {
        if which(&name) {
            names::remove(layout, &name.name)?;
        }
    }
    Ok(())
}
