//! Calls of real functions by real dispatchers.

use std::time::Duration;

use anyhow::{Context as _, bail};
use e2e::World;
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::Instant;
use veritech_client::Client;
use veritech_protocol::{EventBody, Kind, RemoteFunctionRequest};

use crate::timing::contest::Measured;
use crate::timing::samples::Sample;

/// A function that does next to nothing.
const TRIVIAL: &str = "export default () => 1";

/// Returns a call of a trivial function in this image.
pub(crate) fn trivial(image: &str) -> RemoteFunctionRequest {
    RemoteFunctionRequest::new(Kind::Resolver, image, TRIVIAL)
}

/// Makes one call, which must have a value.
///
/// # Errors
///
/// Returns why it has none, or that its sandbox was not as `warm` says, where it does.
pub(crate) async fn call(
    client: &Client,
    request: RemoteFunctionRequest,
    warm: Option<bool>,
) -> anyhow::Result<Sample> {
    let begun = Instant::now();
    let mut call = client.call(request);
    let mut was_warm = None;
    while let Some(event) = call.next().await {
        if let EventBody::Started(started) = event.body {
            was_warm = Some(started.warm);
        }
    }
    let took = begun.elapsed();
    let result = call.result().await.context("a call failed")?;
    match (warm, was_warm) {
        (Some(true), Some(false)) => bail!("a call that was to be warm had a cold sandbox"),
        (Some(false), Some(true)) => bail!("a call that was to be cold had a warm sandbox"),
        _ => Ok(Sample {
            took,
            cpu: Some(Duration::from_millis(result.report.usage.cpu_ms)),
            memory_bytes: result.report.usage.memory_peak_bytes,
        }),
    }
}

/// Calls, one at a time.
pub(crate) struct Calls<'a> {
    world: &'a World,
    request: RemoteFunctionRequest,
    /// How many sandboxes wait when a call begins; none, if calls are to be cold.
    waiting: u64,
}

impl<'a> Calls<'a> {
    /// Returns calls in sandboxes of a pool that holds `waiting` of them.
    pub(crate) fn warm(world: &'a World, image: &str, waiting: u64) -> Self {
        Self {
            world,
            request: trivial(image),
            waiting,
        }
    }

    /// Returns calls in sandboxes that are made for them.
    pub(crate) fn cold(world: &'a World, image: &str) -> Self {
        Self::warm(world, image, 0)
    }
}

impl Measured for Calls<'_> {
    fn measure(&mut self) -> LocalBoxFuture<'_, anyhow::Result<Sample>> {
        async {
            self.world.figure_is("warm", self.waiting).await;
            // The sandbox of the call before is still being removed.
            self.world.figure_is("running", 0).await;
            // Nor is what asking for that has set in motion a part of the call.
            tokio::time::sleep(Duration::from_millis(2)).await;
            let warm = Some(self.waiting > 0);
            call(&self.world.client, self.request.clone(), warm).await
        }
        .boxed_local()
    }
}
