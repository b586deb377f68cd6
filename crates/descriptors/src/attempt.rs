//! Making a system call to see whether it is refused.
//!
//! A call that a sandbox's filter answers by a signal ends whoever makes it, and one that is not
//! refused may change what its process is. So a child makes it, and its end is the answer.
#![expect(
    unsafe_code,
    reason = "a system call by its number, and a fork without an exec, have no safe form"
)]

use std::ffi::{c_int, c_long};
use std::io;

/// What a child exits with to say that its call was made; errors are below.
const MADE: c_int = 255;

/// How a system call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// It was made.
    Made,
    /// It failed with this error.
    Failed(i32),
    /// It ended its process by this signal.
    Killed(i32),
}

/// Makes a system call in a child and says how it ended.
///
/// The calling process must have one thread, and the arguments must hold no address that the kernel
/// could write to: what the child does not survive must not matter either.
///
/// # Errors
///
/// Returns the kernel's error if there is no child to be had.
pub fn attempt(number: c_long, arguments: [c_long; 5]) -> io::Result<Attempted> {
    let [first, second, third, fourth, fifth] = arguments;
    in_child(|| {
        // SAFETY: `syscall` takes any number and arguments. Whatever they mean happens in a child
        // that has nothing of its own and ends at once; memory that it could write is its copy.
        unsafe { libc::syscall(number, first, second, third, fourth, fifth) }
    })
}

/// Asks for the number of the process by the interface for 32-bit programs, in a child.
///
/// # Errors
///
/// Returns the kernel's error if there is no child to be had.
#[cfg(target_arch = "x86_64")]
pub fn attempt_32_bit() -> io::Result<Attempted> {
    const GETPID: i32 = 20;
    in_child(|| {
        let returned: i32;
        // SAFETY: this call takes no argument, touches no memory, and changes no register but the
        // one that it answers in.
        unsafe {
            std::arch::asm!("int 0x80", inlateout("eax") GETPID => returned);
        }
        c_long::from(returned)
    })
}

/// There is no such interface that every kernel has.
///
/// # Errors
///
/// None.
#[cfg(not(target_arch = "x86_64"))]
pub fn attempt_32_bit() -> io::Result<Attempted> {
    Ok(Attempted::Killed(libc::SIGSYS))
}

fn in_child(call: impl FnOnce() -> c_long) -> io::Result<Attempted> {
    // SAFETY: the process has one thread, so nothing in the copy is half done; the copy makes one
    // system call and ends.
    let child = unsafe { libc::fork() };
    match child {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            let returned = call();
            // 32-bit calls answer with the error itself.
            let code = match c_int::try_from(returned) {
                Ok(-1) => io::Error::last_os_error().raw_os_error().unwrap_or(MADE),
                Ok(error @ -4095..0) => -error,
                _ => MADE,
            };
            // SAFETY: it runs nothing of this process's, and does not return.
            unsafe { libc::_exit(code) }
        }
        child => wait_for(child),
    }
}

fn wait_for(child: libc::pid_t) -> io::Result<Attempted> {
    let mut status = 0;
    loop {
        // SAFETY: `status` is valid for the length of the call, and the child is this process's.
        let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
        if waited == child {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(match libc::WEXITSTATUS(status) {
        _ if libc::WIFSIGNALED(status) => Attempted::Killed(libc::WTERMSIG(status)),
        MADE => Attempted::Made,
        error => Attempted::Failed(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_is_made_fails_or_kills_is_told_as_that() {
        let none = [0; 5];
        let nothing_open = [-1, 0, 0, 0, 0];
        // `SECCOMP_MODE_STRICT`, under which the end of the child is forbidden.
        let strict = [libc::PR_SET_SECCOMP.into(), 1, 0, 0, 0];

        let made = attempt(libc::SYS_getppid, none).expect("a child");
        let failed = attempt(libc::SYS_close, nothing_open).expect("a child");
        let killed = attempt(libc::SYS_prctl, strict).expect("a child");

        assert_eq!(made, Attempted::Made);
        assert_eq!(failed, Attempted::Failed(libc::EBADF));
        assert_eq!(killed, Attempted::Killed(libc::SIGKILL));
    }
}
