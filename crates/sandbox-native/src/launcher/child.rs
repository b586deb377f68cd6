//! The process that becomes a sandbox: from a copy of the launcher to cyclone.
//!
//! Every step either holds or ends the process: there is no way from here to a
//! cyclone with fewer walls around it. The order matters: what needs
//! capabilities comes before they go, and the filter, which forbids most of
//! what happens here, comes last.

use std::convert::Infallible;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::MountFlags;
use rustix::process::{Pid, Resource, Rlimit, Signal};
use rustix::thread::{CpuSet, UnshareFlags};
use syscall_policy::Profile;

use super::{identity, root, stored};
use crate::step::Step;
use crate::syscalls::{self, Instruction};
use crate::wire::{
    self, Failure, Fallback, Identity, ImageProfile, ImageRoot, Launch, LaunchDescriptors, Status,
    StorePlace,
};

/// The descriptor at which cyclone finds its session.
pub(super) const SESSION: i32 = 3;

/// The first of the descriptors at which cyclone finds the pipes of a forked runner.
const RUNNER: i32 = 4;

/// Files that each process may have open.
const OPEN_FILES: u64 = 1024;

/// Bytes that each process may lock in memory.
const LOCKED_BYTES: u64 = 64 * 1024;

/// All that the new process needs to know.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) launch: &'a Launch,
    pub(super) image: Image<'a>,
    pub(super) filter: &'a [Instruction],
    pub(super) descriptors: LaunchDescriptors<BorrowedFd<'a>>,
    /// The files of the cgroups to join.
    pub(super) cgroups: &'a [OwnedFd],
    /// A byte comes here when the id maps are written.
    pub(super) released: BorrowedFd<'a>,
    /// Ends when the launcher does.
    pub(super) launcher: BorrowedFd<'a>,
    /// A runner that is there already, if a zygote brought it forth.
    pub(super) runner: Option<ForkedRunner<'a>>,
}

/// A runner that exists before its cyclone, and waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct ForkedRunner<'a> {
    /// A byte in here lets it go.
    pub(super) let_go: BorrowedFd<'a>,
    /// The near ends of its pipes, as cyclone expects them from [`RUNNER`] on.
    pub(super) pipes: [BorrowedFd<'a>; 4],
}

/// Where the root of a sandbox comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Image<'a> {
    /// It is ready-made.
    Ready(&'a ImageRoot),
    /// The store has it.
    Stored {
        place: &'a StorePlace,
        /// Whether our own programs are put into it.
        inject: bool,
    },
    /// It is the root already: that of the zygote.
    Inherited(ImageProfile),
}

impl Image<'_> {
    /// Returns how much of the kernel its programs need.
    pub(super) fn profile(self) -> Profile {
        match self.image_profile() {
            ImageProfile::Builtin => Profile::Builtin,
            ImageProfile::Runtime => Profile::Runtime,
        }
    }

    /// Returns the same, as it is sent to those whose root it is already.
    pub(super) fn image_profile(self) -> ImageProfile {
        match self {
            Self::Ready(image) => image.profile,
            Self::Stored { .. } => ImageProfile::Runtime,
            Self::Inherited(profile) => profile,
        }
    }
}

/// Builds the sandbox around this process and executes cyclone in it.
pub(super) fn run(plan: &Plan<'_>) -> ! {
    let Err(failure) = build(plan);
    // An engine that does not listen any more needs no reason.
    wire::send(plan.descriptors.status, &Status::Failed(failure), &[]).ok();
    #[expect(
        clippy::exit,
        reason = "this copy of the launcher must run nothing of the launcher's"
    )]
    std::process::exit(1)
}

fn build(plan: &Plan<'_>) -> Result<Infallible, Failure> {
    let Plan { launch, .. } = plan;
    step(Step::Release, || await_release(plan.released))?;
    step(Step::Session, || Ok(rustix::process::setsid().map(drop)?))?;
    step(Step::Cgroup, || join_cgroups(plan.cgroups))?;
    step(Step::CgroupNamespace, || {
        syscalls::unshare(UnshareFlags::NEWCGROUP)
    })?;
    step(Step::Identity, || identity::become_cyclone(launch.identity))?;
    step(Step::ParentDeath, || die_with(plan.launcher))?;
    build_root(plan)?;
    step(Step::Report, || report_root(plan))?;
    step(Step::ResourceLimits, || limit_resources(launch, None))?;
    step(Step::Processors, || {
        choose_processors(&launch.fallback, None)
    })?;
    if let Some(runner) = &plan.runner {
        step(Step::Runner, || let_go(launch, runner))?;
    }
    step(Step::Descriptors, || arrange_descriptors(plan))?;
    let mut cyclone = command(plan);
    give_up(plan.filter)?;
    Err(Failure::new(Step::Execute, &cyclone.exec()))
}

/// Builds the root that a sandbox has, and goes there.
pub(super) fn build_root(plan: &Plan<'_>) -> Result<(), Failure> {
    match plan.image {
        Image::Ready(image) => step(Step::Root, || enter_ready(image))?,
        Image::Stored { place, inject } => {
            step(Step::StoredImage, || stored::enter(place, inject))?;
        }
        Image::Inherited(_) => step(Step::Root, || Ok(rustix::process::chdir("/")?))?,
    }
    step(Step::Proc, mount_proc)?;
    step(Step::Scratch, || mount_scratch(plan.launch))?;
    if !matches!(plan.image, Image::Inherited(_)) {
        step(Step::Root, root::change_root)?;
    }
    step(Step::HostName, || {
        Ok(rustix::system::sethostname(b"sandbox")?)
    })
}

/// Gives up what this process could still do that its program must not.
pub(super) fn give_up(filter: &[Instruction]) -> Result<(), Failure> {
    step(Step::Capabilities, || Ok(zygote::drop_capabilities()?))?;
    step(Step::NoNewPrivileges, || {
        Ok(rustix::thread::set_no_new_privs(true)?)
    })?;
    if cfg!(veritech_weakened) {
        return Ok(());
    }
    step(Step::Filter, || syscalls::install_filter(filter))
}

/// Limits a runner that was forked, and lets it go.
fn let_go(launch: &Launch, runner: &ForkedRunner<'_>) -> io::Result<()> {
    let pid = Pid::from_raw(zygote::RUNNER_PID);
    limit_resources(launch, pid)?;
    choose_processors(&launch.fallback, pid)?;
    rustix::io::write(runner.let_go, &[0])?;
    Ok(())
}

/// Runs one step and names it if it fails.
pub(super) fn step(step: Step, run: impl FnOnce() -> io::Result<()>) -> Result<(), Failure> {
    run().map_err(|error| Failure::new(step, &error))
}

/// Waits until the launcher has written the id maps.
pub(super) fn await_release(released: BorrowedFd<'_>) -> io::Result<()> {
    let mut byte = [0];
    match rustix::io::retry_on_intr(|| rustix::io::read(released, &mut byte))? {
        1 => Ok(()),
        _ => Err(rustix::io::Errno::PIPE.into()),
    }
}

/// Moves this process into its cgroups.
pub(super) fn join_cgroups(cgroups: &[OwnedFd]) -> io::Result<()> {
    for entrance in cgroups {
        // "0" is whoever writes it.
        rustix::io::write(entrance, b"0")?;
    }
    Ok(())
}

/// Has the kernel kill this process when the launcher ends.
pub(super) fn die_with(launcher: BorrowedFd<'_>) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // Had it ended before that call, no signal would come. Its parent's number
    // tells nothing: seen from a pid namespace of its own it is 0 either way.
    let mut watched = [PollFd::from_borrowed_fd(launcher, PollFlags::empty())];
    let now = Timespec::default();
    rustix::event::poll(&mut watched, Some(&now))?;
    if watched
        .iter()
        .any(|launcher| !launcher.revents().is_empty())
    {
        return Err(rustix::io::Errno::OWNERDEAD.into());
    }
    Ok(())
}

/// Goes to a copy of a ready-made root that only this process has.
fn enter_ready(image: &ImageRoot) -> io::Result<()> {
    let path = format!("{}/{}", root::IMAGES, image.name);
    rustix::mount::mount_bind_recursive(&path, &path)?;
    Ok(rustix::process::chdir(&path)?)
}

/// Mounts a `/proc` that shows the sandbox's own processes and nothing else.
fn mount_proc() -> io::Result<()> {
    if cfg!(veritech_weakened) {
        // There are no processes of its own to show.
        return Ok(rustix::mount::mount_bind_recursive("/proc", "proc")?);
    }
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    let data = c"subset=pid,hidepid=2";
    Ok(rustix::mount::mount("proc", "proc", "proc", flags, data)?)
}

/// Mounts the sandbox's writable file system.
fn mount_scratch(launch: &Launch) -> io::Result<()> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    let data = CString::new(format!(
        "mode=1777,size={},nr_inodes={}",
        launch.disk_bytes, launch.disk_inodes
    ))?;
    Ok(rustix::mount::mount(
        "tmpfs",
        "tmp",
        "tmpfs",
        flags,
        data.as_c_str(),
    )?)
}

/// Hands the scratch directory to the engine, which watches how full it is.
pub(super) fn report_root(plan: &Plan<'_>) -> io::Result<()> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let scratch = rustix::fs::openat(CWD, "/tmp", flags, Mode::empty())?;
    wire::send(plan.descriptors.status, &Status::Rooted, &[scratch.as_fd()])
}

/// Sets the limits that hold for each process: those of `process`, or of the one that calls.
pub(super) fn limit_resources(launch: &Launch, process: Option<Pid>) -> io::Result<()> {
    let Fallback {
        data_bytes,
        processes,
        ..
    } = launch.fallback;
    let limits = [
        (Resource::Core, Some(0)),
        (Resource::Nofile, Some(OPEN_FILES)),
        (Resource::Memlock, Some(LOCKED_BYTES)),
        (Resource::Msgqueue, Some(0)),
        (Resource::Rtprio, Some(0)),
        // A little more than fits, so that a full disk is found full first.
        (
            Resource::Fsize,
            Some(launch.disk_bytes.saturating_add(4096)),
        ),
        (Resource::Cpu, Some(launch.cpu_seconds)),
        (Resource::Data, data_bytes),
        (Resource::Nproc, processes),
    ];
    for (resource, limit) in limits {
        let Some(limit) = limit else { continue };
        // A limit can only be lowered without privileges.
        let limit = match rustix::process::getrlimit(resource).maximum {
            Some(maximum) => limit.min(maximum),
            None => limit,
        };
        let limit = Rlimit {
            current: Some(limit),
            maximum: Some(limit),
        };
        rustix::process::prlimit(process, resource, limit)?;
    }
    Ok(())
}

/// Restricts `process`, or the one that calls, to some of the processors, if so asked.
fn choose_processors(fallback: &Fallback, process: Option<Pid>) -> io::Result<()> {
    if fallback.processors.is_empty() {
        return Ok(());
    }
    let mut chosen = CpuSet::new();
    for &processor in &fallback.processors {
        if processor < CpuSet::MAX_CPU {
            chosen.set(processor);
        }
    }
    Ok(rustix::thread::sched_setaffinity(process, &chosen)?)
}

/// Leaves open what cyclone needs, under the numbers that it expects; all else
/// closes when it is executed.
///
/// None of what is sent along has one of those numbers: the launcher keeps [`SESSION`] and those
/// below taken, and a zygote's child is given others.
fn arrange_descriptors(plan: &Plan<'_>) -> io::Result<()> {
    let flags = OFlags::RDWR | OFlags::CLOEXEC;
    // Closed before anything else gets its number.
    let null = syscalls::high(rustix::fs::openat(CWD, "/dev/null", flags, Mode::empty())?.as_fd())?;
    syscalls::close_on_exec_from(0)?;
    for (fd, number) in [
        (null.as_fd(), 0),
        (null.as_fd(), 1),
        (plan.descriptors.stderr, 2),
        (plan.descriptors.session, SESSION),
    ] {
        syscalls::place(fd, number)?;
    }
    if let Some(runner) = &plan.runner {
        for (pipe, number) in runner.pipes.into_iter().zip(RUNNER..) {
            syscalls::place(pipe, number)?;
        }
    }
    Ok(())
}

/// Returns the command that executes cyclone, with no environment at all.
fn command(plan: &Plan<'_>) -> Command {
    let mut command = Command::new("/veritech/cyclone");
    command.args(["--listen", "fd://3"]).current_dir("/tmp");
    if !cfg!(veritech_weakened) {
        command.env_clear();
    }
    if plan.runner.is_some() {
        let pid = zygote::RUNNER_PID.to_string();
        command.args(["--adopt-runner", &pid]);
        return command;
    }
    command.args(["--runner", &plan.launch.runner]);
    for variable in &plan.launch.runner_environment {
        command.args(["--runner-env", variable]);
    }
    if let Identity::Pair { .. } = plan.launch.identity {
        let runner = identity::RUNNER.to_string();
        command.args(["--runner-uid", &runner, "--runner-gid", &runner]);
    }
    command
}
