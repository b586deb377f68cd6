//! The system calls that neither the standard library nor `rustix` offers safely.
//!
//! Each function is one call with its arguments checked by types, so that the
//! rest of the crate has no `unsafe` of its own.
#![expect(
    unsafe_code,
    reason = "these calls exist nowhere as safe functions; each block argues its own"
)]

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};
use std::time::Duration;

use rustix::process::Pid;
use rustix::thread::UnshareFlags;
#[cfg(feature = "engine")]
use tokio::io::{Interest, unix::AsyncFd};

/// Which side of a [`clone_child`] the caller is on.
#[derive(Debug)]
pub(crate) enum Cloned {
    /// The new process.
    Child,
    /// The process that called, with the new one's number and descriptor.
    Parent(Pid, OwnedFd),
}

/// A child that has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reaped {
    /// How it ended: the exit code, or the signal.
    pub(crate) ending: Result<i32, i32>,
    /// Processor time of it and of all descendants that were waited for.
    pub(crate) cpu_time: Duration,
}

/// One instruction of a seccomp filter.
#[repr(transparent)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instruction(libc::sock_filter);

impl Instruction {
    /// Returns an instruction with its jump distances and operand.
    pub(crate) const fn new(code: u16, jump_true: u8, jump_false: u8, k: u32) -> Self {
        Self(libc::sock_filter {
            code,
            jt: jump_true,
            jf: jump_false,
            k,
        })
    }

    /// Returns code, both jump distances and the operand.
    #[cfg(test)]
    pub(crate) const fn parts(self) -> (u16, u8, u8, u32) {
        (self.0.code, self.0.jt, self.0.jf, self.0.k)
    }
}

/// Gives every signal the disposition that a program starts with, and blocks none.
pub(crate) fn reset_signals() {
    for signal in 1..=libc::SIGRTMAX() {
        // SAFETY: SIG_DFL is no handler, so that no code of ours runs in one. That
        // SIGKILL, SIGSTOP and those of the C library cannot be set is no harm.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let mut none = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: this writes the whole set, and reads nothing.
    unsafe { libc::sigemptyset(none.as_mut_ptr()) };
    // SAFETY: the set was written above; a null pointer says that the old mask is
    // not asked for.
    unsafe { libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut()) };
}

/// Forks into new namespaces.
///
/// Only for a process with a single thread: the child goes on with a copy of
/// it, and could otherwise find a lock held for ever.
pub(crate) fn clone_child(namespaces: UnshareFlags) -> io::Result<Cloned> {
    let flags = u64::from(namespaces.bits() | libc::CLONE_PIDFD as u32 | libc::SIGCHLD as u32);
    let mut pidfd: RawFd = -1;
    // SAFETY: without CLONE_VM and with a null stack the child runs on a copy of
    // this memory, as after fork(2). The one pointer is where the kernel stores
    // the descriptor, and outlives the call; no TLS or tid pointer is asked for.
    let pid = unsafe {
        libc::syscall(
            libc::SYS_clone,
            flags,
            std::ptr::null_mut::<libc::c_void>(),
            &raw mut pidfd,
            std::ptr::null_mut::<libc::c_int>(),
            std::ptr::null_mut::<libc::c_void>(),
        )
    };
    match i32::try_from(pid) {
        Ok(0) => Ok(Cloned::Child),
        Ok(pid) if pid > 0 => {
            // SAFETY: the kernel has just opened this descriptor for us and
            // nobody else knows of it.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            let pid = Pid::from_raw(pid).ok_or_else(io::Error::last_os_error)?;
            Ok(Cloned::Parent(pid, pidfd))
        }
        _ => Err(io::Error::last_os_error()),
    }
}

/// Leaves the namespaces of the given kinds for new ones.
pub(crate) fn unshare(namespaces: UnshareFlags) -> io::Result<()> {
    debug_assert!(!namespaces.contains(UnshareFlags::FILES));
    // SAFETY: the table of descriptors stays shared: no caller passes FILES.
    unsafe { rustix::thread::unshare_unsafe(namespaces) }.map_err(Into::into)
}

/// Sets `attributes` (`MOUNT_ATTR_…`) on a mount, and on all below it if
/// `recursive`. What is mounted elsewhere later does not appear there.
pub(crate) fn set_mount_attributes(
    at: BorrowedFd<'_>,
    path: &CStr,
    attributes: u64,
    recursive: bool,
) -> io::Result<()> {
    let mut flags = libc::AT_EMPTY_PATH;
    if recursive {
        flags |= libc::AT_RECURSIVE;
    }
    let attributes = libc::mount_attr {
        attr_set: attributes,
        attr_clr: 0,
        propagation: libc::MS_PRIVATE,
        userns_fd: 0,
    };
    // SAFETY: the path ends in NUL, the structure has the size that is passed,
    // and both outlive the call, which only reads them.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            at.as_raw_fd(),
            path.as_ptr(),
            flags,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    check(done)
}

/// Makes `number` refer to what `fd` does, and survive execution.
///
/// Only for a process about to execute another program: whoever owned `number`
/// finds another file there.
pub(crate) fn place(fd: BorrowedFd<'_>, number: RawFd) -> io::Result<()> {
    // SAFETY: dup2(2) touches no memory. The caller gives up what `number` was.
    check(unsafe { libc::dup2(fd.as_raw_fd(), number) }.into())
}

/// Closes every descriptor from `first` upwards.
///
/// Only for a process that has no owner of any of them left.
pub(crate) fn close_from(first: u32) -> io::Result<()> {
    // SAFETY: close_range(2) touches no memory. The caller gives up the files.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) })
}

/// Marks every descriptor from `first` upwards to be closed on execution.
pub(crate) fn close_on_exec_from(first: u32) -> io::Result<()> {
    // SAFETY: this call touches no memory and only sets flags of descriptors.
    check(unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first,
            u32::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    })
}

/// Puts this thread under a seccomp filter for good.
pub(crate) fn install_filter(program: &[Instruction]) -> io::Result<()> {
    let length = u16::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let program = libc::sock_fprog {
        len: length,
        // The kernel only reads it; `Instruction` is a transparent `sock_filter`.
        filter: program.as_ptr().cast_mut().cast(),
    };
    // SAFETY: `program` points at `len` instructions, which outlive the call.
    check(unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            0,
            &raw const program,
        )
    })
}

/// Takes the ending of a child that is known to have ended.
pub(crate) fn reap(child: Pid) -> io::Result<Option<Reaped>> {
    let mut status: libc::c_int = 0;
    // SAFETY: `rusage` is a plain structure of integers, valid as all zeros.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to values of ours that outlive the call.
    let pid = unsafe {
        libc::wait4(
            child.as_raw_nonzero().get(),
            &raw mut status,
            libc::WNOHANG,
            &raw mut usage,
        )
    };
    match pid {
        0 => Ok(None),
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(Some(Reaped {
            ending: if libc::WIFEXITED(status) {
                Ok(libc::WEXITSTATUS(status))
            } else {
                Err(libc::WTERMSIG(status))
            },
            cpu_time: duration(usage.ru_utime) + duration(usage.ru_stime),
        })),
    }
}

/// Returns a file with a filter, as [`install_filter`] passes it to the kernel, to be read.
pub(crate) fn readable(program: &[Instruction]) -> io::Result<OwnedFd> {
    // SAFETY: an `Instruction` is a `sock_filter`, which has integers without gaps between them.
    let bytes =
        unsafe { std::slice::from_raw_parts(program.as_ptr().cast::<u8>(), size_of_val(program)) };
    let file = rustix::fs::memfd_create("filter", rustix::fs::MemfdFlags::CLOEXEC)?;
    let mut rest = bytes;
    while !rest.is_empty() {
        let written = rustix::io::write(&file, rest)?;
        rest = rest.get(written..).unwrap_or_default();
    }
    rustix::fs::seek(&file, rustix::fs::SeekFrom::Start(0))?;
    Ok(file)
}

/// Has the kernel forget children of this process when they end.
pub(crate) fn disown_children() {
    // SAFETY: ignoring a signal is no handler, so that no code of ours runs in one.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
}

/// Closes every descriptor but one.
///
/// Only for a process that has no owner of any of them left, or never drops one.
pub(crate) fn close_all_but(kept: &OwnedFd) -> io::Result<()> {
    let number = kept.as_raw_fd().cast_unsigned();
    // SAFETY: close_range(2) touches no memory. The caller gives up the files.
    check(unsafe { libc::syscall(libc::SYS_close_range, 0, number - 1, 0) })?;
    close_from(number + 1)
}

/// Returns a copy of a descriptor whose number is above those that programs expect theirs at.
pub(crate) fn high(descriptor: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    const LOWEST: RawFd = 16;
    Ok(rustix::io::fcntl_dupfd_cloexec(descriptor, LOWEST)?)
}

/// Takes ownership of descriptors that this program was executed with, in a row from `first` on.
///
/// To be called once, first of all.
pub(crate) fn take_inherited<const COUNT: usize>(first: RawFd) -> [OwnedFd; COUNT] {
    let mut numbers = first..;
    // SAFETY: the caller says that this is the first use of these, and whoever executed this
    // program that they are there.
    std::array::from_fn(|_| unsafe { OwnedFd::from_raw_fd(numbers.next().unwrap_or(first)) })
}

/// Takes ownership of standard input, where a program finds what it was given.
///
/// To be called once, first of all.
pub(crate) fn take_stdin() -> OwnedFd {
    // SAFETY: the caller says that this is the first use of descriptor 0, which
    // std's handles for it never close.
    unsafe { OwnedFd::from_raw_fd(0) }
}

/// Has the runtime tell when a descriptor is ready.
#[cfg(feature = "engine")]
pub(crate) fn watch(descriptor: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` refers to one open file for as long as it lives, and
    // the `AsyncFd` keeps it from being replaced.
    Ok(unsafe { AsyncFd::register_with_interest(descriptor, interest) }?)
}

fn duration(time: libc::timeval) -> Duration {
    let seconds = Duration::from_secs(time.tv_sec.try_into().unwrap_or_default());
    seconds + Duration::from_micros(time.tv_usec.try_into().unwrap_or_default())
}

fn check(returned: libc::c_long) -> io::Result<()> {
    if returned < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
