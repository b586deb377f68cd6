//! What a program in a sandbox can see and do.

use std::collections::BTreeSet;
use std::fs;

use sandbox::Sandbox as _;
use sandbox_native::{Config, HostImages};

use super::support::{children, engine, engine_with, launch, probe, spec};

#[tokio::test]
async fn a_sandbox_runs_cyclone_alone_and_with_nothing_of_the_host() {
    let engine = engine().await;
    let (sandbox, mut probe) = launch(&engine, spec(1)).await;

    assert_eq!(probe.ask("pid").await, "1");
    assert_eq!(probe.ask("environment").await, "0");
    assert_eq!(probe.ask("list /").await, "dev,proc,tmp,veritech");
    assert_eq!(
        probe.ask("list /veritech").await,
        "cyclone,javascript,quickjs"
    );
    assert_eq!(
        probe.ask("list /dev").await,
        "fd,full,null,random,stderr,stdin,stdout,urandom,zero"
    );
    assert_eq!(probe.ask("list /tmp").await, "");
    assert_eq!(
        probe
            .ask("read /proc/sys/kernel/hostname")
            .await
            .find("refused"),
        Some(0)
    );
    // The listing itself needs one more.
    assert_eq!(probe.ask("list /proc/self/fd").await, "0,1,2,3,4,5");
    assert_eq!(
        probe.ask("read /proc/self/cgroup").await.find("veritech"),
        None
    );

    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn nothing_of_the_host_can_be_changed_or_reached() {
    let engine = engine().await;
    let (sandbox, mut probe) = launch(&engine, spec(1)).await;

    for order in [
        "write /proc/sys/kernel/core_pattern",
        "write /veritech/cyclone",
        "write /new",
        "write /dev/new",
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
async fn the_kernel_answers_only_what_a_sandbox_may_ask() {
    const EPERM: i32 = 1;
    const ENOTTY: i32 = 25;
    const ENOSYS: i32 = 38;
    const EAFNOSUPPORT: i32 = 97;

    let engine = engine().await;
    let (sandbox, mut probe) = launch(&engine, spec(1)).await;

    for (call, error) in [
        ("mount", libc::SYS_mount, "0 0 0 0 0", ENOSYS),
        ("unshare", libc::SYS_unshare, "268435456", ENOSYS),
        ("setns", libc::SYS_setns, "3 0", ENOSYS),
        ("ptrace", libc::SYS_ptrace, "0 0 0 0", ENOSYS),
        ("bpf", libc::SYS_bpf, "0 0 0", ENOSYS),
        ("keyctl", libc::SYS_keyctl, "0 0 0", ENOSYS),
        ("io_uring_setup", libc::SYS_io_uring_setup, "1 0", ENOSYS),
        ("clone3", libc::SYS_clone3, "0 0", ENOSYS),
        (
            "a new user namespace",
            libc::SYS_clone,
            "268435456 0 0 0 0",
            EPERM,
        ),
        (
            "a vsock socket",
            libc::SYS_socketpair,
            "40 1 0 0",
            EAFNOSUPPORT,
        ),
        ("faked terminal input", libc::SYS_ioctl, "0 21522 0", ENOTTY),
        ("another's limits", libc::SYS_prlimit64, "7 7 0 0", EPERM),
    ]
    .map(|(name, number, arguments, error)| ((name, format!("call {number} {arguments}")), error))
    {
        let (name, order) = call;
        assert_eq!(probe.ask(&order).await, format!("errno {error}"), "{name}");
    }

    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn on_the_host_a_sandbox_is_an_unprivileged_user_of_its_own() {
    let engine = engine().await;
    let (first, _first_probe) = launch(&engine, spec(1)).await;
    let (second, _second_probe) = launch(&engine, spec(2)).await;
    if !rustix::process::geteuid().is_root() {
        return;
    }

    let launcher = children(std::process::id())[0];
    let users: Vec<Vec<u32>> = children(launcher).into_iter().map(users).collect();

    assert_eq!(users.len(), 2);
    let distinct: BTreeSet<u32> = users.iter().flatten().copied().collect();
    // The runner's as real user, cyclone's as all others.
    assert_eq!(distinct.len(), 4, "{users:?}");
    assert!(distinct.iter().all(|uid| *uid > 100_000), "{users:?}");
    first.destroy().await.expect("it is destroyed");
    second.destroy().await.expect("it is destroyed");
}

/// Returns the user ids that a process has.
fn users(pid: u32) -> Vec<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("readable");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .expect("has users");
    line.split_whitespace()
        .map(|it| it.parse().expect("a number"))
        .collect()
}

#[tokio::test]
async fn host_images_see_the_hosts_libraries_and_nothing_else() {
    let config = Config {
        host_images: HostImages {
            allowed: true,
            // Any program will do.
            node: Some(probe()),
            deno: None,
        },
        ..Config::default()
    };
    let engine = engine_with(config).await;
    let mut spec = spec(1);
    spec.image.reference = "host/node:latest".to_owned();
    let (sandbox, mut probe) = launch(&engine, spec).await;

    assert_eq!(probe.ask("list /veritech/interpreter").await, "node");
    assert_eq!(probe.ask("list /home").await.find("refused"), Some(0));
    assert_eq!(probe.ask("list /root").await.find("refused"), Some(0));
    assert!(probe.ask("write /usr/new").await.starts_with("refused"));
    assert!(probe.ask("list /usr").await.contains("lib"));
    let etc = probe.ask("list /etc").await;
    assert!(
        [
            "group,ld.so.cache,nsswitch.conf,passwd",
            "group,nsswitch.conf,passwd"
        ]
        .contains(&etc.as_str()),
        "{etc}"
    );
    assert_eq!(
        probe.ask("read /etc/passwd").await,
        "cyclone:x:1000:1000::/tmp:/bin/sh runner:x:1001:1001::/tmp:/bin/sh"
    );

    sandbox.destroy().await.expect("it is destroyed");
}
