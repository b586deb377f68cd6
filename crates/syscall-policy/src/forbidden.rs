//! Calls that no function needs and that have led out of sandboxes, to be really
//! made: by the conformance suite, and by a dispatcher when it starts.
//!
//! A sandbox must not even look at them. So the arguments are such that an
//! unguarded kernel would do something harmless with them, or complain about a
//! bad address or value.

use libc::c_long;

/// Makes a user namespace when passed to `unshare(2)` or `clone(2)`.
const NEW_USER: c_long = libc::CLONE_NEWUSER as c_long;

/// A call to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What it is, for people.
    pub name: &'static str,
    /// Its number.
    pub number: c_long,
    /// Its first five arguments.
    pub arguments: [c_long; 5],
}

impl Attempt {
    const fn new(name: &'static str, number: c_long, arguments: [c_long; 5]) -> Self {
        Self {
            name,
            number,
            arguments,
        }
    }
}

/// The calls that every sandbox refuses.
pub const FORBIDDEN: &[Attempt] = &[
    Attempt::new("mount", libc::SYS_mount, [0, 0, 0, 0, 0]),
    Attempt::new("umount2", libc::SYS_umount2, [0, 0, 0, 0, 0]),
    Attempt::new("pivot_root", libc::SYS_pivot_root, [0, 0, 0, 0, 0]),
    Attempt::new("chroot", libc::SYS_chroot, [0, 0, 0, 0, 0]),
    Attempt::new("open_tree", libc::SYS_open_tree, [-100, 0, 1, 0, 0]),
    Attempt::new("move_mount", libc::SYS_move_mount, [-1, 0, -1, 0, 0]),
    Attempt::new("fsopen", libc::SYS_fsopen, [0, 0, 0, 0, 0]),
    Attempt::new("mount_setattr", libc::SYS_mount_setattr, [-1, 0, 0, 0, 0]),
    Attempt::new(
        "unshare a user namespace",
        libc::SYS_unshare,
        [NEW_USER, 0, 0, 0, 0],
    ),
    Attempt::new(
        "clone a user namespace",
        libc::SYS_clone,
        [NEW_USER, 0, 0, 0, 0],
    ),
    Attempt::new("setns", libc::SYS_setns, [0, 0, 0, 0, 0]),
    Attempt::new("ptrace", libc::SYS_ptrace, [0, 0, 0, 0, 0]),
    Attempt::new(
        "process_vm_readv",
        libc::SYS_process_vm_readv,
        [1, 0, 0, 0, 0],
    ),
    Attempt::new(
        "process_vm_writev",
        libc::SYS_process_vm_writev,
        [1, 0, 0, 0, 0],
    ),
    Attempt::new("pidfd_getfd", libc::SYS_pidfd_getfd, [0, 0, 0, 0, 0]),
    Attempt::new("kcmp", libc::SYS_kcmp, [1, 1, 0, 0, 0]),
    Attempt::new(
        "limits of another process",
        libc::SYS_prlimit64,
        [7, 7, 0, 0, 0],
    ),
    Attempt::new("bpf", libc::SYS_bpf, [0, 0, 0, 0, 0]),
    Attempt::new(
        "perf_event_open",
        libc::SYS_perf_event_open,
        [0, 0, -1, -1, 0],
    ),
    Attempt::new("userfaultfd", libc::SYS_userfaultfd, [1, 0, 0, 0, 0]),
    Attempt::new("io_uring_setup", libc::SYS_io_uring_setup, [1, 0, 0, 0, 0]),
    Attempt::new("io_uring_enter", libc::SYS_io_uring_enter, [-1, 0, 0, 0, 0]),
    Attempt::new(
        "io_uring_register",
        libc::SYS_io_uring_register,
        [-1, 0, 0, 0, 0],
    ),
    Attempt::new("keyctl", libc::SYS_keyctl, [0, -3, 0, 0, 0]),
    Attempt::new("add_key", libc::SYS_add_key, [0, 0, 0, 0, 0]),
    Attempt::new("request_key", libc::SYS_request_key, [0, 0, 0, 0, 0]),
    Attempt::new("init_module", libc::SYS_init_module, [0, 0, 0, 0, 0]),
    Attempt::new("finit_module", libc::SYS_finit_module, [-1, 0, 0, 0, 0]),
    Attempt::new("delete_module", libc::SYS_delete_module, [0, 0, 0, 0, 0]),
    Attempt::new("kexec_load", libc::SYS_kexec_load, [0, 0, 0, 0, 0]),
    Attempt::new("reboot", libc::SYS_reboot, [0, 0, 0, 0, 0]),
    Attempt::new("swapon", libc::SYS_swapon, [0, 0, 0, 0, 0]),
    Attempt::new("acct", libc::SYS_acct, [0, 0, 0, 0, 0]),
    Attempt::new("quotactl", libc::SYS_quotactl, [0, 0, 0, 0, 0]),
    Attempt::new("syslog", libc::SYS_syslog, [3, 0, 0, 0, 0]),
    Attempt::new("settimeofday", libc::SYS_settimeofday, [0, 0, 0, 0, 0]),
    Attempt::new("clock_settime", libc::SYS_clock_settime, [0, 0, 0, 0, 0]),
    Attempt::new("fanotify_init", libc::SYS_fanotify_init, [0, 0, 0, 0, 0]),
    Attempt::new(
        "open_by_handle_at",
        libc::SYS_open_by_handle_at,
        [-1, 0, 0, 0, 0],
    ),
    Attempt::new(
        "name_to_handle_at",
        libc::SYS_name_to_handle_at,
        [-1, 0, 0, 0, 0],
    ),
    Attempt::new("shmget", libc::SYS_shmget, [0, 4096, 512, 0, 0]),
    Attempt::new("msgget", libc::SYS_msgget, [0, 512, 0, 0, 0]),
    Attempt::new("semget", libc::SYS_semget, [0, 1, 512, 0, 0]),
    // AF_VSOCK, AF_PACKET, AF_ALG, AF_XDP, and raw sockets of AF_INET.
    Attempt::new("a vsock socket", libc::SYS_socket, [40, 1, 0, 0, 0]),
    Attempt::new("a packet socket", libc::SYS_socket, [17, 3, 0, 0, 0]),
    Attempt::new("a cryptographic socket", libc::SYS_socket, [38, 5, 0, 0, 0]),
    Attempt::new("an express data path", libc::SYS_socket, [44, 3, 0, 0, 0]),
    Attempt::new("a raw socket", libc::SYS_socket, [2, 3, 1, 0, 0]),
    // NETLINK_NETFILTER: `NETLINK_ROUTE` in an empty namespace is harmless.
    Attempt::new("a netfilter socket", libc::SYS_socket, [16, 3, 12, 0, 0]),
    Attempt::new(
        "a pair of vsock sockets",
        libc::SYS_socketpair,
        [40, 1, 0, 0, 0],
    ),
    Attempt::new(
        "kexec_file_load",
        libc::SYS_kexec_file_load,
        [-1, -1, 0, 0, 0],
    ),
    // A character device, at no path.
    Attempt::new(
        "make a device node",
        libc::SYS_mknodat,
        [-100, 0, 0o020_600, 0, 0],
    ),
];

/// Calls of x86 that reach its hardware, and its interface for programs with 32-bit
/// pointers, asked for the number of the process.
#[cfg(target_arch = "x86_64")]
pub const OF_THE_ARCHITECTURE: &[Attempt] = &[
    Attempt::new("iopl", libc::SYS_iopl, [3, 0, 0, 0, 0]),
    Attempt::new("ioperm", libc::SYS_ioperm, [0, 1, 1, 0, 0]),
    Attempt::new("modify_ldt", libc::SYS_modify_ldt, [0, 0, 0, 0, 0]),
    Attempt::new("the x32 interface", 0x4000_0000 | libc::SYS_getpid, [0; 5]),
];
/// None are known.
#[cfg(not(target_arch = "x86_64"))]
pub const OF_THE_ARCHITECTURE: &[Attempt] = &[];

/// Returns whether an error says that a call was not even looked at.
pub fn is_refusal(errno: i32) -> bool {
    [libc::EPERM, libc::ENOSYS, libc::EAFNOSUPPORT].contains(&errno)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Profile, Rule, rules};

    #[test]
    fn no_attempt_is_allowed_whatever_its_arguments_are() {
        let rules = rules(Profile::Runtime);
        for attempt in FORBIDDEN.iter().chain(OF_THE_ARCHITECTURE) {
            let rule = rules
                .iter()
                .find(|(call, _)| i64::from(call.number()) == attempt.number);
            assert!(
                rule.is_none_or(|(_, rule)| *rule != Rule::Allow),
                "{}",
                attempt.name
            );
        }
    }

    #[test]
    fn an_attempt_that_was_looked_at_is_no_refusal() {
        assert!(is_refusal(libc::ENOSYS));
        for looked_at in [libc::EFAULT, libc::EINVAL, libc::EBADF, libc::ENOENT] {
            assert!(!is_refusal(looked_at));
        }
    }
}
