//! What of the kernel hostile code would like to talk to.

use libc::{EAFNOSUPPORT, EINVAL, ENOSYS, ENOTTY, EPERM};

use e2e::TestEngine;

use crate::program::{Argument, Attempt, attempt, space, text};

/// Calls that a sandbox has no use for, with harmless arguments: none of them must
/// get as far as to look at those.
const CALLS: &[(&str, i64)] = &[
    ("clone3", libc::SYS_clone3),
    ("execveat", libc::SYS_execveat),
    ("uselib", libc::SYS_uselib),
    ("personality", libc::SYS_personality),
    ("modify_ldt", libc::SYS_modify_ldt),
    ("iopl", libc::SYS_iopl),
    ("ioperm", libc::SYS_ioperm),
    ("io_setup", libc::SYS_io_setup),
    ("io_submit", libc::SYS_io_submit),
    ("io_uring_enter", libc::SYS_io_uring_enter),
    ("io_uring_register", libc::SYS_io_uring_register),
    ("memfd_secret", libc::SYS_memfd_secret),
    ("vmsplice", libc::SYS_vmsplice),
    ("remap_file_pages", libc::SYS_remap_file_pages),
    ("mlockall", libc::SYS_mlockall),
    ("mbind", libc::SYS_mbind),
    ("set_mempolicy", libc::SYS_set_mempolicy),
    ("migrate_pages", libc::SYS_migrate_pages),
    ("move_pages", libc::SYS_move_pages),
    ("get_mempolicy", libc::SYS_get_mempolicy),
    ("request_key", libc::SYS_request_key),
    ("ptrace", libc::SYS_ptrace),
    ("kcmp", libc::SYS_kcmp),
    ("process_madvise", libc::SYS_process_madvise),
    ("process_mrelease", libc::SYS_process_mrelease),
    ("fanotify_init", libc::SYS_fanotify_init),
    ("fanotify_mark", libc::SYS_fanotify_mark),
    ("name_to_handle_at", libc::SYS_name_to_handle_at),
    ("open_by_handle_at", libc::SYS_open_by_handle_at),
    ("lookup_dcookie", libc::SYS_lookup_dcookie),
    ("quotactl", libc::SYS_quotactl),
    ("quotactl_fd", libc::SYS_quotactl_fd),
    ("sysfs", libc::SYS_sysfs),
    ("ustat", libc::SYS_ustat),
    ("landlock_create_ruleset", libc::SYS_landlock_create_ruleset),
    ("a call that no kernel has", 999),
];

/// Address families with a history, or that lead out of a network namespace.
const FAMILIES: &[(&str, i32, i32, i32)] = &[
    ("AF_VSOCK", libc::AF_VSOCK, libc::SOCK_STREAM, 0),
    ("AF_ALG", libc::AF_ALG, libc::SOCK_SEQPACKET, 0),
    ("AF_PACKET", libc::AF_PACKET, libc::SOCK_RAW, 0x300),
    ("AF_KEY", libc::AF_KEY, libc::SOCK_RAW, 2),
    ("AF_XDP", libc::AF_XDP, libc::SOCK_RAW, 0),
    ("AF_TIPC", libc::AF_TIPC, libc::SOCK_STREAM, 0),
    ("AF_RDS", libc::AF_RDS, libc::SOCK_SEQPACKET, 0),
    ("AF_CAN", libc::AF_CAN, libc::SOCK_RAW, 1),
    ("AF_BLUETOOTH", libc::AF_BLUETOOTH, libc::SOCK_RAW, 1),
    ("AF_NFC", libc::AF_NFC, libc::SOCK_RAW, 0),
    ("AF_PPPOX", libc::AF_PPPOX, libc::SOCK_STREAM, 0),
    (
        "NETLINK_NETFILTER",
        libc::AF_NETLINK,
        libc::SOCK_RAW,
        libc::NETLINK_NETFILTER,
    ),
    (
        "NETLINK_XFRM",
        libc::AF_NETLINK,
        libc::SOCK_RAW,
        libc::NETLINK_XFRM,
    ),
    (
        "NETLINK_AUDIT",
        libc::AF_NETLINK,
        libc::SOCK_RAW,
        libc::NETLINK_AUDIT,
    ),
    (
        "NETLINK_GENERIC",
        libc::AF_NETLINK,
        libc::SOCK_RAW,
        libc::NETLINK_GENERIC,
    ),
    (
        "NETLINK_KOBJECT_UEVENT",
        libc::AF_NETLINK,
        libc::SOCK_RAW,
        libc::NETLINK_KOBJECT_UEVENT,
    ),
];

/// Requests to a descriptor that fake input, or configure devices.
const REQUESTS: &[(&str, i32)] = &[
    ("TIOCSTI", 0x5412),
    ("TIOCLINUX", 0x541c),
    ("TIOCSCTTY", 0x540e),
    ("TIOCSETD", 0x5423),
    ("SIOCGIFCONF", 0x8912),
    ("FS_IOC_SETFLAGS", 0x4008_6602),
];

pub(super) fn attempts() -> Vec<Attempt> {
    let mut attempts: Vec<_> = CALLS
        .iter()
        .map(|&(name, number)| attempt(name).call(number, zeros()).denied(&[ENOSYS]))
        .collect();
    attempts.extend(FAMILIES.iter().map(|&(name, family, kind, protocol)| {
        attempt(format!("a socket of {name}"))
            .call(libc::SYS_socket, [family, kind, protocol].map(Into::into))
            // Docker's answer where a profile can only say what is allowed.
            .denied(&[EAFNOSUPPORT, EPERM])
    }));
    attempts.extend(REQUESTS.iter().map(|&(name, request)| {
        attempt(format!("ioctl {name}"))
            .call(libc::SYS_ioctl, [0.into(), request.into(), space(64)])
            .denied(&[ENOTTY])
    }));
    attempts.extend([
        attempt("a socket of NETLINK_ROUTE")
            .call(
                libc::SYS_socket,
                [libc::AF_NETLINK, libc::SOCK_RAW, libc::NETLINK_ROUTE].map(Into::into),
            )
            .harmless()
            .allowed("libuv asks for network interfaces; those of its own namespace"),
        attempt("io_uring_setup")
            .call(libc::SYS_io_uring_setup, [4.into(), space(120)])
            .denied(&[ENOSYS])
            .harmless(),
        attempt("userfaultfd")
            .call(libc::SYS_userfaultfd, [libc::O_CLOEXEC.into()])
            .denied(&[ENOSYS])
            .harmless(),
        attempt("perf_event_open")
            .call(
                libc::SYS_perf_event_open,
                [counter(), 0.into(), (-1).into(), (-1).into(), 0.into()],
            )
            .denied(&[ENOSYS])
            .harmless(),
        attempt("bpf")
            .call(libc::SYS_bpf, [0.into(), array(), 72.into()])
            .denied(&[ENOSYS])
            .harmless(),
        attempt("seccomp with a listener")
            // What is written there is a filter of one instruction, that allows.
            .call(
                libc::SYS_prctl,
                [libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0].map(Into::into),
            )
            .call(libc::SYS_seccomp, [1.into(), 8.into(), filter()])
            .allowed("it can be asked about nobody but its own children"),
        attempt("prctl PR_SET_MM")
            .call(
                libc::SYS_prctl,
                [libc::PR_SET_MM, 1, 0, 0, 0].map(Into::into),
            )
            .denied(&[EINVAL]),
        attempt("prctl PR_SET_PTRACER")
            .call(
                libc::SYS_prctl,
                [libc::PR_SET_PTRACER, -1, 0, 0, 0].map(Into::into),
            )
            .denied(&[EINVAL]),
        attempt("prctl PR_SET_KEEPCAPS")
            .call(
                libc::SYS_prctl,
                [libc::PR_SET_KEEPCAPS, 1, 0, 0, 0].map(Into::into),
            )
            .denied(&[EINVAL])
            .harmless(),
        attempt("prctl PR_SET_SPECULATION_CTRL")
            .call(
                libc::SYS_prctl,
                [libc::PR_SET_SPECULATION_CTRL, 0, 2, 0, 0].map(Into::into),
            )
            .denied(&[EINVAL]),
        attempt("syslog")
            .call(libc::SYS_syslog, [10.into(), 0.into(), 0.into()])
            .denied(&[ENOSYS])
            .harmless(),
        attempt("memory as a file")
            .call(libc::SYS_memfd_create, [text("intruder"), 0.into()])
            .denied(&[ENOSYS])
            .harmless(),
        attempt("a pseudo terminal")
            .call(
                libc::SYS_openat,
                [
                    libc::AT_FDCWD.into(),
                    text("/dev/ptmx"),
                    libc::O_RDWR.into(),
                ],
            )
            .denied(&[libc::ENOENT, libc::EACCES])
            .allowed_in(
                TestEngine::Docker,
                "each container has terminals of its own, and none is used",
            )
            .harmless(),
        attempt("a namespace of one's own by clone")
            .call(
                libc::SYS_clone,
                [
                    (libc::CLONE_NEWUSER | libc::SIGCHLD).into(),
                    0.into(),
                    0.into(),
                    0.into(),
                    0.into(),
                ],
            )
            .denied(&[EPERM]),
    ]);
    attempts
}

fn zeros() -> [Argument; 6] {
    [0; 6].map(Into::into)
}

/// Returns the description of a counter of this process's time.
fn counter() -> Argument {
    let mut words = vec![Argument::Number(1 | 120 << 32)];
    words.resize(15, 0.into());
    Argument::Words(words)
}

/// Returns the description of a map with one entry of eight bytes.
fn array() -> Argument {
    let mut words: Vec<_> = [2 | 4 << 32, 8 | 1 << 32].map(Argument::Number).into();
    words.resize(9, 0.into());
    Argument::Words(words)
}

/// Returns a filter that allows everything.
fn filter() -> Argument {
    let instruction = Argument::Number(6 | 0x7fff_0000 << 32);
    Argument::Words(vec![1.into(), Argument::Words(vec![instruction])])
}
