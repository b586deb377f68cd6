//! The files of an image that lies on this host: in a directory, or in an archive
//! whose files are first copied into a workspace.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, fstat, openat};
use tar::EntryType;

use crate::config::StoreConfig;
use crate::error::PullError;
use crate::import::ImportError;
use crate::layer::{Allowance, Allowed, Limited, decompressed};
use crate::stop::Stop;
use crate::tree::{IfMissing, Tree};
use crate::workspace::Workspace;

/// How much more than an image may take an archive of it may have.
const ARCHIVE_OVERHEAD_BYTES: u64 = 64 << 20;
/// How many files an archive may have for each layer: what Docker writes has a
/// directory with three.
const MAX_ENTRIES_PER_LAYER: usize = 8;
const MAX_OTHER_ENTRIES: usize = 1024;
const MAX_HEADER_BYTES: u64 = 1 << 20;
const COPY_BUFFER_BYTES: usize = 64 * 1024;

/// How many links between names are followed.
const MAX_LINKS: usize = 4;

/// The files of an image.
pub(crate) enum Archive {
    /// They lie in a directory.
    Directory(Tree),
    /// They were copied.
    Copied(HashMap<String, Copied>),
}

/// What became of a file in an archive.
pub(crate) enum Copied {
    File(std::path::PathBuf),
    /// It is the same as another: older versions of Docker write each layer once.
    Same(String),
}

impl Archive {
    /// Opens the directory or archive at `path`.
    pub(crate) fn open(
        path: &Path,
        workspace: &Workspace,
        config: &StoreConfig,
        stop: &Stop,
    ) -> Result<Self, ImportError> {
        let metadata = path.metadata().map_err(ImportError::Unreadable)?;
        if metadata.is_dir() {
            let tree = Tree::open(path).map_err(ImportError::Unreadable)?;
            return Ok(Self::Directory(tree));
        }
        if !metadata.is_file() {
            return Err(ImportError::NoImage("it is neither a directory nor a file"));
        }
        let file = File::open(path).map_err(ImportError::Unreadable)?;
        copy(file, workspace, config, stop).map(Self::Copied)
    }

    /// Opens a file by its name; nothing if there is none.
    pub(crate) fn file(&self, name: &str) -> Result<Option<File>, ImportError> {
        match self {
            Self::Directory(tree) => open_in(tree, name).map_err(ImportError::Unreadable),
            Self::Copied(files) => {
                let mut name = name;
                for _ in 0..MAX_LINKS {
                    match files.get(name) {
                        None => return Ok(None),
                        Some(Copied::Same(other)) => name = other,
                        Some(Copied::File(path)) => {
                            return File::open(path).map(Some).map_err(ImportError::Unreadable);
                        }
                    }
                }
                Ok(None)
            }
        }
    }
}

fn open_in(tree: &Tree, name: &str) -> io::Result<Option<File>> {
    let mut components: Vec<&OsStr> = name.split('/').map(OsStr::new).collect();
    let Some(file) = components.pop() else {
        return Ok(None);
    };
    let Ok(directory) = tree.directory(&components, IfMissing::Fail) else {
        return Ok(None);
    };
    // Without `NONBLOCK`, opening a FIFO would wait for somebody to write to it.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match openat(&directory.descriptor, file, flags, Mode::empty()) {
        Ok(file) => file,
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let regular = FileType::from_raw_mode(fstat(&file)?.st_mode) == FileType::RegularFile;
    Ok(regular.then(|| file.into()))
}

/// Copies the files of an archive into `workspace`, each under a number.
fn copy(
    file: File,
    workspace: &Workspace,
    config: &StoreConfig,
    stop: &Stop,
) -> Result<HashMap<String, Copied>, ImportError> {
    let limit = config
        .max_image_bytes
        .saturating_add(ARCHIVE_OVERHEAD_BYTES);
    let max_entries = config
        .max_layers
        .saturating_mul(MAX_ENTRIES_PER_LAYER)
        .saturating_add(MAX_OTHER_ENTRIES);
    let damaged = |error: io::Error| match crate::layer::OverLimit::behind(&error) {
        Some(_) => ImportError::Image(PullError::TooLarge {
            what: "the archive is",
            limit: format!("{limit} bytes"),
        }),
        None => ImportError::Damaged(error),
    };
    let allowance = Allowance::default();
    let plain = decompressed(file).map_err(damaged)?;
    let mut archive = tar::Archive::new(Allowed {
        inner: Limited::new(plain, limit),
        allowance: allowance.clone(),
    });
    let mut files = HashMap::new();
    let mut entries = archive.entries().map_err(damaged)?;
    loop {
        allowance.set(Some(MAX_HEADER_BYTES));
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(damaged)?;
        allowance.set(None);
        if files.len() >= max_entries {
            return Err(ImportError::Image(PullError::TooLarge {
                what: "the number of files in the archive is",
                limit: max_entries.to_string(),
            }));
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let name = name.trim_start_matches("./").to_owned();
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {
                let path = workspace.path(&format!("file-{}", files.len()));
                let mut copy = File::create_new(&path).map_err(ImportError::Unwritable)?;
                transfer(&mut entry, &mut copy, stop)?;
                files.insert(name, Copied::File(path));
            }
            EntryType::Symlink | EntryType::Link => {
                let target = entry.link_name_bytes().unwrap_or_default();
                let target = String::from_utf8_lossy(&target).into_owned();
                files.insert(name.clone(), Copied::Same(beside(&name, &target)));
            }
            _ => {}
        }
        io::copy(&mut entry, &mut io::sink()).map_err(damaged)?;
    }
    Ok(files)
}

/// Returns what a link from `name` to `target` means. Docker links from
/// `<layer>/layer.tar` to `../<other layer>/layer.tar`.
fn beside(name: &str, target: &str) -> String {
    let mut path: Vec<&str> = name.split('/').collect();
    path.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path.join("/")
}

/// Copies all of `from`, unless it is time to stop.
pub(crate) fn transfer(
    from: &mut dyn Read,
    to: &mut dyn io::Write,
    stop: &Stop,
) -> Result<u64, ImportError> {
    let mut buffer = vec![0; COPY_BUFFER_BYTES];
    let mut copied = 0;
    loop {
        stop.check().map_err(ImportError::Image)?;
        let read = from.read(&mut buffer).map_err(ImportError::Damaged)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok(copied);
        };
        to.write_all(bytes).map_err(ImportError::Unwritable)?;
        copied += bytes.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_resolved_within_the_archive() {
        for (name, target, meant) in [
            ("a/layer.tar", "../b/layer.tar", "b/layer.tar"),
            ("a/layer.tar", "layer2.tar", "a/layer2.tar"),
            ("a/layer.tar", "../../../etc/passwd", "etc/passwd"),
        ] {
            assert_eq!(beside(name, target), meant);
        }
    }
}
