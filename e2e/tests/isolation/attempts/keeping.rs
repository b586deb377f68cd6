//! Leaving something for whoever comes next: objects of the kernel that outlive the
//! process that made them.

use libc::{EACCES, EINVAL, EMFILE, ENOENT, ENOSYS, EPERM, EROFS};

use crate::program::{Argument, Attempt, attempt, space, text};

/// Places that are not the scratch directory.
const PLACES: &[&str] = &[
    "/x",
    "/veritech/x",
    "/dev/x",
    "/proc/x",
    "/proc/self/x",
    "/usr/x",
    "/usr/lib/x",
    "/etc/x",
    "/var/tmp/x",
    "/run/x",
    "/home/x",
    "/sys/fs/cgroup/x",
];

/// What belongs to the image, or to our own programs.
const FILES: &[&str] = &[
    "/veritech/cyclone",
    "/lib64/ld-linux-x86-64.so.2",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/passwd",
    "/etc/ld.so.preload",
];

/// Settings of the kernel, some of which have no namespace.
const SETTINGS: &[&str] = &[
    "kernel/core_pattern",
    "kernel/modprobe",
    "kernel/hostname",
    "kernel/yama/ptrace_scope",
    "kernel/shmmax",
    "kernel/ns_last_pid",
    "vm/overcommit_memory",
    "vm/drop_caches",
    "fs/binfmt_misc/register",
    "net/ipv4/ip_forward",
    "user/max_user_namespaces",
];

/// What would make whoever opens the same file wait, or tell of it.
const COMMANDS: &[(&str, i32, i32)] = &[
    ("a lease to read", libc::F_SETLEASE, libc::F_RDLCK),
    ("a lease to write", libc::F_SETLEASE, libc::F_WRLCK),
    ("news", libc::F_NOTIFY, 1),
    ("a signal", F_SETSIG, libc::SIGUSR1),
    ("an owner", libc::F_SETOWN, 1),
];

/// Which signal tells of news about a descriptor.
const F_SETSIG: i32 = 10;

pub(super) fn attempts() -> Vec<Attempt> {
    let private = libc::IPC_PRIVATE;
    let create = libc::O_CREAT | libc::O_WRONLY;
    let mut attempts: Vec<_> = PLACES
        .iter()
        .map(|place| {
            open(format!("a file {place}"), place, create).denied(&[EROFS, EACCES, ENOENT, EPERM])
        })
        .collect();
    attempts.extend(FILES.iter().map(|file| {
        open(format!("changing {file}"), file, libc::O_WRONLY).denied(&[EROFS, EACCES, ENOENT])
    }));
    attempts.extend(SETTINGS.iter().map(|setting| {
        let path = format!("/proc/sys/{setting}");
        open(format!("setting {setting}"), &path, libc::O_WRONLY).denied(&[EROFS, EACCES, ENOENT])
    }));
    attempts.extend([
        open(
            "a key for every system request".to_owned(),
            "/proc/sysrq-trigger",
            libc::O_WRONLY,
        )
        .denied(&[EROFS, EACCES, ENOENT]),
        attempt("a segment of shared memory")
            .call(libc::SYS_shmget, [private, 4096, 0o600].map(Into::into))
            .call(
                libc::SYS_shmctl,
                [Argument::Result(0), libc::IPC_RMID.into(), 0.into()],
            )
            .denied(&[ENOSYS])
            .harmless(),
        attempt("semaphores")
            .call(libc::SYS_semget, [private, 1, 0o600].map(Into::into))
            .call(
                libc::SYS_semctl,
                [
                    Argument::Result(0),
                    0.into(),
                    libc::IPC_RMID.into(),
                    0.into(),
                ],
            )
            .denied(&[ENOSYS])
            .harmless(),
        attempt("a queue of messages")
            .call(libc::SYS_msgget, [private, 0o600].map(Into::into))
            .call(
                libc::SYS_msgctl,
                [Argument::Result(0), libc::IPC_RMID.into(), 0.into()],
            )
            .denied(&[ENOSYS])
            .harmless(),
        attempt("a named queue of messages")
            .call(
                libc::SYS_mq_open,
                [
                    text("intruder"),
                    (libc::O_CREAT | libc::O_RDWR).into(),
                    0o600.into(),
                    0.into(),
                ],
            )
            .call(libc::SYS_mq_unlink, [text("intruder")])
            .denied(&[ENOSYS, EMFILE])
            .harmless(),
        attempt("a key in the session's ring")
            .call(
                libc::SYS_add_key,
                [
                    text("user"),
                    text("intruder"),
                    text("x"),
                    1.into(),
                    (-2).into(),
                ],
            )
            .denied(&[ENOSYS])
            .harmless(),
        attempt("a ring of keys")
            .call(libc::SYS_keyctl, [0.into(), (-4).into(), 1.into()])
            .denied(&[ENOSYS])
            .harmless(),
        attempt("a session of keys")
            .call(libc::SYS_keyctl, [1.into(), text("intruder")])
            .denied(&[ENOSYS])
            .harmless(),
        attempt("the host name")
            .call(libc::SYS_sethostname, [text("intruder"), 8.into()])
            .denied(&[ENOSYS]),
        attempt("the domain name")
            .call(libc::SYS_setdomainname, [text("intruder"), 8.into()])
            .denied(&[ENOSYS]),
        attempt("a mark on a file of the image")
            .call(
                libc::SYS_setxattr,
                [
                    text("/veritech/cyclone"),
                    text("user.x"),
                    space(1),
                    1.into(),
                    0.into(),
                ],
            )
            .denied(&[ENOSYS]),
        attempt("the times of a file of the image")
            .call(
                libc::SYS_utimensat,
                [
                    libc::AT_FDCWD.into(),
                    text("/veritech/cyclone"),
                    0.into(),
                    0.into(),
                ],
            )
            .denied(&[EROFS, EPERM, EACCES]),
        attempt("the owner of a file of the image")
            .call(
                libc::SYS_chown,
                [text("/veritech/cyclone"), 1001.into(), 1001.into()],
            )
            .denied(&[EROFS, EPERM]),
        attempt("the name of a file of the image")
            .call(
                libc::SYS_rename,
                [text("/veritech/cyclone"), text("/veritech/other")],
            )
            .denied(&[EROFS, EACCES, EPERM]),
        attempt("removing a file of the image")
            .call(libc::SYS_unlink, [text("/veritech/cyclone")])
            .denied(&[EROFS, EACCES, EPERM]),
    ]);
    attempts.extend([
        open(
            "a lock on a file of the image".to_owned(),
            "/proc/self/exe",
            0,
        )
        .call(
            libc::SYS_flock,
            [Argument::Result(0), (libc::LOCK_SH | libc::LOCK_NB).into()],
        )
        .call(libc::SYS_flock, [Argument::Result(0), libc::LOCK_UN.into()])
        .allowed("those who share an image can be noticed by locks, as SECURITY.md says"),
        attempt("a watch of a file of the image")
            .call(libc::SYS_inotify_init1, [0.into()])
            .call(
                libc::SYS_inotify_add_watch,
                [Argument::Result(0), text("/veritech/cyclone"), 0x20.into()],
            )
            .allowed("likewise"),
    ]);
    attempts.extend(COMMANDS.iter().map(|&(name, command, value)| {
        attempt(format!("{name} on a file of the image"))
            .call(
                libc::SYS_openat,
                [libc::AT_FDCWD.into(), text("/veritech/cyclone"), 0.into()],
            )
            .call(
                libc::SYS_fcntl,
                [Argument::Result(0), command.into(), value.into()],
            )
            .denied(&[EINVAL, EPERM])
    }));
    attempts
}

fn open(name: String, path: &str, flags: i32) -> Attempt {
    attempt(name).call(
        libc::SYS_openat,
        [
            libc::AT_FDCWD.into(),
            text(path),
            flags.into(),
            0o600.into(),
        ],
    )
}
