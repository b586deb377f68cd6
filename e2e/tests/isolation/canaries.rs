//! What a function would find if it got out: a file, listeners, a neighbour.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};

use e2e::World;
use tempfile::TempDir;

/// What every canary contains, written so that this program is not one.
pub(crate) fn mark() -> String {
    ["VTCANARY", "-"].concat()
}

/// Where a neighbour listens, in its own network.
pub(crate) const NEIGHBOUR_PORT: u16 = 4711;

/// What attempts have to know.
#[derive(Debug, Clone)]
pub(crate) struct Canaries {
    /// A file with a canary in it.
    pub(crate) file: String,
    /// A file of the workspace that the dispatcher was built in.
    pub(crate) workspace: String,
    /// The abstract name of a listener.
    pub(crate) socket: String,
    /// The port of one, at every address of the host.
    pub(crate) port: u16,
    /// The port of the NATS server.
    pub(crate) nats: u16,
    /// An address of the host that is not loopback, if it has one.
    pub(crate) address: Ipv4Addr,
    /// The dispatcher's process, as the host knows it.
    pub(crate) dispatcher: i32,
    /// A process of another sandbox, likewise.
    pub(crate) neighbour: i32,
}

/// Canaries that are there: they go when this does.
#[derive(Debug)]
pub(crate) struct Planted {
    pub(crate) canaries: Canaries,
    directory: TempDir,
    socket: UnixListener,
    port: TcpListener,
}

impl Canaries {
    /// Returns what stands for canaries where none are.
    pub(crate) fn none() -> Self {
        Self {
            file: "/none".to_owned(),
            workspace: concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").to_owned(),
            socket: "none".to_owned(),
            port: 1,
            nats: 1,
            address: Ipv4Addr::LOCALHOST,
            dispatcher: 1,
            neighbour: 1,
        }
    }
}

impl Planted {
    /// Plants canaries around a world; a process of a neighbour's can be named.
    pub(crate) fn around(world: &World, neighbour: Option<u32>) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("canary");
        fs::write(&file, format!("{}file", mark())).expect("it is written");
        let name = format!("veritech-canary-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let socket = UnixListener::bind_addr(&address).expect("it listens");
        let port = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("it listens");
        socket.set_nonblocking(true).expect("it is a socket");
        port.set_nonblocking(true).expect("it is a socket");

        let dispatcher = world.instance.pid();
        let canaries = Canaries {
            file: file.display().to_string(),
            socket: name,
            port: port.local_addr().expect("it listens").port(),
            nats: world.server.port(),
            address: address_of_host(),
            dispatcher: dispatcher.cast_signed(),
            neighbour: neighbour.unwrap_or(dispatcher).cast_signed(),
            ..Canaries::none()
        };
        Self {
            canaries,
            directory,
            socket,
            port,
        }
    }

    /// Returns the directory with the file in it, and nothing else.
    pub(crate) fn directory(&self) -> String {
        self.directory.path().display().to_string()
    }

    /// Returns how many have connected to listeners since this was last asked.
    pub(crate) fn connections(&self) -> usize {
        let locally = std::iter::from_fn(|| self.socket.accept().ok()).count();
        let remotely = std::iter::from_fn(|| self.port.accept().ok()).count();
        locally + remotely
    }
}

/// Returns the address from which the host would talk to others.
fn address_of_host() -> Ipv4Addr {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a socket");
    // Nothing is sent by this.
    let local = socket
        .connect((Ipv4Addr::new(192, 0, 2, 1), 9))
        .and_then(|()| socket.local_addr());
    match local.map(|it| it.ip()) {
        Ok(IpAddr::V4(address)) => address,
        Ok(IpAddr::V6(_)) | Err(_) => Ipv4Addr::LOCALHOST,
    }
}
