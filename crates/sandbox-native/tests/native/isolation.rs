//! What a sandbox of this engine consists of, and who it is on the host.

use std::collections::BTreeSet;
use std::fs;

use sandbox::Sandbox as _;
use sandbox_conformance::inventory::children;

use super::support::{Native, engine, engine_with, launch, launcher, spec};

#[tokio::test]
async fn a_sandbox_consists_of_our_programs_and_nothing_else() {
    let engine = engine().await;
    let (sandbox, mut probe) = launch(&engine, spec(1)).await;

    assert_eq!(probe.ask("environment").await, "");
    assert_eq!(probe.ask("list /").await, "dev,proc,tmp,veritech");
    assert_eq!(
        probe.ask("list /veritech").await,
        "cyclone,javascript,quickjs"
    );
    assert_eq!(
        probe.ask("list /dev").await,
        "fd,full,null,random,stderr,stdin,stdout,urandom,zero"
    );
    // The listing itself needs one more.
    assert_eq!(probe.ask("list /proc/self/fd").await, "0,1,2,3,4,5");

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

    let users: Vec<Vec<u32>> = children(launcher(std::process::id()))
        .into_iter()
        .map(users)
        .collect();

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
    let engine = engine_with(Native::hosted().config).await;
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
            "group,ld.so.cache,localtime,nsswitch.conf,passwd",
            "group,localtime,nsswitch.conf,passwd"
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
