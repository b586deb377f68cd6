//! The launcher's loop: requests in, sandboxes and their endings out.

use std::collections::BTreeMap;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use rustix::pipe::PipeFlags;
use rustix::process::{Pid, Signal};
use rustix::thread::UnshareFlags;

use super::child::{self, Image, Plan};
use super::filter::Filters;
use super::identity;
use super::zygote::{self, Breeding, Given, Zygote};
use crate::step::Step;
use crate::syscalls::{self, Cloned, Reaped};
use crate::wire::{self, Failure, ImageRoot, Launch, LaunchDescriptors, Reply, Request, Root};

/// What the events of the engine's socket carry; sandboxes, and nurseries of zygotes, count from 0.
const ENGINE: u64 = u64::MAX;

/// Added to a zygote's number in the events of its process.
const PROCESS: u64 = 1 << 62;

/// Added to a zygote's number in the events of its socket.
const WORD: u64 = 1 << 61;

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
    /// By the number of their nurseries, which run like sandboxes.
    zygotes: BTreeMap<u64, Zygote>,
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
            zygotes: BTreeMap::new(),
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
                match source {
                    ENGINE if !self.request()? => return Ok(()),
                    ENGINE => {}
                    PROCESS.. => self.wither(source - PROCESS)?,
                    WORD.. => self.hear(source - WORD)?,
                    sandbox => self.ended(sandbox)?,
                }
            }
        }
    }

    /// Serves one request and says whether there may be more.
    fn request(&mut self) -> io::Result<bool> {
        let Some((request, descriptors)) = wire::receive::<Request>(self.socket)? else {
            return Ok(false);
        };
        let (sandbox, made) = match request {
            Request::Launch(launch) => (launch.sandbox, self.launch(&launch, &descriptors)),
            Request::Breed { launch, command } => {
                (launch.sandbox, self.breed(&launch, &command, &descriptors))
            }
            Request::Start { .. } | Request::File { .. } | Request::Seal => {
                return Err(rustix::io::Errno::PROTO.into());
            }
        };
        match made {
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
        descriptors: &[OwnedFd],
    ) -> Result<(Pid, OwnedFd), Failure> {
        let (given, cgroups) = given(descriptors)?;
        let (released, release) = pipe()?;
        let (pid, pidfd) = match launch.zygote {
            Some(zygote) => self.beget(
                zygote,
                &Given {
                    launch,
                    descriptors: given,
                    cgroups,
                    released: released.as_fd(),
                    release: release.as_fd(),
                    launcher: self.life.watched.as_fd(),
                },
            )?,
            None => match syscalls::clone_child(NAMESPACES).map_err(failed(Step::Namespaces))? {
                Cloned::Child => {
                    // While any copy of these ends lives, nobody sees the launcher go.
                    drop((release, self.life.held.take()));
                    child::run(&Plan {
                        launch,
                        image: image(&self.images, launch)?,
                        filter: self.filters.of(image(&self.images, launch)?.profile()),
                        descriptors: given,
                        cgroups,
                        released: released.as_fd(),
                        launcher: self.life.watched.as_fd(),
                        runner: None,
                    })
                }
                Cloned::Parent(pid, pidfd) => (pid, pidfd),
            },
        };
        // What a zygote brought forth is let go by its nursery.
        if launch.zygote.is_some() {
            return self.keep(launch.sandbox, pid, pidfd, Ok(()));
        }
        let mapped = identity::map_child(pid, launch.identity).map_err(failed(Step::Ids));
        let released = mapped.and_then(|()| {
            let written = rustix::io::write(&release, &[0]);
            written.map_err(|error| Failure::new(Step::Release, &error.into()))
        });
        self.keep(launch.sandbox, pid, pidfd, released.map(drop))
    }

    /// Makes a zygote and the sandbox that it lives in, and returns the first process of that.
    fn breed(
        &mut self,
        launch: &Launch,
        command: &[String],
        descriptors: &[OwnedFd],
    ) -> Result<(Pid, OwnedFd), Failure> {
        let (given, cgroups) = given(descriptors)?;
        let (released, release) = pipe()?;
        let (nursing, nurse) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )
        .map_err(|error| Failure::new(Step::Zygote, &error.into()))?;
        let image = image(&self.images, launch)?;
        let plan = Plan {
            launch,
            image,
            filter: self.filters.of(image.profile()),
            descriptors: given,
            cgroups,
            released: released.as_fd(),
            launcher: self.life.watched.as_fd(),
            runner: None,
        };
        let cloned = syscalls::clone_child(NAMESPACES).map_err(failed(Step::Namespaces))?;
        let Cloned::Parent(pid, pidfd) = cloned else {
            drop((release, nursing, self.life.held.take()));
            zygote::nurse(&plan, nurse.as_fd())
        };
        drop(nurse);
        let mapped = zygote::map_nursery(pid, launch.identity);
        let zygote = zygote::breed(
            Breeding {
                plan,
                command,
                filter: self.filters.of_zygotes(),
                nursery: pidfd.as_fd(),
                nursing,
            },
            || drop(self.life.held.take()),
        );
        let zygote = match zygote {
            Ok(zygote) => zygote,
            Err(error) => {
                abandon(pid, pidfd.as_fd());
                return Err(Failure::new(Step::Zygote, &error));
            }
        };
        let watched = epoll::add(
            &self.events,
            &zygote.pidfd,
            EventData::new_u64(launch.sandbox | PROCESS),
            EventFlags::IN,
        )
        .and_then(|()| {
            let data = EventData::new_u64(launch.sandbox | WORD);
            epoll::add(&self.events, &zygote.socket, data, EventFlags::IN)
        });
        self.zygotes.insert(launch.sandbox, zygote);
        let released = mapped.and_then(|()| {
            watched?;
            rustix::io::write(&release, &[0])?;
            Ok(())
        });
        self.keep(
            launch.sandbox,
            pid,
            pidfd,
            released.map_err(failed(Step::Zygote)),
        )
    }

    /// Has a zygote bring forth a sandbox; one that does not answer is not asked again.
    fn beget(&self, zygote: u64, given: &Given<'_>) -> Result<(Pid, OwnedFd), Failure> {
        let gone = || Failure::new(Step::Zygote, &rustix::io::Errno::SRCH.into());
        let asked = self.zygotes.get(&zygote).ok_or_else(gone)?;
        asked.ask(given).map_err(|error| {
            // Its end is an event, like any other.
            rustix::process::pidfd_send_signal(&asked.pidfd, Signal::KILL).ok();
            Failure::new(Step::Zygote, &error)
        })
    }

    /// Watches the first process of a sandbox that was let go, or removes it.
    fn keep(
        &mut self,
        sandbox: u64,
        pid: Pid,
        pidfd: OwnedFd,
        released: Result<(), Failure>,
    ) -> Result<(Pid, OwnedFd), Failure> {
        let kept = released
            .and_then(|()| self.watch(sandbox, &pidfd).map_err(failed(Step::Message)))
            .and_then(|()| pidfd.try_clone().map_err(failed(Step::Message)));
        match kept {
            Ok(copy) => {
                self.running.insert(sandbox, Running { pid, pidfd });
                Ok((pid, copy))
            }
            Err(failure) => {
                // A nursery does not end before its zygote was waited for.
                if let Some(zygote) = self.zygotes.remove(&sandbox) {
                    zygote.abandon();
                }
                abandon(pid, pidfd.as_fd());
                Err(failure)
            }
        }
    }

    /// Hears that a zygote is warm.
    fn hear(&mut self, zygote: u64) -> io::Result<()> {
        let Some(known) = self.zygotes.get(&zygote) else {
            return Ok(());
        };
        // Whatever else comes is an answer, and taken by whoever asks.
        epoll::delete(&self.events, &known.socket)?;
        if known.hear_ready().is_ok() {
            return wire::send(self.socket, &Reply::Warm { zygote }, &[]);
        }
        // It may have ended already.
        rustix::process::pidfd_send_signal(&known.pidfd, Signal::KILL).ok();
        Ok(())
    }

    /// Takes the end of a zygote and tells the engine.
    fn wither(&mut self, zygote: u64) -> io::Result<()> {
        let Some(known) = self.zygotes.get(&zygote) else {
            return Ok(());
        };
        let Some(Reaped { ending, .. }) = syscalls::reap(known.pid)? else {
            return Ok(());
        };
        if let Some(known) = self.zygotes.remove(&zygote) {
            epoll::delete(&self.events, &known.pidfd)?;
            // One that was never warm is still waited for.
            epoll::delete(&self.events, &known.socket).ok();
        }
        wire::send(self.socket, &Reply::Withered { zygote, ending }, &[])
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
        let zygotes = self.zygotes.values().map(|zygote| &zygote.pidfd);
        for pidfd in self.running.values().map(|it| &it.pidfd).chain(zygotes) {
            // One that has just ended needs no killing.
            rustix::process::pidfd_send_signal(pidfd, Signal::KILL).ok();
        }
    }
}

/// Splits what comes with a launch.
fn given(
    descriptors: &[OwnedFd],
) -> Result<(LaunchDescriptors<BorrowedFd<'_>>, &[OwnedFd]), Failure> {
    let [session, status, stderr, cgroups @ ..] = descriptors else {
        return Err(invalid());
    };
    let given = LaunchDescriptors {
        session: session.as_fd(),
        status: status.as_fd(),
        stderr: stderr.as_fd(),
    };
    Ok((given, cgroups))
}

/// Returns where the root of a sandbox comes from.
fn image<'a>(images: &'a [ImageRoot], launch: &'a Launch) -> Result<Image<'a>, Failure> {
    Ok(match &launch.root {
        Root::Ready(number) => Image::Ready(images.get(*number).ok_or_else(invalid)?),
        Root::Stored { place, inject } => Image::Stored {
            place,
            inject: *inject,
        },
    })
}

fn pipe() -> Result<(OwnedFd, OwnedFd), Failure> {
    rustix::pipe::pipe_with(PipeFlags::CLOEXEC)
        .map_err(|error| Failure::new(Step::Release, &error.into()))
}

fn failed(step: Step) -> impl Fn(io::Error) -> Failure {
    move |error| Failure::new(step, &error)
}

fn invalid() -> Failure {
    Failure::new(Step::Message, &rustix::io::Errno::INVAL.into())
}

/// Kills and reaps a child that was not let go: it does so at once.
fn abandon(pid: Pid, pidfd: BorrowedFd<'_>) {
    // The child may have ended by itself.
    rustix::process::pidfd_send_signal(pidfd, Signal::KILL).ok();
    rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()).ok();
}
