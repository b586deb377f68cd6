//! What the daemon allows, before sandboxes are made and for `veritech doctor`.

mod exposure;

use std::error::Error;

use bollard::models::SystemInfo;
use sandbox::{Case, Check};

use crate::capabilities;
use crate::config::Config;
use crate::daemon::{Daemon, DaemonError};
use crate::egress;
use crate::engine::{DockerEngine, mechanism};

/// Looks at the daemon, and at the way to it.
///
/// # Cancellation
///
/// Safe to drop.
pub async fn check_host(config: &Config) -> Vec<Check> {
    let daemon = match Daemon::at(config.host.as_deref(), config.api_deadline) {
        Ok(daemon) => daemon,
        Err(error) => return vec![absent(&error)],
    };
    let mut checks = exposure::of_address(daemon.host());
    match look(&daemon).await {
        Ok(info) => {
            let in_use = swap_in_use(&daemon);
            checks.extend([present(&info), limits(&info), swap(&info, in_use)]);
            checks.extend(exposure::of_daemon(&info));
        }
        Err(error) => checks.push(absent(&error)),
    }
    checks
}

/// Looks at whether sandboxes that are given a network are kept from the host's.
pub fn check_egress(engine: &DockerEngine) -> Check {
    match engine.egress_closed() {
        None => Check::passed("outward connections", "offered, behind a firewall"),
        Some(why) => Check::refused("outward connections", why, egress::fix()),
    }
}

/// Returns which cases of [`capabilities`](crate::capabilities::capabilities) hold for
/// the daemon; none if it cannot be asked.
///
/// # Cancellation
///
/// Safe to drop.
pub async fn cases_here(config: &Config) -> Vec<Case> {
    let asked = async {
        let daemon = Daemon::at(config.host.as_deref(), config.api_deadline)?;
        look(&daemon).await
    };
    let info = asked.await;
    info.map(|info| capabilities::case(mechanism(&info)))
        .into_iter()
        .collect()
}

async fn look(daemon: &Daemon) -> Result<SystemInfo, DaemonError> {
    daemon.greet().await?;
    daemon.ask("say what it is", daemon.api().info()).await
}

fn absent(error: &DaemonError) -> Check {
    Check {
        name: "docker daemon",
        ok: false,
        required: true,
        detail: with_causes(error),
        fix: Some("start it, or say where it is by `DOCKER_HOST`".to_owned()),
    }
}

fn present(info: &SystemInfo) -> Check {
    let said = |what: &Option<String>| what.clone().unwrap_or_else(|| "unknown".to_owned());
    Check {
        name: "docker daemon",
        ok: true,
        required: true,
        detail: format!(
            "version {} on {}, {}",
            said(&info.server_version),
            said(&info.operating_system),
            said(&info.architecture)
        ),
        fix: None,
    }
}

fn limits(info: &SystemInfo) -> Check {
    let missing: Vec<&str> = [
        ("memory", info.memory_limit),
        ("processor share", info.cpu_cfs_quota),
        ("number of processes", info.pids_limit),
    ]
    .into_iter()
    .filter(|(_, enforced)| *enforced != Some(true))
    .map(|(limit, _)| limit)
    .collect();
    Check {
        name: "limits of containers",
        ok: missing.is_empty(),
        required: true,
        detail: if missing.is_empty() {
            "memory, processor share and number of processes are enforced".to_owned()
        } else {
            format!("not enforced: {}", missing.join(", "))
        },
        fix: (!missing.is_empty())
            .then(|| "give the daemon's host the cgroup controllers for them".to_owned()),
    }
}

/// Returns whether the daemon's host has swap, if that is this host.
fn swap_in_use(daemon: &Daemon) -> Option<bool> {
    let swaps = std::fs::read_to_string("/proc/swaps").ok()?;
    // The first line is a heading.
    daemon.may_be_local().then(|| swaps.lines().count() > 1)
}

fn swap(info: &SystemInfo, in_use: Option<bool>) -> Check {
    const NAME: &str = "swap of containers";
    let fix = "turn swap off on the daemon's host, or boot it with `swapaccount=1`";
    match (info.swap_limit, in_use) {
        (Some(true), _) => Check::passed(NAME, "none"),
        (_, Some(false)) => Check::passed(NAME, "cannot be limited, and there is none"),
        (_, Some(true)) => Check::refused(
            NAME,
            "in use, and containers cannot be kept from it: secrets of functions would reach the \
             disk, and their memory limits would not hold",
            fix,
        ),
        (_, None) => Check::warned(NAME, "cannot be limited, if there is any", fix),
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_the_daemon_does_not_enforce_are_refused_by_name() {
        let all = SystemInfo {
            memory_limit: Some(true),
            cpu_cfs_quota: Some(true),
            pids_limit: Some(true),
            ..SystemInfo::default()
        };
        assert!(limits(&all).ok);

        let without = SystemInfo {
            pids_limit: None,
            ..all
        };
        let found = limits(&without);
        assert!(found.is_refusal(), "{found:?}");
        assert!(found.detail.contains("processes"), "{found:?}");
    }

    #[test]
    fn swap_that_containers_cannot_be_kept_from_is_refused() {
        let unlimited = SystemInfo::default();
        let limited = SystemInfo {
            swap_limit: Some(true),
            ..SystemInfo::default()
        };

        assert!(swap(&limited, Some(true)).ok);
        assert!(swap(&unlimited, Some(false)).ok);
        assert!(swap(&unlimited, Some(true)).is_refusal());
        let unknown = swap(&unlimited, None);
        assert!(!unknown.ok && !unknown.is_refusal(), "{unknown:?}");
    }
}
