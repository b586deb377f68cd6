//! Sandboxes that may connect outward, and what they cannot reach all the same.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::Command;

use sandbox::{Engine as _, LaunchError, Network, Sandbox as _};
use sandbox_docker::{Config, Connect};
use tokio_util::sync::CancellationToken;

use super::probe::{self, Probe};
use super::support::{config, engine_with, execute, greet, launch, prepare, spec};

/// A host outside: a network namespace at the other end of a cable.
struct Outside {
    name: String,
}

impl Outside {
    const ADDRESS: &'static str = "198.51.100.2";

    /// Makes it, and has it answer on port 80 of its address.
    fn make() -> Self {
        let id = std::process::id();
        let outside = Self {
            name: format!("vt-out-{id}"),
        };
        let name = &outside.name;
        let (near, far) = (format!("vtn{id}"), format!("vtf{id}"));
        for command in [
            format!("netns add {name}"),
            format!("link add {near} type veth peer name {far} netns {name}"),
            format!("addr add 198.51.100.1/30 dev {near}"),
            format!("link set {near} up"),
            format!("-n {name} addr add {}/30 dev {far}", Self::ADDRESS),
            format!("-n {name} link set {far} up"),
        ] {
            ip(&command);
        }
        let namespace = std::fs::File::open(format!("/run/netns/{name}")).expect("it is there");
        let listener = std::thread::spawn(move || {
            rustix::thread::move_into_link_name_space(
                std::os::fd::AsFd::as_fd(&namespace),
                Some(rustix::thread::LinkNameSpaceType::Network),
            )
            .expect("root enters it");
            TcpListener::bind((Self::ADDRESS, 80)).expect("its port is free")
        });
        answer(listener.join().expect("it listens"));
        outside
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        ip(&format!("netns delete {}", self.name));
    }
}

/// An address of this host that looks like the metadata service's.
struct Metadata(String);

impl Metadata {
    const ADDRESS: &'static str = "169.254.169.254";

    fn make() -> Self {
        let device = format!("vtm{}", std::process::id());
        ip(&format!("link add {device} type bridge"));
        ip(&format!("addr add {}/32 dev {device}", Self::ADDRESS));
        ip(&format!("link set {device} up"));
        answer(TcpListener::bind((Self::ADDRESS, 80)).expect("its port is free"));
        Self(device)
    }
}

impl Drop for Metadata {
    fn drop(&mut self) {
        ip(&format!("link delete {}", self.0));
    }
}

fn ip(command: &str) {
    let status = Command::new("ip").args(command.split(' ')).status();
    assert!(status.expect("`ip` runs").success(), "ip {command}");
}

/// Answers whoever connects, until the test ends.
fn answer(listener: TcpListener) {
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            // Whoever has gone does not hear it.
            stream.write_all(b"hello").ok();
        }
    });
}

fn with_egress() -> Config {
    Config {
        egress: true,
        ..config()
    }
}

#[tokio::test]
async fn serial_the_outside_is_reached_and_neither_host_nor_metadata_nor_neighbours_are() {
    let _outside = Outside::make();
    let _metadata = Metadata::make();
    answer(TcpListener::bind("0.0.0.0:18099").expect("the port is free"));
    let engine = probe::engine_with(with_egress()).await;
    assert!(engine.offers(Network::Egress), "it is not offered");
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    let mut spec = spec(1, image);
    spec.network = Network::Egress;
    let mut neighbour_spec = spec.clone();
    neighbour_spec.id = sandbox::SandboxId(2);
    let mut neighbour = launch(&engine, neighbour_spec).await;
    let mut sandbox = launch(&engine, spec).await;
    let mut probe = Probe::of(&mut sandbox).await;
    let mut other = Probe::of(&mut neighbour).await;

    let outside = format!("connect {}:80", Outside::ADDRESS);
    assert_eq!(probe.ask(&outside).await, "connected");
    let gateway = gateway(&probe.ask("read /proc/net/route").await);
    other.tell("listen 8000").await;
    let neighbours = other_address(&neighbour).await;
    for address in [
        format!("{gateway}:18099"),
        "198.51.100.1:18099".to_owned(),
        format!("{}:80", Metadata::ADDRESS),
        format!("{neighbours}:8000"),
    ] {
        let reached = probe.ask(&format!("connect {address}")).await;
        assert!(reached.starts_with("refused"), "{address}: {reached}");
        assert!(
            !reached.contains("Connection refused"),
            "{address} answers: {reached}"
        );
    }

    sandbox.destroy().await.expect("it is destroyed");
    neighbour.destroy().await.expect("it is destroyed");
}

/// Returns the address of the default gateway, of `/proc/net/route` on one line.
fn gateway(routes: &str) -> std::net::Ipv4Addr {
    let fields: Vec<&str> = routes.split_whitespace().collect();
    let gateway = fields.windows(3).find_map(|fields| match fields {
        ["eth0", "00000000", gateway] => Some(*gateway),
        _ => None,
    });
    let number = u32::from_str_radix(gateway.expect("a default route"), 16).expect("a number");
    number.to_le_bytes().into()
}

/// Returns the address of a sandbox on its network.
async fn other_address(sandbox: &sandbox_docker::DockerSandbox) -> String {
    let output = testkit::docker::command(&testkit::docker::host())
        .args(["ps", "--format", "{{.ID}}", "--filter"])
        .arg(format!("label=org.veritech.sandbox={}", sandbox.id()))
        .args(["--filter", "network=veritech-egress"])
        .output()
        .expect("Docker's client runs");
    let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let output = testkit::docker::command(&testkit::docker::host())
        .args(["inspect", "--format", format, &id])
        .output()
        .expect("Docker's client runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[tokio::test]
async fn serial_a_published_port_is_guarded_by_a_token() {
    let engine = engine_with(Config {
        connect: Connect::Port,
        ..with_egress()
    })
    .await;
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    let without = launch(&engine, spec(1, image.clone())).await;
    assert_eq!(without.token(), None, "there is no port without a network");
    without.destroy().await.expect("it is destroyed");
    let mut spec = spec(2, image);
    spec.network = Network::Egress;
    let mut sandbox = launch(&engine, spec).await;
    let token = sandbox.token().expect("a token");
    assert!(token.expose().len() >= 32, "it can be guessed");
    assert!(
        !format!("{sandbox:?}").contains(token.expose()),
        "it is shown"
    );

    let mut session = greet(&mut sandbox).await;
    let value = execute(&mut session, "export default ({ name }) => name").await;

    assert_eq!(value, "\"Ada\"");
    drop(session);
    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn outward_connections_must_be_allowed() {
    let engine = engine_with(config()).await;
    assert!(!engine.offers(Network::Egress));
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    let mut spec = spec(1, image);
    spec.network = Network::Egress;
    let error = engine
        .launch(spec, CancellationToken::new())
        .await
        .expect_err("it is not allowed");
    assert!(matches!(error, LaunchError::NotOffered { .. }), "{error}");
}
