//! Where the workspace is, whatever directory a task was started in.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Returns the root directory of the workspace.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .expect("invariant: this package is a directory of the workspace")
}

/// Returns the directory in which the tests' tools are installed.
///
/// It is the same wherever cargo puts its own artifacts, so that tests find
/// it without being told.
pub(crate) fn tools() -> PathBuf {
    root().join("target/tools")
}

/// Returns the directory in which images are put together.
pub(crate) fn images() -> PathBuf {
    root().join("target/images")
}

/// Returns the directory with the data of a Docker engine of our own.
pub(crate) fn docker() -> PathBuf {
    root().join("target/docker")
}

/// Returns the directory with the data of a registry of our own.
pub(crate) fn registry() -> PathBuf {
    root().join("target/registry")
}

/// Keeps other tasks from working in `directory` at the same time, until what
/// is returned is dropped.
pub(crate) fn lock(directory: &Path) -> anyhow::Result<File> {
    let path = directory.join(".lock");
    let file =
        File::create(&path).with_context(|| format!("failed to create `{}`", path.display()))?;
    file.lock()
        .with_context(|| format!("failed to lock `{}`", path.display()))?;
    Ok(file)
}
