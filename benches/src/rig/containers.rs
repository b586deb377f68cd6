//! Containers that are made through Docker's own interface, with nothing of ours around them.

use anyhow::Context as _;
use bollard::models::{ContainerCreateBody, HostConfig};
use bollard::query_parameters::{CreateContainerOptions, RemoveContainerOptions};
use bollard::{API_DEFAULT_VERSION, Docker};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use tokio::time::Instant;

use crate::timing::contest::Measured;
use crate::timing::samples::Sample;

const TIMEOUT_SECONDS: u64 = 60;

/// Containers of one image, which waits for its standard input.
pub(crate) struct Containers {
    docker: Docker,
    image: String,
}

impl Containers {
    /// Connects to the engine at `host`, such as `unix:///var/run/docker.sock`.
    pub(crate) fn of(host: &str, image: String) -> anyhow::Result<Self> {
        let docker = Docker::connect_with_unix(host, TIMEOUT_SECONDS, API_DEFAULT_VERSION)
            .with_context(|| format!("`{host}` is no Docker engine's socket"))?;
        Ok(Self { docker, image })
    }

    /// Creates and starts a container, and removes it.
    async fn live(&self) -> anyhow::Result<Sample> {
        let body = ContainerCreateBody {
            image: Some(self.image.clone()),
            attach_stdin: Some(true),
            open_stdin: Some(true),
            host_config: Some(HostConfig {
                network_mode: Some("none".to_owned()),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let begun = Instant::now();
        let created = self
            .docker
            .create_container(None::<CreateContainerOptions>, body)
            .await?;
        let started = self.docker.start_container(&created.id, None).await;
        let took = begun.elapsed();
        let force = RemoveContainerOptions {
            force: true,
            ..RemoveContainerOptions::default()
        };
        self.docker
            .remove_container(&created.id, Some(force))
            .await?;
        started?;
        Ok(Sample::of(took))
    }
}

impl Measured for Containers {
    fn measure(&mut self) -> LocalBoxFuture<'_, anyhow::Result<Sample>> {
        self.live().boxed_local()
    }
}
