//! System calls as the kernel takes them: numbers, made by a child, since some
//! are answered by a signal.

use std::io;

use crate::processes;

unsafe extern "C" {
    fn syscall(number: i64, ...) -> i64;
}

/// What a child exits with to say that a call was made; errors are below.
const DONE: i32 = 255;

/// Makes a system call, given as its number and up to five arguments, and says
/// how it ended: `done`, `errno N` or `killed by N`.
pub fn plain(numbers: &str) -> String {
    let mut numbers = numbers.split(' ').map(|it| it.parse::<i64>().unwrap());
    let mut next = || numbers.next().unwrap_or_default();
    let number = next();
    let arguments = [next(), next(), next(), next(), next()];
    told(processes::in_child(|| {
        let [first, second, third, fourth, fifth] = arguments;
        // SAFETY: no call that the suite makes gets a valid pointer to write to.
        let returned = unsafe { syscall(number, first, second, third, fourth, fifth) };
        std::process::exit(if returned < 0 { errno() } else { DONE })
    }))
}

/// Asks the kernel for this process's id by the interface for 32-bit programs.
#[cfg(target_arch = "x86_64")]
pub fn of_another_architecture() -> String {
    told(processes::in_child(|| {
        const GETPID: i32 = 20;
        let returned: i32;
        // SAFETY: this call takes no argument and touches no memory.
        unsafe {
            std::arch::asm!("int 0x80", inlateout("eax") GETPID => returned);
        }
        std::process::exit(if returned < 0 { -returned } else { DONE })
    }))
}

/// There is no such interface that every kernel has.
#[cfg(not(target_arch = "x86_64"))]
pub fn of_another_architecture() -> String {
    "killed by 31".to_owned()
}

/// Returns how a call ended that a child made.
fn told(child: String) -> String {
    match child.strip_prefix("exited ").map(str::parse) {
        Some(Ok(DONE)) => "done".to_owned(),
        Some(Ok(error)) => format!("errno {error}"),
        Some(Err(_)) | None => child,
    }
}

fn errno() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap()
}
