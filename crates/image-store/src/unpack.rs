//! Unpacking layers on top of each other into one root filesystem.
//!
//! Everything belongs to the user this runs as. What privileges an image asks for
//! (devices, set-user-id bits, capabilities, owners) is left out and counted.

mod entry;
mod marks;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{FileType, fstatvfs};

use self::marks::Marks;
use crate::digest::{Digest, DigestReader};
use crate::error::{LayerError, PathText, PullError};
use crate::layer::{Allowance, Allowed, Limited, OverLimit, decompressed};
use crate::shelf::Counts;
use crate::stop::Stop;
use crate::tree::{IfMissing, Missing, Tree};

/// Where engines mount something of their own: these must be real directories.
const MOUNT_POINTS: [&str; 4] = ["proc", "dev", "tmp", "veritech"];

/// What the headers of one entry may take; long names and extended attributes are
/// among them, and are held in memory.
const MAX_HEADER_BYTES: u64 = 1 << 20;

/// What is added to the size of the files for what an archive needs besides.
const ARCHIVE_OVERHEAD_PER_ENTRY: u64 = 2048;

/// How much of the disk must stay free.
const ROOM_TO_LEAVE: u64 = 128 << 20;

/// After how many written bytes the room on the disk is looked at again.
const ROOM_CHECK_INTERVAL: u64 = 16 << 20;

/// How much is unpacked at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) bytes: u64,
    pub(crate) entries: u64,
}

/// A root filesystem that layers are put into, the lowest first.
pub(crate) struct Unpacker<'a> {
    tree: Tree,
    bounds: Bounds,
    stop: &'a Stop,
    /// What has been written so far, in blocks of a file system.
    bytes: u64,
    entries: u64,
    counts: Counts,
    /// How much was written when the room was last looked at.
    room_checked_at: u64,
    /// What the layer that is being unpacked has put there.
    marks: Marks,
}

/// Why unpacking a layer ended.
#[derive(Debug)]
enum Ended {
    /// The layer.
    Layer(LayerError),
    /// It was time to stop.
    Stopped(PullError),
}

impl From<LayerError> for Ended {
    fn from(error: LayerError) -> Self {
        Self::Layer(error)
    }
}

/// What became of an image's layers.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) bytes: u64,
    pub(crate) counts: Counts,
}

impl<'a> Unpacker<'a> {
    /// Begins with the empty directory `root`.
    pub(crate) fn new(root: &Path, bounds: Bounds, stop: &'a Stop) -> io::Result<Self> {
        Ok(Self {
            tree: Tree::open(root)?,
            bounds,
            stop,
            bytes: 0,
            entries: 0,
            counts: Counts::default(),
            room_checked_at: 0,
            marks: Marks::default(),
        })
    }

    /// Unpacks the layer in `file`, which is listed as `digest`, and returns the
    /// digest of what is in it, decompressed.
    ///
    /// `read` hears how many bytes of the file have been read.
    pub(crate) fn layer(
        &mut self,
        file: File,
        digest: &Digest,
        read: &dyn Fn(u64),
    ) -> Result<Digest, PullError> {
        self.marks = Marks::default();
        self.archive(file, read).map_err(|ended| match ended {
            Ended::Layer(source) => PullError::Layer {
                digest: digest.to_string(),
                source,
            },
            Ended::Stopped(error) => error,
        })
    }

    fn archive(&mut self, file: File, read: &dyn Fn(u64)) -> Result<Digest, Ended> {
        let position = Position(file.try_clone().map_err(LayerError::Damaged)?);
        let limit = self.bounds.bytes.saturating_add(
            self.bounds
                .entries
                .saturating_mul(ARCHIVE_OVERHEAD_PER_ENTRY),
        );
        let plain = decompressed(file).map_err(|error| self.unreadable(error))?;
        let allowance = Allowance::default();
        let mut archive = tar::Archive::new(Allowed {
            inner: DigestReader::new(Limited::new(plain, limit)),
            allowance: allowance.clone(),
        });
        let mut told = 0;
        let mut entries = archive.entries().map_err(|error| self.unreadable(error))?;
        loop {
            self.stop.check().map_err(Ended::Stopped)?;
            allowance.set(Some(MAX_HEADER_BYTES));
            let Some(entry) = entries.next() else { break };
            let mut entry = entry.map_err(|error| self.unreadable(error))?;
            allowance.set(None);
            self.entries += 1;
            if self.entries > self.bounds.entries {
                return Err(LayerError::TooManyEntries(self.bounds.entries).into());
            }
            self.entry(&mut entry)?;
            // What is left would count as part of the next header.
            io::copy(&mut entry, &mut io::sink()).map_err(|error| self.unreadable(error))?;
            let read_now = position.get();
            if read_now != told {
                told = read_now;
                read(told);
            }
        }
        allowance.set(None);
        let digest = archive
            .into_inner()
            .inner
            .finish()
            .map_err(|error| self.unreadable(error))?;
        Ok(digest)
    }

    /// Sees to it that engines find the directories they mount something on.
    pub(crate) fn finish(self) -> Result<Unpacked, PullError> {
        let root = match self.tree.directory(&[], IfMissing::Fail) {
            Ok(root) => root,
            Err(Missing::Io(source)) => return Err(unpacked(source)),
            Err(Missing::NoDirectory | Missing::Outside | Missing::TooDeep) => {
                return Err(PullError::Unfit("it has no root directory".to_owned()));
            }
        };
        for name in MOUNT_POINTS {
            match root.kind(OsStr::new(name)).map_err(unpacked)? {
                Some(FileType::Directory) => {}
                None => root.make(OsStr::new(name)).map_err(unpacked)?,
                Some(kind) => {
                    let kind = match kind {
                        FileType::Symlink => "a symbolic link",
                        _ => "a file",
                    };
                    return Err(PullError::Unfit(format!(
                        "its `/{name}` is {kind}, but must be a directory"
                    )));
                }
            }
        }
        Ok(Unpacked {
            bytes: self.bytes,
            counts: self.counts,
        })
    }

    /// Takes `bytes` of what the image may have, and of the disk.
    fn take_room(&mut self, bytes: u64) -> Result<(), LayerError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.bounds.bytes {
            return Err(LayerError::TooManyBytes(self.bounds.bytes));
        }
        if self.bytes - self.room_checked_at >= ROOM_CHECK_INTERVAL {
            self.room_checked_at = self.bytes;
            let disk = fstatvfs(self.tree.root()).map_err(|error| LayerError::Write {
                path: PathText::new(b"/"),
                source: error.into(),
            })?;
            let room = disk.f_bavail.saturating_mul(disk.f_frsize);
            if room < bytes.saturating_add(ROOM_TO_LEAVE) {
                return Err(LayerError::NoRoom);
            }
        }
        Ok(())
    }

    /// Says what it means that an archive could not be read.
    fn unreadable(&self, error: io::Error) -> LayerError {
        match OverLimit::behind(&error) {
            Some(OverLimit::Layer) => LayerError::TooManyBytes(self.bounds.bytes),
            Some(OverLimit::Headers) => LayerError::HeadersTooLarge(MAX_HEADER_BYTES),
            None => LayerError::Damaged(error),
        }
    }
}

fn unpacked(source: io::Error) -> PullError {
    PullError::Store(crate::error::StoreError {
        step: "finish an unpacked image",
        source,
    })
}

/// How far a file has been read, by another descriptor of it.
struct Position(File);

impl Position {
    fn get(&self) -> u64 {
        rustix::fs::tell(&self.0).unwrap_or(0)
    }
}
