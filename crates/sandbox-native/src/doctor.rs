//! What this host allows, for `veritech doctor`.
//!
//! Whether sandboxes can be made is not guessed from settings: one is made.

use std::fs;
use std::path::Path;
use std::time::Duration;

use image_store::Store;
use rustix::fs::StatVfsMountFlags;
use sandbox::{
    Check, Engine as _, Image, LaunchError, Limits, Network, Phase, Progress, Sandbox as _,
    SandboxId, SandboxSpec,
};
use tokio_util::sync::CancellationToken;

use crate::capabilities;
use crate::cgroup::Cgroups;
use crate::config::{Config, Executables};
use crate::engine::NativeEngine;
use crate::images::Images;
use crate::refusal;

/// Checks the host, and makes one sandbox to see whether that works.
///
/// # Cancellation
///
/// Safe to drop.
pub async fn check_host(executables: Executables, config: Config) -> Vec<Check> {
    let mut checks = vec![
        user(&config),
        user_namespaces(),
        seccomp(),
        whole_sandbox(executables, config.clone()).await,
    ];
    checks.extend(limits(&config));
    checks.push(swap());
    checks.extend(interpreters(&config));
    if let Some(images) = &config.registry_images {
        checks.push(store(&images.store).await);
    }
    checks
}

fn found(name: &'static str, detail: impl Into<String>) -> Check {
    Check {
        name,
        ok: true,
        required: false,
        detail: detail.into(),
        fix: None,
    }
}

fn user(config: &Config) -> Check {
    let detail = if rustix::process::geteuid().is_root() {
        format!(
            "root: sandboxes get host users from {} upwards",
            config.first_host_uid
        )
    } else {
        "an ordinary user: sandboxes share it".to_owned()
    };
    found("user", detail)
}

fn user_namespaces() -> Check {
    match refusal::forbidding_switch() {
        None => found("user namespaces", "not restricted"),
        Some(command) => Check {
            name: "user namespaces",
            ok: false,
            required: true,
            detail: "restricted by a kernel setting".to_owned(),
            fix: Some(format!("run `{command}`")),
        },
    }
}

fn seccomp() -> Check {
    let available = Path::new("/proc/sys/kernel/seccomp/actions_avail").exists();
    Check {
        name: "seccomp filters",
        ok: available,
        required: true,
        detail: if available { "available" } else { "missing" }.to_owned(),
        fix: (!available).then(|| "run a kernel built with CONFIG_SECCOMP_FILTER".to_owned()),
    }
}

async fn whole_sandbox(executables: Executables, config: Config) -> Check {
    let made = make_sandbox(executables, config).await;
    let (detail, fix) = match &made {
        Ok(()) => (
            "made and removed, with all seven namespaces".to_owned(),
            None,
        ),
        Err(LaunchError::Refused { what, fix, source }) => (
            format!("this host refuses {what}: {source}"),
            Some(fix.clone()),
        ),
        Err(error) => {
            let mut detail = error.to_string();
            let mut cause = std::error::Error::source(error);
            while let Some(error) = cause {
                detail = format!("{detail}: {error}");
                cause = error.source();
            }
            (detail, None)
        }
    };
    Check {
        name: "a whole sandbox",
        ok: made.is_ok(),
        required: true,
        detail,
        fix,
    }
}

async fn make_sandbox(executables: Executables, config: Config) -> Result<(), LaunchError> {
    let engine = NativeEngine::start(executables, config).await?;
    let image = engine
        .prepare(
            "builtin/quickjs",
            "latest",
            &Silent,
            CancellationToken::new(),
        )
        .await;
    let image = image.unwrap_or_else(|_| Image {
        reference: "builtin/quickjs:latest".to_owned(),
        digest: None,
        languages: Vec::new(),
    });
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
    let sandbox = engine.launch(spec, CancellationToken::new()).await?;
    match sandbox.destroy().await {
        Ok(_) => Ok(()),
        Err(error) => Err(LaunchError::Setup {
            step: "remove".to_owned(),
            source: std::io::Error::other(error),
        }),
    }
}

fn limits(config: &Config) -> Vec<Check> {
    let cgroups = config.cgroups.then(Cgroups::open);
    let cgroup = match &cgroups {
        None => found("cgroups", "not used: the configuration says so"),
        Some(Ok(cgroups)) => found(
            "cgroups",
            format!("writable ({})", cgroups.controllers().version.mechanism()),
        ),
        Some(Err(error)) => Check {
            name: "cgroups",
            ok: false,
            required: false,
            detail: format!("not usable: {error}"),
            fix: Some(
                "start it with `systemd-run --user --scope -p Delegate=yes`, or as a service \
                 with `Delegate=yes`"
                    .to_owned(),
            ),
        },
    };
    let controllers = cgroups
        .and_then(Result::ok)
        .map(|cgroups| cgroups.controllers());
    let [builtin, others] = capabilities::cases(controllers.as_ref());
    let mut checks = vec![cgroup];
    for (name, case) in [
        ("limits of builtin images", builtin),
        ("limits of host images", others),
    ] {
        let table: Vec<String> = case
            .enforcement
            .table()
            .map(|(limit, mechanism)| format!("{limit}: {mechanism}"))
            .collect();
        checks.push(found(name, table.join(", ")));
    }
    checks
}

fn swap() -> Check {
    let swaps = fs::read_to_string("/proc/swaps").unwrap_or_default();
    let used = swaps.lines().count() > 1;
    Check {
        name: "swap",
        ok: !used,
        required: false,
        detail: if used { "in use" } else { "none" }.to_owned(),
        fix: used.then(|| {
            "secrets of functions may reach the disk: encrypt it or run `sudo swapoff -a`"
                .to_owned()
        }),
    }
}

fn interpreters(config: &Config) -> Vec<Check> {
    let host = crate::config::HostImages {
        allowed: true,
        ..config.host_images.clone()
    };
    Images::find(&host)
        .interpreters()
        .map(|(name, found_at)| match found_at {
            Ok(path) => found(name, path.display().to_string()),
            Err(reason) => Check {
                name,
                ok: false,
                required: false,
                detail: "not available".to_owned(),
                fix: Some(reason.to_owned()),
            },
        })
        .collect()
}

/// Says where images of registries are kept, and how much they take.
async fn store(store: &Store) -> Check {
    const NAME: &str = "image store";
    let root = store.root();
    let unusable = |detail: String, fix: &str| Check {
        name: NAME,
        ok: false,
        required: false,
        detail,
        fix: Some(fix.to_owned()),
    };
    let executable = rustix::fs::statvfs(root)
        .is_ok_and(|found| !found.f_flag.contains(StatVfsMountFlags::NOEXEC));
    if !executable {
        return unusable(
            format!("{}: programs cannot be executed there", root.display()),
            "use a directory on a file system that is not mounted `noexec`",
        );
    }
    match store.list().await {
        Ok(images) => {
            let bytes: u64 = images.iter().map(|image| image.size).sum();
            let count = match images.len() {
                1 => "1 image".to_owned(),
                several => format!("{several} images"),
            };
            let (root, mebibytes) = (root.display(), bytes >> 20);
            found(NAME, format!("{root}: {count}, {mebibytes} MiB"))
        }
        Err(error) => unusable(
            format!("{}: {error}", root.display()),
            "see that it is a directory that this user can write to",
        ),
    }
}

/// Hears of no progress.
struct Silent;

impl Progress for Silent {
    fn advance(&self, _phase: Phase, _done: u64, _total: u64) {}
}
