//! The launcher's root file system, and in it the ready-made roots of all images.
//!
//! ```text
//!  /proc                    the host's
//!  /veritech                cyclone, quickjs, javascript/, python/
//!  /images/NAME             one read-only mount for each image:
//!     veritech/             hard links to the files above, and
//!       interpreter/NAME    the host's interpreter (host images)
//!     dev/                  five devices of the host
//!     proc/ tmp/            empty: each sandbox mounts its own here
//!     usr/ lib/ … etc/      host images, and what else their interpreter needs
//!  /store                   all images of the store, where there is one, and
//!  /dev                     the devices of their sandboxes (see `stored`)
//!  /images/.stored          where a sandbox of one of them has its root
//! ```
//!
//! A sandbox gets a copy of its image's mount with the mount namespace that it is
//! born into, so that it only has to mount two file systems and change root.

use std::ffi::CString;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Component, Path};

use rustix::fs::CWD;
use rustix::mount::{MountFlags, MountPropagationFlags, MoveMountFlags, UnmountFlags};

use super::sources::{DEVICES, HostEntry, InterpreterMounts, Sources};
use crate::syscalls::set_mount_attributes;
use crate::wire::{ImageRoot, Interpreter};

/// A directory that every host has, and that is covered while the root is built.
const STAGE: &str = "/tmp";

/// Where our files are.
pub(super) const FILES: &str = "/veritech";

/// Where the roots of images are.
pub(super) const IMAGES: &str = "/images";

/// Where the image store is.
pub(super) const STORE: &str = "/store";

/// The ready-made devices for images of the store.
pub(super) const STORED_DEVICES: &str = "/dev";

/// An empty directory: the root of an image of the store is put there, in the
/// sandbox's own mount namespace.
pub(super) const STORED_ROOT: &str = "/images/.stored";

/// What host images find in `/etc`, besides the loader's cache.
const ETC: [(&str, &str); 3] = [
    (
        "passwd",
        "cyclone:x:1000:1000::/tmp:/bin/sh\nrunner:x:1001:1001::/tmp:/bin/sh\n",
    ),
    ("group", "cyclone:x:1000:\nrunner:x:1001:\n"),
    (
        "nsswitch.conf",
        "passwd: files\ngroup: files\nhosts: files\n",
    ),
];

/// Leaves the host's root for an own, nearly empty one.
pub(super) fn enter(sources: &Sources) -> io::Result<()> {
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    rustix::mount::mount_change("/", private)?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    rustix::mount::mount("tmpfs", STAGE, "tmpfs", flags, c"mode=755")?;
    rustix::process::chdir(STAGE)?;
    for directory in ["proc", "veritech", "images"] {
        fs::create_dir(directory)?;
    }
    attach(sources.proc.as_fd(), Path::new("proc"))?;
    if let Some(store) = &sources.store {
        fs::create_dir("store")?;
        attach(store.as_fd(), Path::new("store"))?;
    }
    change_root()
}

/// Makes the current directory, a mount, the root, and lets go of the old one.
pub(super) fn change_root() -> io::Result<()> {
    // With both arguments alike the old root ends up on top of the new one.
    rustix::process::pivot_root(".", ".")?;
    rustix::mount::unmount(".", UnmountFlags::DETACH)?;
    Ok(rustix::process::chdir("/")?)
}

/// Stores a file of ours.
pub(super) fn store(path: &str, contents: BorrowedFd<'_>) -> io::Result<()> {
    let path = Path::new(path);
    if !path
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        return Err(rustix::io::Errno::INVAL.into());
    }
    let path = Path::new(FILES).join(path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut contents = File::from(contents.try_clone_to_owned()?);
    let mut file = File::create_new(&path)?;
    io::copy(&mut contents, &mut file)?;
    fs::set_permissions(&path, Permissions::from_mode(0o555))
}

/// Builds the roots of all images, and makes everything read-only.
pub(super) fn build_images(images: &[ImageRoot], sources: Sources) -> io::Result<()> {
    // A mount can be attached once, so each is attached here and bound from
    // here; what stays of this place is nothing.
    let host = Path::new(IMAGES).join(".host");
    let Sources {
        devices,
        host: entries,
        loader_cache,
        interpreters,
        store,
        ..
    } = sources;
    fs::create_dir(&host)?;
    rustix::mount::mount("tmpfs", &host, "tmpfs", MountFlags::empty(), c"mode=755")?;
    for (name, device) in DEVICES.iter().zip(&devices) {
        attach_file(device, &host.join(name))?;
    }
    for entry in &entries {
        if let HostEntry::Directory(name, tree) = entry {
            fs::create_dir(host.join(name))?;
            attach(tree.as_fd(), &host.join(name))?;
        }
    }
    if let Some(cache) = &loader_cache {
        attach_file(cache, &host.join("ld.so.cache"))?;
    }

    for (image, interpreter) in images.iter().zip(interpreters) {
        let root = Path::new(IMAGES).join(&image.name);
        fs::create_dir(&root)?;
        // Bound onto itself, the directory is a mount that sandboxes can pivot to.
        build_base(&root)?;
        rustix::mount::mount_bind(&root, &root)?;
        bind_devices(&host, &root.join("dev"))?;
        if let Some((mounts, described)) = interpreter.as_ref().zip(image.interpreter.as_ref()) {
            build_hosted(&host, &root, &entries, loader_cache.is_some())?;
            attach_interpreter(&root, mounts, described)?;
        }
        seal(&root)?;
    }
    if store.is_some() {
        build_for_stored(&host)?;
    }
    rustix::mount::unmount(&host, UnmountFlags::DETACH)?;
    set_mount_attributes(CWD, c"/", libc::MOUNT_ATTR_RDONLY, false)
}

/// Makes what the images of the store have in common.
fn build_for_stored(host: &Path) -> io::Result<()> {
    fs::create_dir(STORED_ROOT)?;
    let devices = Path::new(STORED_DEVICES);
    build_device_links(devices)?;
    // Bound onto itself, the directory can be bound with the devices in it.
    rustix::mount::mount_bind(devices, devices)?;
    bind_devices(host, devices)?;
    seal(devices)
}

/// Makes what every ready-made image has.
fn build_base(root: &Path) -> io::Result<()> {
    for directory in ["veritech", "proc", "tmp"] {
        fs::create_dir(root.join(directory))?;
    }
    build_device_links(&root.join("dev"))?;
    link_files(Path::new(FILES), &root.join("veritech"))
}

/// Makes a directory for devices with the links that programs expect.
fn build_device_links(directory: &Path) -> io::Result<()> {
    fs::create_dir(directory)?;
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        symlink(target, directory.join(name))?;
    }
    Ok(())
}

/// Makes one mount read-only, without devices and set-user-id.
fn seal(mount: &Path) -> io::Result<()> {
    let attributes = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
    let path = CString::new(mount.as_os_str().as_encoded_bytes())?;
    set_mount_attributes(CWD, &path, attributes, false)
}

/// Makes hard links in `to` of all files below `from`.
fn link_files(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            link_files(&entry.path(), &target)?;
        } else {
            fs::hard_link(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Puts the devices into a directory.
fn bind_devices(host: &Path, directory: &Path) -> io::Result<()> {
    for name in DEVICES {
        let target = directory.join(name);
        File::create_new(&target)?;
        rustix::mount::mount_bind(host.join(name), &target)?;
    }
    Ok(())
}

/// Puts the host's libraries, and files that programs expect, into an image.
fn build_hosted(
    host: &Path,
    root: &Path,
    entries: &[HostEntry],
    has_loader_cache: bool,
) -> io::Result<()> {
    for entry in entries {
        match entry {
            HostEntry::Directory(name, _) => {
                fs::create_dir(root.join(name))?;
                rustix::mount::mount_bind_recursive(host.join(name), root.join(name))?;
            }
            HostEntry::Link(name, target) => symlink(target, root.join(name))?,
        }
    }
    // Shared memory and named semaphores are files of the scratch directory.
    symlink("/tmp", root.join("dev/shm"))?;
    let etc = root.join("etc");
    fs::create_dir(&etc)?;
    for (name, contents) in ETC {
        fs::write(etc.join(name), contents)?;
    }
    // Without it, runtimes compare all time zones that the host has with none: for 20 ms.
    symlink("/usr/share/zoneinfo/Etc/UTC", etc.join("localtime"))?;
    if has_loader_cache {
        let cache = etc.join("ld.so.cache");
        File::create_new(&cache)?;
        rustix::mount::mount_bind(host.join("ld.so.cache"), &cache)?;
    }
    Ok(())
}

/// Puts an interpreter into an image, and the directory that it needs.
fn attach_interpreter(
    root: &Path,
    mounts: &InterpreterMounts,
    described: &Interpreter,
) -> io::Result<()> {
    let place = root.join("veritech/interpreter");
    fs::create_dir(&place)?;
    attach_file(&mounts.program, &place.join(&described.name))?;
    let Some((tree, path)) = mounts.directory.as_ref().zip(described.directory.as_ref()) else {
        return Ok(());
    };
    let inside = path
        .strip_prefix("/")
        .map_err(|_| io::Error::from(rustix::io::Errno::INVAL))?;
    let target = root.join(inside);
    fs::create_dir_all(&target)?;
    attach(tree.as_fd(), &target)
}

/// Attaches a detached mount of a file at `target`.
fn attach_file(mount: &OwnedFd, target: &Path) -> io::Result<()> {
    File::create_new(target)?;
    attach(mount.as_fd(), target)
}

/// Attaches a detached mount at `target`.
fn attach(mount: BorrowedFd<'_>, target: &Path) -> io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    Ok(rustix::mount::move_mount(mount, "", CWD, target, flags)?)
}
