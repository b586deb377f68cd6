//! A round trip over NATS without anything behind it.

use std::thread;

use anyhow::Context as _;
use async_nats::Client;
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::timing::contest::Measured;
use crate::timing::samples::Sample;

/// As large as a small request.
const BYTES: usize = 1024;

const SUBJECT: &str = "bench.echo";

/// Somebody of a queue group who gives back what comes, on a thread of its own.
pub(crate) struct Echo {
    client: Client,
}

impl Echo {
    /// Starts it on the server at `url`.
    pub(crate) async fn start(url: &str) -> anyhow::Result<Self> {
        let (ready, is_ready) = oneshot::channel();
        let server = url.to_owned();
        thread::Builder::new()
            .name("echo".to_owned())
            .spawn(move || {
                let runtime = Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(answer(&server, ready))
            })?;
        is_ready.await.context("nobody answers")?;
        let client = async_nats::connect(url).await?;
        Ok(Self { client })
    }
}

async fn answer(url: &str, ready: oneshot::Sender<()>) -> anyhow::Result<()> {
    let client = async_nats::connect(url).await?;
    let mut requests = client.queue_subscribe(SUBJECT, "bench".to_owned()).await?;
    client.flush().await?;
    if ready.send(()).is_err() {
        return Ok(());
    }
    while let Some(request) = requests.next().await {
        if let Some(mailbox) = request.reply {
            client.publish(mailbox, request.payload).await?;
        }
    }
    Ok(())
}

impl Measured for Echo {
    fn measure(&mut self) -> LocalBoxFuture<'_, anyhow::Result<Sample>> {
        async {
            let payload = vec![0; BYTES].into();
            let begun = Instant::now();
            self.client.request(SUBJECT, payload).await?;
            Ok(Sample::of(begun.elapsed()))
        }
        .boxed_local()
    }
}
