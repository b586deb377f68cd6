//! Adopting a descriptor that was already open when this process started.
//!
//! A number is not proof of ownership: some other part of this process may have opened a file that
//! got the very number. Two properties tell an inherited descriptor from such a file. It survived
//! `execve`, so close-on-exec is not set on it, while the standard library and `rustix::fs` set that
//! flag on everything they open; and it has not been adopted before, which a table remembers.
#![expect(
    unsafe_code,
    reason = "the standard library adopts a descriptor by its number only through unsafe functions"
)]

use std::os::fd::{BorrowedFd, FromRawFd as _, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};

/// Which of the first 64 descriptors have been adopted, one bit each.
static ADOPTED: AtomicU64 = AtomicU64::new(0);

/// An inherited descriptor that cannot be adopted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InheritError {
    /// The number belongs to standard input, output or error, or is over 63.
    #[error("descriptor {fd} is not between 3 and 63")]
    OutOfRange {
        /// The number asked for.
        fd: RawFd,
    },

    /// No descriptor has this number.
    #[error("descriptor {fd} is not open")]
    NotOpen {
        /// The number asked for.
        fd: RawFd,
    },

    /// The descriptor was opened by this process, not inherited by it.
    #[error("descriptor {fd} was opened by this process itself")]
    NotInherited {
        /// The number asked for.
        fd: RawFd,
    },

    /// The descriptor has an owner already.
    #[error("descriptor {fd} has been adopted before")]
    AlreadyAdopted {
        /// The number asked for.
        fd: RawFd,
    },
}

/// Adopts the inherited descriptor `fd`, which is close-on-exec from then on.
///
/// Call it early: before any foreign library had a chance to open a file without close-on-exec.
///
/// # Errors
///
/// Returns an [`InheritError`] if `fd` is a standard stream, not open, not inherited or adopted
/// before. Nothing has changed then.
pub fn inherit(fd: RawFd) -> Result<OwnedFd, InheritError> {
    let bit = match u32::try_from(fd) {
        Ok(number @ 3..=63) => 1_u64 << number,
        Ok(_) | Err(_) => return Err(InheritError::OutOfRange { fd }),
    };
    if ADOPTED.fetch_or(bit, Ordering::AcqRel) & bit != 0 {
        return Err(InheritError::AlreadyAdopted { fd });
    }

    let adopted = adopt(fd);
    if adopted.is_err() {
        ADOPTED.fetch_and(!bit, Ordering::AcqRel);
    }
    adopted
}

/// Checks and adopts `fd`, which no other call can be doing at the same time.
fn adopt(fd: RawFd) -> Result<OwnedFd, InheritError> {
    // SAFETY: `fd` is not -1, as the caller checked its range. Should it not be open, the only use
    // of the borrow that follows is `F_GETFD`, which then fails with `EBADF` and touches nothing.
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    let flags = fcntl_getfd(borrowed).map_err(|_| InheritError::NotOpen { fd })?;
    if flags.contains(FdFlags::CLOEXEC) {
        return Err(InheritError::NotInherited { fd });
    }
    fcntl_setfd(borrowed, flags | FdFlags::CLOEXEC).map_err(|_| InheritError::NotOpen { fd })?;

    // SAFETY: `fd` is open, as `F_GETFD` has just shown. It has no other owner: it was open before
    // this program began, for what the program opens is close-on-exec; and `ADOPTED` lets only one
    // call get this far for each number, ever.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read as _, Write as _};
    use std::os::fd::{AsRawFd as _, IntoRawFd as _};

    use super::*;

    /// Returns an open descriptor without an owner and without close-on-exec, as after `execve`.
    fn left_open() -> (File, RawFd) {
        let (reader, writer) = rustix::pipe::pipe().expect("a pipe");
        (File::from(reader), writer.into_raw_fd())
    }

    #[test]
    fn an_inherited_descriptor_is_usable_and_not_passed_on() {
        let (mut reader, fd) = left_open();

        let mut writer = File::from(inherit(fd).expect("it is open"));
        writer.write_all(b"x").expect("it is a pipe");

        assert!(
            fcntl_getfd(&writer)
                .expect("open")
                .contains(FdFlags::CLOEXEC)
        );
        let mut received = [0];
        reader.read_exact(&mut received).expect("one byte");
        assert_eq!(&received, b"x");
    }

    #[test]
    fn a_descriptor_is_adopted_once_even_after_it_was_closed() {
        let (_reader, fd) = left_open();
        drop(inherit(fd).expect("it is open"));

        assert_eq!(
            inherit(fd).expect_err("adopted"),
            InheritError::AlreadyAdopted { fd }
        );
    }

    #[test]
    fn standard_streams_and_wild_numbers_are_refused() {
        for fd in [-1, 0, 1, 2, 64, RawFd::MAX] {
            assert_eq!(
                inherit(fd).expect_err("out of range"),
                InheritError::OutOfRange { fd }
            );
        }
    }

    #[test]
    fn a_closed_number_is_refused_and_may_be_asked_for_again() {
        for _ in 0..2 {
            assert_eq!(
                inherit(63).expect_err("nothing there"),
                InheritError::NotOpen { fd: 63 }
            );
        }
    }

    #[test]
    fn a_file_of_this_process_cannot_be_stolen() {
        let file = File::open("/dev/null").expect("it exists");
        let fd = file.as_raw_fd();

        assert_eq!(
            inherit(fd).expect_err("owned by `file`"),
            InheritError::NotInherited { fd }
        );
    }
}
