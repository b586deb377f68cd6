//! What a program in a sandbox can see, change and reach.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixListener};

use sandbox::Sandbox as _;

use crate::host::Host;
use crate::rig::Rig;

/// Variables that say nothing of the host, which some engines cannot leave out.
const HARMLESS: [&str; 4] = ["", "HOME", "HOSTNAME", "PATH"];

/// Files of the host, its environment and its processes are not to be seen.
pub async fn nothing_of_the_host_is_visible<H: Host>(host: &H) {
    let secret = tempfile::NamedTempFile::new().expect("a file of the host");
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    probe
        .is_refused(&format!("read {}", secret.path().display()))
        .await;
    for directory in ["/root", "/home", "/mnt"] {
        let answer = probe.ask(&format!("list {directory}")).await;
        assert!(
            answer.is_empty() || answer.starts_with("refused"),
            "{directory}: {answer}"
        );
    }
    for variable in probe.ask("environment").await.split(',') {
        assert!(HARMLESS.contains(&variable), "`{variable}` is set");
    }
    assert_eq!(processes(&probe.ask("list /proc").await), ["1"]);
    // Sending no signal only asks whether the process is there.
    let me = std::process::id();
    let answer = probe.ask(&format!("call {} {me} 0", libc::SYS_kill)).await;
    assert_eq!(answer, format!("errno {}", libc::ESRCH));
    let name = fs::read_to_string("/proc/sys/kernel/hostname").expect("readable");
    assert_ne!(
        probe.ask("read /proc/sys/kernel/hostname").await,
        name.trim_end()
    );
    let cgroup = probe.ask("read /proc/self/cgroup").await;
    assert!(!cgroup.contains("veritech"), "{cgroup}");

    sandbox.destroy().await.expect("it is destroyed");
}

/// There is one place to write to.
pub async fn nothing_but_the_scratch_space_can_be_written<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    for path in [
        "/new",
        "/dev/new",
        "/etc/new",
        "/usr/new",
        "/var/new",
        "/run/new",
        "/veritech/cyclone",
        "/veritech/new",
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/drop_caches",
        "/proc/sysrq-trigger",
        "/sys/new",
        "/sys/fs/cgroup/new",
    ] {
        probe.is_refused(&format!("write {path}")).await;
    }
    assert_eq!(probe.ask("write /tmp/new").await, "written");

    sandbox.destroy().await.expect("it is destroyed");
}

/// A sandbox is an ordinary user without any privilege, and cannot become more.
pub async fn there_are_no_privileges<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        let answer = probe.ask(&format!("status {set}")).await;
        assert_eq!(answer, "0000000000000000", "{set}");
    }
    assert_eq!(probe.ask("status NoNewPrivs").await, "1");
    assert_eq!(probe.ask("status Seccomp").await, "2");
    for ids in ["Uid", "Gid", "Groups"] {
        let answer = probe.ask(&format!("status {ids}")).await;
        assert!(
            answer.split_whitespace().all(|id| id != "0"),
            "{ids}: {answer}"
        );
    }

    sandbox.destroy().await.expect("it is destroyed");
}

/// Nothing can be reached, not even this host.
pub async fn there_is_no_network<H: Host>(host: &H) {
    let everywhere = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a listener");
    let port = everywhere.local_addr().expect("its address").port();
    let hosts_own = UnixListener::bind_addr(&abstract_name("host")).expect("a listener");
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    let interfaces = probe.ask("interfaces").await;
    assert!(
        interfaces == "lo" || interfaces.starts_with("refused"),
        "{interfaces}"
    );
    for address in own_addresses() {
        let address = SocketAddr::new(address, port);
        probe.is_refused(&format!("connect {address}")).await;
    }
    for address in ["169.254.169.254:80", "192.0.2.1:80", "[2001:db8::1]:80"] {
        probe.is_refused(&format!("connect {address}")).await;
        probe.is_refused(&format!("send {address}")).await;
    }
    let name = abstract_text("host");
    probe.is_refused(&format!("connect-abstract {name}")).await;

    sandbox.destroy().await.expect("it is destroyed");
    drop((everywhere, hosts_own));
}

/// Two that run at once see none of each other's files.
pub async fn files_are_not_shared<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (first, mut one) = rig.launch(rig.spec(1)).await;
    let (second, mut other) = rig.launch(rig.spec(2)).await;
    assert_eq!(one.ask("write /tmp/mine").await, "written");
    one.ask("write /dev/shm/mine").await;

    other.is_refused("read /tmp/mine").await;
    other.is_refused("read /dev/shm/mine").await;

    assert_eq!(one.ask("read /tmp/mine").await, "x");
    first.destroy().await.expect("it is destroyed");
    second.destroy().await.expect("it is destroyed");
}

/// Whoever comes next, even with the same id, finds nothing.
pub async fn files_do_not_outlive_their_sandbox<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (first, mut probe) = rig.launch(rig.spec(1)).await;
    assert_eq!(probe.ask("write /tmp/left").await, "written");
    probe.ask("write /dev/shm/left").await;
    first.destroy().await.expect("it is destroyed");

    let (next, mut probe) = rig.launch(rig.spec(1)).await;

    assert_eq!(probe.ask("list /tmp").await, "");
    probe.is_refused("read /dev/shm/left").await;
    next.destroy().await.expect("it is destroyed");
}

/// Two that run at once can neither see nor signal each other's processes.
pub async fn processes_are_not_shared<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (first, mut one) = rig.launch(rig.spec(1)).await;
    let (second, mut other) = rig.launch(rig.spec(2)).await;
    let mine = one.ask("spin-in-child").await;
    let theirs = other.ask("spin-in-child").await;

    let seen = other.ask("list /proc").await;
    assert!(processes(&seen).len() <= 2, "its own alone: {seen}");
    one.ask("signal-everything").await;

    assert_eq!(one.ask(&format!("wait {mine}")).await, "killed by 9");
    assert_eq!(other.ask(&format!("is-running {theirs}")).await, "running");
    first.destroy().await.expect("it is destroyed");
    second.destroy().await.expect("it is destroyed");
}

/// What listens in one, on its loopback or by an abstract name, cannot be reached
/// from another.
pub async fn sockets_are_not_shared<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (first, mut one) = rig.launch(rig.spec(1)).await;
    let (second, mut other) = rig.launch(rig.spec(2)).await;
    let name = abstract_text("neighbour");

    // A sandbox may be refused these altogether.
    one.ask("listen 127.0.0.1:4567").await;
    if one.ask(&format!("listen-abstract {name}")).await == "listening" {
        let own = one.ask(&format!("connect-abstract {name}")).await;
        assert_eq!(own, "connected", "what listens can be reached inside");
    }

    other.is_refused("connect 127.0.0.1:4567").await;
    other.is_refused(&format!("connect-abstract {name}")).await;
    first.destroy().await.expect("it is destroyed");
    second.destroy().await.expect("it is destroyed");
}

/// Returns the numbers in a listing of `/proc`.
fn processes(listing: &str) -> Vec<&str> {
    let is_number = |name: &&str| name.bytes().all(|byte| byte.is_ascii_digit());
    listing.split(',').filter(is_number).collect()
}

/// Returns addresses at which this host can be reached by itself.
fn own_addresses() -> Vec<IpAddr> {
    let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
    // Connecting sends nothing, but chooses the address to send from.
    let outward = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a socket");
    if outward.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).is_ok() {
        addresses.extend(outward.local_addr().map(|address| address.ip()));
    }
    addresses
}

fn abstract_name(of: &str) -> UnixAddr {
    UnixAddr::from_abstract_name(abstract_text(of)).expect("a valid name")
}

/// Returns an abstract name that no other test has.
fn abstract_text(of: &str) -> String {
    format!("veritech-conformance-{}-{of}", std::process::id())
}
