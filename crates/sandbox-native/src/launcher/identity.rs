//! Who the launcher and its sandboxes are.
//!
//! Started by root, the launcher owns a range of unprivileged host ids and gives
//! each sandbox two of its own: one for cyclone, one for the runner. Started by
//! an ordinary user, there is but that user's id for all.
//!
//! ```text
//!              host            launcher     sandbox
//!  by root     1879048192      0            –
//!              1879048192 + c  c            1000  cyclone
//!              1879048192 + r  r            1001  runner
//!  by a user   their own       0            1000  both
//! ```

use std::fs;
use std::io;

use rustix::process::{DumpableBehavior, Gid, Pid, Uid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use crate::wire::Identity;

/// Cyclone's user and group inside a sandbox.
pub(super) const CYCLONE: u32 = 1000;

/// The runner's user and group inside a sandbox, where it has its own.
pub(super) const RUNNER: u32 = 1001;

/// A user and a group of the host.
#[derive(Clone, Copy, Debug)]
pub(super) struct HostUser {
    uid: Uid,
    gid: Gid,
}

/// Returns who this process is.
pub(super) fn effective() -> HostUser {
    HostUser {
        uid: rustix::process::geteuid(),
        gid: rustix::process::getegid(),
    }
}

/// Maps the user that the launcher was started by to 0 in its namespace.
pub(super) fn map_self(user: HostUser) -> io::Result<()> {
    // The kernel lets nobody without privileges map groups before this.
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {} 1", user.uid.as_raw()))?;
    fs::write("/proc/self/gid_map", format!("0 {} 1", user.gid.as_raw()))
}

/// Becomes user 0 of the launcher's namespace, in no other group than its own.
pub(super) fn settle(mapped: bool) -> io::Result<()> {
    if mapped {
        set_thread_groups(&[])?;
    }
    set_thread_res_gid(Gid::ROOT, Gid::ROOT, Gid::ROOT)?;
    set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT)?;
    // The id maps of a child belong to its creator only while that is dumpable,
    // and changing ids has ended it. There is nothing here to read: no
    // environment, no secrets, and no other process with this user.
    rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    Ok(())
}

/// Maps the ids of a new sandbox, whose first process waits for it.
pub(super) fn map_child(child: Pid, identity: Identity) -> io::Result<()> {
    let of = |file: &str| format!("/proc/{}/{file}", child.as_raw_nonzero());
    let map = match identity {
        Identity::Single => {
            fs::write(of("setgroups"), "deny")?;
            format!("{CYCLONE} 0 1")
        }
        Identity::Pair { cyclone, runner } => {
            format!("{CYCLONE} {cyclone} 1\n{RUNNER} {runner} 1")
        }
    };
    fs::write(of("uid_map"), &map)?;
    fs::write(of("gid_map"), &map)
}

/// Becomes cyclone's user, inside the sandbox.
///
/// With two users, the real one is the runner's: without any capability, cyclone
/// can then start the runner as that user, while the runner can do nothing to
/// cyclone. This clears the parent death signal.
pub(super) fn become_cyclone(identity: Identity) -> io::Result<()> {
    let real = match identity {
        Identity::Single => CYCLONE,
        Identity::Pair { .. } => {
            set_thread_groups(&[])?;
            RUNNER
        }
    };
    let (gid, real_gid) = (Gid::from_raw(CYCLONE), Gid::from_raw(real));
    set_thread_res_gid(real_gid, gid, gid)?;
    let (uid, real_uid) = (Uid::from_raw(CYCLONE), Uid::from_raw(real));
    set_thread_res_uid(real_uid, uid, uid)?;
    Ok(())
}
