//! Other processes: cyclone above all, which is pid 1, and those of the host.

use libc::{EACCES, ENOENT, ENOSYS, EPERM, ESRCH};

use crate::canaries::Canaries;
use crate::program::{Argument, Attempt, attempt, space, text};

/// What `/proc` tells about pid 1, and how much of it must be had to have been told.
const OF_PID_1: &[(&str, i32)] = &[
    ("mem", libc::O_RDWR),
    ("environ", libc::O_RDONLY),
    ("maps", libc::O_RDONLY),
    ("auxv", libc::O_RDONLY),
    ("syscall", libc::O_RDONLY),
    ("stack", libc::O_RDONLY),
    ("pagemap", libc::O_RDONLY),
    ("exe", libc::O_RDONLY),
    ("root/veritech/cyclone", libc::O_RDONLY),
    ("cwd/.", libc::O_RDONLY),
    ("fd", libc::O_RDONLY | libc::O_DIRECTORY),
    ("fd/0", libc::O_RDONLY),
    ("fd/1", libc::O_RDONLY),
    ("fd/3", libc::O_RDONLY),
    ("fdinfo", libc::O_RDONLY | libc::O_DIRECTORY),
    ("map_files", libc::O_RDONLY | libc::O_DIRECTORY),
    ("task/1/mem", libc::O_RDWR),
    ("oom_score_adj", libc::O_WRONLY),
    ("uid_map", libc::O_WRONLY),
    ("clear_refs", libc::O_WRONLY),
    ("coredump_filter", libc::O_WRONLY),
    ("ns/mnt", libc::O_RDONLY),
];

pub(super) fn attempts(canaries: &Canaries) -> Vec<Attempt> {
    let mut attempts: Vec<_> = OF_PID_1
        .iter()
        .map(|&(file, flags)| {
            attempt(format!("/proc/1/{file}"))
                .call(
                    libc::SYS_openat,
                    [
                        libc::AT_FDCWD.into(),
                        text(format!("/proc/1/{file}")),
                        flags.into(),
                    ],
                )
                .denied(&[EACCES, EPERM, ENOENT])
        })
        .collect();
    for (whose, process) in [
        ("the dispatcher", canaries.dispatcher),
        ("a neighbour", canaries.neighbour),
    ] {
        for file in ["environ", "mem", "cmdline", "root/etc/hostname"] {
            attempts.push(
                attempt(format!("{file} of {whose}"))
                    .call(
                        libc::SYS_openat,
                        [
                            libc::AT_FDCWD.into(),
                            text(format!("/proc/{process}/{file}")),
                            libc::O_RDONLY.into(),
                        ],
                    )
                    .call_for(
                        1,
                        libc::SYS_read,
                        [Argument::Result(0), space(16), 16.into()],
                    )
                    .denied(&[ENOENT]),
            );
        }
        attempts.push(
            attempt(format!("a signal for {whose}"))
                .call(libc::SYS_kill, [process.into(), 0.into()])
                .denied(&[ESRCH]),
        );
        attempts.push(
            attempt(format!("a handle to {whose}"))
                .call(libc::SYS_pidfd_open, [process.into(), 0.into()])
                .denied(&[ESRCH]),
        );
    }
    // The control reads the dispatcher's environment as root on the host.
    for attempt in &mut attempts {
        if [
            "environ of the dispatcher",
            "cmdline of the dispatcher",
            "a handle to the dispatcher",
            "a signal for the dispatcher",
        ]
        .contains(&attempt.name.as_str())
        {
            attempt.control = true;
        }
    }
    attempts.extend(calls());
    attempts
}

/// Returns attempts by system calls.
fn calls() -> Vec<Attempt> {
    let remote = || Argument::Words(vec![0x40_0000.into(), 16.into()]);
    let local = || Argument::Words(vec![space(16), 16.into()]);
    vec![
        attempt("attaching to pid 1")
            .call(libc::SYS_ptrace, [16, 1, 0, 0].map(Into::into))
            .denied(&[ENOSYS]),
        attempt("seizing pid 1")
            .call(libc::SYS_ptrace, [0x4206, 1, 0, 0].map(Into::into))
            .denied(&[ENOSYS]),
        attempt("being traced by one's parent")
            .call(libc::SYS_ptrace, [0; 4].map(Into::into))
            .denied(&[ENOSYS]),
        attempt("reading memory of pid 1")
            .call(
                libc::SYS_process_vm_readv,
                [1.into(), local(), 1.into(), remote(), 1.into(), 0.into()],
            )
            .denied(&[ENOSYS]),
        attempt("writing memory of pid 1")
            .call(
                libc::SYS_process_vm_writev,
                [1.into(), local(), 1.into(), remote(), 1.into(), 0.into()],
            )
            .denied(&[ENOSYS]),
        attempt("a descriptor of pid 1")
            .call(libc::SYS_pidfd_open, [1, 0].map(Into::into))
            .call(
                libc::SYS_pidfd_getfd,
                [Argument::Result(0), 3.into(), 0.into()],
            )
            .denied(&[ENOSYS]),
        attempt("a handle to pid 1")
            .call(libc::SYS_pidfd_open, [1, 0].map(Into::into))
            .harmless()
            .allowed("it can be waited for, which its end makes moot; signals do not reach it"),
        attempt("limits of pid 1")
            .call(
                libc::SYS_prlimit64,
                [1.into(), 0.into(), 0.into(), space(16)],
            )
            .denied(&[EPERM])
            .harmless(),
        attempt("processors of pid 1")
            .call(
                libc::SYS_sched_setaffinity,
                [1.into(), 8.into(), Argument::Words(vec![1.into()])],
            )
            .denied(&[ENOSYS]),
        attempt("priority of pid 1")
            .call(libc::SYS_setpriority, [0, 1, 19].map(Into::into))
            .denied(&[ENOSYS]),
        attempt("advice about memory of pid 1")
            .call(libc::SYS_pidfd_open, [1, 0].map(Into::into))
            .call(
                libc::SYS_process_madvise,
                [Argument::Result(0), local(), 1.into(), 20.into(), 0.into()],
            )
            .denied(&[ENOSYS]),
        attempt("comparing descriptors with pid 1")
            .call(libc::SYS_kcmp, [1, 1, 0, 0, 0].map(Into::into))
            .denied(&[ENOSYS]),
        attempt("a robust list in pid 1")
            .call(libc::SYS_get_robust_list, [1.into(), space(8), space(8)])
            .denied(&[EPERM]),
    ]
}
