//! Which calls are allowed, and with which arguments.

use std::collections::BTreeMap;

use crate::call::{Call, calls};
use crate::lists::{BUILTIN, BUILTIN_OLDER, RUNTIME, RUNTIME_OLDER, ZYGOTE};

/// How much a sandbox needs of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Our own static programs.
    Builtin,
    /// A language runtime with threads, a compiler and file access.
    Runtime,
}

/// What becomes of one system call.
///
/// Of an argument, the lower half counts: all those compared are of type `int`,
/// or flags that have no meaning in the upper half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It is made.
    Allow,
    /// It is made if an argument is one of these values, and fails otherwise.
    OneOf {
        /// Which argument, from 0.
        argument: u32,
        /// The values.
        values: &'static [u32],
        /// The error that it fails with.
        otherwise: i32,
    },
    /// It is made if an argument has none of these bits, and fails otherwise.
    NoneOf {
        /// Which argument, from 0.
        argument: u32,
        /// The bits.
        bits: u32,
        /// The error that it fails with.
        otherwise: i32,
    },
    /// `socket(2)`: made for these address families, and for `AF_NETLINK` with
    /// `NETLINK_ROUTE`; fails with `EAFNOSUPPORT` otherwise.
    Socket {
        /// The families.
        values: &'static [u32],
    },
}

/// Makes new namespaces when passed to `clone(2)`.
const NAMESPACE_FLAGS: u32 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u32;

/// Harmless requests to descriptors: is it a terminal, how large, how much can be
/// read; set non-blocking, close on execution. No input can be faked with these.
const REQUESTS: &[u32] = &[
    0x5401, // TCGETS
    0x5413, // TIOCGWINSZ
    0x541b, // FIONREAD
    0x5421, // FIONBIO
    0x5451, // FIOCLEX
    0x5450, // FIONCLEX
];

/// What may be done with a descriptor: copying it, its flags, locks, the size of a
/// pipe. No leases, which can make whoever else opens the file wait, nor watches of
/// directories.
const FILE_COMMANDS: &[u32] = &[
    libc::F_DUPFD as u32,
    libc::F_GETFD as u32,
    libc::F_SETFD as u32,
    libc::F_GETFL as u32,
    libc::F_SETFL as u32,
    libc::F_GETLK as u32,
    libc::F_SETLK as u32,
    libc::F_SETLKW as u32,
    libc::F_OFD_GETLK as u32,
    libc::F_OFD_SETLK as u32,
    libc::F_OFD_SETLKW as u32,
    libc::F_DUPFD_CLOEXEC as u32,
    libc::F_SETPIPE_SZ as u32,
    libc::F_GETPIPE_SZ as u32,
];

/// What a process may change or ask about itself.
const PROCESS_OPTIONS: &[u32] = &[
    libc::PR_SET_PDEATHSIG as u32,
    libc::PR_GET_PDEATHSIG as u32,
    libc::PR_GET_DUMPABLE as u32,
    libc::PR_SET_DUMPABLE as u32,
    libc::PR_SET_NAME as u32,
    libc::PR_GET_NAME as u32,
    libc::PR_GET_SECCOMP as u32,
    libc::PR_SET_SECCOMP as u32,
    libc::PR_CAPBSET_READ as u32,
    libc::PR_SET_TIMERSLACK as u32,
    libc::PR_GET_TIMERSLACK as u32,
    libc::PR_SET_CHILD_SUBREAPER as u32,
    libc::PR_GET_CHILD_SUBREAPER as u32,
    libc::PR_SET_NO_NEW_PRIVS as u32,
    libc::PR_GET_NO_NEW_PRIVS as u32,
    libc::PR_SET_THP_DISABLE as u32,
    // Names for regions of memory, which V8 gives.
    libc::PR_SET_VMA as u32,
];

/// The one process whose limits a process may see and set: itself.
const SELF: &[u32] = &[0];

const LOCAL_SOCKETS: &[u32] = &[libc::AF_UNIX as u32];

const SOCKETS: &[u32] = &[
    libc::AF_UNIX as u32,
    libc::AF_INET as u32,
    libc::AF_INET6 as u32,
];

/// Returns the rules of a profile; a call without one fails with `ENOSYS`.
pub fn rules(profile: Profile) -> BTreeMap<Call, Rule> {
    let one_of = |argument, values, otherwise| Rule::OneOf {
        argument,
        values,
        otherwise,
    };
    let mut rules = BTreeMap::new();
    let mut set = |calls: &[Call], rule| rules.extend(calls.iter().map(|&call| (call, rule)));
    set(BUILTIN, Rule::Allow);
    set(BUILTIN_OLDER, Rule::Allow);
    set(calls![SYS_fcntl], one_of(1, FILE_COMMANDS, libc::EINVAL));
    set(calls![SYS_ioctl], one_of(1, REQUESTS, libc::ENOTTY));
    set(calls![SYS_prctl], one_of(0, PROCESS_OPTIONS, libc::EINVAL));
    set(calls![SYS_prlimit64], one_of(0, SELF, libc::EPERM));
    set(
        calls![SYS_socketpair],
        one_of(0, LOCAL_SOCKETS, libc::EAFNOSUPPORT),
    );
    // The C library falls back from `clone3`, whose flags no filter can read.
    set(
        calls![SYS_clone],
        Rule::NoneOf {
            argument: 0,
            bits: NAMESPACE_FLAGS,
            otherwise: libc::EPERM,
        },
    );
    match profile {
        Profile::Builtin => {}
        Profile::Runtime => {
            set(RUNTIME, Rule::Allow);
            set(RUNTIME_OLDER, Rule::Allow);
            set(calls![SYS_socket], Rule::Socket { values: SOCKETS });
        }
    }
    rules
}

/// Returns the rules of a zygote: a language runtime that never runs a function, and whose children
/// make sandboxes of themselves, with a profile's filter, before they do.
pub fn zygote_rules() -> BTreeMap<Call, Rule> {
    let mut rules = rules(Profile::Runtime);
    rules.extend(ZYGOTE.iter().map(|&call| (call, Rule::Allow)));
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_far_into_the_kernel_is_in_no_profile() {
        for profile in [Profile::Builtin, Profile::Runtime] {
            let rules = rules(profile);
            for refused in calls![
                SYS_bpf,
                SYS_clone3,
                SYS_io_uring_setup,
                SYS_keyctl,
                SYS_mount,
                SYS_perf_event_open,
                SYS_process_vm_readv,
                SYS_ptrace,
                SYS_setns,
                SYS_unshare,
                SYS_userfaultfd,
            ] {
                assert!(!rules.contains_key(refused), "{refused:?} in {profile:?}");
            }
        }
    }

    #[test]
    fn only_a_runtime_opens_sockets_and_none_to_the_host() {
        let socket = calls![SYS_socket];
        assert!(!rules(Profile::Builtin).contains_key(&socket[0]));
        let rule = rules(Profile::Runtime)[&socket[0]];
        let Rule::Socket { values } = rule else {
            panic!("{rule:?}");
        };
        assert!(!values.contains(&(libc::AF_VSOCK as u32)), "{values:?}");
    }
}
