//! Starts engines whose cyclone is the probe, and finds what they have made.

use std::error::Error;
use std::time::Duration;

use image_store::{Store, StoreConfig};
use sandbox::PullPolicy;
use sandbox::{
    Engine as _, Executable, Image, InjectionRule, Limits, Network, OwnRunner, Programs,
    Sandbox as _, SandboxId, SandboxSpec,
};
use sandbox_conformance::inventory::{cgroups_below, children};
use sandbox_conformance::probe::{self, Probe};
use sandbox_conformance::{Host, Inventory, Item};
use sandbox_native::{
    Config, Executables, HostImages, NativeEngine, NativeSandbox, RegistryImages,
};
use tempfile::TempDir;
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;

use super::layout::Layout;

/// The image of a store that most tests launch.
pub(crate) const STORED: &str = "example.com/image";

/// The native engine, and an image of it.
pub(crate) struct Native {
    image: &'static str,
    pub(crate) config: Config,
    /// Where its store is, if it has one, and with it what is removed at the end.
    _store: Option<TempDir>,
}

impl Native {
    /// Returns the engine with the image that it brings along.
    pub(crate) fn builtin() -> Self {
        Self {
            image: "builtin/quickjs",
            config: Config::default(),
            _store: None,
        }
    }

    /// Returns the engine with an image that consists of the host's libraries.
    pub(crate) fn hosted() -> Self {
        Self {
            image: "host/node",
            config: Config {
                host_images: HostImages {
                    allowed: true,
                    // Any program will do.
                    node: Some(probe::path().to_owned()),
                    ..HostImages::default()
                },
                ..Config::default()
            },
            _store: None,
        }
    }

    /// Returns the engine with an image of a store, which has nothing in it but
    /// what is injected.
    pub(crate) fn stored() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = StoreConfig::new(directory.path().join("store"));
        let store = Store::open(store).expect("the store is opened");
        Self {
            image: STORED,
            config: stored_config(&store),
            _store: Some(directory),
        }
    }

    /// Returns the same where no cgroups can be had.
    pub(crate) fn without_cgroups(mut self) -> Self {
        self.config.cgroups = false;
        self
    }
}

impl Host for Native {
    type Engine = NativeEngine;

    async fn start(
        &self,
        programs: Programs,
    ) -> Result<NativeEngine, Box<dyn Error + Send + Sync>> {
        let executables = Executables {
            programs,
            ..executables()
        };
        if let Some(images) = &self.config.registry_images {
            let image = Layout::new().file("etc/motd", 0o644, b"from the image");
            image.import(&images.store, STORED).await;
        }
        Ok(NativeEngine::start(executables, self.config.clone()).await?)
    }

    fn image(&self) -> (&'static str, &'static str) {
        (self.image, "latest")
    }

    async fn inventory(&self, _engine: &NativeEngine) -> Inventory {
        let me = std::process::id();
        let launcher = launcher(me);
        children(launcher)
            .into_iter()
            .filter_map(Item::process)
            .chain([
                Item::descriptors(me),
                Item::descriptors(launcher),
                Item::mounts(launcher),
            ])
            .chain(cgroups_below(&format!("veritech-{me}-")))
            .collect()
    }
}

/// Returns what tells an engine of a store, and to inject into [`STORED`] what that
/// does not have.
pub(crate) fn stored_config(store: &Store) -> Config {
    Config {
        registry_images: Some(RegistryImages {
            store: store.clone(),
            pull_policy: PullPolicy::Never,
            injection: vec![InjectionRule {
                pattern: STORED.parse().expect("a pattern"),
                runner: Some(OwnRunner::QuickJs),
            }],
        }),
        ..Config::default()
    }
}

/// Returns the launcher of the only engine of a dispatcher.
pub(crate) fn launcher(dispatcher: u32) -> u32 {
    let launcher = children(dispatcher);
    *launcher.first().expect("the launcher runs")
}

/// Returns the programs that the tests run.
pub(crate) fn executables() -> Executables {
    Executables {
        launcher: Executable::File(env!("CARGO_BIN_EXE_veritech-launcher").into()),
        programs: probe::programs(),
    }
}

/// Starts an engine.
pub(crate) async fn engine() -> NativeEngine {
    engine_with(Config::default()).await
}

/// Starts an engine that behaves so.
pub(crate) async fn engine_with(config: Config) -> NativeEngine {
    start(executables(), config).await
}

/// Starts an engine of these programs that behaves so.
pub(crate) async fn start(executables: Executables, config: Config) -> NativeEngine {
    NativeEngine::start(executables, config)
        .await
        .expect("the engine starts")
}

/// Returns what most tests launch.
pub(crate) fn spec(id: u64) -> SandboxSpec {
    SandboxSpec {
        id: SandboxId(id),
        image: Image {
            reference: "builtin/quickjs:latest".to_owned(),
            digest: None,
            languages: vec!["javascript".to_owned()],
        },
        limits: Limits {
            memory_bytes: 64 << 20,
            cpu_millis: 1000,
            cpu_time: Duration::from_secs(10),
            processes: 16,
            disk_bytes: 1 << 20,
        },
        network: Network::None,
    }
}

/// Launches a sandbox.
pub(crate) async fn launch(
    engine: &NativeEngine,
    spec: SandboxSpec,
) -> (NativeSandbox, Probe<UnixStream>) {
    let mut sandbox = engine
        .launch(spec, CancellationToken::new())
        .await
        .expect("the sandbox is launched");
    let stream = sandbox.connect().await.expect("it is connected");
    (sandbox, Probe::new(stream))
}
