//! A Docker engine: the one that tests share, and daemons of a test's own.
//!
//! Most tests use the daemon that is there ([`host`]) and remove what they made.
//! One that kills the daemon, or counts all that it holds, starts a [`Daemon`].

mod daemon;
mod remains;

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::Duration;

pub use self::daemon::Daemon;

/// Names the daemon that tests use.
const VARIABLE: &str = "VERITECH_TEST_DOCKER_HOST";

/// Where a daemon listens unless it is told otherwise.
const DEFAULT: &str = "unix:///var/run/docker.sock";

/// How long a daemon may take to say that it is there.
const PING_LIMIT: Duration = Duration::from_secs(10);

/// Returns the address of the daemon that tests use, in Docker's spelling: what
/// `VERITECH_TEST_DOCKER_HOST` says, else `DOCKER_HOST`, else the default one.
///
/// # Panics
///
/// If it does not answer.
#[track_caller]
pub fn host() -> String {
    let chosen = [VARIABLE, "DOCKER_HOST"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|host| !host.is_empty()));
    let host = chosen.unwrap_or_else(|| DEFAULT.to_owned());
    if let Err(error) = ping(&host) {
        panic!(
            "no Docker engine answers at `{host}` ({error}): run the tests by `cargo xtask test`, \
             which starts one, or set `{VARIABLE}`"
        );
    }
    host
}

/// Returns a command of Docker's client for the daemon at `host`.
pub fn command(host: &str) -> Command {
    let mut command = Command::new("docker");
    command.arg("--host").arg(host);
    command
}

/// Asks a daemon whether it is there.
fn ping(host: &str) -> io::Result<()> {
    match host.split_once("://") {
        Some(("unix", path)) => {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(PING_LIMIT))?;
            ask(stream)
        }
        Some(("tcp" | "http", address)) => {
            let stream = TcpStream::connect(address)?;
            stream.set_read_timeout(Some(PING_LIMIT))?;
            ask(stream)
        }
        _ => Err(io::Error::other("only unix:// and tcp:// can be used here")),
    }
}

/// Sends the request that every version of the API answers. HTTP/1.0, so that
/// the answer ends where the connection does.
fn ask(mut stream: impl Read + Write) -> io::Result<()> {
    stream.write_all(b"GET /_ping HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer)?;
    match answer.lines().next() {
        Some(line) if line.contains(" 200 ") => Ok(()),
        line => Err(io::Error::other(format!("it answered {line:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_daemon_answers_where_it_is_said_to_be() {
        let output = command(&host())
            .args(["version", "--format", "{{.Server.Version}}"])
            .output()
            .expect("Docker's client runs");
        assert!(output.status.success(), "{output:?}");
    }

    #[test]
    fn an_address_without_a_daemon_is_an_error() {
        for host in ["unix:///nowhere/docker.sock", "ssh://host"] {
            assert!(ping(host).is_err(), "{host}");
        }
    }
}
