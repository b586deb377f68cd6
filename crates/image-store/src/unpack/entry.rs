//! One entry of a layer: where it goes, and what of it is left out.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write as _};
use std::os::unix::ffi::OsStrExt as _;

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, Timespec, Timestamps, UTIME_OMIT, fchmod, futimens, linkat,
    openat, symlinkat,
};
use rustix::io::Errno;
use tar::{Entry, EntryType};

use super::{Ended, Unpacker};
use crate::error::{LayerError, PathText};
use crate::tree::{Directory, IfMissing, MAX_DEPTH, Missing};

/// The longest path that the kernel takes.
const MAX_PATH_BYTES: usize = 4095;
/// The longest name that file systems take.
const MAX_NAME_BYTES: usize = 255;

/// What a file, directory or link takes on the disk, whatever is in it.
const BLOCK_BYTES: u64 = 4096;

const WHITEOUT: &[u8] = b".wh.";
/// Hides everything that lower layers have in its directory.
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Other names that begin so are bookkeeping of the file system that layers were
/// first made with.
const WHITEOUT_BOOKKEEPING: &[u8] = b".wh..wh.";

const XATTR_PREFIX: &[u8] = b"SCHILY.xattr.";
const CAPABILITY_XATTR: &[u8] = b"SCHILY.xattr.security.capability";
const SPARSE_PREFIX: &[u8] = b"GNU.sparse.";

const SET_ID_BITS: u32 = 0o6000;

const COPY_BUFFER_BYTES: usize = 64 * 1024;

impl Unpacker<'_> {
    /// Puts an entry where it belongs.
    pub(super) fn entry<R: Read>(&mut self, entry: &mut Entry<'_, R>) -> Result<(), Ended> {
        let path = entry.path_bytes().into_owned();
        let kind = match entry.header().entry_type() {
            EntryType::XGlobalHeader => return Ok(()),
            // Old archives have no kind for directories.
            EntryType::Regular if path.ends_with(b"/") => EntryType::Directory,
            kind => kind,
        };
        let components = components(&path)?;
        let Some((&name, parents)) = components.split_last() else {
            return match kind {
                EntryType::Directory => Ok(()),
                _ => Err(LayerError::InvalidPath(PathText::new(&path)).into()),
            };
        };
        if let Some(hidden) = name.as_bytes().strip_prefix(WHITEOUT) {
            return Ok(self.whiteout(&path, parents, name, hidden)?);
        }
        self.count(entry, kind, &path)?;
        let parent = self
            .tree
            .directory(parents, IfMissing::Make)
            .map_err(|missing| no_directory(&path, missing))?;
        let place = Place {
            path: &path,
            parent,
            name,
        };
        match kind {
            EntryType::Directory => self.put_directory(&place)?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                self.put_file(entry, &place)?;
            }
            EntryType::Symlink => self.put_symlink(entry, &place)?,
            EntryType::Link => self.put_hard_link(entry, &place)?,
            EntryType::Char | EntryType::Block | EntryType::Fifo => {
                // What lower layers have there is replaced all the same.
                place.clear()?;
                return Ok(());
            }
            other => {
                return Err(LayerError::UnknownKind {
                    path: PathText::new(&path),
                    kind: other.as_byte(),
                }
                .into());
            }
        }
        self.marks.add(&place.parent.path.join(name));
        Ok(())
    }

    /// Removes what lower layers have and this one hides.
    fn whiteout(
        &self,
        path: &[u8],
        parents: &[&OsStr],
        name: &OsStr,
        hidden: &[u8],
    ) -> Result<(), LayerError> {
        let opaque = name.as_bytes() == OPAQUE;
        if !opaque && name.as_bytes().starts_with(WHITEOUT_BOOKKEEPING) {
            return Ok(());
        }
        if !opaque && matches!(hidden, b"" | b"." | b"..") {
            return Err(LayerError::InvalidPath(PathText::new(path)));
        }
        let parent = match self.tree.directory(parents, IfMissing::Fail) {
            Ok(parent) => parent,
            // There is nothing to be hidden.
            Err(Missing::NoDirectory) => return Ok(()),
            Err(missing) => return Err(no_directory(path, missing)),
        };
        let keep = |path: &std::path::Path| self.marks.has(path);
        let removed = if opaque {
            parent.clear(&keep)
        } else {
            parent.remove(OsStr::from_bytes(hidden), &keep)
        };
        removed.map_err(|source| LayerError::Write {
            path: PathText::new(path),
            source,
        })
    }

    /// Counts what is left out of an entry.
    fn count<R: Read>(
        &mut self,
        entry: &mut Entry<'_, R>,
        kind: EntryType,
        path: &[u8],
    ) -> Result<(), LayerError> {
        match kind {
            EntryType::Char | EntryType::Block | EntryType::Fifo => self.counts.devices += 1,
            // It has the mode and owner of what it links to.
            EntryType::Link => return Ok(()),
            _ => {}
        }
        let header = entry.header();
        let mode = header.mode().map_err(LayerError::Damaged)?;
        let uid = header.uid().map_err(LayerError::Damaged)?;
        let gid = header.gid().map_err(LayerError::Damaged)?;
        self.counts.set_id_bits += u64::from(mode & SET_ID_BITS != 0);
        self.counts.owners += u64::from(uid != 0 || gid != 0);
        let Some(extensions) = entry.pax_extensions().map_err(LayerError::Damaged)? else {
            return Ok(());
        };
        for extension in extensions {
            let extension = extension.map_err(LayerError::Damaged)?;
            let key = extension.key_bytes();
            if key == CAPABILITY_XATTR {
                self.counts.capabilities += 1;
            } else if key.starts_with(XATTR_PREFIX) {
                self.counts.attributes += 1;
            } else if key.starts_with(SPARSE_PREFIX) {
                return Err(LayerError::UnknownSparse(PathText::new(path)));
            }
        }
        Ok(())
    }

    fn put_directory(&mut self, place: &Place<'_>) -> Result<(), LayerError> {
        if place.kind()? == Some(FileType::Directory) {
            return Ok(());
        }
        place.clear()?;
        self.take_room(BLOCK_BYTES)?;
        place.parent.make(place.name).map_err(place.cannot_write())
    }

    fn put_file<R: Read>(
        &mut self,
        entry: &mut Entry<'_, R>,
        place: &Place<'_>,
    ) -> Result<(), Ended> {
        let size = entry.size();
        place.clear()?;
        // At once, so that what is too large is not written until the limit is met.
        self.take_room(size.saturating_add(BLOCK_BYTES) / BLOCK_BYTES * BLOCK_BYTES)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mut file = openat(
            &place.parent.descriptor,
            place.name,
            flags | OFlags::CLOEXEC,
            Mode::RUSR | Mode::WUSR,
        )
        .map(File::from)
        .map_err(place.cannot_write())?;
        let mut left = size;
        let mut buffer = vec![0; COPY_BUFFER_BYTES];
        while left > 0 {
            self.stop.check().map_err(Ended::Stopped)?;
            let read = entry
                .read(&mut buffer)
                .map_err(|error| self.unreadable(error))?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
                let cut = ErrorKind::UnexpectedEof.into();
                return Err(LayerError::Damaged(cut).into());
            };
            left = left.saturating_sub(bytes.len() as u64);
            file.write_all(bytes).map_err(place.cannot_write())?;
        }
        let header = entry.header();
        let mode = header.mode().map_err(LayerError::Damaged)?;
        fchmod(&file, shared_mode(mode)).map_err(place.cannot_write())?;
        // Languages compare it with what they compiled earlier.
        let modified = header.mtime().map_err(LayerError::Damaged)?;
        let times = Timestamps {
            last_access: Timespec {
                tv_sec: 0,
                tv_nsec: UTIME_OMIT,
            },
            last_modification: Timespec {
                tv_sec: i64::try_from(modified).unwrap_or(0),
                tv_nsec: 0,
            },
        };
        futimens(&file, &times).map_err(place.cannot_write())?;
        Ok(())
    }

    fn put_symlink<R: Read>(
        &mut self,
        entry: &mut Entry<'_, R>,
        place: &Place<'_>,
    ) -> Result<(), LayerError> {
        let target = entry.link_name_bytes().unwrap_or_default();
        if target.is_empty() || target.len() > MAX_PATH_BYTES || target.contains(&0) {
            return Err(LayerError::InvalidPath(PathText::new(place.path)));
        }
        place.clear()?;
        self.take_room(BLOCK_BYTES)?;
        symlinkat(
            OsStr::from_bytes(&target),
            &place.parent.descriptor,
            place.name,
        )
        .map_err(place.cannot_write())
    }

    fn put_hard_link<R: Read>(
        &mut self,
        entry: &mut Entry<'_, R>,
        place: &Place<'_>,
    ) -> Result<(), LayerError> {
        let target = entry.link_name_bytes().unwrap_or_default().into_owned();
        let outside = || LayerError::LinkOutside {
            path: PathText::new(place.path),
            target: PathText::new(&target),
        };
        let nothing = || LayerError::NoLinkTarget {
            path: PathText::new(place.path),
            target: PathText::new(&target),
        };
        if target.starts_with(b"/") {
            return Err(outside());
        }
        let components = match components(&target) {
            Ok(components) => components,
            Err(LayerError::ParentComponent(_)) => return Err(outside()),
            Err(other) => return Err(other),
        };
        let (&name, parents) = components.split_last().ok_or_else(nothing)?;
        let source = match self.tree.directory(parents, IfMissing::Fail) {
            Ok(source) => source,
            Err(Missing::Outside) => return Err(outside()),
            Err(Missing::NoDirectory | Missing::TooDeep) => return Err(nothing()),
            Err(Missing::Io(source)) => return Err(place.cannot_write()(source)),
        };
        let itself = source.path.join(name) == place.parent.path.join(place.name);
        if itself {
            return Ok(());
        }
        match source.kind(name).map_err(place.cannot_write())? {
            Some(FileType::RegularFile | FileType::Symlink) => {}
            _ => return Err(nothing()),
        }
        place.clear()?;
        let linked = linkat(
            &source.descriptor,
            name,
            &place.parent.descriptor,
            place.name,
            AtFlags::empty(),
        );
        match linked {
            // It was in the directory that the link has just replaced.
            Err(Errno::NOENT) => Err(nothing()),
            other => other.map_err(place.cannot_write()),
        }
    }
}

/// Where an entry goes.
struct Place<'a> {
    /// As the layer has it.
    path: &'a [u8],
    parent: Directory,
    name: &'a OsStr,
}

impl Place<'_> {
    fn kind(&self) -> Result<Option<FileType>, LayerError> {
        self.parent.kind(self.name).map_err(self.cannot_write())
    }

    /// Removes what is there: it is replaced, never written to, since it may be
    /// linked from elsewhere.
    fn clear(&self) -> Result<(), LayerError> {
        self.parent
            .remove(self.name, &|_| false)
            .map_err(self.cannot_write())
    }

    fn cannot_write<E: Into<io::Error>>(&self) -> impl FnOnce(E) -> LayerError + use<E> {
        let path = PathText::new(self.path);
        move |error| match error.into() {
            full if full.kind() == ErrorKind::StorageFull => LayerError::NoRoom,
            source => LayerError::Write { path, source },
        }
    }
}

/// Returns what a path consists of. A leading `/` stands for the image's root.
fn components(path: &[u8]) -> Result<Vec<&OsStr>, LayerError> {
    if path.is_empty() || path.len() > MAX_PATH_BYTES || path.contains(&0) {
        return Err(LayerError::InvalidPath(PathText::new(path)));
    }
    let mut components = Vec::new();
    for component in path.split(|byte| *byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => return Err(LayerError::ParentComponent(PathText::new(path))),
            name if name.len() > MAX_NAME_BYTES => {
                return Err(LayerError::InvalidPath(PathText::new(path)));
            }
            name => components.push(OsStr::from_bytes(name)),
        }
    }
    if components.len() > MAX_DEPTH {
        return Err(LayerError::InvalidPath(PathText::new(path)));
    }
    Ok(components)
}

fn no_directory(path: &[u8], missing: Missing) -> LayerError {
    let path = PathText::new(path);
    match missing {
        Missing::Outside => LayerError::LeavesRoot(path),
        Missing::NoDirectory => LayerError::NoDirectory(path),
        Missing::TooDeep => LayerError::InvalidPath(path),
        Missing::Io(source) => LayerError::Write { path, source },
    }
}

/// Returns the mode of a file: what its owner may read and execute others may too,
/// since they are the users of sandboxes.
fn shared_mode(mode: u32) -> Mode {
    let owner = mode & 0o700;
    let shared = owner & 0o500;
    Mode::from_raw_mode(owner | shared >> 3 | shared >> 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_of_sandboxes_may_read_what_the_owner_may_and_write_nothing() {
        for (mode, shared) in [
            (0o600, 0o644),
            (0o4755, 0o755),
            (0o777, 0o755),
            (0o440, 0o444),
            (0o100, 0o111),
            (0o022, 0o000),
        ] {
            assert_eq!(shared_mode(mode).as_raw_mode(), shared, "{mode:o}");
        }
    }

    #[test]
    fn a_path_is_taken_apart_or_refused() {
        let deep = "a/".repeat(MAX_DEPTH + 1);
        for path in [
            "",
            "a\0b",
            "../a",
            "a/../b",
            "a/..",
            &deep,
            &"n".repeat(256),
        ] {
            assert!(components(path.as_bytes()).is_err(), "{path:?}");
        }
        for (path, names) in [("./", 0), ("./a//b/.", 2), ("/a", 1), ("..a/b..", 2)] {
            let found = components(path.as_bytes()).expect(path);
            assert_eq!(found.len(), names, "{path}");
        }
    }
}
