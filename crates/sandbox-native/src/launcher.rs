//! The launcher: a small, single-threaded program that makes sandboxes.
//!
//! The dispatcher is large, has many threads and holds credentials, so nothing
//! is forked from it. It starts this program once, with an empty environment
//! and one socket, and asks it for sandboxes. The launcher lives in a user
//! namespace where the host's root does not exist, in a root file system of its
//! own that holds the roots of all images ready-made, and passes to a sandbox
//! nothing but what the engine sent along.
//!
//! ```text
//!  dispatcher ──socket──▶ launcher ──clone──▶ sandbox's pid 1 ──execve──▶ cyclone
//!                           │ ends with the socket     │ dies with the launcher
//! ```

mod child;
mod filter;
mod identity;
mod root;
mod service;
mod sources;
mod stored;
mod zygote;

use std::ffi::OsStr;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit};
use rustix::thread::UnshareFlags;

use self::service::Service;
use crate::step::Step;
use crate::syscalls;
use crate::wire::{self, Failure, Reply, Request};

/// Runs the launcher until its engine goes away.
///
/// Standard input is the socket that the engine talks on.
///
/// A zygote's child executes this program too, to go on as any other child of the launcher; see
/// [`zygote::ENTER`](::zygote::ENTER).
pub fn main() -> ExitCode {
    if std::env::args_os().nth(1).as_deref() == Some(OsStr::from_bytes(::zygote::ENTER.to_bytes()))
    {
        zygote::enter();
    }
    let socket = syscalls::take_stdin();
    match serve(&socket) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // An engine that is gone has no use for the reason.
            wire::send(&socket, &Reply::Broken(failure), &[]).ok();
            ExitCode::FAILURE
        }
    }
}

fn serve(socket: &std::os::fd::OwnedFd) -> Result<(), Failure> {
    let failed = |step| move |error: std::io::Error| Failure::new(step, &error);

    // What the dispatcher's own parent ignores, such as `nohup`, functions need not.
    syscalls::reset_signals();
    // A terminal's Ctrl-C is for the dispatcher, which may let executions finish.
    rustix::process::setsid()
        .map_err(|error| Failure::new(Step::LauncherNamespaces, &error.into()))?;
    // Whatever some library of the dispatcher left open stays outside.
    syscalls::close_from(3).map_err(failed(Step::Descriptors))?;
    // This copy keeps the number free of anything that a sandbox is to be given.
    let _reserved = rustix::io::fcntl_dupfd_cloexec(socket, child::SESSION)
        .map_err(|error| Failure::new(Step::Descriptors, &error.into()))?;
    rustix::thread::set_name(c"veritech-launch")
        .map_err(|error| Failure::new(Step::LauncherNamespaces, &error.into()))?;
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    rustix::process::setrlimit(Resource::Core, none)
        .map_err(|error| Failure::new(Step::LauncherNamespaces, &error.into()))?;

    let host_user = identity::effective();
    syscalls::unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS)
        .map_err(failed(Step::LauncherNamespaces))?;
    wire::send(socket, &Reply::Unshared, &[]).map_err(failed(Step::Message))?;

    let Some(Start {
        mapped,
        images,
        store,
    }) = start_message(socket)?
    else {
        return Ok(());
    };
    if !mapped {
        identity::map_self(host_user).map_err(failed(Step::LauncherIds))?;
    }
    // Interpreters and the store may lie where only the dispatcher's own user can look, so
    // their mounts are taken before that user is given up.
    let sources = sources::collect(&images, store.as_deref())?;
    identity::settle(mapped).map_err(failed(Step::LauncherIds))?;
    root::enter(&sources).map_err(failed(Step::LauncherRoot))?;

    loop {
        let Some((request, descriptors)) =
            wire::receive::<Request>(socket).map_err(failed(Step::Message))?
        else {
            return Ok(());
        };
        match (request, descriptors.first()) {
            (Request::File { path }, Some(contents)) => {
                root::store(&path, contents.as_fd()).map_err(failed(Step::Files))?;
            }
            (Request::Seal, None) => break,
            _ => return Err(unexpected()),
        }
    }
    root::build_images(&images, sources).map_err(failed(Step::LauncherRoot))?;
    let service = Service::new(socket, images).map_err(failed(Step::Message))?;
    wire::send(socket, &Reply::Ready, &[]).map_err(failed(Step::Message))?;
    service.run().map_err(failed(Step::Message))
}

/// What the launcher is told first.
struct Start {
    mapped: bool,
    images: Vec<wire::ImageRoot>,
    store: Option<PathBuf>,
}

fn start_message(socket: &std::os::fd::OwnedFd) -> Result<Option<Start>, Failure> {
    match wire::receive::<Request>(socket) {
        Ok(None) => Ok(None),
        Ok(Some((
            Request::Start {
                mapped,
                images,
                store,
            },
            _,
        ))) => Ok(Some(Start {
            mapped,
            images,
            store,
        })),
        Ok(Some(_)) => Err(unexpected()),
        Err(error) => Err(Failure::new(Step::Message, &error)),
    }
}

/// Returns the failure for a message that does not come next.
fn unexpected() -> Failure {
    Failure::new(Step::Message, &rustix::io::Errno::PROTO.into())
}
