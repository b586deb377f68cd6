//! Becoming more than one is: another user, a process with capabilities, somebody
//! who mounts, in namespaces of their own or of others.

use libc::{EACCES, EINVAL, ENOENT, ENOSYS, EPERM, EROFS};

use crate::program::{Argument, Attempt, attempt, space, text};

/// Calls for administrators, with arguments that would do nothing.
const ADMINISTRATION: &[(&str, i64)] = &[
    ("chroot", libc::SYS_chroot),
    ("pivot_root", libc::SYS_pivot_root),
    ("umount2", libc::SYS_umount2),
    ("open_tree", libc::SYS_open_tree),
    ("move_mount", libc::SYS_move_mount),
    ("fsconfig", libc::SYS_fsconfig),
    ("fsmount", libc::SYS_fsmount),
    ("fspick", libc::SYS_fspick),
    ("mount_setattr", libc::SYS_mount_setattr),
    ("setns", libc::SYS_setns),
    ("init_module", libc::SYS_init_module),
    ("finit_module", libc::SYS_finit_module),
    ("delete_module", libc::SYS_delete_module),
    ("kexec_load", libc::SYS_kexec_load),
    ("kexec_file_load", libc::SYS_kexec_file_load),
    ("reboot", libc::SYS_reboot),
    ("swapon", libc::SYS_swapon),
    ("swapoff", libc::SYS_swapoff),
    ("acct", libc::SYS_acct),
    ("settimeofday", libc::SYS_settimeofday),
    ("clock_settime", libc::SYS_clock_settime),
    ("clock_adjtime", libc::SYS_clock_adjtime),
    ("adjtimex", libc::SYS_adjtimex),
    ("vhangup", libc::SYS_vhangup),
    ("capset", libc::SYS_capset),
];

/// What makes namespaces.
const NAMESPACES: &[(&str, i32)] = &[
    ("user", libc::CLONE_NEWUSER),
    ("mount", libc::CLONE_NEWNS),
    ("process", libc::CLONE_NEWPID),
    ("network", libc::CLONE_NEWNET),
    ("IPC", libc::CLONE_NEWIPC),
    ("UTS", libc::CLONE_NEWUTS),
    ("cgroup", libc::CLONE_NEWCGROUP),
];

/// Devices: their name, kind and number.
const DEVICES: &[(&str, u32, i32)] = &[
    ("memory", libc::S_IFCHR, 0x101),
    ("kernel messages", libc::S_IFCHR, 0x10b),
    ("a disk", libc::S_IFBLK, 0x800),
];

pub(super) fn attempts() -> Vec<Attempt> {
    let mut attempts: Vec<_> = ADMINISTRATION
        .iter()
        .map(|&(name, number)| {
            let nothing = [0; 6].map(Argument::from);
            attempt(name).call(number, nothing).denied(&[ENOSYS])
        })
        .collect();
    attempts.extend(NAMESPACES.iter().map(|&(name, flag)| {
        attempt(format!("a new {name} namespace"))
            .call(libc::SYS_unshare, [flag.into()])
            .denied(&[ENOSYS])
    }));
    attempts.extend(DEVICES.iter().map(|&(name, kind, number)| {
        let mode = i64::from(kind | 0o666);
        attempt(format!("a device: {name}"))
            .call(
                libc::SYS_mknodat,
                [
                    libc::AT_FDCWD.into(),
                    text("/tmp/device"),
                    mode.into(),
                    number.into(),
                ],
            )
            .denied(&[ENOSYS])
    }));
    attempts.extend(identities());
    attempts.extend([
        attempt("a file system of one's own")
            .call(
                libc::SYS_mount,
                [
                    text("none"),
                    text("/tmp"),
                    text("tmpfs"),
                    0.into(),
                    0.into(),
                ],
            )
            .denied(&[ENOSYS]),
        attempt("the same, step by step")
            .call(libc::SYS_fsopen, [text("tmpfs"), 0.into()])
            .denied(&[ENOSYS])
            .harmless(),
        attempt("the root writable again")
            .call(
                libc::SYS_mount,
                [
                    0.into(),
                    text("/"),
                    0.into(),
                    (libc::MS_REMOUNT | libc::MS_BIND).cast_signed().into(),
                    0.into(),
                ],
            )
            .denied(&[ENOSYS]),
        attempt("joining the namespace of pid 1")
            .call(
                libc::SYS_openat,
                [libc::AT_FDCWD.into(), text("/proc/1/ns/net"), 0.into()],
            )
            .call(libc::SYS_setns, [Argument::Result(0), 0.into()])
            .denied(&[EACCES, ENOENT, ENOSYS]),
        attempt("more open files than allowed")
            .call(
                libc::SYS_prlimit64,
                [
                    0.into(),
                    libc::RLIMIT_NOFILE.cast_signed().into(),
                    limit(1 << 20),
                    0.into(),
                ],
            )
            .denied(&[EPERM]),
        attempt("more processor time than allowed")
            .call(
                libc::SYS_prlimit64,
                [
                    0.into(),
                    libc::RLIMIT_CPU.cast_signed().into(),
                    limit(i64::MAX),
                    0.into(),
                ],
            )
            .denied(&[EPERM]),
        attempt("core dumps")
            .call(
                libc::SYS_prlimit64,
                [
                    0.into(),
                    libc::RLIMIT_CORE.cast_signed().into(),
                    limit(1),
                    0.into(),
                ],
            )
            .denied(&[EPERM]),
        attempt("less likely to be killed for memory")
            .call(
                libc::SYS_openat,
                [
                    libc::AT_FDCWD.into(),
                    text("/proc/self/oom_score_adj"),
                    libc::O_WRONLY.into(),
                ],
            )
            .call(
                libc::SYS_write,
                [Argument::Result(0), text("-999"), 4.into()],
            )
            .denied(&[EACCES]),
        attempt("a set-user-id file")
            .call(
                libc::SYS_openat,
                [
                    libc::AT_FDCWD.into(),
                    text("/veritech/cyclone"),
                    libc::O_RDONLY.into(),
                ],
            )
            .call(libc::SYS_fchmod, [Argument::Result(0), 0o4755.into()])
            .denied(&[EPERM, EROFS]),
        attempt("capabilities of a file")
            .call(
                libc::SYS_setxattr,
                [
                    text("/tmp"),
                    text("security.capability"),
                    space(20),
                    20.into(),
                    0.into(),
                ],
            )
            .denied(&[ENOSYS]),
        attempt("its own id maps")
            .call(
                libc::SYS_openat,
                [
                    libc::AT_FDCWD.into(),
                    text("/proc/self/uid_map"),
                    libc::O_WRONLY.into(),
                ],
            )
            .call(
                libc::SYS_write,
                [Argument::Result(0), text("0 0 1"), 5.into()],
            )
            .denied(&[EPERM, EACCES]),
        attempt("a higher priority")
            .call(libc::SYS_setpriority, [0, 0, -5].map(Into::into))
            .denied(&[ENOSYS]),
        attempt("a real-time scheduler")
            .call(
                libc::SYS_sched_setscheduler,
                [0.into(), libc::SCHED_FIFO.into(), space(8)],
            )
            .denied(&[ENOSYS]),
        attempt("all processors")
            .call(
                libc::SYS_sched_setaffinity,
                [0.into(), 8.into(), Argument::Words(vec![(-1).into()])],
            )
            .denied(&[ENOSYS]),
        attempt("the idle class of input and output")
            .call(libc::SYS_ioprio_set, [1, 0, 0x6000].map(Into::into))
            .denied(&[ENOSYS]),
    ]);
    attempts
}

/// Returns attempts to be somebody else.
fn identities() -> Vec<Attempt> {
    let nobody = [EPERM, EINVAL];
    vec![
        attempt("user 0")
            .call(libc::SYS_setuid, [0.into()])
            .denied(&nobody),
        attempt("group 0")
            .call(libc::SYS_setgid, [0.into()])
            .denied(&nobody),
        attempt("user 0, real and effective")
            .call(libc::SYS_setresuid, [0, 0, 0].map(Into::into))
            .denied(&nobody),
        attempt("group 0, real and effective")
            .call(libc::SYS_setresgid, [0, 0, 0].map(Into::into))
            .denied(&nobody),
        attempt("groups")
            .call(libc::SYS_setgroups, [1.into(), space(4)])
            .denied(&nobody),
        attempt("raw packets")
            .call(
                libc::SYS_socket,
                [libc::AF_INET, libc::SOCK_RAW, libc::IPPROTO_ICMP].map(Into::into),
            )
            .denied(&[EPERM])
            .harmless(),
        attempt("raw packets of version 6")
            .call(
                libc::SYS_socket,
                [libc::AF_INET6, libc::SOCK_RAW, libc::IPPROTO_ICMPV6].map(Into::into),
            )
            .denied(&[EPERM, libc::EAFNOSUPPORT]),
    ]
}

/// Returns a resource limit.
fn limit(value: i64) -> Argument {
    Argument::Words(vec![value.into(), value.into()])
}
