//! Who can read requests and results on their way, or send and take them.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use async_nats::ServerAddr;
use sandbox::Check;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::{TcpStream, lookup_host};
use tokio::time;

use crate::list::{MESSAGE_SIZE, NATS};

/// How long the server may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest line in which it does.
const INFO_BYTES: u64 = 64 * 1024;

/// The smallest messages in which every failure can be told whole.
const LEAST_PAYLOAD: u64 = 16 * 1024;

/// A NATS server, as far as it can be seen without logging in.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its host and port, without credentials.
    name: String,
    /// Whether the URL asks for TLS.
    tls: bool,
    /// Where its name leads, and where it says that other servers are.
    addresses: Vec<IpAddr>,
    /// What it says of itself, or why that is not known.
    info: Result<Info, String>,
}

/// What a server says to whoever connects.
#[derive(Clone, Debug, Default, Deserialize)]
struct Info {
    #[serde(default)]
    auth_required: bool,
    #[serde(default)]
    tls_required: bool,
    #[serde(default)]
    max_payload: u64,
    /// The other servers of its cluster, which clients may go to.
    #[serde(default)]
    connect_urls: Vec<String>,
}

/// Looks at the server at a URL.
///
/// # Cancellation
///
/// Safe to drop.
pub async fn look(url: &str) -> Result<Server, Check> {
    let address: ServerAddr = url.parse().map_err(|error: io::Error| {
        Check::refused(
            NATS,
            format!("its URL cannot be read: {error}"),
            "set `nats_url` to something like `nats://HOST:4222` or `tls://HOST:4222`",
        )
    })?;
    let tls = address.tls_required() || address.scheme() == "wss";
    let name = format!("{}:{}", address.host(), address.port());
    let mut addresses = resolve(address.host(), address.port()).await;
    let info = if tls || address.is_websocket() {
        Err("its first words are not read over TLS or a WebSocket".to_owned())
    } else {
        ask(address.host(), address.port()).await
    };
    for other in info.iter().flat_map(|info| &info.connect_urls) {
        if let Ok(other) = other.parse::<ServerAddr>() {
            addresses.extend(resolve(other.host(), other.port()).await);
        }
    }
    Ok(Server {
        name,
        tls,
        addresses,
        info,
    })
}

/// Returns every address that a name stands for.
async fn resolve(host: &str, port: u16) -> Vec<IpAddr> {
    let host = host.trim_matches(['[', ']']);
    let found = time::timeout(PATIENCE, lookup_host((host, port))).await;
    let found = found.ok().and_then(Result::ok);
    found.into_iter().flatten().map(|it| it.ip()).collect()
}

/// Reads the line that a server begins with.
async fn ask(host: &str, port: u16) -> Result<Info, String> {
    let host = host.trim_matches(['[', ']']);
    let asked = async {
        let stream = TcpStream::connect((host, port)).await?;
        let mut line = String::new();
        let mut reader = BufReader::new(stream.take(INFO_BYTES));
        reader.read_line(&mut line).await?;
        let text = line.strip_prefix("INFO ").unwrap_or_default();
        serde_json::from_str(text).map_err(io::Error::other)
    };
    match time::timeout(PATIENCE, asked).await {
        Ok(Ok(info)) => Ok(info),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("it said nothing within {PATIENCE:?}")),
    }
}

/// Decides whether functions may be taken from this server.
pub fn check(server: &Server, insecure_is_allowed: bool) -> Check {
    let Server { name, .. } = server;
    if !server.addresses.is_empty() && server.addresses.iter().all(IpAddr::is_loopback) {
        return Check::passed(NATS, format!("{name} is on this host"));
    }
    let (encrypted, authenticated) = match &server.info {
        Ok(info) => (server.tls || info.tls_required, info.auth_required),
        Err(_) if server.tls => return Check::passed(NATS, format!("{name}, over TLS")),
        Err(why) => {
            return Check::warned(
                NATS,
                format!("{name} could not be asked who may connect: {why}"),
                "see that a server runs there, and use `tls://`",
            );
        }
    };
    match (encrypted, authenticated) {
        (true, true) => Check::passed(NATS, format!("{name}, over TLS, asks who connects")),
        (true, false) => Check::warned(
            NATS,
            format!("{name} takes whoever connects, who can read and forge requests and results"),
            "give it users (`authorization` or accounts), or let it verify certificates",
        ),
        (false, true) => Check::warned(
            NATS,
            format!("what passes between this host and {name} can be read on the way"),
            "give the server a certificate, and set `nats_url` to `tls://…`",
        ),
        (false, false) if insecure_is_allowed => Check::warned(
            NATS,
            format!(
                "{name} is another host, without TLS, and takes whoever connects: as configured"
            ),
            "set up TLS and users, and take `insecure_nats` away",
        ),
        (false, false) => Check::refused(
            NATS,
            format!(
                "{name} is another host, without TLS, and takes whoever connects: anybody there can \
                 read and forge requests and results"
            ),
            "set up TLS (`tls://…`) or users (`nats_credentials`), or accept it with \
             `--insecure-nats`",
        ),
    }
}

/// Decides whether messages are large enough to tell every failure.
pub fn message_size(server: &Server) -> Check {
    match &server.info {
        Ok(info) if info.max_payload < LEAST_PAYLOAD => Check::refused(
            MESSAGE_SIZE,
            format!("the server takes {} bytes at most", info.max_payload),
            format!("set `max_payload` of the server to {LEAST_PAYLOAD} or more, 1MB by default"),
        ),
        Ok(info) => Check::passed(MESSAGE_SIZE, format!("up to {} bytes", info.max_payload)),
        Err(why) => Check::passed(MESSAGE_SIZE, format!("not known: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(addresses: &[&str], tls: bool, info: Option<Info>) -> Server {
        Server {
            name: "host:4222".to_owned(),
            tls,
            addresses: addresses
                .iter()
                .map(|it| it.parse().expect("an address"))
                .collect(),
            info: info.ok_or_else(|| "silent".to_owned()),
        }
    }

    fn info(auth_required: bool, tls_required: bool) -> Option<Info> {
        Some(Info {
            auth_required,
            tls_required,
            max_payload: 1 << 20,
            connect_urls: Vec::new(),
        })
    }

    fn outcome(check: &Check) -> (bool, bool) {
        (check.ok, check.is_refusal())
    }

    const PASSED: (bool, bool) = (true, false);
    const WARNED: (bool, bool) = (false, false);
    const REFUSED: (bool, bool) = (false, true);

    #[test]
    fn only_on_this_host_may_anybody_connect_in_the_clear() {
        for (addresses, expected) in [
            (&["127.0.0.1"][..], PASSED),
            (&["::1", "127.0.0.9"], PASSED),
            (&["192.0.2.1"], REFUSED),
            (&["127.0.0.1", "192.0.2.1"], REFUSED),
            (&["::ffff:192.0.2.1"], REFUSED),
            (&[], REFUSED),
        ] {
            let found = check(&server(addresses, false, info(false, false)), false);
            assert_eq!(outcome(&found), expected, "{addresses:?}: {found:?}");
        }
    }

    #[test]
    fn elsewhere_one_of_both_is_a_warning_and_both_are_fine() {
        let elsewhere = &["192.0.2.1"];
        for (tls, info, expected) in [
            (true, info(true, false), PASSED),
            (false, info(true, true), PASSED),
            (false, info(true, false), WARNED),
            (false, info(false, true), WARNED),
            (true, info(false, false), WARNED),
            (true, None, PASSED),
            (false, None, WARNED),
        ] {
            let found = check(&server(elsewhere, tls, info), false);
            assert_eq!(outcome(&found), expected, "{found:?}");
        }
    }

    #[test]
    fn what_is_allowed_in_the_configuration_is_a_warning() {
        let plain = server(&["192.0.2.1"], false, info(false, false));

        assert_eq!(outcome(&check(&plain, true)), WARNED);
    }

    #[test]
    fn messages_must_hold_a_failure() {
        let with = |max_payload| {
            let info = Info {
                max_payload,
                ..Info::default()
            };
            outcome(&message_size(&server(&["127.0.0.1"], false, Some(info))))
        };

        assert_eq!(with(LEAST_PAYLOAD), PASSED);
        assert_eq!(with(LEAST_PAYLOAD - 1), REFUSED);
    }

    #[tokio::test]
    async fn a_url_that_is_none_is_refused() {
        assert!(look("ftp://x").await.is_err_and(|check| check.is_refusal()));
    }
}
