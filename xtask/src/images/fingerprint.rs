//! A text that changes with whatever an image is made of.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::context::Context;

/// Fingerprints a build context, and `more` that matters.
pub(super) fn of(context: &Context, more: &[&str]) -> anyhow::Result<String> {
    let mut hasher = Sha256::new();
    for text in more {
        add(&mut hasher, text.as_bytes());
    }
    let mut files = Vec::new();
    list(context.directory(), &mut files)?;
    files.sort();
    for path in files {
        let failed = || format!("failed to read `{}`", path.display());
        let name = path.strip_prefix(context.directory()).unwrap_or(&path);
        let metadata = path.metadata().with_context(failed)?;
        add(&mut hasher, name.as_os_str().as_encoded_bytes());
        add(&mut hasher, &metadata.permissions().mode().to_le_bytes());
        if metadata.is_file() {
            hasher.update(metadata.len().to_le_bytes());
            let mut file = fs::File::open(&path).with_context(failed)?;
            io::copy(&mut file, &mut hasher).with_context(failed)?;
        }
    }
    Ok(format!("{:x}", hasher.finalize()))
}

/// Adds something, and where it ends.
fn add(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update(bytes.len().to_le_bytes());
    hasher.update(bytes);
}

/// Lists what is at `path`, and in it.
fn list(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    files.push(path.to_owned());
    if path.is_dir() {
        let failed = || format!("failed to list `{}`", path.display());
        for entry in fs::read_dir(path).with_context(failed)? {
            list(&entry.with_context(failed)?.path(), files)?;
        }
    }
    Ok(())
}
