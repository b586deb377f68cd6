//! What the kernel must not be asked: each system call is really made.

use libc::c_long;
use sandbox::Sandbox as _;

use crate::host::Host;
use crate::rig::Rig;

/// System calls that no function needs and that have led out of sandboxes, with
/// arguments that an unguarded kernel would do something with or complain about
/// as a bad address or value.
const FORBIDDEN: &[(&str, c_long, &str)] = &[
    ("mount", libc::SYS_mount, "0 0 0 0 0"),
    ("umount2", libc::SYS_umount2, "0 0"),
    ("pivot_root", libc::SYS_pivot_root, "0 0"),
    ("chroot", libc::SYS_chroot, "0"),
    ("open_tree", libc::SYS_open_tree, "-100 0 1"),
    ("move_mount", libc::SYS_move_mount, "-1 0 -1 0 0"),
    ("fsopen", libc::SYS_fsopen, "0 0"),
    ("mount_setattr", libc::SYS_mount_setattr, "-1 0 0 0 0"),
    ("unshare a user namespace", libc::SYS_unshare, "268435456"),
    (
        "clone a user namespace",
        libc::SYS_clone,
        "268435456 0 0 0 0",
    ),
    ("setns", libc::SYS_setns, "0 0"),
    ("ptrace", libc::SYS_ptrace, "0 0 0 0"),
    ("process_vm_readv", libc::SYS_process_vm_readv, "1 0 0 0 0"),
    (
        "process_vm_writev",
        libc::SYS_process_vm_writev,
        "1 0 0 0 0",
    ),
    ("pidfd_getfd", libc::SYS_pidfd_getfd, "0 0 0"),
    ("kcmp", libc::SYS_kcmp, "1 1 0 0 0"),
    ("limits of another process", libc::SYS_prlimit64, "7 7 0 0"),
    ("bpf", libc::SYS_bpf, "0 0 0"),
    ("perf_event_open", libc::SYS_perf_event_open, "0 0 -1 -1 0"),
    ("userfaultfd", libc::SYS_userfaultfd, "1"),
    ("io_uring_setup", libc::SYS_io_uring_setup, "1 0"),
    ("io_uring_enter", libc::SYS_io_uring_enter, "-1 0 0 0 0"),
    ("io_uring_register", libc::SYS_io_uring_register, "-1 0 0 0"),
    ("keyctl", libc::SYS_keyctl, "0 -3 0"),
    ("add_key", libc::SYS_add_key, "0 0 0 0 0"),
    ("request_key", libc::SYS_request_key, "0 0 0 0"),
    ("init_module", libc::SYS_init_module, "0 0 0"),
    ("finit_module", libc::SYS_finit_module, "-1 0 0"),
    ("delete_module", libc::SYS_delete_module, "0 0"),
    ("kexec_load", libc::SYS_kexec_load, "0 0 0 0"),
    ("reboot", libc::SYS_reboot, "0 0 0 0"),
    ("swapon", libc::SYS_swapon, "0 0"),
    ("acct", libc::SYS_acct, "0"),
    ("quotactl", libc::SYS_quotactl, "0 0 0 0"),
    ("syslog", libc::SYS_syslog, "3 0 0"),
    ("settimeofday", libc::SYS_settimeofday, "0 0"),
    ("clock_settime", libc::SYS_clock_settime, "0 0"),
    ("fanotify_init", libc::SYS_fanotify_init, "0 0"),
    ("open_by_handle_at", libc::SYS_open_by_handle_at, "-1 0 0"),
    (
        "name_to_handle_at",
        libc::SYS_name_to_handle_at,
        "-1 0 0 0 0",
    ),
    ("shmget", libc::SYS_shmget, "0 4096 512"),
    ("msgget", libc::SYS_msgget, "0 512"),
    ("semget", libc::SYS_semget, "0 1 512"),
    // AF_VSOCK, AF_PACKET, AF_ALG, AF_XDP, and raw sockets of AF_INET.
    ("a vsock socket", libc::SYS_socket, "40 1 0"),
    ("a packet socket", libc::SYS_socket, "17 3 0"),
    ("a cryptographic socket", libc::SYS_socket, "38 5 0"),
    ("an express data path", libc::SYS_socket, "44 3 0"),
    ("a raw socket", libc::SYS_socket, "2 3 1"),
    // NETLINK_NETFILTER: `NETLINK_ROUTE` in an empty namespace is harmless.
    ("a netfilter socket", libc::SYS_socket, "16 3 12"),
    ("a pair of vsock sockets", libc::SYS_socketpair, "40 1 0"),
];

/// Calls of x86 that reach its hardware.
#[cfg(target_arch = "x86_64")]
const OF_THE_ARCHITECTURE: &[(&str, c_long, &str)] = &[
    ("iopl", libc::SYS_iopl, "3"),
    ("ioperm", libc::SYS_ioperm, "0 1 1"),
    ("modify_ldt", libc::SYS_modify_ldt, "0 0 0"),
];
#[cfg(not(target_arch = "x86_64"))]
const OF_THE_ARCHITECTURE: &[(&str, c_long, &str)] = &[];

/// The interface for programs with 32-bit pointers on x86-64.
#[cfg(target_arch = "x86_64")]
const X32: c_long = 0x4000_0000;

/// Everything that is on no list of what may be asked is refused, and not because
/// its arguments were wrong.
pub async fn forbidden_system_calls_are_refused<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    let mut made = Vec::new();
    for (name, number, arguments) in FORBIDDEN.iter().chain(OF_THE_ARCHITECTURE) {
        let answer = probe.ask(&format!("call {number} {arguments}")).await;
        if !is_refusal(&answer) {
            made.push(format!("{name}: {answer}"));
        }
    }

    assert!(made.is_empty(), "{}", made.join("; "));
    sandbox.destroy().await.expect("it is destroyed");
}

/// No filter can read the flags of `clone3`, so it is said not to exist: the C
/// library then uses `clone`.
pub async fn programs_are_told_that_there_is_no_clone3<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    let answer = probe.ask(&format!("call {} 0 0", libc::SYS_clone3)).await;

    assert_eq!(answer, format!("errno {}", libc::ENOSYS));
    sandbox.destroy().await.expect("it is destroyed");
}

/// The kernel's other interfaces, with numbers of their own, are closed.
pub async fn other_interfaces_of_the_kernel_are_closed<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    let answer = probe.ask("foreign-call").await;
    assert!(is_refusal(&answer), "32-bit: {answer}");
    #[cfg(target_arch = "x86_64")]
    {
        let order = format!("call {}", X32 | libc::SYS_getpid);
        let answer = probe.ask(&order).await;
        assert!(is_refusal(&answer), "x32: {answer}");
    }

    sandbox.destroy().await.expect("it is destroyed");
}

/// Returns whether an answer says that a call was not even looked at.
fn is_refusal(answer: &str) -> bool {
    let errors = [libc::EPERM, libc::ENOSYS, libc::EAFNOSUPPORT];
    let is_refused = errors
        .iter()
        .any(|error| answer == format!("errno {error}"));
    is_refused || answer == format!("killed by {}", libc::SIGSYS)
}
