//! An engine that runs, with what the checks launch on it.

use std::time::Duration;

use sandbox::{
    Engine, Executable, Image, Limits, Network, Phase, Progress, Sandbox, SandboxId, SandboxSpec,
};
use testkit::eventually;
use tokio_util::sync::CancellationToken;

use crate::DEADLINE;
use crate::host::Host;
use crate::inventory::Inventory;
use crate::probe::{self, Probe};

/// The probe in a sandbox of an engine.
pub(crate) type ProbeOf<E> = Probe<<<E as Engine>::Sandbox as Sandbox>::Stream>;

/// An engine, and an image that it has prepared.
pub(crate) struct Rig<'h, H: Host> {
    pub(crate) host: &'h H,
    pub(crate) engine: H::Engine,
    pub(crate) image: Image,
}

impl<'h, H: Host> Rig<'h, H> {
    /// Starts an engine whose cyclone is the probe.
    pub(crate) async fn start(host: &'h H) -> Self {
        let engine = host.start(probe::programs()).await;
        let engine = engine.expect("the engine starts");
        let image = prepare(host, &engine).await;
        Self {
            host,
            engine,
            image,
        }
    }

    /// Starts an engine that has had a sandbox: what it makes once, and keeps,
    /// has been made.
    pub(crate) async fn warmed(host: &'h H) -> Self {
        let rig = Self::start(host).await;
        let (sandbox, probe) = rig.launch(rig.spec(0)).await;
        sandbox.destroy().await.expect("it is destroyed");
        drop(probe);
        rig
    }

    /// Returns what most checks launch.
    pub(crate) fn spec(&self, id: u64) -> SandboxSpec {
        spec(self.image.clone(), id)
    }

    /// Returns what a check of a limit launches.
    pub(crate) fn limited(&self, change: impl FnOnce(&mut Limits)) -> SandboxSpec {
        let mut spec = self.spec(1);
        change(&mut spec.limits);
        spec
    }

    /// Launches a sandbox and connects to its probe.
    pub(crate) async fn launch(
        &self,
        spec: SandboxSpec,
    ) -> (<H::Engine as Engine>::Sandbox, ProbeOf<H::Engine>) {
        let mut sandbox = self
            .engine
            .launch(spec, CancellationToken::new())
            .await
            .expect("the sandbox is launched");
        let session = sandbox.connect().await.expect("it is connected");
        (sandbox, Probe::new(session))
    }

    /// Lists what the engine has.
    pub(crate) async fn inventory(&self) -> Inventory {
        self.host.inventory(&self.engine).await
    }

    /// Fails unless the engine has what it had before, now.
    pub(crate) async fn has_again(&self, before: &Inventory, after: &str) {
        if let Err(differences) = self.inventory().await.compare(before) {
            panic!("after {after}: {differences}");
        }
    }

    /// Waits until the engine has what it had before.
    pub(crate) async fn will_have_again(&self, before: &Inventory, after: &str) {
        let what = format!("return to what there was before {after}");
        eventually(DEADLINE, &what, async || {
            self.inventory().await.compare(before)
        })
        .await;
    }
}

/// Starts an engine with such a cyclone, if it lets itself be started.
pub(crate) async fn start_with<H: Host>(host: &H, cyclone: Executable) -> Option<Rig<'_, H>> {
    let engine = host.start(probe::with_cyclone(cyclone)).await.ok()?;
    let image = prepare(host, &engine).await;
    Some(Rig {
        host,
        engine,
        image,
    })
}

/// Returns a specification with limits that leave room for what is not checked.
pub(crate) fn spec(image: Image, id: u64) -> SandboxSpec {
    SandboxSpec {
        id: SandboxId(id),
        image,
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

async fn prepare<H: Host>(host: &H, engine: &H::Engine) -> Image {
    let (image, tag) = host.image();
    engine
        .prepare(image, tag, &Unheard, CancellationToken::new())
        .await
        .expect("the image is prepared")
}

/// Hears of no progress.
pub(crate) struct Unheard;

impl Progress for Unheard {
    fn advance(&self, _phase: Phase, _done: u64, _total: u64) {}
}
