//! Cyclones in the sandboxes of an engine, with the runner of an image.

use std::sync::atomic::{AtomicU64, Ordering};

use sandbox::{
    ConnectError, DestroyError, Engine, Image, LaunchError, Limits, Network, Sandbox, SandboxId,
    SandboxSpec,
};
use tokio_util::sync::CancellationToken;

use crate::harness::Cyclones;

/// A sandbox could not be had, or not be removed.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// It could not be launched.
    #[error(transparent)]
    Launch(#[from] LaunchError),

    /// It could not be connected to.
    #[error(transparent)]
    Connect(#[from] ConnectError),

    /// It could not be removed.
    #[error(transparent)]
    Destroy(#[from] DestroyError),
}

/// Launches a sandbox of one image for each case.
#[derive(Debug)]
pub struct Sandboxes<'a, E> {
    engine: &'a E,
    image: Image,
    limits: Limits,
    launched: AtomicU64,
}

impl<'a, E: Engine> Sandboxes<'a, E> {
    /// Uses sandboxes of an image that `engine` has prepared.
    pub fn new(engine: &'a E, image: Image, limits: Limits) -> Self {
        Self {
            engine,
            image,
            limits,
            launched: AtomicU64::new(0),
        }
    }
}

impl<E: Engine> Cyclones for Sandboxes<'_, E> {
    type Stream = <E::Sandbox as Sandbox>::Stream;
    type Cyclone = E::Sandbox;
    type Error = SandboxError;

    async fn start(&self) -> Result<(Self::Stream, E::Sandbox), SandboxError> {
        let spec = SandboxSpec {
            id: SandboxId(self.launched.fetch_add(1, Ordering::Relaxed)),
            image: self.image.clone(),
            limits: self.limits,
            network: Network::None,
        };
        let mut sandbox = self.engine.launch(spec, CancellationToken::new()).await?;
        match sandbox.connect().await {
            Ok(stream) => Ok((stream, sandbox)),
            Err(error) => {
                sandbox.destroy().await?;
                Err(error.into())
            }
        }
    }

    async fn end(&self, sandbox: E::Sandbox) -> Result<(), SandboxError> {
        sandbox.destroy().await?;
        Ok(())
    }
}
