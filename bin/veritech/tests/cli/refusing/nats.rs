//! NATS servers that anybody can read from or send to.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use testkit::{NatsServer, eventually};

use super::{is_refused, serve};

/// Returns an address of this host that others could reach it at.
fn own_address() -> IpAddr {
    // Connecting sends nothing, but chooses the address to send from.
    let outward = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a socket");
    outward
        .connect((Ipv4Addr::new(192, 0, 2, 1), 9))
        .expect("this host has an address besides loopback");
    outward.local_addr().expect("it has one").ip()
}

/// A server that others could reach, and its URL as they would write it.
async fn reachable(settings: &str) -> (NatsServer, String) {
    let address = own_address();
    let server = NatsServer::start_with(&format!("host: {address}\n{settings}")).await;
    let url = format!("{address}:{}", server.port());
    (server, url)
}

fn serve_from(url: &str) -> Command {
    let mut command = serve();
    command.env("VERITECH_NATS_URL", url);
    command
}

/// Runs a command until it serves, and ends it.
async fn serves(server: &NatsServer, command: &mut Command) {
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .expect("the dispatcher starts");
    eventually(Duration::from_secs(20), "dispatcher", async || {
        let subscriptions = server.subscriptions().await;
        subscriptions.iter().any(|one| one.queue.is_some())
    })
    .await;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.expect("invariant: a child has a process id");
    kill_process(pid, Signal::TERM).expect("it runs until it is waited for");
    child.wait().expect("it ends");
}

#[tokio::test]
async fn a_server_elsewhere_without_tls_and_users_is_refused_unless_it_is_allowed() {
    let (server, url) = reachable("").await;

    is_refused(
        &mut serve_from(&format!("nats://{url}")),
        &["nats: ", "without TLS", &url, "--insecure-nats", "tls://"],
    );

    let mut allowed = serve_from(&format!("nats://{url}"));
    serves(&server, allowed.arg("--insecure-nats")).await;
    let mut allowed = serve_from(&format!("nats://{url}"));
    serves(&server, allowed.env("VERITECH_INSECURE_NATS", "true")).await;
}

#[tokio::test]
async fn a_server_elsewhere_that_asks_who_connects_is_taken() {
    let (server, url) = reachable("authorization { user: me, password: secret }").await;

    serves(&server, &mut serve_from(&format!("nats://me:secret@{url}"))).await;
}

#[tokio::test]
async fn a_password_that_the_server_does_not_ask_for_protects_nothing() {
    let (_server, url) = reachable("").await;

    let done = is_refused(
        &mut serve_from(&format!("nats://me:hunter2@{url}")),
        &["nats: ", "takes whoever connects"],
    );
    assert!(!done.stderr.contains("hunter2"), "{done:#?}");
}

#[tokio::test]
async fn a_server_that_takes_small_messages_only_is_refused() {
    let server = NatsServer::start_with("max_payload: 4096").await;

    is_refused(
        &mut serve_from(&server.url()),
        &["nats message size: ", "4096 bytes", "max_payload"],
    );
}
