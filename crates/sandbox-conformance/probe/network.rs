//! What can be reached: interfaces, addresses, abstract Unix sockets.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixListener, UnixStream};
use std::time::Duration;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// What listens until the end.
#[derive(Default)]
pub struct Held {
    tcp: Vec<TcpListener>,
    unix: Vec<UnixListener>,
}

impl Held {
    pub fn listen(&mut self, address: &str) -> io::Result<String> {
        self.tcp.push(TcpListener::bind(address)?);
        Ok("listening".to_owned())
    }

    pub fn listen_abstract(&mut self, name: &str) -> io::Result<String> {
        let address = UnixAddr::from_abstract_name(name)?;
        self.unix.push(UnixListener::bind_addr(&address)?);
        Ok("listening".to_owned())
    }
}

/// Lists the network devices that there are.
pub fn interfaces() -> io::Result<String> {
    let table = fs::read_to_string("/proc/self/net/dev")?;
    Ok(crate::names(table.lines().filter_map(|line| {
        let (name, _) = line.split_once(':')?;
        Some(name.trim().to_owned())
    })))
}

pub fn connect(address: &str) -> io::Result<String> {
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    TcpStream::connect_timeout(&address, PATIENCE)?;
    Ok("connected".to_owned())
}

pub fn connect_abstract(name: &str) -> io::Result<String> {
    UnixStream::connect_addr(&UnixAddr::from_abstract_name(name)?)?;
    Ok("connected".to_owned())
}

/// Sends a datagram, which needs no answer.
pub fn send(address: &str) -> io::Result<String> {
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let any = if address.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    UdpSocket::bind(any)?.send_to(b"x", address)?;
    Ok("sent".to_owned())
}
