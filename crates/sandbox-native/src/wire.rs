//! What the engine and its launcher say to each other.
//!
//! Each message is one datagram of a `SOCK_SEQPACKET` pair: JSON, with the
//! descriptors that belong to it alongside. The launcher trusts the engine,
//! which made it; sizes are bounded all the same.
//!
//! ```text
//!  engine                                   launcher
//!                              ◀── Unshared
//!  (writes its id maps)
//!  Start, File…, Seal          ──▶
//!                              ◀── Ready
//!  Launch + descriptors        ──▶
//!                              ◀── Launched + pidfd, or Failed
//!                              ◀── Ended
//! Breed + descriptors         ──▶
//!                              ◀── Launched + pidfd, Warm, Withered, Ended
//! ```
//!
//! A second, shorter conversation runs between the engine and the process that
//! becomes a sandbox: [`Status`].

mod root;

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use self::root::{InvalidPlace, Root, StorePlace};
use crate::step::Step;

/// The longest message, in bytes: an image may ask for a runner with a long
/// command and many variables.
const MESSAGE_BYTES: usize = 32 * 1024;

/// How many ids the user namespace of a launcher that was started by root has.
pub(crate) const MAPPED_IDS: u32 = 65_536;

/// The most descriptors that accompany one message.
pub(crate) const MAX_DESCRIPTORS: usize = 16;

/// What the engine asks of its launcher.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Build the roots of these images.
    Start {
        /// Whether the engine has mapped a range of host ids for the launcher,
        /// which otherwise maps its own.
        mapped: bool,
        /// The images, in the order in which launches count them.
        images: Vec<ImageRoot>,
        /// The directory of the store of further images, if there is one.
        store: Option<PathBuf>,
    },
    /// Store the contents of the accompanying descriptor under `/veritech`.
    File {
        /// The path below `/veritech`.
        path: String,
    },
    /// No more files: make everything read-only.
    Seal,
    /// Launch a sandbox with the descriptors of [`LaunchDescriptors`].
    Launch(Launch),
    /// Start a zygote, with the same descriptors; it is named as if it were a sandbox.
    Breed {
        /// What its children see, and what it needs itself.
        launch: Launch,
        /// The program and its arguments.
        command: Vec<String>,
    },
}

/// The root file system of the sandboxes of an image.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ImageRoot {
    /// The name of its directory.
    pub(crate) name: String,
    /// The interpreter of the host that is mounted into it, with the host's
    /// libraries.
    pub(crate) interpreter: Option<Interpreter>,
    /// How much of the kernel its programs need.
    pub(crate) profile: ImageProfile,
}

/// How much of the kernel the programs of an image need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ImageProfile {
    /// What our own need.
    Builtin,
    /// What a language runtime needs.
    Runtime,
}

/// An interpreter of the host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Interpreter {
    /// Its name below `/veritech/interpreter`.
    pub(crate) name: String,
    /// Where the host has it, without symbolic links.
    pub(crate) path: PathBuf,
    /// A directory that it needs, besides the host's libraries, at its own place.
    pub(crate) directory: Option<PathBuf>,
}

/// A sandbox to launch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Launch {
    /// Names the sandbox in later messages.
    pub(crate) sandbox: u64,
    /// What it sees as `/`.
    pub(crate) root: Root,
    /// The command of its runner.
    pub(crate) runner: String,
    /// The variables, as `NAME=VALUE`, that its language needs to start.
    pub(crate) runner_environment: Vec<String>,
    /// Who it is on the host.
    pub(crate) identity: Identity,
    /// Bytes of its scratch file system.
    pub(crate) disk_bytes: u64,
    /// Files and directories of its scratch file system.
    pub(crate) disk_inodes: u64,
    /// Processor time of each process, in seconds, as a second line.
    pub(crate) cpu_seconds: u64,
    /// Limits of each process where no cgroup holds the whole sandbox.
    pub(crate) fallback: Fallback,
    /// The zygote that brings it forth, instead of the launcher itself.
    pub(crate) zygote: Option<u64>,
}

/// Limits that stand in for a cgroup.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Fallback {
    /// Bytes of private writable memory of each process.
    pub(crate) data_bytes: Option<u64>,
    /// Processes and threads of the sandbox's user.
    pub(crate) processes: Option<u64>,
    /// Processors that it may run on; all if empty.
    pub(crate) processors: Vec<usize>,
}

/// The user ids of a sandbox, as the launcher's user namespace counts them.
/// Group ids are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Identity {
    /// Cyclone and its runner share the launcher's own id.
    Single,
    /// Cyclone and its runner have an id each.
    Pair {
        /// Cyclone's.
        cyclone: u32,
        /// The runner's.
        runner: u32,
    },
}

/// What the launcher answers and reports.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// The launcher is in namespaces of its own and waits for its id maps.
    Unshared,
    /// Everything is built; launches may come.
    Ready,
    /// The launcher cannot go on.
    Broken(Failure),
    /// A sandbox's first process exists; its pidfd comes along.
    Launched {
        /// Which sandbox.
        sandbox: u64,
        /// The number of that process on the host.
        pid: i32,
    },
    /// A zygote can be asked for children.
    Warm {
        /// Which.
        zygote: u64,
    },
    /// A zygote cannot be asked for children any more; those that it has go on.
    Withered {
        /// Which.
        zygote: u64,
        /// Its exit code, or the signal that ended it.
        ending: Result<i32, i32>,
    },
    /// A sandbox was not made.
    Failed {
        /// Which sandbox.
        sandbox: u64,
        /// Why not.
        failure: Failure,
    },
    /// A sandbox's first process has ended, and with it all others.
    Ended {
        /// Which sandbox.
        sandbox: u64,
        /// Its exit code, or the signal that ended it.
        ending: Result<i32, i32>,
        /// Processor time of everything that was waited for, in microseconds.
        cpu_us: u64,
    },
}

/// A step that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The step.
    pub(crate) step: Step,
    /// The error's number.
    pub(crate) errno: i32,
}

impl Failure {
    /// Returns the failure of `step` for `error`'s reason.
    pub(crate) fn new(step: Step, error: &io::Error) -> Self {
        Self {
            step,
            errno: error.raw_os_error().unwrap_or(Errno::IO.raw_os_error()),
        }
    }

    /// Returns the reason.
    pub(crate) fn source(self) -> io::Error {
        io::Error::from_raw_os_error(self.errno)
    }
}

/// What the process that becomes a sandbox tells the engine.
///
/// The conversation ends when the process executes cyclone, or dies.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Status {
    /// The root is built; the scratch directory's descriptor comes along.
    Rooted,
    /// A step failed and the process ends.
    Failed(Failure),
}

/// The descriptors of a launch, in the order in which they are sent; those of
/// cgroups follow.
#[derive(Debug)]
pub(crate) struct LaunchDescriptors<T> {
    /// Cyclone's end of the session.
    pub(crate) session: T,
    /// Where [`Status`] goes.
    pub(crate) status: T,
    /// Cyclone's standard error.
    pub(crate) stderr: T,
}

/// Sends one message; may fail with `WouldBlock`.
pub(crate) fn send<T: Serialize>(
    socket: impl AsFd,
    message: &T,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    if bytes.len() > MESSAGE_BYTES || descriptors.len() > MAX_DESCRIPTORS {
        return Err(Errno::MSGSIZE.into());
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(Errno::MSGSIZE.into());
    }
    rustix::io::retry_on_intr(|| {
        rustix::net::sendmsg(
            socket.as_fd(),
            &[IoSlice::new(&bytes)],
            &mut control,
            SendFlags::NOSIGNAL,
        )
    })?;
    Ok(())
}

/// Receives one message, `None` at the end; may fail with `WouldBlock`.
pub(crate) fn receive<T: DeserializeOwned>(
    socket: impl AsFd,
) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut bytes = [0; MESSAGE_BYTES];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = rustix::io::retry_on_intr(|| {
        rustix::net::recvmsg(
            socket.as_fd(),
            &mut [IoSliceMut::new(&mut bytes)],
            &mut control,
            RecvFlags::CMSG_CLOEXEC,
        )
    })?;
    let descriptors = control
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        })
        .flatten()
        .collect();
    if received.bytes == 0 {
        return Ok(None);
    }
    if received
        .flags
        .intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC)
    {
        return Err(Errno::MSGSIZE.into());
    }
    let message = serde_json::from_slice(bytes.get(..received.bytes).unwrap_or_default())?;
    Ok(Some((message, descriptors)))
}
