//! What a child becomes between `fork` and `exec`.
//!
//! The order of the steps matters: the kernel lets only the old identity raise the out-of-memory
//! score of a process whose parent is not dumpable, and the new identity comes last because nothing
//! after it could be done with the privileges that it gives up.
//!
//! Everything the child does there is a plain system call on values prepared by the parent. A fork
//! of a multi-threaded process may not allocate or lock.
#![expect(
    unsafe_code,
    reason = "`pre_exec` and a descriptor chosen by number have no safe form in the standard library"
)]

use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::fs::{Mode, OFlags};
use rustix::process::DumpableBehavior;
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

/// The user and group a child runs as, without supplementary groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The real, effective and saved user id.
    pub uid: u32,
    /// The real, effective and saved group id.
    pub gid: u32,
}

/// What a child is given beyond what [`Command`] offers.
///
/// # Examples
///
/// ```
/// use std::io::Read as _;
/// use std::process::Command;
///
/// use descriptors::ChildSetup;
///
/// let (mut reader, writer) = std::io::pipe()?;
/// let mut command = Command::new("sh");
/// command.args(["-c", "echo hello >&3"]);
/// ChildSetup {
///     descriptors: vec![(writer.into(), 3)],
///     new_session: true,
///     ..ChildSetup::default()
/// }
/// .apply(&mut command)?;
/// let mut child = command.spawn()?;
/// drop(command);
///
/// let mut said = String::new();
/// reader.read_to_string(&mut said)?;
/// assert_eq!(said, "hello\n");
/// assert!(child.wait()?.success());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct ChildSetup {
    /// Descriptors and the number under which the child finds each, 3 or more.
    pub descriptors: Vec<(OwnedFd, RawFd)>,
    /// Whether the child gets no other descriptors, whoever opened them and with which flags.
    pub close_others: bool,
    /// Whether the child leads a session, and so a process group, of its own.
    pub new_session: bool,
    /// Whom the child runs as; the parent's own identity if `None`.
    pub identity: Option<Identity>,
    /// How eagerly the kernel kills the child when memory runs out, up to 1000.
    pub oom_score_adj: Option<i16>,
}

/// A child that cannot be set up as asked.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The standard streams are set on the [`Command`] itself.
    #[error("descriptor {target} of the child is not 3 or more")]
    Reserved {
        /// The number asked for.
        target: RawFd,
    },

    /// Two descriptors were to get the same number.
    #[error("descriptor {target} of the child was given twice")]
    GivenTwice {
        /// The number asked for.
        target: RawFd,
    },

    /// The parent could not duplicate a descriptor.
    #[error("failed to duplicate the descriptor for the child's {target}")]
    Duplicate {
        /// The number asked for.
        target: RawFd,
        /// The underlying failure.
        #[source]
        source: io::Error,
    },

    /// The parent's supplementary groups could not be read.
    #[error("failed to read the supplementary groups")]
    Groups(#[source] io::Error),
}

impl ChildSetup {
    /// Arranges for the child that `command` spawns to be set up this way.
    ///
    /// The command owns the descriptors from then on: drop it after the spawn, or a reader of a
    /// pipe among them waits for ever. A failure in the child makes the spawn fail.
    ///
    /// # Errors
    ///
    /// Returns a [`SetupError`] if the setup contradicts itself or the parent lacks descriptors.
    pub fn apply(self, command: &mut Command) -> Result<(), SetupError> {
        let mut prepared = Prepared::try_from(self)?;
        // SAFETY: the closure runs in the forked child, where only async-signal-safe functions may
        // be called. `Prepared::enter` makes system calls through `rustix`, which on Linux issues
        // them directly, on values that the parent has made; it neither allocates nor locks.
        unsafe { command.pre_exec(move || prepared.enter()) };
        Ok(())
    }
}

/// A [`ChildSetup`] of which nothing is left to be allocated.
struct Prepared {
    /// Sources, all above every target, so that no `dup2` overwrites one that is still needed.
    descriptors: Vec<(OwnedFd, ManuallyDrop<OwnedFd>)>,
    /// Keep the targets' numbers taken in the parent, so that the pipe on which the standard
    /// library learns that `exec` failed cannot get one of them and be overwritten.
    _placeholders: Vec<OwnedFd>,
    /// The number from which on no descriptor survives `exec`.
    close_from: Option<u32>,
    new_session: bool,
    identity: Option<Identity>,
    leave_groups: bool,
    oom_score_adj: Option<Vec<u8>>,
}

impl TryFrom<ChildSetup> for Prepared {
    type Error = SetupError;

    fn try_from(setup: ChildSetup) -> Result<Self, SetupError> {
        let ChildSetup {
            descriptors,
            close_others,
            new_session,
            identity,
            oom_score_adj,
        } = setup;
        let mut targets: Vec<RawFd> = descriptors.iter().map(|&(_, target)| target).collect();
        targets.sort_unstable();
        if let Some(&target) = targets.first().filter(|&&target| target < 3) {
            return Err(SetupError::Reserved { target });
        }
        if let Some(&[target, _]) = targets.array_windows().find(|[one, next]| one == next) {
            return Err(SetupError::GivenTwice { target });
        }

        let mut placeholders = Vec::new();
        for &(ref source, target) in &descriptors {
            let duplicate = duplicate(source, target, target)?;
            if duplicate.as_raw_fd() == target {
                placeholders.push(duplicate);
            }
        }
        let above = targets
            .last()
            .map_or(3, |highest| highest.saturating_add(1));
        let descriptors = descriptors
            .iter()
            .map(|&(ref source, target)| {
                let source = duplicate(source, above, target)?;
                // SAFETY: the number is open: it was in use, or a placeholder holds it. The value
                // never closes it, being `ManuallyDrop`, and its one use is in the child, where it
                // names what `dup2` replaces. Nothing in the child relies on what was there: it is
                // about to be another program.
                let target = ManuallyDrop::new(unsafe { OwnedFd::from_raw_fd(target) });
                Ok((source, target))
            })
            .collect::<Result<_, SetupError>>()?;

        let leave_groups = identity.is_some()
            && !rustix::process::getgroups()
                .map_err(|error| SetupError::Groups(error.into()))?
                .is_empty();
        Ok(Self {
            descriptors,
            _placeholders: placeholders,
            close_from: close_others.then(|| above.try_into().unwrap_or(u32::MAX)),
            new_session,
            identity,
            leave_groups,
            oom_score_adj: oom_score_adj.map(|score| score.to_string().into_bytes()),
        })
    }
}

/// Duplicates `source` to the lowest free number that is at least `lowest`.
fn duplicate(source: &OwnedFd, lowest: RawFd, target: RawFd) -> Result<OwnedFd, SetupError> {
    rustix::io::fcntl_dupfd_cloexec(source, lowest).map_err(|error| SetupError::Duplicate {
        target,
        source: error.into(),
    })
}

impl Prepared {
    /// Makes the calling process, a child that has not executed yet, what was asked for.
    fn enter(&mut self) -> io::Result<()> {
        if let Some(score) = &self.oom_score_adj {
            set_oom_score(score)?;
        }
        if self.new_session {
            rustix::process::setsid()?;
        }
        for (source, target) in &mut self.descriptors {
            rustix::io::dup2(source, target)?;
        }
        if let Some(first) = self.close_from {
            close_on_exec(first)?;
        }
        if let Some(Identity { uid, gid }) = self.identity {
            become_identity(uid, gid, self.leave_groups)?;
        }
        Ok(())
    }
}

/// Marks every descriptor from `first` on to be closed by `exec`.
///
/// They stay open until then: the standard library reports a failed `exec` through one of them.
fn close_on_exec(first: u32) -> io::Result<()> {
    // SAFETY: the call takes numbers and no pointers, and closes nothing that has an owner: the
    // flag acts when another program replaces this one.
    let closed = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first,
            u32::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    };
    if closed == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Writes the out-of-memory score of the calling process.
fn set_oom_score(score: &[u8]) -> io::Result<()> {
    // The files of a process that is not dumpable belong to root. The fork of such a parent shares
    // that property until it executes, which makes it dumpable anyway.
    rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    let file = rustix::fs::open(
        c"/proc/self/oom_score_adj",
        OFlags::WRONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    rustix::io::write(&file, score)?;
    Ok(())
}

/// Gives up the parent's identity for good.
///
/// The calls act on the calling thread alone, which is the only one after a fork.
fn become_identity(uid: u32, gid: u32, leave_groups: bool) -> io::Result<()> {
    let (uid, gid) = (
        rustix::process::Uid::from_raw(uid),
        rustix::process::Gid::from_raw(gid),
    );
    if leave_groups {
        set_thread_groups(&[])?;
    }
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)?;
    Ok(())
}

#[cfg(test)]
mod tests;
