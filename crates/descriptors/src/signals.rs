//! Taking back the signal handlers that the standard library installs.
//!
//! Before `main`, the standard library installs handlers for SIGSEGV and SIGBUS, to report a stack
//! overflow. The kernel keeps signals without a handler away from the pid 1 of a namespace, but
//! these two it delivers to whoever in the sandbox sends them. Sent in quick succession they overflow
//! the stack of the handlers; the kernel then forces SIGSEGV, and takes from pid 1 its immunity to
//! every other signal too.
#![expect(
    unsafe_code,
    reason = "the disposition of a signal has no safe form in the standard library"
)]

use std::io;

/// Gives SIGSEGV and SIGBUS their default effect again.
///
/// A stack overflow still ends the process, but is not reported any more.
///
/// # Errors
///
/// Returns the kernel's error if it refuses, which it has no reason to.
pub fn reset_fault_handlers() -> io::Result<()> {
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: `SIG_DFL` is a valid disposition for both signals, and runs no code of this
        // process. The handler that it replaces belongs to the standard library, which installs it
        // once before `main` and relies on it for nothing but its report.
        let previous = unsafe { libc::signal(signal, libc::SIG_DFL) };
        if previous == libc::SIG_ERR {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}
