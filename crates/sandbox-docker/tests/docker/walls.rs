//! What a program in a container can see and do.

use std::io::Write as _;
use std::process::Stdio;

use sandbox::{Ending, Image, Limit, Sandbox as _};
use tokio::time;

use super::probe::{self, Probe};
use super::support::{DEADLINE, launch, prepare, spec};

/// An image of this test's own, removed with it.
struct OwnImage(String);

impl OwnImage {
    /// Imports an image with the probe as its cyclone, that says so of itself.
    fn import(name: &str, changes: &[&str]) -> Self {
        let name = format!("veritech-test-{name}-{}", std::process::id());
        let mut archive = tar::Builder::new(Vec::new());
        archive
            .append_path_with_name(probe::path(), "veritech/cyclone")
            .expect("archived");
        let archive = archive.into_inner().expect("archived");
        let mut import = testkit::docker::command(&testkit::docker::host());
        import.arg("import");
        for change in changes {
            import.args(["--change", change]);
        }
        let mut import = import
            .args(["-", &format!("{name}:latest")])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("Docker's client runs");
        let mut input = import.stdin.take().expect("piped");
        input.write_all(&archive).expect("it reads");
        drop(input);
        assert!(import.wait().expect("it ends").success());
        Self(name)
    }
}

impl Drop for OwnImage {
    fn drop(&mut self) {
        let removed = testkit::docker::command(&testkit::docker::host())
            .args(["image", "rm", "--force", &self.0])
            .stdout(Stdio::null())
            .status();
        assert!(removed.is_ok_and(|it| it.success()), "{} is left", self.0);
    }
}

#[tokio::test]
async fn a_container_has_nothing_but_what_it_was_given() {
    let engine = probe::engine().await;
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    let mut sandbox = launch(&engine, spec(1, image)).await;
    let mut probe = Probe::of(&mut sandbox).await;

    assert_eq!(
        probe.ask("list /veritech").await,
        "cyclone,javascript,quickjs"
    );
    assert_eq!(probe.ask("list /tmp").await, "");
    // The runtime insists on a home; nothing else is set.
    assert_eq!(probe.ask("read /proc/self/environ").await.trim(), "HOME=/");
    assert_eq!(probe.ask("list /sys").await, "");
    let status = probe.ask("read /proc/self/status").await;
    for line in [
        "CapEff:\t0000000000000000",
        "CapBnd:\t0000000000000000",
        "NoNewPrivs:\t1",
    ] {
        assert!(status.contains(line), "{line}: {status}");
    }
    assert!(status.contains("Uid:\t10001\t10001"), "{status}");
    for order in [
        "write /new",
        "write /veritech/cyclone",
        "write /proc/sys/kernel/core_pattern",
        "write /dev/new",
        "write /etc/hosts",
        "list /dev/shm",
        "connect 127.0.0.1:4222",
        "connect 169.254.169.254:80",
    ] {
        let answer = probe.ask(order).await;
        assert!(answer.starts_with("refused"), "{order}: {answer}");
    }
    assert_eq!(probe.ask("write /tmp/new").await, "written");

    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn what_an_image_says_does_not_matter() {
    let own = OwnImage::import(
        "claims",
        &[
            "ENV SECRET=in-the-image LD_PRELOAD=/evil.so",
            "VOLUME /data",
            "VOLUME /tmp/cache",
            "USER root",
            "WORKDIR /nowhere/at/all",
            "ENTRYPOINT [\"/evil\"]",
            "CMD [\"evil\"]",
            "HEALTHCHECK CMD /evil",
            "LABEL org.veritech.runner=/runner",
            "LABEL org.veritech.languages=klingon",
        ],
    );
    let engine = probe::engine().await;
    let image = prepare(&engine, &own.0, "latest").await;
    assert_eq!(image.languages, ["klingon"]);
    let digest = image.digest.clone().expect("a digest");
    assert!(digest.starts_with("sha256:"), "{digest}");
    let mut sandbox = launch(&engine, spec(1, image)).await;
    let mut probe = Probe::of(&mut sandbox).await;

    assert_eq!(probe.ask("read /proc/1/environ").await.trim(), "HOME=/");
    assert_eq!(probe.ask("list /data").await, "");
    for order in ["write /data/x", "write /tmp/cache/x", "write /x"] {
        let answer = probe.ask(order).await;
        assert!(answer.starts_with("refused"), "{order}: {answer}");
    }
    let arguments = probe.ask("read /proc/1/cmdline").await;
    assert!(
        arguments.starts_with("/veritech/cyclone --listen stdio: --runner /runner"),
        "{arguments}"
    );

    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn the_kernel_answers_only_what_a_sandbox_may_ask() {
    const EPERM: i32 = 1;
    const EINVAL: i32 = 22;
    const ENOTTY: i32 = 25;
    const ENOSYS: i32 = 38;
    const EAFNOSUPPORT: i32 = 97;

    let own = OwnImage::import("calls", &["LABEL org.veritech.runner=/runner"]);
    let engine = probe::engine().await;
    let builtin = prepare(&engine, "builtin/quickjs", "latest").await;
    let runtime = prepare(&engine, &own.0, "latest").await;
    for (id, image) in [builtin, runtime].into_iter().enumerate() {
        let id = u64::try_from(id).expect("small");
        let reference = image.reference.clone();
        let is_runtime = !reference.starts_with("builtin/");
        let mut sandbox = launch(&engine, spec(id, image)).await;
        let mut probe = Probe::of(&mut sandbox).await;
        let socket_error = if is_runtime { EAFNOSUPPORT } else { ENOSYS };
        for (name, call, arguments, error) in [
            ("mount", libc::SYS_mount, "0 0 0 0 0", ENOSYS),
            ("unshare", libc::SYS_unshare, "268435456", ENOSYS),
            ("setns", libc::SYS_setns, "3 0", ENOSYS),
            ("ptrace", libc::SYS_ptrace, "0 0 0 0", ENOSYS),
            ("keyctl", libc::SYS_keyctl, "0 0 0", ENOSYS),
            ("bpf", libc::SYS_bpf, "0 0 0", ENOSYS),
            ("io_uring_setup", libc::SYS_io_uring_setup, "1 0", ENOSYS),
            ("userfaultfd", libc::SYS_userfaultfd, "0", ENOSYS),
            ("clone3", libc::SYS_clone3, "0 0", ENOSYS),
            ("mq_unlink", libc::SYS_mq_unlink, "0", ENOSYS),
            ("AF_VSOCK", libc::SYS_socket, "40 1 0", socket_error),
            ("AF_ALG", libc::SYS_socket, "38 5 0", socket_error),
            ("AF_PACKET", libc::SYS_socket, "17 3 0", socket_error),
            (
                "AF_INET pair",
                libc::SYS_socketpair,
                "2 1 0 0",
                EAFNOSUPPORT,
            ),
            ("TIOCSTI", libc::SYS_ioctl, "0 21522 0", ENOTTY),
            ("PR_SET_KEEPCAPS", libc::SYS_prctl, "8 1", EINVAL),
            ("others' limits", libc::SYS_prlimit64, "2 0 0 0", EPERM),
            ("CLONE_NEWUSER", libc::SYS_clone, "268435456 0 0 0 0", EPERM),
        ] {
            let answer = probe.ask(&format!("call {call} {arguments}")).await;
            assert_eq!(answer, format!("-{error}"), "{name} in {reference}");
        }
        let dumpable = format!("call {} 3", libc::SYS_prctl);
        assert_eq!(probe.ask(&dumpable).await, "1", "PR_GET_DUMPABLE");
        let nothing = format!("call {} 0 4 0", libc::SYS_prctl);
        assert_eq!(probe.ask(&nothing).await, format!("-{EINVAL}"), "no option");
        if is_runtime {
            let socket = format!("call {} 1 1 0", libc::SYS_socket);
            let answer = probe.ask(&socket).await;
            assert!(!answer.starts_with('-'), "a Unix socket: {answer}");
        }
        sandbox.destroy().await.expect("it is destroyed");
    }
}

/// Does something that hits a limit, and returns the limits in the report right
/// after it.
async fn hits_after(order: &str, change: impl FnOnce(&mut sandbox::Limits)) -> Vec<Limit> {
    let engine = probe::engine().await;
    let image: Image = prepare(&engine, "builtin/quickjs", "latest").await;
    let mut spec = spec(1, image);
    change(&mut spec.limits);
    let mut sandbox = launch(&engine, spec).await;
    let mut probe = Probe::of(&mut sandbox).await;

    probe.ask(order).await;
    let report = sandbox.report().await;

    let last = sandbox.destroy().await.expect("it is destroyed");
    assert_eq!(last.hits, report.hits, "the last report says otherwise");
    report.hits.iter().map(|hit| hit.limit).collect()
}

#[tokio::test]
async fn a_child_killed_for_want_of_memory_is_reported_at_once() {
    let hits = hits_after("fill-memory", |limits| limits.memory_bytes = 32 << 20).await;
    assert_eq!(hits, [Limit::Memory]);
}

#[tokio::test]
async fn a_refused_process_is_reported_at_once() {
    let hits = hits_after("fill-processes", |limits| limits.processes = 8).await;
    assert_eq!(hits, [Limit::Processes]);
}

#[tokio::test]
async fn a_full_disk_is_reported_at_once() {
    let hits = hits_after("fill-disk", |limits| limits.disk_bytes = 1 << 20).await;
    assert_eq!(hits, [Limit::Disk]);
}

#[tokio::test]
async fn processor_time_that_is_used_up_ends_a_sandbox() {
    let engine = probe::engine().await;
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    let mut spec = spec(1, image);
    spec.limits.cpu_time = time::Duration::from_millis(300);
    let mut sandbox = launch(&engine, spec).await;
    let mut probe = Probe::of(&mut sandbox).await;

    probe.tell("spin").await;
    let ending = time::timeout(DEADLINE, sandbox.ended())
        .await
        .expect("in time");

    let Ending::LimitExceeded(hit) = ending else {
        panic!("{ending:?}");
    };
    assert_eq!((hit.limit, hit.allowed), (Limit::CpuTime, 300));
    let report = sandbox.destroy().await.expect("it is destroyed");
    assert_eq!(report.hits, [hit]);
}

#[tokio::test]
async fn how_a_container_ends_is_told() {
    let engine = probe::engine().await;
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    for (id, (order, expected)) in [("exit 0", Ending::Exited(0)), ("exit 7", Ending::Exited(7))]
        .into_iter()
        .enumerate()
    {
        let id = u64::try_from(id).expect("small");
        let mut sandbox = launch(&engine, spec(id, image.clone())).await;
        let mut probe = Probe::of(&mut sandbox).await;
        probe.tell(order).await;
        let ending = time::timeout(DEADLINE, sandbox.ended()).await;
        assert_eq!(ending.expect("in time"), expected, "{order}");
        sandbox.destroy().await.expect("it is destroyed");
    }
}
