//! What stands around a runner that was forked: the same as around one that was executed.

use rustix::fd::BorrowedFd;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::{Errno, Result};
use rustix::process::{DumpableBehavior, Gid, Uid};
use rustix::thread::{
    CapabilitySets, configure_capability_in_ambient_set, set_capabilities, set_thread_groups,
    set_thread_res_gid, set_thread_res_uid,
};

use crate::capabilities::drop_capabilities;
use crate::request::Request;
use crate::syscall::{self, Instruction};

/// The most instructions of a filter: as many as a kernel takes.
const INSTRUCTIONS: usize = 4096;

/// Makes a runner the first to go when memory runs out.
const OOM_SCORE: &[u8] = b"1000";

/// A filter of system calls.
pub(crate) struct Filter {
    instructions: [Instruction; INSTRUCTIONS],
    length: usize,
}

impl Filter {
    /// Reads a filter.
    pub(crate) fn read(file: BorrowedFd<'_>) -> Result<Self> {
        let mut filter = Self {
            instructions: [[0; 8]; INSTRUCTIONS],
            length: 0,
        };
        let bytes = filter.instructions.as_flattened_mut();
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match rustix::io::retry_on_intr(|| rustix::io::read(file, &mut *rest))? {
                0 => break,
                read => filled += read,
            }
        }
        filter.length = filled / size_of::<Instruction>();
        // None at all is no filter, and one that did not fit would be another.
        if filled == 0 || filter.length == INSTRUCTIONS {
            return Err(Errno::INVAL);
        }
        Ok(filter)
    }

    fn instructions(&self) -> &[Instruction] {
        self.instructions.get(..self.length).unwrap_or_default()
    }
}

/// Has this process's capabilities survive execution.
pub(crate) fn keep_capabilities() -> Result<()> {
    let own = rustix::thread::capabilities(None)?;
    let inheritable = CapabilitySets {
        inheritable: own.permitted,
        ..own
    };
    set_capabilities(None, inheritable)?;
    for capability in own.permitted.iter() {
        configure_capability_in_ambient_set(capability, true)?;
    }
    Ok(())
}

/// Raises every wall around this process, the runner of a sandbox whose root is built.
pub(crate) fn raise(request: Request, filter: &Filter) -> Result<()> {
    rustix::process::setsid()?;
    syscall::leave_cgroup_namespace()?;
    rustix::process::chdir(c"/tmp")?;
    if request.leave_groups {
        set_thread_groups(&[])?;
    }
    let (uid, gid) = (Uid::from_raw(request.runner), Gid::from_raw(request.runner));
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)?;
    drop_capabilities()?;
    // What a program may do with its own entries in `/proc` after it was executed.
    rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    let flags = OFlags::WRONLY | OFlags::CLOEXEC;
    let score = rustix::fs::openat(CWD, c"/proc/self/oom_score_adj", flags, Mode::empty())?;
    rustix::io::write(&score, OOM_SCORE)?;
    drop(score);
    rustix::thread::set_no_new_privs(true)?;
    syscall::install_filter(filter.instructions())
}
