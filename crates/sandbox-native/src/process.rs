//! Starts the launcher's process.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use sandbox::Executable;

/// The launcher's process, and the socket to it.
#[derive(Debug)]
pub(crate) struct Launcher {
    pub(crate) process: Child,
    pub(crate) socket: OwnedFd,
}

/// Starts the launcher with nothing but its end of a socket.
pub(crate) fn start(launcher: &Executable) -> io::Result<Launcher> {
    let (ours, theirs) = rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?;
    rustix::io::ioctl_fionbio(&ours, true)?;
    let (path, embedded) = match launcher {
        Executable::File(path) => (path.clone(), None),
        Executable::Embedded(bytes) => {
            let file = sealed(bytes)?;
            // The descriptor is closed on execution, by when the path is resolved.
            let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
            (path, Some(file))
        }
    };
    let mut command = Command::new(path);
    if !cfg!(veritech_weakened) {
        command.env_clear();
    }
    let process = command
        .arg0("veritech-launcher")
        .current_dir("/")
        .stdin(Stdio::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    drop(embedded);
    Ok(Launcher {
        process,
        socket: ours,
    })
}

/// Opens a program for reading.
pub(crate) fn open(executable: &Executable) -> io::Result<File> {
    match executable {
        Executable::File(path) => File::open(path),
        Executable::Embedded(bytes) => sealed(bytes),
    }
}

/// Returns a file in memory that nobody can change.
pub(crate) fn sealed(bytes: &[u8]) -> io::Result<File> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Kernels before 6.3 do not know the flag, and make every such file executable.
    let descriptor = match rustix::fs::memfd_create("veritech", flags | MemfdFlags::EXEC) {
        Err(rustix::io::Errno::INVAL) => rustix::fs::memfd_create("veritech", flags)?,
        created => created?,
    };
    let mut file = File::from(descriptor);
    file.write_all(bytes)?;
    rustix::fs::fcntl_add_seals(
        &file,
        SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE,
    )?;
    io::Seek::rewind(&mut file)?;
    Ok(file)
}
