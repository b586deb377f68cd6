//! The engines of Linux: native, and docker.

use std::path::PathBuf;

use anyhow::Context as _;
use image_store::{Store, StoreConfig};
use sandbox::reference::is_local;
use sandbox::{Executable, InjectionRule};
use sandbox_docker::{Connect, DockerEngine};
use sandbox_native::{Executables, HostImages, NativeEngine, RegistryImages};

use super::{AnyEngine, Offered};
use crate::config::{DockerConnect, EngineChoice, EngineSettings, Settings};
use crate::exit::UsageError;

/// Where root keeps images.
const SYSTEM_STORE: &str = "/var/lib/veritech/images";

/// The engine of `run`, to execute a function in `image`: whoever runs a function
/// here may use the host's interpreters.
pub(crate) async fn for_run(settings: &Settings, image: &str) -> anyhow::Result<AnyEngine> {
    let Settings {
        engines, images, ..
    } = settings;
    match engines.choice {
        EngineChoice::Native => {
            let mut config = native(engines);
            config.host_images.allowed = true;
            // One execution has no use for what the next ones would have in common.
            config.zygotes.clear();
            // Without a place for images everything else still runs.
            if !is_local(image) {
                config.registry_images = Some(registry_images(settings)?);
            }
            let engine = NativeEngine::start(executables(), config).await;
            engine.map(AnyEngine::Native).context(
                "the native engine does not start; `veritech doctor` says what this host lacks",
            )
        }
        EngineChoice::Docker => {
            let config = docker(engines, &images.injection);
            let engine = DockerEngine::start(builtin::programs(), config).await;
            engine.map(AnyEngine::Docker).context(
                "the docker engine does not start; `veritech doctor --engine docker` says what it \
                 lacks",
            )
        }
    }
}

/// Returns what each engine offers, and what of it holds on this host.
pub(crate) async fn capabilities(settings: &Settings) -> Vec<Offered> {
    let Settings {
        engines, images, ..
    } = settings;
    let containers = match engines.choice {
        // A daemon that nobody chose is not bothered.
        EngineChoice::Native => Vec::new(),
        EngineChoice::Docker => {
            sandbox_docker::cases_here(&docker(engines, &images.injection)).await
        }
    };
    vec![
        Offered {
            everywhere: sandbox_native::capabilities(),
            here: sandbox_native::cases_here(&native(engines)),
        },
        Offered {
            everywhere: sandbox_docker::capabilities::capabilities(),
            here: containers,
        },
    ]
}

/// Opens the store for the native engine.
pub(super) fn registry_images(settings: &Settings) -> anyhow::Result<RegistryImages> {
    Ok(RegistryImages {
        store: store(&settings.engines)?,
        pull_policy: settings.engines.pull_policy,
        injection: settings.images.injection.clone(),
    })
}

/// Opens the native engine's images.
pub(crate) fn store(engines: &EngineSettings) -> anyhow::Result<Store> {
    let root = store_directory(engines)?;
    let config = StoreConfig {
        max_bytes: engines.store.max_size.as_u64(),
        max_image_bytes: engines.store.max_image.as_u64(),
        pull_timeout: engines.image_timeout,
        insecure_registries: engines.insecure_registries.clone(),
        ..StoreConfig::new(root)
    };
    Ok(Store::open(config)?)
}

/// Returns where images are kept.
fn store_directory(engines: &EngineSettings) -> anyhow::Result<PathBuf> {
    if let Some(path) = &engines.store.path {
        return Ok(path.clone());
    }
    if rustix::process::geteuid().is_root() {
        return Ok(PathBuf::from(SYSTEM_STORE));
    }
    let absolute = |name: &str| {
        let path = std::env::var_os(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    let cache = cache.ok_or_else(|| {
        UsageError(
            "there is no place for images: neither XDG_CACHE_HOME nor HOME is set; set store.path"
                .to_owned(),
        )
    })?;
    Ok(cache.join("veritech/images"))
}

/// What the native engine is told, images of registries aside.
pub(super) fn native(engines: &EngineSettings) -> sandbox_native::Config {
    let native = &engines.native;
    sandbox_native::Config {
        host_images: HostImages {
            allowed: native.host_images,
            node: native.node.clone(),
            deno: native.deno.clone(),
            python: native.python.clone(),
        },
        zygotes: native.zygotes.clone(),
        first_host_uid: native.first_host_uid,
        ..sandbox_native::Config::default()
    }
}

/// What the docker engine is told.
pub(super) fn docker(
    engines: &EngineSettings,
    injection: &[InjectionRule],
) -> sandbox_docker::Config {
    sandbox_docker::Config {
        host: engines.docker.host.clone(),
        connect: match engines.docker.connect {
            DockerConnect::Attach => Connect::Attach,
            DockerConnect::Port => Connect::Port,
        },
        pull_policy: engines.pull_policy,
        injection: injection.to_vec(),
        egress: engines.allow_egress,
        api_deadline: engines.docker_call_timeout,
        pull_deadline: engines.image_timeout,
        ..sandbox_docker::Config::default()
    }
}

/// The programs that this binary carries.
pub(super) fn executables() -> Executables {
    Executables {
        launcher: Executable::Embedded(builtin::LAUNCHER),
        programs: builtin::programs(),
    }
}
