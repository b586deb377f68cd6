//! What the launcher takes from the host's file system: detached mounts of a few
//! devices, of the image store and, for host images, of the host's libraries and
//! an interpreter.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::CWD;
use rustix::mount::OpenTreeFlags;

use crate::step::Step;
use crate::syscalls::set_mount_attributes;
use crate::wire::{Failure, ImageRoot, Interpreter};

/// The devices of a sandbox.
pub(super) const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];

/// Where the host's programs and libraries are, besides `/usr`.
const LIBRARIES: [&str; 7] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr"];

/// Where the host's dynamic loader looks first.
const LOADER_CACHE: &str = "/etc/ld.so.cache";

/// Mounts taken from the host, attached nowhere yet.
#[derive(Debug)]
pub(super) struct Sources {
    /// The host's `/proc`: the kernel lets a sandbox mount its own only while
    /// its creator sees a whole one.
    pub(super) proc: OwnedFd,
    /// Of each of [`DEVICES`].
    pub(super) devices: Vec<OwnedFd>,
    /// What host images see of the host, nothing if there are none.
    pub(super) host: Vec<HostEntry>,
    /// The dynamic loader's cache, for host images.
    pub(super) loader_cache: Option<OwnedFd>,
    /// The interpreter of each image that has one.
    pub(super) interpreters: Vec<Option<InterpreterMounts>>,
    /// The image store, if there is one.
    pub(super) store: Option<OwnedFd>,
}

/// What is taken of the host for one interpreter.
#[derive(Debug)]
pub(super) struct InterpreterMounts {
    /// Its program.
    pub(super) program: OwnedFd,
    /// The directory that it needs besides.
    pub(super) directory: Option<OwnedFd>,
}

/// A top-level directory of the host, as it is there.
#[derive(Debug)]
pub(super) enum HostEntry {
    /// A directory.
    Directory(&'static str, OwnedFd),
    /// A symbolic link and where it leads.
    Link(&'static str, PathBuf),
}

/// Takes everything that `images` need, and the store.
pub(super) fn collect(images: &[ImageRoot], store: Option<&Path>) -> Result<Sources, Failure> {
    let host_file = |error: io::Error| Failure::new(Step::HostFiles, &error);
    let proc = clone_mount(Path::new("/proc")).map_err(host_file)?;
    let devices = DEVICES
        .iter()
        .map(|name| {
            let device = clone_mount(&Path::new("/dev").join(name))?;
            harden(&device, libc::MOUNT_ATTR_NOEXEC)?;
            Ok(device)
        })
        .collect::<io::Result<_>>()
        .map_err(host_file)?;

    let hosted = images.iter().any(|image| image.interpreter.is_some());
    let mut host = Vec::new();
    let mut loader_cache = None;
    if hosted {
        for name in LIBRARIES {
            host.extend(host_entry(name).map_err(host_file)?);
        }
        // A host with another loader, such as musl's, has none.
        if Path::new(LOADER_CACHE).exists() {
            let cache = read_only(Path::new(LOADER_CACHE)).map_err(host_file)?;
            loader_cache = Some(cache);
        }
    }
    let interpreters = images
        .iter()
        .map(|image| {
            let interpreter = image.interpreter.as_ref();
            interpreter.map(interpreter_mounts).transpose()
        })
        .collect::<io::Result<_>>()
        .map_err(|error| Failure::new(Step::Interpreter, &error))?;
    // The directory itself: images that are unpacked into it later are seen too.
    let store = store
        .map(read_only)
        .transpose()
        .map_err(|error| Failure::new(Step::Store, &error))?;

    Ok(Sources {
        proc,
        devices,
        host,
        loader_cache,
        interpreters,
        store,
    })
}

/// Takes what an interpreter consists of.
fn interpreter_mounts(interpreter: &Interpreter) -> io::Result<InterpreterMounts> {
    let directory = interpreter.directory.as_deref();
    Ok(InterpreterMounts {
        program: read_only(&interpreter.path)?,
        directory: directory.map(read_only).transpose()?,
    })
}

/// Takes the host's directory or symbolic link `/name`, if it has one.
fn host_entry(name: &'static str) -> io::Result<Option<HostEntry>> {
    let path = PathBuf::from(OsString::from(format!("/{name}")));
    let metadata = match fs::symlink_metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if metadata.is_symlink() {
        return Ok(Some(HostEntry::Link(name, fs::read_link(&path)?)));
    }
    Ok(Some(HostEntry::Directory(name, read_only(&path)?)))
}

/// Returns a detached copy of what is mounted at `path`, that cannot be written.
fn read_only(path: &Path) -> io::Result<OwnedFd> {
    let tree = clone_mount(path)?;
    harden(&tree, libc::MOUNT_ATTR_NODEV)?;
    Ok(tree)
}

/// Returns a detached copy of `path` and everything mounted below it.
fn clone_mount(path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    Ok(rustix::mount::open_tree(CWD, path, flags)?)
}

/// Makes a tree read-only, without set-user-id, and with `attributes` besides.
fn harden(tree: &OwnedFd, attributes: u64) -> io::Result<()> {
    let attributes = attributes | libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID;
    set_mount_attributes(tree.as_fd(), c"", attributes, true)
}
