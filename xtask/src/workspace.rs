//! Where the workspace is, whatever directory a task was started in.

use std::path::{Path, PathBuf};

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
