//! Zygotes: warm runtimes that bring sandboxes forth in the launcher's stead.
//!
//! Each has a sandbox of its own, made as any other, whose first process is a copy of the launcher. The
//! zygote is the second: the launcher's child, in those namespaces.
//!
//! ```text
//!  launcher ──clone──▶ nursery: pid 1, walls of a sandbox, maps the ids of what is born in it
//!     │ └────clone──▶ zygote: enters the nursery's namespaces, executes the runtime
//!     │                  └──clone, as the launcher's child──▶ a sandbox's first process
//!     └── asks for one, has the nursery let it go, waits for it as if it had made it
//! ```
//!
//! What is nested in the nursery ends with it, so it lives for as long as the last sandbox does.

use std::convert::Infallible;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::Duration;

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};
use rustix::pipe::PipeFlags;
use rustix::process::{DumpableBehavior, Gid, Pid, Signal, Uid, WaitOptions};
use rustix::thread::{
    CapabilitiesSecureBits, ThreadNameSpaceType, UnshareFlags, move_into_thread_name_spaces,
    set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};
use serde::{Deserialize, Serialize};
use zygote::{FIRST_INHERITED, INIT_DESCRIPTORS, MAX_CGROUPS, RUNNER_DESCRIPTORS};

use super::child::{self, ForkedRunner, Image, Plan, step};
use super::{filter, identity};
use crate::step::Step;
use crate::syscalls::{self, Cloned, Instruction};
use crate::wire::{
    self, Failure, Identity, ImageProfile, Launch, LaunchDescriptors, MAPPED_IDS, Status,
};

/// How long a zygote may take to answer: it does nothing else.
const ANSWER_DEADLINE: Duration = Duration::from_secs(1);

/// The most descriptors that go to a zygote at once.
const DESCRIPTORS: usize = INIT_DESCRIPTORS + RUNNER_DESCRIPTORS + MAX_CGROUPS;

/// The namespaces of a nursery, which a zygote enters; it is born into those of processes.
const NAMESPACES: ThreadNameSpaceType = ThreadNameSpaceType::USER
    .union(ThreadNameSpaceType::MOUNT)
    .union(ThreadNameSpaceType::NETWORK)
    .union(ThreadNameSpaceType::INTER_PROCESS_COMMUNICATION)
    .union(ThreadNameSpaceType::HOST_NAME_AND_NIS_DOMAIN_NAME)
    .union(ThreadNameSpaceType::CONTROL_GROUP);

/// Makes a child of the caller's parent.
const IN_PARENTS_STEAD: UnshareFlags = UnshareFlags::from_bits_retain(libc::CLONE_PARENT as u32);

/// A zygote that runs.
#[derive(Debug)]
pub(super) struct Zygote {
    pub(super) pid: Pid,
    pub(super) pidfd: OwnedFd,
    /// Where it is asked for children.
    pub(super) socket: OwnedFd,
    /// Where its nursery is asked to let them go.
    nursing: OwnedFd,
    profile: ImageProfile,
}

/// What a sandbox's first process has to know after it has executed this program.
#[derive(Debug, Serialize, Deserialize)]
struct Entering {
    launch: Launch,
    profile: ImageProfile,
}

/// What the launcher has for a sandbox that a zygote brings forth.
pub(super) struct Given<'a> {
    pub(super) launch: &'a Launch,
    pub(super) descriptors: LaunchDescriptors<BorrowedFd<'a>>,
    pub(super) cgroups: &'a [OwnedFd],
    pub(super) released: BorrowedFd<'a>,
    pub(super) release: BorrowedFd<'a>,
    pub(super) launcher: BorrowedFd<'a>,
}

/// What a new zygote is made of.
pub(super) struct Breeding<'a> {
    pub(super) plan: Plan<'a>,
    pub(super) command: &'a [String],
    pub(super) filter: &'a [Instruction],
    /// A nursery, whose first process has just been let go.
    pub(super) nursery: BorrowedFd<'a>,
    /// A byte comes here when the nursery is built, and is awaited there when it was entered.
    pub(super) nursing: OwnedFd,
}

/// Makes a zygote. In that it diverges, after `let_go` of what only the launcher may hold.
pub(super) fn breed(breeding: Breeding<'_>, let_go: impl FnOnce()) -> io::Result<Zygote> {
    let (socket, theirs) = rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?;
    for timeout in [Timeout::Recv, Timeout::Send] {
        set_socket_timeout(&socket, timeout, Some(ANSWER_DEADLINE))?;
    }
    let own = OFlags::RDONLY | OFlags::CLOEXEC;
    let program = rustix::fs::openat(CWD, "/proc/self/exe", own, Mode::empty())?;
    let filter = syscalls::readable(breeding.plan.filter)?;

    // Whoever joins a namespace of processes has children there and nowhere else, for good: so a
    // helper does, and has the zygote in its parent's stead.
    let (handed, hands) = rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?;
    let Cloned::Parent(helper, _) = syscalls::clone_child(UnshareFlags::empty())? else {
        let_go();
        let born = move_into_thread_name_spaces(breeding.nursery, ThreadNameSpaceType::PROCESS_ID)
            .map_err(io::Error::from)
            .and_then(|()| skip_number())
            .and_then(|()| syscalls::clone_child(IN_PARENTS_STEAD));
        match born {
            Ok(Cloned::Child) => {
                drop((socket, handed, hands));
                run(&breeding, [theirs.as_fd(), program.as_fd(), filter.as_fd()])
            }
            Ok(Cloned::Parent(_, pidfd)) => {
                wire::send(&hands, &(), &[pidfd.as_fd()]).ok();
                end(0)
            }
            Err(_) => end(1),
        }
    };
    drop(hands);
    let received = wire::receive::<()>(&handed);
    rustix::process::waitpid(Some(helper), WaitOptions::empty())?;
    let (_, pidfds) = received?.ok_or(Errno::CHILD)?;
    let pidfd = pidfds.into_iter().next().ok_or(Errno::CHILD)?;
    Ok(Zygote {
        pid: number_of(&pidfd)?,
        pidfd,
        socket,
        nursing: breeding.nursing,
        profile: breeding.plan.image.image_profile(),
    })
}

/// Uses up the number that every runner has, so that no zygote has the same: libraries tell by it
/// that they are in another process, and take new entropy.
fn skip_number() -> io::Result<()> {
    match syscalls::clone_child(UnshareFlags::empty())? {
        Cloned::Child => end(0),
        Cloned::Parent(pid, _) => {
            rustix::process::waitpid(Some(pid), WaitOptions::empty())?;
            Ok(())
        }
    }
}

/// Maps the ids of a nursery as the launcher counts them: sandboxes nested in it have theirs mapped
/// as others do.
pub(super) fn map_nursery(nursery: Pid, identity: Identity) -> io::Result<()> {
    let of = |file: &str| format!("/proc/{}/{file}", nursery.as_raw_nonzero());
    let map = match identity {
        Identity::Single => {
            fs::write(of("setgroups"), "deny")?;
            "0 0 1".to_owned()
        }
        Identity::Pair { .. } => format!("0 0 {MAPPED_IDS}"),
    };
    fs::write(of("uid_map"), &map)?;
    fs::write(of("gid_map"), &map)
}

/// Is a nursery's first process: builds the walls, says so through `nursing`, hears there that the
/// zygote has entered, and then maps ids: those of the zygote's children only somebody can who is in
/// their parent namespace. Nobody else has its user, and it can be asked through `nursing` alone.
pub(super) fn nurse(plan: &Plan<'_>, nursing: BorrowedFd<'_>) -> ! {
    let Err(failure) = build_nursery(plan, nursing);
    wire::send(plan.descriptors.status, &Status::Failed(failure), &[]).ok();
    end(1)
}

fn build_nursery(plan: &Plan<'_>, nursing: BorrowedFd<'_>) -> Result<Infallible, Failure> {
    step(Step::Release, || child::await_release(plan.released))?;
    step(Step::Session, || Ok(rustix::process::setsid().map(drop)?))?;
    step(Step::Cgroup, || child::join_cgroups(plan.cgroups))?;
    step(Step::CgroupNamespace, || {
        syscalls::unshare(UnshareFlags::NEWCGROUP)
    })?;
    child::build_root(plan)?;
    step(Step::Report, || child::report_root(plan))?;
    step(Step::ResourceLimits, || {
        child::limit_resources(plan.launch, None)
    })?;
    // Those who end here are nobody's children any more.
    syscalls::disown_children();
    step(Step::Release, || {
        Ok(rustix::io::write(nursing, &[0]).map(drop)?)
    })?;
    // Nobody can enter any more once this process is shielded.
    step(Step::Zygote, || child::await_release(nursing))?;
    let requests = nursing.try_clone_to_owned();
    let requests = requests.map_err(|error| Failure::new(Step::Descriptors, &error))?;
    // The engine sees by the end of these that the zygote has executed.
    syscalls::close_all_but(&requests).map_err(|error| Failure::new(Step::Descriptors, &error))?;
    step(Step::NoNewPrivileges, || {
        rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        Ok(rustix::thread::set_no_new_privs(true)?)
    })?;
    step(Step::Filter, || syscalls::install_filter(plan.filter))?;
    loop {
        match wire::receive::<Identity>(&requests) {
            // If it fails, what is to be let go sees that nobody will.
            Ok(Some((identity, descriptors))) => drop(map(identity, &descriptors)),
            Ok(None) => end(0),
            Err(_) => end(1),
        }
    }
}

/// Maps the ids of a sandbox's first process, a child of this user namespace, and lets it go.
fn map(identity: Identity, descriptors: &[OwnedFd]) -> io::Result<()> {
    let [init, release] = descriptors else {
        return Err(Errno::BADMSG.into());
    };
    identity::map_child(number_of(init)?, identity)?;
    rustix::io::write(release, &[0])?;
    Ok(())
}

/// Becomes an inhabitant of a nursery, who can do no more than its filter allows.
fn inhabit(
    identity: Identity,
    launcher: BorrowedFd<'_>,
    filter: &[Instruction],
) -> Result<(), Failure> {
    step(Step::Identity, || become_inhabitant(identity))?;
    step(Step::ParentDeath, || child::die_with(launcher))?;
    child::give_up(filter)
}

/// Becomes the one user that a nursery has, as the launcher counts.
fn become_inhabitant(identity: Identity) -> io::Result<()> {
    let id = match identity {
        Identity::Single => 0,
        Identity::Pair { runner, .. } => {
            set_thread_groups(&[])?;
            // User 0 is known there, and whoever stops being that could not go on to lock what is
            // to be locked.
            rustix::thread::set_capabilities_secure_bits(CapabilitiesSecureBits::NO_SETUID_FIXUP)?;
            runner
        }
    };
    let (uid, gid) = (Uid::from_raw(id), Gid::from_raw(id));
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)?;
    Ok(())
}

/// Is the zygote: enters the nursery and executes the runtime.
fn run(breeding: &Breeding<'_>, descriptors: [BorrowedFd<'_>; 3]) -> ! {
    let Err(failure) = enter_nursery(breeding, descriptors);
    let status = breeding.plan.descriptors.status;
    wire::send(status, &Status::Failed(failure), &[]).ok();
    end(1)
}

fn enter_nursery(
    breeding: &Breeding<'_>,
    [control, program, filter]: [BorrowedFd<'_>; 3],
) -> Result<Infallible, Failure> {
    let Breeding { plan, command, .. } = breeding;
    step(Step::Release, || {
        child::await_release(breeding.nursing.as_fd())
    })?;
    step(Step::Session, || Ok(rustix::process::setsid().map(drop)?))?;
    step(Step::Cgroup, || child::join_cgroups(plan.cgroups))?;
    step(Step::Namespaces, || {
        Ok(move_into_thread_name_spaces(breeding.nursery, NAMESPACES)?)
    })?;
    step(Step::Release, || {
        Ok(rustix::io::write(breeding.nursing.as_fd(), &[0]).map(drop)?)
    })?;
    step(Step::ResourceLimits, || {
        child::limit_resources(plan.launch, None)
    })?;
    step(Step::Descriptors, || {
        let flags = OFlags::RDWR | OFlags::CLOEXEC;
        // Above the numbers that they are to have.
        let null = rustix::fs::openat(CWD, "/dev/null", flags, Mode::empty())?;
        let null = syscalls::high(null.as_fd())?;
        let (control, program) = (syscalls::high(control)?, syscalls::high(program)?);
        let (filter, stderr) = (
            syscalls::high(filter)?,
            syscalls::high(plan.descriptors.stderr)?,
        );
        syscalls::close_on_exec_from(0)?;
        for (fd, number) in [
            (null.as_fd(), 0),
            (null.as_fd(), 1),
            (stderr.as_fd(), 2),
            (control.as_fd(), zygote::CONTROL),
            (program.as_fd(), zygote::LAUNCHER),
            (filter.as_fd(), zygote::FILTER),
        ] {
            syscalls::place(fd, number)?;
        }
        Ok(())
    })?;
    let (name, arguments) = command
        .split_first()
        .ok_or_else(|| Failure::new(Step::Message, &Errno::INVAL.into()))?;
    let mut runtime = Command::new(name);
    runtime.args(arguments).current_dir("/tmp").env_clear();
    for variable in &plan.launch.runner_environment {
        if let Some((name, value)) = variable.split_once('=') {
            runtime.env(name, value);
        }
    }
    inhabit(plan.launch.identity, plan.launcher, breeding.filter)?;
    Err(Failure::new(Step::Execute, &runtime.exec()))
}

/// Ends this copy of the launcher, which must run nothing of the launcher's.
#[expect(clippy::exit, reason = "see above")]
fn end(code: i32) -> ! {
    std::process::exit(code)
}

impl Zygote {
    /// Kills and reaps it.
    pub(super) fn abandon(self) {
        // It may have ended by itself.
        rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL).ok();
        rustix::process::waitpid(Some(self.pid), WaitOptions::empty()).ok();
    }

    /// Takes the word that it can be asked.
    pub(super) fn hear_ready(&self) -> io::Result<()> {
        let mut word = [0; zygote::READY.len()];
        let (read, _) = rustix::net::recv(&self.socket, &mut word, RecvFlags::DONTWAIT)?;
        if word.get(..read) != Some(zygote::READY) {
            return Err(Errno::PROTO.into());
        }
        Ok(())
    }

    /// Has it bring forth the two processes of a sandbox, and lets the first go; returns that.
    pub(super) fn ask(&self, given: &Given<'_>) -> io::Result<(Pid, OwnedFd)> {
        let (order, written) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        let entering = serde_json::to_vec(&Entering {
            launch: given.launch.clone(),
            profile: self.profile,
        })?;
        // A message fits into a pipe, and a launch into a message.
        rustix::io::ioctl_fionbio(&written, true)?;
        if rustix::io::write(&written, &entering)? != entering.len() {
            return Err(Errno::MSGSIZE.into());
        }
        drop(written);
        let (held, let_go) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        let (stdin_far, stdin) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        let (stdout, stdout_far) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        let (stderr, stderr_far) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        let (events, events_far) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        // A runner may have to open its ends again, through `/proc/self/fd`.
        for far in [&stdout_far, &stderr_far, &events_far] {
            rustix::fs::fchmod(far, Mode::from_raw_mode(0o666))?;
        }
        let init: [BorrowedFd<'_>; INIT_DESCRIPTORS] = [
            given.descriptors.session,
            given.descriptors.status,
            given.descriptors.stderr,
            given.released,
            given.launcher,
            order.as_fd(),
            let_go.as_fd(),
            stdin.as_fd(),
            stdout.as_fd(),
            stderr.as_fd(),
            events.as_fd(),
        ];
        let runner: [BorrowedFd<'_>; RUNNER_DESCRIPTORS] = [
            held.as_fd(),
            stdin_far.as_fd(),
            stdout_far.as_fd(),
            stderr_far.as_fd(),
            events_far.as_fd(),
        ];
        let descriptors: Vec<BorrowedFd<'_>> = init
            .into_iter()
            .chain(runner)
            .chain(given.cgroups.iter().map(OwnedFd::as_fd))
            .collect();
        let request = match given.launch.identity {
            Identity::Single => zygote::Request {
                runner: identity::CYCLONE,
                leave_groups: false,
            },
            Identity::Pair { .. } => zygote::Request {
                runner: identity::RUNNER,
                leave_groups: true,
            },
        };
        self.send(&request.encode(), &descriptors)?;
        let init = self.receive_init()?;
        let number = number_of(&init)?;
        wire::send(
            &self.nursing,
            &given.launch.identity,
            &[init.as_fd(), given.release],
        )?;
        Ok((number, init))
    }

    fn send(&self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
            return Err(Errno::MSGSIZE.into());
        }
        let bytes = [io::IoSlice::new(bytes)];
        rustix::net::sendmsg(&self.socket, &bytes, &mut control, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    fn receive_init(&self) -> io::Result<OwnedFd> {
        let mut number = [0; 4];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut bytes = [io::IoSliceMut::new(&mut number)];
        let flags = RecvFlags::CMSG_CLOEXEC;
        let read = rustix::net::recvmsg(&self.socket, &mut bytes, &mut control, flags)?.bytes;
        let descriptor = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        match (read, i32::from_le_bytes(number), descriptor) {
            (4, 0, Some(init)) => Ok(init),
            (4, 1.., _) => Err(io::Error::from_raw_os_error(i32::from_le_bytes(number))),
            _ => Err(Errno::PROTO.into()),
        }
    }
}

/// Returns the number of a process, as this one counts.
fn number_of(pidfd: &OwnedFd) -> io::Result<Pid> {
    use std::os::fd::AsRawFd as _;
    let about = fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd()))?;
    about
        .lines()
        .find_map(|line| line.strip_prefix("Pid:")?.trim().parse().ok())
        // One that has ended has none any more.
        .and_then(Pid::from_raw)
        .ok_or_else(|| Errno::SRCH.into())
}

/// Goes on as the first process of a sandbox, which a zygote brought forth.
pub(super) fn enter() -> ! {
    syscalls::reset_signals();
    let inherited: [OwnedFd; INIT_DESCRIPTORS] = syscalls::take_inherited(FIRST_INHERITED);
    let [
        session,
        status,
        stderr,
        released,
        launcher,
        order,
        let_go,
        pipes @ ..,
    ] = &inherited;
    let [stdin, stdout, errors, events] = pipes;
    let mut text = String::new();
    let entering = order
        .try_clone()
        .and_then(|order| File::from(order).read_to_string(&mut text))
        .and_then(|_| Ok(serde_json::from_str::<Entering>(&text)?));
    let Entering { launch, profile } = match entering {
        Ok(entering) => entering,
        Err(error) => {
            let failure = Failure::new(Step::Message, &error);
            wire::send(status, &Status::Failed(failure), &[]).ok();
            end(1)
        }
    };
    let image = Image::Inherited(profile);
    child::run(&Plan {
        launch: &launch,
        image,
        filter: &filter::compile(image.profile()),
        descriptors: LaunchDescriptors {
            session: session.as_fd(),
            status: status.as_fd(),
            stderr: stderr.as_fd(),
        },
        // It was in them before it forked its runner.
        cgroups: &[],
        released: released.as_fd(),
        launcher: launcher.as_fd(),
        runner: Some(ForkedRunner {
            let_go: let_go.as_fd(),
            pipes: [stdin, stdout, errors, events].map(OwnedFd::as_fd),
        }),
    })
}
