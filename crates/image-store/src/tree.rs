//! A directory tree that nothing can be written out of.
//!
//! All operations are relative to a descriptor of the root. A parent directory is
//! opened by `openat2` with `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS`; where an image
//! has a symbolic link on the way (`/bin` to `usr/bin`), the link is followed here,
//! component by component, as it would be inside the image: an absolute target
//! begins at the root, and `..` above the root is an error.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, Stat, fchmod, mkdirat, openat,
    openat2, readlinkat, statat, unlinkat,
};
use rustix::io::Errno;

/// How many symbolic links are followed on one path, as in the kernel.
const MAX_LINKS: usize = 40;

/// How deep the tree may be. Each level holds a descriptor open while it is removed.
pub(crate) const MAX_DEPTH: usize = 128;

/// The mode of directories: their users are others than their owner.
pub(crate) const DIRECTORY_MODE: Mode = Mode::from_raw_mode(0o755);

/// The root of a tree.
#[derive(Debug)]
pub(crate) struct Tree {
    root: OwnedFd,
}

/// A directory of the tree.
#[derive(Debug)]
pub(crate) struct Directory {
    /// For operations on what is in it.
    pub(crate) descriptor: OwnedFd,
    /// Where it is, without any symbolic link. Empty for the root.
    pub(crate) path: PathBuf,
}

/// Why a directory was not found.
#[derive(Debug)]
pub(crate) enum Missing {
    /// A link leads above the root.
    Outside,
    /// There is nothing there, or no directory.
    NoDirectory,
    /// It is deeper than a tree may be.
    TooDeep,
    /// The host failed.
    Io(io::Error),
}

/// What to do where a directory is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfMissing {
    /// Make it.
    Make,
    /// Fail.
    Fail,
}

impl From<Errno> for Missing {
    fn from(error: Errno) -> Self {
        match error {
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP => Self::NoDirectory,
            Errno::XDEV => Self::Outside,
            other => Self::Io(other.into()),
        }
    }
}

/// One step of a path that is still to be taken.
struct Step {
    name: OsString,
    from_link: bool,
}

impl Tree {
    /// Opens the tree whose root is the directory `root`.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let root = openat(CWD, root, flags, Mode::empty())?;
        Ok(Self { root })
    }

    /// Returns the root's descriptor.
    pub(crate) fn root(&self) -> &OwnedFd {
        &self.root
    }

    /// Opens the directory that `components` lead to.
    pub(crate) fn directory(
        &self,
        components: &[&OsStr],
        if_missing: IfMissing,
    ) -> Result<Directory, Missing> {
        let path: PathBuf = components.iter().collect();
        match self.open_plain(&path) {
            Ok(descriptor) => Ok(Directory { descriptor, path }),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => self.walk(components, if_missing),
            Err(other) => Err(other.into()),
        }
    }

    /// Opens a directory by a path on which there is no symbolic link.
    fn open_plain(&self, path: &Path) -> rustix::io::Result<OwnedFd> {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        openat2(
            &self.root,
            path,
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV,
        )
    }

    /// Goes to a directory one step at a time.
    fn walk(&self, components: &[&OsStr], if_missing: IfMissing) -> Result<Directory, Missing> {
        // The next step is the last element.
        let mut steps: Vec<Step> = components
            .iter()
            .rev()
            .map(|name| Step {
                name: (*name).to_owned(),
                from_link: false,
            })
            .collect();
        let mut here = Directory {
            descriptor: self.open_plain(Path::new("."))?,
            path: PathBuf::new(),
        };
        let mut links = 0;
        while let Some(Step { name, from_link }) = steps.pop() {
            if name == ".." {
                if !here.path.pop() {
                    return Err(Missing::Outside);
                }
                here.descriptor = self.open_plain(&here.path)?;
                continue;
            }
            let kind = match statat(&here.descriptor, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => kind_of(&stat),
                Err(Errno::NOENT) if if_missing == IfMissing::Make && !from_link => {
                    here.make(&name).map_err(Missing::Io)?;
                    FileType::Directory
                }
                Err(error) => return Err(error.into()),
            };
            match kind {
                FileType::Directory => {
                    here.path.push(&name);
                    if here.path.components().count() >= MAX_DEPTH {
                        return Err(Missing::TooDeep);
                    }
                    here.descriptor = self.open_plain(&here.path)?;
                }
                FileType::Symlink => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(Missing::NoDirectory);
                    }
                    let target = readlinkat(&here.descriptor, &name, Vec::new())?.into_bytes();
                    if target.starts_with(b"/") {
                        here.path.clear();
                        here.descriptor = self.open_plain(&here.path)?;
                    }
                    let target = target
                        .split(|byte| *byte == b'/')
                        .filter(|name| !name.is_empty() && *name != b".");
                    steps.extend(target.rev().map(|name| Step {
                        name: OsString::from_vec(name.to_owned()),
                        from_link: true,
                    }));
                }
                _ => return Err(Missing::NoDirectory),
            }
        }
        Ok(here)
    }
}

impl Directory {
    /// Makes the directory `name` in this one, whatever the process's umask is.
    pub(crate) fn make(&self, name: &OsStr) -> io::Result<()> {
        mkdirat(&self.descriptor, name, DIRECTORY_MODE)?;
        let made = self.enter(name)?;
        fchmod(&made.descriptor, DIRECTORY_MODE)?;
        Ok(())
    }

    /// Returns what `name` in this directory is, if it is there.
    pub(crate) fn kind(&self, name: &OsStr) -> io::Result<Option<FileType>> {
        match statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(kind_of(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what is called `name` in this directory, with everything in it,
    /// but keeps what `keep` says of its path; also directories that hold
    /// something that is kept.
    pub(crate) fn remove(&self, name: &OsStr, keep: &dyn Fn(&Path) -> bool) -> io::Result<()> {
        let Some(kind) = self.kind(name)? else {
            return Ok(());
        };
        let path = self.path.join(name);
        if kind != FileType::Directory {
            if !keep(&path) {
                unlinkat(&self.descriptor, name, AtFlags::empty())?;
            }
            return Ok(());
        }
        let inner = self.enter(name)?;
        inner.clear(keep)?;
        if keep(&path) {
            return Ok(());
        }
        match unlinkat(&self.descriptor, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes everything in this directory but what `keep` says.
    pub(crate) fn clear(&self, keep: &dyn Fn(&Path) -> bool) -> io::Result<()> {
        // Names are collected first: a directory must not change while it is read.
        for name in self.names()? {
            self.remove(&name, keep)?;
        }
        Ok(())
    }

    fn enter(&self, name: &OsStr) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self {
            descriptor: openat(&self.descriptor, name, flags, Mode::empty())?,
            path: self.path.join(name),
        })
    }

    fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.descriptor)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(OsStr::from_bytes(name).to_owned());
            }
        }
        Ok(names)
    }
}

fn kind_of(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}
