//! What names stand for: one small file for each, written as a whole or not at all.
//!
//! Whoever writes or removes one holds the store's lock.

use std::fs;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::layout::Layout;

/// Where a file is written before it gets its name. There is one writer at a time.
const BEING_WRITTEN: &str = "being-written";

/// What a name stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Name {
    /// As `RegistryReference` spells it.
    pub(crate) name: String,
    pub(crate) digest: Digest,
}

/// Returns the digest that `name` stands for.
pub(crate) fn read(layout: &Layout, name: &str) -> io::Result<Option<Digest>> {
    match fs::read(path(layout, name)) {
        Ok(bytes) => Ok(parse(&bytes).map(|found| found.digest)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Has `name` stand for `digest` from here on.
pub(crate) fn write(layout: &Layout, name: &str, digest: &Digest) -> io::Result<()> {
    let name = Name {
        name: name.to_owned(),
        digest: digest.clone(),
    };
    let new = layout.names().join(BEING_WRITTEN);
    fs::write(&new, serde_json::to_vec(&name)?)?;
    fs::rename(new, path(layout, &name.name))
}

/// Forgets `name`.
pub(crate) fn remove(layout: &Layout, name: &str) -> io::Result<()> {
    match fs::remove_file(path(layout, name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Returns all names.
pub(crate) fn all(layout: &Layout) -> io::Result<Vec<Name>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(layout.names())? {
        match fs::read(entry?.path()) {
            // One that was not written to its end is none.
            Ok(bytes) => names.extend(parse(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    names.sort_by(|one, other| one.name.cmp(&other.name));
    names.dedup_by(|one, other| one.name == other.name);
    Ok(names)
}

/// A name may be longer than that of a file, and has slashes.
fn path(layout: &Layout, name: &str) -> PathBuf {
    layout.names().join(Digest::of(name.as_bytes()).hex())
}

fn parse(bytes: &[u8]) -> Option<Name> {
    serde_json::from_slice(bytes).ok()
}
