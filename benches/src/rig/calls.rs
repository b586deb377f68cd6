//! Calls of real functions by real dispatchers.

use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use e2e::{LIMIT, World};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio::time::{self, Instant};
use veritech_client::Client;
use veritech_protocol::{EventBody, Kind, RemoteFunctionRequest, Timings};

use crate::timing::contest::Measured;
use crate::timing::samples::Sample;

/// Where dispatchers say what they do (NATS ADR-32).
const STATS: &str = "$SRV.STATS.veritech";

const PAUSE: Duration = Duration::from_millis(2);

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
    Ok(called(client, request, warm).await?.sample)
}

async fn called(
    client: &Client,
    request: RemoteFunctionRequest,
    warm: Option<bool>,
) -> anyhow::Result<Called> {
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
        _ => Ok(Called {
            sample: Sample {
                took,
                cpu: Some(Duration::from_millis(result.report.usage.cpu_ms)),
                memory_bytes: result.report.usage.memory_peak_bytes,
            },
            timings: result.report.timings,
        }),
    }
}

/// What came of a call.
struct Called {
    sample: Sample,
    /// What the dispatcher says of it.
    timings: Timings,
}

/// What of a call is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it, as its caller sees it.
    Whole,
    /// From the launch of its sandbox to the answer of the cyclone in it.
    Launch,
}

/// Calls, one at a time.
pub(crate) struct Calls<'a> {
    world: &'a World,
    request: RemoteFunctionRequest,
    /// How many sandboxes wait when a call begins; none, if calls are to be cold.
    waiting: u64,
    part: Part,
    nats: OnceCell<async_nats::Client>,
}

impl<'a> Calls<'a> {
    /// Returns calls in sandboxes of a pool that holds `waiting` of them.
    pub(crate) fn warm(world: &'a World, image: &str, waiting: u64) -> Self {
        Self {
            world,
            request: trivial(image),
            waiting,
            part: Part::Whole,
            nats: OnceCell::new(),
        }
    }

    /// Returns calls in sandboxes that are made for them.
    pub(crate) fn cold(world: &'a World, image: &str) -> Self {
        Self::warm(world, image, 0)
    }

    /// Returns the same calls, of which only this part is timed.
    pub(crate) fn timing(self, part: Part) -> Self {
        Self { part, ..self }
    }

    /// Waits until the sandboxes that are to wait do, and that of the call before is removed.
    ///
    /// It asks the one dispatcher that there is, and takes its answer for all: whoever waits for
    /// the answers of others, as clients do, waits for a third of a second.
    async fn rests(&self) -> anyhow::Result<()> {
        let connect = || async_nats::connect(self.world.server.url());
        let nats = self.nats.get_or_try_init(connect).await?;
        let begun = Instant::now();
        loop {
            let answer = nats.request(STATS, Bytes::new()).await?;
            let stats: Value = serde_json::from_slice(&answer.payload)?;
            let figure = |name: &str| {
                let figures = stats.pointer("/endpoints/0/data")?;
                figures.get(name)?.as_u64()
            };
            if figure("warm") == Some(self.waiting) && figure("running") == Some(0) {
                return Ok(());
            }
            let waited = begun.elapsed();
            anyhow::ensure!(waited < LIMIT, "it does not come to rest: {stats}");
            time::sleep(PAUSE).await;
        }
    }

    /// Makes a call that is not timed.
    pub(crate) async fn once(&self) -> anyhow::Result<()> {
        call(&self.world.client, self.request.clone(), None).await?;
        Ok(())
    }
}

impl Measured for Calls<'_> {
    fn measure(&mut self) -> LocalBoxFuture<'_, anyhow::Result<Sample>> {
        async {
            self.rests().await?;
            // What asking for that has set in motion is no part of the call.
            time::sleep(PAUSE).await;
            let warm = Some(self.waiting > 0);
            let called = called(&self.world.client, self.request.clone(), warm).await?;
            Ok(match self.part {
                Part::Whole => called.sample,
                Part::Launch => Sample::of(Duration::from_micros(
                    called.timings.sandbox_us + called.timings.connect_us,
                )),
            })
        }
        .boxed_local()
    }
}
