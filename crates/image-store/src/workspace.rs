//! Directories in which images are made, gone with the process that made them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tracing::{info, warn};

use crate::error::StoreError;
use crate::layout::Layout;
use crate::lock::{self, Lock, Sharing};

const LOCK: &str = "lock";

/// A directory of one piece of work, removed when this is dropped, or by another
/// process if this one is killed.
///
/// Removing it blocks.
#[derive(Debug)]
pub(crate) struct Workspace {
    directory: TempDir,
    /// Says that it is in use. Released after the directory is removed.
    _lock: Lock,
}

impl Workspace {
    /// Makes a workspace. Waits for those who rearrange the store.
    pub(crate) fn create(layout: &Layout) -> Result<Self, StoreError> {
        const STEP: &str = "make a temporary directory";
        // Without it, the directory could be taken for an abandoned one before it
        // is locked.
        let _rearranging = lock::wait(&layout.lock()).map_err(StoreError::at(STEP))?;
        let directory = tempfile::Builder::new()
            .prefix("")
            .tempdir_in(layout.workspaces())
            .map_err(StoreError::at(STEP))?;
        let lock = lock::attempt(&directory.path().join(LOCK))
            .and_then(|lock| lock.ok_or_else(|| io::ErrorKind::WouldBlock.into()))
            .map_err(StoreError::at(STEP))?;
        Ok(Self {
            directory,
            _lock: lock,
        })
    }

    /// Returns the path of `name` in the workspace.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

/// Removes the workspaces of processes that are gone. What cannot be removed is
/// logged and left for the next time.
pub(crate) fn remove_abandoned(layout: &Layout) -> Result<(), StoreError> {
    const STEP: &str = "look for abandoned temporary directories";
    for (path, _lock) in abandoned(layout).map_err(StoreError::at(STEP))? {
        match fs::remove_dir_all(&path) {
            Ok(()) => info!("removed what a dead process had left of an image"),
            Err(error) => warn!(
                error = &error as &dyn std::error::Error,
                path = %path.display(),
                "cannot remove what a dead process has left of an image"
            ),
        }
    }
    Ok(())
}

/// Returns the workspaces that nobody uses, locked so that nobody else removes them.
fn abandoned(layout: &Layout) -> io::Result<Vec<(PathBuf, Lock)>> {
    let _rearranging = lock::wait(&layout.lock())?;
    let mut found = Vec::new();
    for entry in fs::read_dir(layout.workspaces())? {
        let path = entry?.path();
        let lock = path.join(LOCK);
        if !is_there(&lock)? {
            // Its process was killed before it locked the directory.
            fs::remove_dir_all(&path)?;
        } else if let Some(lock) = lock::attempt_existing(&lock, Sharing::Exclusive)? {
            found.push((path, lock));
        }
    }
    Ok(found)
}

fn is_there(path: &Path) -> io::Result<bool> {
    path.try_exists()
}
