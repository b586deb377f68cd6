//! System calls that must be refused, really made.

use std::io;

use descriptors::{Attempted, attempt, attempt_32_bit};
use syscall_policy::{FORBIDDEN, OF_THE_ARCHITECTURE, is_refusal};

/// Makes every forbidden call; returns how many, and those that the kernel looked at.
pub(crate) fn make() -> io::Result<(usize, Vec<String>)> {
    let mut made = 0;
    let mut answered = Vec::new();
    let mut judge = |name: &str, ended: Attempted| {
        made += 1;
        if let Some(how) = looked_at(ended) {
            answered.push(format!("{name}: {how}"));
        }
    };
    for call in FORBIDDEN.iter().chain(OF_THE_ARCHITECTURE) {
        judge(call.name, attempt(call.number, call.arguments)?);
    }
    judge("the 32-bit interface", attempt_32_bit()?);
    Ok((made, answered))
}

/// Says how a call ended, unless it was refused.
fn looked_at(ended: Attempted) -> Option<String> {
    match ended {
        Attempted::Made => Some("done".to_owned()),
        Attempted::Failed(errno) if is_refusal(errno) => None,
        Attempted::Failed(errno) => Some(io::Error::from_raw_os_error(errno).to_string()),
        Attempted::Killed(libc::SIGSYS) => None,
        // Without the interface the instruction is a fault.
        Attempted::Killed(libc::SIGSEGV) => None,
        Attempted::Killed(signal) => Some(format!("killed by signal {signal}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_call_that_was_not_looked_at_is_refused() {
        for refused in [
            Attempted::Failed(libc::ENOSYS),
            Attempted::Failed(libc::EPERM),
            Attempted::Killed(libc::SIGSYS),
        ] {
            assert_eq!(looked_at(refused), None);
        }
        for looked in [
            Attempted::Made,
            Attempted::Failed(libc::EFAULT),
            Attempted::Failed(libc::EINVAL),
            Attempted::Killed(libc::SIGKILL),
        ] {
            assert!(looked_at(looked).is_some(), "{looked:?}");
        }
    }
}
