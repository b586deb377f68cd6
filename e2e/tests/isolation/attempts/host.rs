//! Files, devices and networks of the host, with canaries where something could be
//! found.

use std::net::{Ipv4Addr, SocketAddrV4};

use libc::{EACCES, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENOENT, EPERM};

use crate::canaries::Canaries;
use crate::program::{Argument, Attempt, attempt, space, text};

/// What no sandbox has, in any image.
const PATHS: &[&str] = &[
    "/etc/shadow",
    "/root/.ssh",
    "/home/.",
    "/var/lib/docker",
    "/var/run/docker.sock",
    "/run/systemd/private",
    "/sys/kernel/security",
    "/sys/fs/cgroup/cgroup.procs",
    "/proc/kcore",
    "/proc/kmsg",
    "/proc/keys",
    "/proc/sched_debug",
    "/proc/timer_list",
    "/dev/mem",
    "/dev/kmem",
    "/dev/port",
    "/dev/kmsg",
    "/dev/kvm",
    "/dev/fuse",
    "/dev/net/tun",
    "/dev/vsock",
    "/dev/vda",
    "/dev/sda",
    "/dev/loop-control",
    "/dev/userfaultfd",
    "/dev/cpu/0/msr",
];

pub(super) fn attempts(canaries: &Canaries) -> Vec<Attempt> {
    let mut attempts: Vec<_> = PATHS
        .iter()
        .map(|path| read(path, path).denied(&[ENOENT, EACCES, EPERM, crate::program::NO_DATA]))
        .collect();
    attempts.extend([
        read("a file of the host", &canaries.file)
            .denied(&[ENOENT])
            .harmless(),
        read("the dispatcher's directory", &canaries.workspace).denied(&[ENOENT]),
        read("a neighbour's file", "/tmp/neighbour").denied(&[ENOENT]),
        attempt("a handle to a file of the host")
            .call(
                libc::SYS_openat,
                [
                    libc::AT_FDCWD.into(),
                    text(&*canaries.file),
                    (libc::O_PATH).into(),
                ],
            )
            .denied(&[ENOENT])
            .harmless(),
        connect_locally("a listener of the host", &canaries.socket).harmless(),
        connect_locally("a neighbour", "neighbour"),
    ]);
    let port = canaries.port;
    for (name, address, port, control) in [
        ("a listener of the host", Ipv4Addr::LOCALHOST, port, true),
        ("the NATS server", Ipv4Addr::LOCALHOST, canaries.nats, true),
        (
            "a neighbour",
            Ipv4Addr::LOCALHOST,
            crate::canaries::NEIGHBOUR_PORT,
            false,
        ),
        ("the host's address", canaries.address, port, false),
        ("Docker's bridge", Ipv4Addr::new(172, 17, 0, 1), port, false),
        (
            "the metadata service",
            Ipv4Addr::new(169, 254, 169, 254),
            80,
            false,
        ),
        ("a private network", Ipv4Addr::new(10, 0, 0, 1), 443, false),
        ("a public address", Ipv4Addr::new(1, 1, 1, 1), 443, false),
    ] {
        let to = SocketAddrV4::new(address, port);
        let mut stream = connect(format!("{name} by TCP"), libc::SOCK_STREAM, to);
        stream.control = control;
        attempts.push(stream);
    }
    for (name, address) in [
        ("a name server", Ipv4Addr::new(8, 8, 8, 8)),
        ("the metadata service", Ipv4Addr::new(169, 254, 169, 254)),
        ("everybody on the network", Ipv4Addr::BROADCAST),
    ] {
        let to = SocketAddrV4::new(address, 53);
        let mut datagram = connect(format!("{name} by UDP"), libc::SOCK_DGRAM, to);
        datagram.expected = crate::program::Expected::Denied(vec![ENETUNREACH, EACCES]);
        attempts.push(datagram);
    }
    attempts
}

fn read(name: &str, path: &str) -> Attempt {
    attempt(name)
        .call(
            libc::SYS_openat,
            [libc::AT_FDCWD.into(), text(path), libc::O_RDONLY.into()],
        )
        .call_for(
            1,
            libc::SYS_read,
            [Argument::Result(0), space(16), 16.into()],
        )
}

fn connect(name: String, kind: i32, to: SocketAddrV4) -> Attempt {
    attempt(name)
        .call(libc::SYS_socket, [libc::AF_INET, kind, 0].map(Into::into))
        .call(
            libc::SYS_connect,
            [Argument::Result(0), internet(to), 16.into()],
        )
        // Loopback is down, or there and empty.
        .denied(&[ENETUNREACH, EHOSTUNREACH, ECONNREFUSED])
}

fn internet(to: SocketAddrV4) -> Argument {
    let mut bytes = vec![2, 0];
    bytes.extend(to.port().to_be_bytes());
    bytes.extend(to.ip().octets());
    bytes.resize(16, 0);
    Argument::Bytes(bytes)
}

fn connect_locally(name: &str, to: &str) -> Attempt {
    let address = [&[1, 0, 0], to.as_bytes()].concat();
    let length = i64::try_from(address.len()).expect("an address is short");
    attempt(format!("{name} by an abstract name"))
        .call(
            libc::SYS_socket,
            [libc::AF_UNIX, libc::SOCK_STREAM, 0].map(Into::into),
        )
        .call(
            libc::SYS_connect,
            [Argument::Result(0), Argument::Bytes(address), length.into()],
        )
        .denied(&[ECONNREFUSED])
}
