//! Addresses that must not be reached, really connected to.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long one connection may take. Without a network the kernel refuses at once.
const PATIENCE: Duration = Duration::from_millis(250);

/// The metadata service of clouds, and addresses that stand for all others: a public one, those of
/// usual gateways, and one that is kept for documentation.
const ADDRESSES: [&str; 6] = [
    "169.254.169.254:80",
    "1.1.1.1:53",
    "172.17.0.1:22",
    "10.0.0.1:80",
    "192.0.2.1:80",
    "[2001:db8::1]:80",
];

/// Loopback, and the tunnels that some kernels put into every network namespace, which lead nowhere.
const NOWHERE: [&str; 10] = [
    "lo", "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0",
    "ip6gre0",
];

/// Lists the network interfaces that lead somewhere.
pub(crate) fn interfaces() -> Vec<String> {
    let table = fs::read_to_string("/proc/self/net/dev").unwrap_or_default();
    let names = table.lines().filter_map(|line| line.split_once(':'));
    names
        .map(|(name, _)| name.trim().to_owned())
        .filter(|name| !NOWHERE.contains(&name.as_str()))
        .collect()
}

/// Lists the addresses that could be connected to.
pub(crate) fn reached() -> Vec<String> {
    let reaches = |address: &str| {
        let address: Option<SocketAddr> = address.parse().ok();
        address.is_some_and(|address| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
    };
    ADDRESSES
        .into_iter()
        .filter(|address| reaches(address))
        .map(str::to_owned)
        .collect()
}
