//! What the daemon allows, for `veritech doctor`.
//!
//! Whether sandboxes can be made is not guessed from what it says: one is made.

use std::error::Error;
use std::time::Duration;

use bollard::models::SystemInfo;
use sandbox::{
    Case, Check, Engine as _, LaunchError, Limits, Network, Phase, PrepareError, Programs,
    Progress, Sandbox as _, SandboxId, SandboxSpec,
};
use tokio_util::sync::CancellationToken;

use crate::capabilities;
use crate::config::Config;
use crate::daemon::{Daemon, DaemonError};
use crate::egress;
use crate::engine::{DockerEngine, mechanism};

/// Checks the daemon, and makes one sandbox to see whether that works.
///
/// # Cancellation
///
/// Safe to drop: what was made is removed, or removes itself.
pub async fn check_host(programs: Programs, config: Config) -> Vec<Check> {
    let info = match look(&config).await {
        Ok(info) => info,
        Err(error) => return vec![absent(&error)],
    };
    let mut checks = vec![present(&info), limits(&info), swap(&info)];
    let wanted = config.egress;
    match DockerEngine::start(programs, config).await {
        Ok(engine) => {
            checks.push(whole_sandbox(make_sandbox(&engine).await));
            if wanted {
                checks.push(outward(&engine));
            }
        }
        Err(error) => checks.push(whole_sandbox(Err(error.into()))),
    }
    checks
}

/// Returns which cases of [`capabilities`](crate::capabilities::capabilities) hold for
/// the daemon; none if it cannot be asked.
///
/// # Cancellation
///
/// Safe to drop.
pub async fn cases_here(config: &Config) -> Vec<Case> {
    let info = look(config).await;
    info.map(|info| capabilities::case(mechanism(&info)))
        .into_iter()
        .collect()
}

/// Why no sandbox could be made.
#[derive(Debug, thiserror::Error)]
enum NotMade {
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    #[error(transparent)]
    Launch(#[from] LaunchError),
    #[error(transparent)]
    Destroy(#[from] sandbox::DestroyError),
}

async fn look(config: &Config) -> Result<SystemInfo, DaemonError> {
    let daemon = Daemon::at(config.host.as_deref(), config.api_deadline)?;
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

fn swap(info: &SystemInfo) -> Check {
    let ok = info.swap_limit == Some(true);
    Check {
        name: "swap of containers",
        ok,
        required: false,
        detail: if ok { "none" } else { "cannot be limited" }.to_owned(),
        fix: (!ok).then(|| {
            "turn swap off on the daemon's host, or boot it with `swapaccount=1`".to_owned()
        }),
    }
}

fn whole_sandbox(made: Result<(), NotMade>) -> Check {
    let fix = match &made {
        Err(NotMade::Launch(LaunchError::Refused { fix, .. })) => Some(fix.clone()),
        Ok(()) | Err(_) => None,
    };
    Check {
        name: "a whole sandbox",
        ok: made.is_ok(),
        required: true,
        detail: match &made {
            Ok(()) => "made and removed".to_owned(),
            Err(error) => with_causes(error),
        },
        fix,
    }
}

fn outward(engine: &DockerEngine) -> Check {
    let closed = engine.egress_closed();
    Check {
        name: "outward connections",
        ok: closed.is_none(),
        required: false,
        detail: closed.unwrap_or("offered").to_owned(),
        fix: closed.map(|_| egress::fix()),
    }
}

async fn make_sandbox(engine: &DockerEngine) -> Result<(), NotMade> {
    struct Silent;
    impl Progress for Silent {
        fn advance(&self, _phase: Phase, _done: u64, _total: u64) {}
    }
    let never = CancellationToken::new();
    let image = engine
        .prepare("builtin/quickjs", "latest", &Silent, never.clone())
        .await?;
    let spec = SandboxSpec {
        id: SandboxId(0),
        image,
        limits: Limits {
            memory_bytes: 64 << 20,
            cpu_millis: 1000,
            cpu_time: Duration::from_secs(10),
            processes: 16,
            disk_bytes: 1 << 20,
        },
        network: Network::None,
    };
    let sandbox = engine.launch(spec, never).await?;
    sandbox.destroy().await?;
    Ok(())
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
