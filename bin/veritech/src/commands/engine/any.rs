//! One engine of those that there are, chosen when the program starts.

use sandbox::{
    ConnectError, DestroyError, Ending, Enforcement, Engine, EngineKind, Image, LaunchError,
    Network, PrepareError, Progress, ReclaimError, Report, Sandbox, SandboxId, SandboxSpec, Token,
};
use sandbox_docker::{DockerEngine, DockerSandbox};
use sandbox_native::{NativeEngine, NativeSandbox};
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;

/// The engine that the configuration asks for.
#[derive(Debug)]
pub(crate) enum AnyEngine {
    /// Linux namespaces.
    Native(NativeEngine),
    /// Containers.
    Docker(DockerEngine),
}

/// A sandbox of the engine.
#[derive(Debug)]
pub(crate) enum AnySandbox {
    /// Linux namespaces.
    Native(NativeSandbox),
    /// A container.
    Docker(DockerSandbox),
}

impl Engine for AnyEngine {
    type Sandbox = AnySandbox;

    fn kind(&self) -> EngineKind {
        match self {
            Self::Native(engine) => engine.kind(),
            Self::Docker(engine) => engine.kind(),
        }
    }

    fn enforcement(&self, image: &Image) -> Enforcement {
        match self {
            Self::Native(engine) => engine.enforcement(image),
            Self::Docker(engine) => engine.enforcement(image),
        }
    }

    fn offers(&self, network: Network) -> bool {
        match self {
            Self::Native(engine) => engine.offers(network),
            Self::Docker(engine) => engine.offers(network),
        }
    }

    fn recognise(&self, image: &str, tag: &str) -> Result<Option<Vec<String>>, PrepareError> {
        match self {
            Self::Native(engine) => engine.recognise(image, tag),
            Self::Docker(engine) => engine.recognise(image, tag),
        }
    }

    async fn prepare(
        &self,
        image: &str,
        tag: &str,
        progress: &dyn Progress,
        cancel: CancellationToken,
    ) -> Result<Image, PrepareError> {
        match self {
            Self::Native(engine) => engine.prepare(image, tag, progress, cancel).await,
            Self::Docker(engine) => engine.prepare(image, tag, progress, cancel).await,
        }
    }

    async fn launch(
        &self,
        spec: SandboxSpec,
        cancel: CancellationToken,
    ) -> Result<AnySandbox, LaunchError> {
        match self {
            Self::Native(engine) => engine.launch(spec, cancel).await.map(AnySandbox::Native),
            Self::Docker(engine) => engine.launch(spec, cancel).await.map(AnySandbox::Docker),
        }
    }

    async fn reclaim(&self) -> Result<usize, ReclaimError> {
        match self {
            Self::Native(engine) => engine.reclaim().await,
            Self::Docker(engine) => engine.reclaim().await,
        }
    }

    async fn close(&self) {
        match self {
            Self::Native(engine) => engine.close().await,
            Self::Docker(engine) => engine.close().await,
        }
    }
}

impl Sandbox for AnySandbox {
    type Stream = Either<<NativeSandbox as Sandbox>::Stream, <DockerSandbox as Sandbox>::Stream>;

    fn id(&self) -> SandboxId {
        match self {
            Self::Native(sandbox) => sandbox.id(),
            Self::Docker(sandbox) => sandbox.id(),
        }
    }

    async fn connect(&mut self) -> Result<Self::Stream, ConnectError> {
        match self {
            Self::Native(sandbox) => sandbox.connect().await.map(Either::Left),
            Self::Docker(sandbox) => sandbox.connect().await.map(Either::Right),
        }
    }

    fn token(&self) -> Option<Token> {
        match self {
            Self::Native(sandbox) => sandbox.token(),
            Self::Docker(sandbox) => sandbox.token(),
        }
    }

    async fn ended(&mut self) -> Ending {
        match self {
            Self::Native(sandbox) => sandbox.ended().await,
            Self::Docker(sandbox) => sandbox.ended().await,
        }
    }

    async fn report(&mut self) -> Report {
        match self {
            Self::Native(sandbox) => sandbox.report().await,
            Self::Docker(sandbox) => sandbox.report().await,
        }
    }

    async fn end(&mut self) {
        match self {
            Self::Native(sandbox) => sandbox.end().await,
            Self::Docker(sandbox) => sandbox.end().await,
        }
    }

    async fn destroy(self) -> Result<Report, DestroyError> {
        match self {
            Self::Native(sandbox) => sandbox.destroy().await,
            Self::Docker(sandbox) => sandbox.destroy().await,
        }
    }
}
