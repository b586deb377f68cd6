//! `veritech serve`: takes requests from NATS.

use anyhow::Context as _;
use lifecycle::Tasks;
use sandbox::Engine;
use veritech_server::{Connection, Dispatcher, Server};

use super::engine;
use crate::config::Settings;
use crate::exit::Exit;
use crate::interrupt::{Interrupted, Interrupts};

/// Serves until a signal comes, then drains.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<Exit> {
    let mut signals = Interrupts::listen().context("could not listen for signals")?;
    let server = match signals.unless(Box::pin(start(settings))).await {
        Ok(server) => server,
        // Asked to stop before there was anything to drain.
        Err(error) if error.is::<Interrupted>() => return Ok(Exit::Success),
        Err(error) => return Err(error),
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (hurry, hurried) = tokio::sync::oneshot::channel::<()>();
    let listen = async {
        signals.next().await;
        // The receivers live as long as the server runs.
        drop(stop);
        signals.next().await;
        drop(hurry);
        signals.next().await;
    };
    let serve = server.run(async { drop(stopped.await) }, async { drop(hurried.await) });
    tokio::select! {
        drained = serve => {
            let drained = drained?;
            tracing::debug!(?drained, "done");
            Ok(Exit::Success)
        }
        // The third signal: whatever is left is left behind.
        () = listen => Ok(Exit::Infrastructure),
    }
}

/// Starts the engine, tidies up, and connects to NATS.
async fn start(settings: Settings) -> anyhow::Result<Server<impl Engine>> {
    let engine = engine::for_serve(&settings).await?;
    let dispatcher = Dispatcher::new(engine, settings.dispatcher, Tasks::default());
    match dispatcher.reclaim().await {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "removed what an earlier dispatcher left"),
        Err(error) => tracing::warn!(%error, "something of an earlier dispatcher is still there"),
    }
    let connection = Connection {
        url: settings.nats_url,
        credentials_file: settings.nats_credentials,
    };
    Ok(Server::connect(dispatcher, &connection).await?)
}
