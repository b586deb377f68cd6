//! The native engine, on Linux.

use anyhow::Context as _;
use sandbox::{Check, Engine as _, Executable, Limit, Mechanism, Phase, Progress};
use sandbox_native::{Config, Executables, HostImages, NativeEngine};
use tokio_util::sync::CancellationToken;

use crate::config::Settings;
use crate::exit::UsageError;

/// The engine of `run`: whoever runs a function here may use the host's
/// interpreters.
pub(crate) async fn for_run(settings: &Settings) -> anyhow::Result<NativeEngine> {
    let mut config = config(settings);
    config.host_images.allowed = true;
    start(config).await
}

/// The engine of `serve`, which refuses limits that are only sampled unless
/// the configuration allows it.
pub(crate) async fn for_serve(settings: &Settings) -> anyhow::Result<NativeEngine> {
    let engine = start(config(settings)).await?;
    if settings.native.allow_sampled {
        return Ok(engine);
    }
    let images: &[&str] = if settings.native.host_images {
        &["builtin/quickjs", "host/node", "host/deno"]
    } else {
        &["builtin/quickjs"]
    };
    for image in images {
        let cancel = CancellationToken::new();
        // An image that is not to be had is refused when it is asked for.
        let Ok(image) = engine.prepare(image, "latest", &Unheard, cancel).await else {
            continue;
        };
        if engine.enforcement(&image).of(Limit::Memory) == Mechanism::Sampled {
            return Err(UsageError(format!(
                "memory of `{}` can only be sampled on this host; give veritech a writable \
                 cgroup (systemd: Delegate=yes), or set native.allow_sampled = true",
                image.reference
            ))
            .into());
        }
    }
    Ok(engine)
}

async fn start(config: Config) -> anyhow::Result<NativeEngine> {
    NativeEngine::start(executables(), config)
        .await
        .context("the native engine does not start; `veritech doctor` says what this host lacks")
}

/// Checks whether this host can run sandboxes.
pub(crate) async fn check_host(settings: &Settings) -> Vec<Check> {
    let mut config = config(settings);
    config.host_images.allowed = true;
    sandbox_native::check_host(executables(), config).await
}

/// What the native engine is told.
fn config(settings: &Settings) -> Config {
    let native = &settings.native;
    Config {
        host_images: HostImages {
            allowed: native.host_images,
            node: native.node.clone(),
            deno: native.deno.clone(),
        },
        first_host_uid: native.first_host_uid,
        ..Config::default()
    }
}

/// The programs that this binary carries.
fn executables() -> Executables {
    Executables {
        launcher: Executable::Embedded(builtin::LAUNCHER),
        programs: builtin::programs(),
    }
}

/// Hears of no progress: the images here are part of the host.
struct Unheard;

impl Progress for Unheard {
    fn advance(&self, _phase: Phase, _done: u64, _total: u64) {}
}
