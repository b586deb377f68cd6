//! Hosts on which sandboxes would not be what they should be.

use super::{is_refused, is_root, is_warned_of, serve, serve_after_mounting, serve_under};
use crate::rig::Done;

#[test]
fn a_kernel_that_is_too_old_is_refused() {
    let mut command = serve_under(&["setarch", "--uname-2.6"]);
    is_refused(
        &mut command,
        &["kernel: Linux 2.6", "run Linux 5.12 or later"],
    );
}

#[test]
fn too_few_open_files_are_refused_and_a_low_soft_limit_is_raised() {
    let mut command = serve_under(&["prlimit", "--nofile=200:200"]);
    is_refused(
        &mut command,
        &["open files: ", "200 are allowed", "ulimit -n"],
    );

    let mut command = serve_under(&["prlimit", "--nofile=200:4096"]);
    is_warned_of(&mut command, &[]);
}

#[test]
fn user_namespaces_that_are_switched_off_are_refused() {
    if !is_root() {
        return;
    }
    let mut command = serve_after_mounting(
        "mount -t tmpfs none /mnt\n\
         echo 0 > /mnt/none\n\
         mount --bind /mnt/none /proc/sys/user/max_user_namespaces",
    );
    is_refused(
        &mut command,
        &["user namespaces: ", "sysctl -w user.max_user_namespaces"],
    );
}

#[test]
fn namespaces_that_the_kernel_really_refuses_are_refused() {
    if !is_root() {
        return;
    }
    // In a namespace of its own the switch is its own too.
    let script = "echo 0 > /proc/sys/user/max_user_namespaces\nexec \"$@\"";
    let mut command = serve_under(&[
        "unshare",
        "--user",
        "--map-root-user",
        "sh",
        "-c",
        script,
        "sh",
    ]);
    is_refused(&mut command, &["user namespaces: ", "a whole sandbox: "]);
}

#[test]
fn a_kernel_without_filters_is_refused() {
    if !is_root() {
        return;
    }
    let mut command = serve_after_mounting("mount -t tmpfs none /proc/sys/kernel/seccomp");
    is_refused(
        &mut command,
        &["seccomp filters: missing", "CONFIG_SECCOMP_FILTER"],
    );
}

/// Makes the host look as if it swapped.
const SWAPPING: &str = "mount -t tmpfs none /mnt\n\
     printf 'Filename Type Size Used Priority\\n/dev/sda2 partition 1 0 -2\\n' > /mnt/swaps\n\
     mount --bind /mnt/swaps /proc/swaps\n";

#[test]
fn swap_that_sandboxes_cannot_be_kept_from_is_refused() {
    if !is_root() {
        return;
    }
    let script = format!(
        "{SWAPPING}\nfor it in /sys/fs/cgroup/* /sys/fs/cgroup; do \
         mount --bind -o ro /proc/self/task $it || true; done"
    );
    let mut command = serve_after_mounting(&script);
    is_refused(&mut command, &["swap: in use", "swapoff -a"]);
}

#[test]
fn a_program_that_reads_crashed_functions_is_warned_of() {
    if !is_root() {
        return;
    }
    let mut command = serve_after_mounting(
        "mount -t tmpfs none /mnt\n\
         echo '|/usr/bin/crash-reader %p' > /mnt/pattern\n\
         mount --bind /mnt/pattern /proc/sys/kernel/core_pattern",
    );
    // With something mounted over the host's `/proc` there are no sandboxes either.
    Done::of(&mut command).exits(3).says(&[
        "not as it should be",
        "core dumps",
        "/usr/bin/crash-reader",
        "kernel.core_pattern=core",
    ]);
}

#[test]
fn a_dispatcher_that_is_traced_is_refused() {
    // Traces whatever it is told to run, and lets it run.
    let tracer = "import ctypes, os, sys\n\
         libc = ctypes.CDLL(None, use_errno=True)\n\
         child = os.fork()\n\
         if child == 0:\n    \
             libc.ptrace(0, 0, None, None)\n    \
             os.execv(sys.argv[1], sys.argv[1:])\n\
         while True:\n    \
             _, status = os.waitpid(child, 0)\n    \
             if os.WIFEXITED(status): os._exit(os.WEXITSTATUS(status))\n    \
             if os.WIFSIGNALED(status): os._exit(99)\n    \
             signal = os.WSTOPSIG(status)\n    \
             libc.ptrace(7, child, None, ctypes.c_void_p(0 if signal == 5 else signal))\n";
    let python = testkit::tools::python();
    let python = python.to_str().expect("UTF-8");
    let mut command = serve_under(&[python, "-c", tracer]);
    is_refused(&mut command, &["dispatcher memory: ", "traces this one"]);
}

#[test]
fn a_password_on_the_command_line_is_warned_of_and_not_repeated() {
    let mut command = serve();
    command.args(["--nats-url", "nats://me:hunter2@127.0.0.1:9"]);
    let done = Done::of(&mut command).exits(3);
    let done = done.says(&["command line", "nats_credentials"]);
    assert!(!done.stderr.contains("hunter2"), "{done:#?}");
}
