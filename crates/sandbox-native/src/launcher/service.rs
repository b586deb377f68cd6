//! The launcher's loop: requests in, sandboxes and their endings out.

use std::collections::BTreeMap;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::pipe::PipeFlags;
use rustix::process::{Pid, Signal};
use rustix::thread::UnshareFlags;

use super::child::{self, Image, Plan};
use super::filter::Filters;
use super::identity;
use crate::step::Step;
use crate::syscalls::{self, Cloned, Reaped};
use crate::wire::{self, Failure, ImageRoot, Launch, LaunchDescriptors, Reply, Request, Root};

/// What the events of the engine's socket carry; sandboxes count from 0.
const ENGINE: u64 = u64::MAX;

/// Events taken at once.
const EVENTS: usize = 64;

/// The namespaces of a sandbox, but for the cgroup namespace: that one is made
/// from inside, once the cgroups are joined, or it would show their names.
const NAMESPACES: UnshareFlags = UnshareFlags::NEWUSER
    .union(UnshareFlags::NEWNS)
    .union(PROCESSES)
    .union(UnshareFlags::NEWNET)
    .union(UnshareFlags::NEWIPC)
    .union(UnshareFlags::NEWUTS);

/// The namespace whose end is the end of every process in it.
const PROCESSES: UnshareFlags = if cfg!(veritech_weakened) {
    UnshareFlags::empty()
} else {
    UnshareFlags::NEWPID
};

/// Makes sandboxes and waits for them.
#[derive(Debug)]
pub(super) struct Service<'socket> {
    socket: &'socket OwnedFd,
    images: Vec<ImageRoot>,
    filters: Filters,
    events: OwnedFd,
    running: BTreeMap<u64, Running>,
    /// Tells children whether the launcher lives: nothing is ever written, and
    /// it ends with this process.
    life: Life,
}

/// The pipe by which a child finds that its launcher is gone.
#[derive(Debug)]
struct Life {
    watched: OwnedFd,
    /// Given up at once by every child.
    held: Option<OwnedFd>,
}

/// The first process of a sandbox.
#[derive(Debug)]
struct Running {
    pid: Pid,
    pidfd: OwnedFd,
}

impl<'socket> Service<'socket> {
    /// Returns a service without sandboxes.
    pub(super) fn new(socket: &'socket OwnedFd, images: Vec<ImageRoot>) -> io::Result<Self> {
        let events = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&events, socket, EventData::new_u64(ENGINE), EventFlags::IN)?;
        let (watched, held) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        Ok(Self {
            socket,
            images,
            filters: Filters::compile(),
            events,
            running: BTreeMap::new(),
            life: Life {
                watched,
                held: Some(held),
            },
        })
    }

    /// Serves until the engine's socket ends, then kills what still runs.
    pub(super) fn run(mut self) -> io::Result<()> {
        let mut space = [const { MaybeUninit::<Event>::uninit() }; EVENTS];
        loop {
            let ready: Vec<u64> = match epoll::wait(&self.events, &mut space, None) {
                Ok((events, _)) => events.iter().map(|event| event.data.u64()).collect(),
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            for source in ready {
                if source != ENGINE {
                    self.ended(source)?;
                } else if !self.request()? {
                    return Ok(());
                }
            }
        }
    }

    /// Serves one request and says whether there may be more.
    fn request(&mut self) -> io::Result<bool> {
        let Some((request, descriptors)) = wire::receive::<Request>(self.socket)? else {
            return Ok(false);
        };
        let Request::Launch(launch) = request else {
            return Err(rustix::io::Errno::PROTO.into());
        };
        let sandbox = launch.sandbox;
        match self.launch(&launch, descriptors) {
            Ok((pid, pidfd)) => {
                let pid = pid.as_raw_nonzero().get();
                let reply = Reply::Launched { sandbox, pid };
                wire::send(self.socket, &reply, &[pidfd.as_fd()])?;
            }
            Err(failure) => {
                wire::send(self.socket, &Reply::Failed { sandbox, failure }, &[])?;
            }
        }
        Ok(true)
    }

    /// Makes the first process of a sandbox and lets it go.
    fn launch(
        &mut self,
        launch: &Launch,
        descriptors: Vec<OwnedFd>,
    ) -> Result<(Pid, OwnedFd), Failure> {
        let invalid = || Failure::new(Step::Message, &rustix::io::Errno::INVAL.into());
        let failed = |step| move |error: io::Error| Failure::new(step, &error);
        let image = match &launch.root {
            Root::Ready(number) => Image::Ready(self.images.get(*number).ok_or_else(invalid)?),
            Root::Stored { place, inject } => Image::Stored {
                place,
                inject: *inject,
            },
        };
        let mut descriptors = descriptors.into_iter();
        let (Some(session), Some(status), Some(stderr)) =
            (descriptors.next(), descriptors.next(), descriptors.next())
        else {
            return Err(invalid());
        };
        let cgroups: Vec<OwnedFd> = descriptors.collect();
        let (released, release) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)
            .map_err(|error| Failure::new(Step::Release, &error.into()))?;

        match syscalls::clone_child(NAMESPACES).map_err(failed(Step::Namespaces))? {
            Cloned::Child => {
                // While any copy of these ends lives, nobody sees the launcher go.
                drop((release, self.life.held.take()));
                let plan = Plan {
                    launch,
                    image,
                    filter: self.filters.of(image.profile()),
                    descriptors: LaunchDescriptors {
                        session: session.as_fd(),
                        status: status.as_fd(),
                        stderr: stderr.as_fd(),
                    },
                    cgroups: &cgroups,
                    released: released.as_fd(),
                    launcher: self.life.watched.as_fd(),
                };
                child::run(&plan)
            }
            Cloned::Parent(pid, pidfd) => {
                let let_go = identity::map_child(pid, launch.identity)
                    .map_err(failed(Step::Ids))
                    .and_then(|()| {
                        self.watch(launch.sandbox, &pidfd)
                            .map_err(failed(Step::Message))
                    })
                    .and_then(|()| {
                        rustix::io::write(&release, &[0])
                            .map_err(|error| Failure::new(Step::Release, &error.into()))
                    });
                match let_go.and_then(|_| pidfd.try_clone().map_err(failed(Step::Message))) {
                    Ok(copy) => {
                        self.running.insert(launch.sandbox, Running { pid, pidfd });
                        Ok((pid, copy))
                    }
                    Err(failure) => {
                        abandon(pid, pidfd.as_fd());
                        Err(failure)
                    }
                }
            }
        }
    }

    /// Has the end of a sandbox reported as an event.
    fn watch(&self, sandbox: u64, pidfd: &OwnedFd) -> io::Result<()> {
        let data = EventData::new_u64(sandbox);
        Ok(epoll::add(&self.events, pidfd, data, EventFlags::IN)?)
    }

    /// Takes the ending of a sandbox and tells the engine.
    fn ended(&mut self, sandbox: u64) -> io::Result<()> {
        let Some(running) = self.running.get(&sandbox) else {
            return Ok(());
        };
        let Some(Reaped { ending, cpu_time }) = syscalls::reap(running.pid)? else {
            return Ok(());
        };
        if let Some(running) = self.running.remove(&sandbox) {
            epoll::delete(&self.events, &running.pidfd)?;
        }
        let reply = Reply::Ended {
            sandbox,
            ending,
            cpu_us: cpu_time.as_micros().try_into().unwrap_or(u64::MAX),
        };
        wire::send(self.socket, &reply, &[])
    }
}

impl Drop for Service<'_> {
    fn drop(&mut self) {
        for running in self.running.values() {
            // One that has just ended needs no killing.
            rustix::process::pidfd_send_signal(&running.pidfd, Signal::KILL).ok();
        }
    }
}

/// Kills and reaps a child that was not let go: it does so at once.
fn abandon(pid: Pid, pidfd: BorrowedFd<'_>) {
    // The child may have ended by itself.
    rustix::process::pidfd_send_signal(pidfd, Signal::KILL).ok();
    rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()).ok();
}
