//! The network of sandboxes that may connect outward.
//!
//! ```text
//!  sandbox ──▶ veritech0, a bridge of our own ──▶ outside
//!                 ├─✗ other sandboxes      (no traffic between containers)
//!                 ├─✗ 169.254.0.0/16       (the metadata service)
//!                 └─✗ this host            (nothing that it did not begin)
//! ```
//!
//! The daemon makes the bridge; the walls around it are rules of the host's
//! firewall, which the daemon does not make. On this host and as root they are set
//! when they are missing, each time they are needed; elsewhere they cannot be
//! seen, and the network is not offered.

use std::collections::HashMap;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use bollard::models::NetworkCreateRequest;
use sandbox::LaunchError;
use tokio::process::Command;
use tokio::time;

use crate::daemon::{Daemon, DaemonError};

/// The network's name in the daemon.
pub(crate) const NETWORK: &str = "veritech-egress";

/// The bridge's name on the daemon's host.
const BRIDGE: &str = "veritech0";

/// How long a command of the firewall may take.
const COMMAND_DEADLINE: Duration = Duration::from_secs(10);

/// A chain, and a rule that must be in it. In the order in which they are put
/// before all others, so that the last comes first.
const RULES: [(&str, &str); 3] = [
    ("INPUT", "-i veritech0 -j DROP"),
    (
        "INPUT",
        "-i veritech0 -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
    ),
    ("DOCKER-USER", "-i veritech0 -d 169.254.0.0/16 -j DROP"),
];

/// The network of sandboxes that may connect outward.
#[derive(Debug)]
pub(crate) struct Egress {
    daemon: Daemon,
    /// Why it is not offered, if it is not.
    closed: Option<String>,
}

impl Egress {
    /// Finds out whether the network can be offered, where `allowed`, and makes it.
    pub(crate) async fn open(daemon: Daemon, allowed: bool) -> Self {
        let closed = if !allowed {
            Some("it is not allowed by the configuration".to_owned())
        } else {
            match raise(&daemon).await {
                Ok(()) => None,
                Err(error) => {
                    tracing::warn!(%error, "outward connections are not offered");
                    Some(error.to_string())
                }
            }
        };
        Self { daemon, closed }
    }

    /// Returns whether the network is offered.
    pub(crate) fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// Returns why it is not offered, if it is not.
    pub(crate) fn closed(&self) -> Option<&str> {
        self.closed.as_deref()
    }

    /// Makes sure that the network and the walls around it are there now.
    pub(crate) async fn ensure(&self) -> Result<(), LaunchError> {
        raise(&self.daemon).await.map_err(|error| match error {
            EgressError::Daemon(error) => error.into_launch_error(),
            EgressError::Elsewhere | EgressError::Firewall { .. } => LaunchError::Refused {
                what: "outward connections",
                fix: fix(),
                source: io::Error::other(error),
            },
        })
    }
}

/// Why the network cannot be offered.
#[derive(Debug, thiserror::Error)]
enum EgressError {
    #[error(transparent)]
    Daemon(DaemonError),

    #[error("the firewall of the daemon's host cannot be seen from here as this user")]
    Elsewhere,

    #[error("the rule `{rule}` could not be set: {reason}")]
    Firewall { rule: String, reason: String },
}

/// Returns what an operator has to do.
pub(crate) fn fix() -> String {
    let commands: Vec<String> = RULES
        .iter()
        .map(|(chain, rule)| format!("iptables -I {chain} {rule}"))
        .collect();
    format!(
        "use a daemon of this host and run as root, which sets these rules: `{}`",
        commands.join("`, `")
    )
}

/// Makes the network and the walls around it, as far as they are missing.
async fn raise(daemon: &Daemon) -> Result<(), EgressError> {
    if !daemon.may_be_local() || !rustix::process::geteuid().is_root() {
        return Err(EgressError::Elsewhere);
    }
    create(daemon).await.map_err(EgressError::Daemon)?;
    for (chain, rule) in RULES {
        if iptables("-C", chain, rule).await.is_ok() {
            continue;
        }
        iptables("-I", chain, rule)
            .await
            .map_err(|reason| EgressError::Firewall {
                rule: format!("{chain} {rule}"),
                reason,
            })?;
    }
    Ok(())
}

/// Creates the network unless there is one.
async fn create(daemon: &Daemon) -> Result<(), DaemonError> {
    let found = daemon.api().inspect_network(NETWORK, None);
    match daemon.ask("look up the network", found).await {
        Ok(_) => return Ok(()),
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error),
    }
    let option = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let request = NetworkCreateRequest {
        name: NETWORK.to_owned(),
        driver: Some("bridge".to_owned()),
        options: Some(HashMap::from([
            option("com.docker.network.bridge.name", BRIDGE),
            option("com.docker.network.bridge.enable_icc", "false"),
        ])),
        enable_ipv6: Some(false),
        ..NetworkCreateRequest::default()
    };
    let created = daemon.api().create_network(request);
    match daemon.ask("create the network", created).await {
        Ok(_) => Ok(()),
        // Another dispatcher was faster.
        Err(error) if error.is_conflict() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Runs a command of the firewall; returns what it complains about.
async fn iptables(verb: &str, chain: &str, rule: &str) -> Result<(), String> {
    let mut command = Command::new("iptables");
    command
        .args(["--wait", "5", verb, chain])
        .args(rule.split(' '))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    match time::timeout(COMMAND_DEADLINE, command.output()).await {
        Ok(Ok(output)) if output.status.success() => Ok(()),
        Ok(Ok(output)) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Ok(Err(error)) => Err(format!("`iptables` cannot be run: {error}")),
        Err(_) => Err(format!(
            "`iptables` did not end within {COMMAND_DEADLINE:?}"
        )),
    }
}
