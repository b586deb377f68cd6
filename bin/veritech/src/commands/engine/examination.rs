//! Everything that is looked at before functions are taken: one list, for `serve` and `doctor`.
//!
//! ```text
//!  configuration ─┐
//!  host ──────────┼─▶ checks ─▶ engine ─▶ its walls, tried ─▶ all that is wrong, together
//!  NATS ──────────┘
//! ```

use preflight::host::{self, Demand};
use preflight::list::{MEMORY_LIMIT, REGISTRIES, STORE};
use preflight::probe::{self, ProbeError};
use preflight::{files, limits, nats, process, subjects, users, walls};
use sandbox::{Check, Engine as _, Image, Limit, Mechanism};
use sandbox_docker::DockerEngine;
use sandbox_native::NativeEngine;

use super::AnyEngine;
use super::linux::{docker, executables, native, registry_images};
use crate::config::{EngineChoice, Settings};

/// `serve` does not start under this: an error for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

/// For whom it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To take functions.
    Serve,
    /// To tell a person about this host.
    Doctor,
}

/// What was found, and the engine if it started.
#[derive(Debug)]
struct Examined {
    checks: Vec<Check>,
    engine: Option<AnyEngine>,
}

/// Looks at everything and returns the engine, unless functions must not be taken here.
pub(crate) async fn for_serve(settings: &Settings) -> anyhow::Result<AnyEngine> {
    process::close_memory()?;
    let Examined { checks, engine } = Box::pin(examine(settings, Purpose::Serve)).await;
    for check in checks.iter().filter(|check| !check.ok && !check.required) {
        let Check {
            name, detail, fix, ..
        } = check;
        let fix = fix.as_deref().unwrap_or_default();
        tracing::warn!(check = name, detail, fix, "not as it should be");
    }
    match engine {
        Some(engine) if !checks.iter().any(Check::is_refusal) => {
            let count = checks.len();
            tracing::debug!(checks = count, "nothing speaks against taking functions");
            Ok(engine)
        }
        Some(_) | None => Err(Refused(told(&checks)).into()),
    }
}

/// Looks at everything.
pub(crate) async fn check_host(settings: &Settings) -> anyhow::Result<Vec<Check>> {
    Ok(Box::pin(examine(settings, Purpose::Doctor)).await.checks)
}

/// Says what is wrong, all of it, and what mends each.
fn told(checks: &[Check]) -> String {
    let refusals: Vec<_> = checks.iter().filter(|check| check.is_refusal()).collect();
    let mut text = format!(
        "functions must not be taken here: {} of {} checks failed",
        refusals.len(),
        checks.len()
    );
    for check in refusals {
        text.extend(["\n  ", check.name, ": ", &check.detail]);
        if let Some(fix) = &check.fix {
            text.extend(["\n    fix: ", fix]);
        }
    }
    text
}

async fn examine(settings: &Settings, purpose: Purpose) -> Examined {
    let mut checks = configuration(settings);
    checks.extend(this_host(settings, purpose));
    match nats::look(&settings.nats_url).await {
        Ok(server) => checks.extend([
            nats::check(&server, settings.serving.insecure_nats),
            nats::message_size(&server),
        ]),
        Err(check) => checks.push(check),
    }
    let examined = match settings.engines.choice {
        EngineChoice::Native => examine_native(settings, purpose).await,
        EngineChoice::Docker => examine_docker(settings).await,
    };
    checks.extend(examined.checks);
    Examined {
        checks,
        engine: examined.engine,
    }
}

/// Looks at what was configured, and at the files that say so.
fn configuration(settings: &Settings) -> Vec<Check> {
    let serving = &settings.serving;
    let mut checks = vec![
        subjects::check(&settings.dispatcher.inbox_prefixes, &serving.subject_prefix),
        limits::check(&settings.dispatcher.bounds),
        process::arguments(),
    ];
    if let Some(file) = &serving.file {
        checks.push(files::configuration(&file.path, file.has_password));
    }
    if let Some(path) = &settings.nats_credentials {
        checks.push(files::credentials(path));
    }
    let registries = &settings.engines.insecure_registries;
    if !registries.is_empty() {
        checks.push(Check::warned(
            REGISTRIES,
            format!("{} speak without TLS", registries.join(", ")),
            "give them certificates, or name their images by digest",
        ));
    }
    checks
}

/// Looks at the host, whatever the engine.
fn this_host(settings: &Settings, purpose: Purpose) -> Vec<Check> {
    let whole = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let dispatcher = &settings.dispatcher;
    let memory = &dispatcher.bounds.memory_bytes;
    let demand = Demand {
        places: whole(dispatcher.places.get()),
        warm: whole(dispatcher.pool.most()),
        default_bytes: memory.default,
        maximum_bytes: memory.maximum,
    };
    vec![
        files::own_program(),
        process::memory(purpose == Purpose::Serve),
        host::memory(demand),
        host::open_files(demand),
        host::core_dumps(),
    ]
}

async fn examine_native(settings: &Settings, purpose: Purpose) -> Examined {
    let engines = &settings.engines;
    let mut config = native(engines);
    let mut checks = vec![host::kernel()];
    if rustix::process::geteuid().is_root() {
        checks.push(users::check(engines.native.first_host_uid, &users::read()));
    }
    checks.extend(process::ordinary_user());
    let in_use = sandbox_native::interpreters_in_use(&config);
    checks.push(files::interpreters(in_use.iter().map(AsRef::as_ref)));
    let registries_may = settings.images.allow_registries();
    if registries_may || purpose == Purpose::Doctor {
        match registry_images(settings) {
            Ok(images) => {
                checks.push(files::store(images.store.root()));
                config.registry_images = Some(images);
            }
            Err(error) => {
                let detail =
                    format!("not available, so images of registries cannot run: {error:#}");
                let fix = "set `store.path` to a directory that this user can write to";
                checks.push(if registries_may {
                    Check::refused(STORE, detail, fix)
                } else {
                    Check::warned(STORE, detail, fix)
                });
            }
        }
    }
    checks.extend(sandbox_native::check_host(&config).await);
    if purpose == Purpose::Doctor {
        checks.extend(sandbox_native::describe_host(&config));
    }
    let engine = match NativeEngine::start(executables(), config).await {
        Ok(engine) => engine,
        Err(error) => {
            checks.extend(walls::check(&Err(ProbeError::Launch(error))));
            return Examined {
                checks,
                engine: None,
            };
        }
    };
    checks.push(sandbox_native::check_swap(&engine));
    checks.push(memory_limit(&engine, settings));
    let tried = probe::examine(&engine, engine.self_check_image()).await;
    checks.extend(walls::check(&tried));
    Examined {
        checks,
        engine: Some(AnyEngine::Native(engine)),
    }
}

async fn examine_docker(settings: &Settings) -> Examined {
    let engines = &settings.engines;
    let config = docker(engines, &settings.images.injection);
    let mut checks = sandbox_docker::check_host(&config).await;
    let engine = match DockerEngine::start(builtin::programs(), config).await {
        Ok(engine) => engine,
        Err(error) => {
            checks.extend(walls::check(&Err(ProbeError::Launch(error))));
            return Examined {
                checks,
                engine: None,
            };
        }
    };
    if engines.allow_egress {
        checks.push(sandbox_docker::check_egress(&engine));
    }
    let tried = match engine.self_check_image().await {
        Ok(image) => probe::examine(&engine, image).await,
        Err(error) => Err(ProbeError::Prepare(error)),
    };
    checks.extend(walls::check(&tried));
    Examined {
        checks,
        engine: Some(AnyEngine::Docker(engine)),
    }
}

/// Looks for an image that may run and whose memory is only measured now and then.
fn memory_limit(engine: &NativeEngine, settings: &Settings) -> Check {
    let native = &settings.engines.native;
    let host = ["host/node:latest", "host/deno:latest", "host/python:latest"];
    // Any name of a registry stands for all of them.
    let registry = ["docker.io/library/any:latest"];
    let possible = ["builtin/quickjs:latest"]
        .into_iter()
        .chain(host.into_iter().filter(|_| native.host_images))
        .chain(
            registry
                .into_iter()
                .filter(|_| settings.images.allow_registries()),
        );
    let mut sampled = possible.filter(|reference| {
        let image = Image {
            reference: (*reference).to_owned(),
            digest: None,
            languages: Vec::new(),
        };
        engine.enforcement(&image).of(Limit::Memory) == Mechanism::Sampled
    });
    match sampled.next() {
        None => Check::passed(
            MEMORY_LIMIT,
            "held by the kernel for every image that may run",
        ),
        Some(reference) if native.allow_sampled => Check::warned(
            MEMORY_LIMIT,
            format!("memory of `{reference}` is only sampled on this host: as configured"),
            "give veritech a writable cgroup (systemd: Delegate=yes)",
        ),
        Some(reference) => Check::refused(
            MEMORY_LIMIT,
            format!("memory of `{reference}` can only be sampled on this host"),
            "give veritech a writable cgroup (systemd: Delegate=yes), or set native.allow_sampled = \
             true",
        ),
    }
}
