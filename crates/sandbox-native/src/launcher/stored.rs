//! The root of a sandbox whose image is in the store.
//!
//! Nothing was prepared for the image itself. The store's directory is mounted
//! in the launcher's root; the new process takes a copy of the image's part of
//! that mount, which is as read-only as the whole, and covers its mount points:
//!
//! ```text
//!  /store/PLACE ──copy──▶ /images/.stored
//!                           dev/        ◀── copy of the launcher's /dev
//!                           veritech/   ◀── copy of the launcher's /veritech (if injected)
//!                           proc/ tmp/  the sandbox's own, as with any image
//! ```
//!
//! An image is hostile. Every path is resolved below the store or the image, and
//! through no symbolic link.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::mount::{MoveMountFlags, OpenTreeFlags};
use rustix::path::Arg;

use super::root::{FILES, STORE, STORED_DEVICES, STORED_ROOT};
use crate::wire::StorePlace;

/// Goes to a copy of the image's root that only this process has.
pub(super) fn enter(place: &StorePlace, inject: bool) -> io::Result<()> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let store = rustix::fs::openat(CWD, STORE, flags, Mode::empty())?;
    let image = directory(&store, place.as_path())?;
    let root = copy(&image, "", OpenTreeFlags::AT_EMPTY_PATH)?;
    let attached = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    rustix::mount::move_mount(&root, "", CWD, STORED_ROOT, attached)?;
    rustix::process::fchdir(&root)?;

    let devices = copy(CWD, STORED_DEVICES, OpenTreeFlags::AT_RECURSIVE)?;
    cover(&devices, &directory(&root, "dev")?)?;
    if inject {
        let programs = copy(CWD, FILES, OpenTreeFlags::empty())?;
        cover(&programs, &directory(&root, "veritech")?)?;
    }
    // These are covered by name, as with any image: they must not lead elsewhere.
    for name in ["proc", "tmp"] {
        directory(&root, name)?;
    }
    Ok(())
}

/// Opens a directory below another one, without following any link.
fn directory(below: impl AsFd, path: impl Arg) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    Ok(rustix::fs::openat2(
        below,
        path,
        flags,
        Mode::empty(),
        resolve,
    )?)
}

/// Returns a detached copy of what is mounted at a path.
fn copy(at: impl AsFd, path: &str, how: OpenTreeFlags) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | how;
    Ok(rustix::mount::open_tree(at, path, flags)?)
}

/// Attaches a detached mount on top of a directory.
fn cover(mount: &OwnedFd, directory: &OwnedFd) -> io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    Ok(rustix::mount::move_mount(mount, "", directory, "", flags)?)
}
