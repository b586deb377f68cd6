//! The dispatcher on NATS.
//!
//! ```text
//!  veritech.function.>         ── intake: one credit a place ──▶ Dispatcher::execute
//!  veritech.control.cancel.*   ── control ──────────────────────▶ Dispatcher::cancel
//!  $SRV.PING|INFO|STATS        ── discovery ────────────────────▶ Dispatcher::stats
//!  a caller's inbox           ◀── mailbox ──────────────────────  events
//! ```

mod control;
mod discovery;
mod intake;
mod mailbox;

use std::future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use bytes::Bytes;
use futures_util::StreamExt as _;
use lifecycle::{Drained, Tasks};
use sandbox::Engine;
use tokio::time;

use crate::dispatch::Dispatcher;

/// Messages that one subscription holds before more are dropped and counted by
/// the client library. A credit holds one; this is for control and discovery.
const SUBSCRIPTION_CAPACITY: usize = 1024;

/// How long the last messages may take on their way out.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the NATS server is and how to be let in.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The server's URL, such as `nats://127.0.0.1:4222` or `tls://…`.
    pub url: String,
    /// A file of NATS credentials (user JWT and nkey seed).
    pub credentials_file: Option<PathBuf>,
}

/// A dispatcher that is connected to NATS.
#[derive(Debug)]
pub struct Server<E: Engine> {
    link: Link<E>,
    background: Tasks,
}

/// What every task on NATS needs. Cheap to clone.
#[derive(Debug)]
struct Link<E: Engine> {
    client: Client,
    dispatcher: Dispatcher<E>,
    /// Where *no responders* come for heartbeats, followed by a dot and the
    /// execution's id.
    lost_callers: Arc<str>,
}

impl<E: Engine> Clone for Link<E> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            dispatcher: self.dispatcher.clone(),
            lost_callers: Arc::clone(&self.lost_callers),
        }
    }
}

/// Why a dispatcher cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The credentials cannot be read.
    #[error("could not read the NATS credentials in `{}`", path.display())]
    Credentials {
        /// The file.
        path: PathBuf,
        /// The failure.
        #[source]
        source: std::io::Error,
    },

    /// The NATS server cannot be reached or does not let us in.
    #[error("could not connect to NATS at `{url}`; is a nats-server running there?")]
    Connect {
        /// The server's URL, without credentials.
        url: String,
        /// The failure.
        #[source]
        source: async_nats::ConnectError,
    },

    /// The NATS server takes no subscription.
    #[error("could not subscribe to `{subject}`")]
    Subscribe {
        /// The subject.
        subject: String,
        /// The failure.
        #[source]
        source: async_nats::SubscribeError,
    },

    /// The NATS server does not answer.
    #[error("the NATS server did not answer within {FLUSH_TIMEOUT:?}")]
    Silent,
}

impl<E: Engine> Server<E> {
    /// Connects a dispatcher to NATS.
    ///
    /// # Errors
    ///
    /// Returns [`ServerError`] if the server cannot be reached.
    pub async fn connect(
        dispatcher: Dispatcher<E>,
        connection: &Connection,
    ) -> Result<Self, ServerError> {
        let Connection {
            url,
            credentials_file,
        } = connection;
        let mut options = ConnectOptions::new()
            .name(format!("veritech {}", dispatcher.config().instance))
            .subscription_capacity(SUBSCRIPTION_CAPACITY)
            .event_callback(|event| {
                log_event(&event);
                future::ready(())
            });
        if let Some(path) = credentials_file {
            options = options.credentials_file(path).await.map_err(|source| {
                ServerError::Credentials {
                    path: path.clone(),
                    source,
                }
            })?;
        }
        // The library itself does not look for them in the URL.
        if let Ok(server) = url.parse::<ServerAddr>()
            && let (Some(user), Some(password)) = (server.username(), server.password())
        {
            options = options.user_and_password(user.to_owned(), password.to_owned());
        }
        let client =
            options
                .connect(url.as_str())
                .await
                .map_err(|source| ServerError::Connect {
                    url: without_credentials(url),
                    source,
                })?;
        let lost_callers = client.new_inbox().into();
        Ok(Self {
            link: Link {
                client,
                dispatcher,
                lost_callers,
            },
            background: Tasks::default(),
        })
    }

    /// Serves until `stop` completes, then drains; `hurry` skips the wait.
    ///
    /// Executions that outlast the drain limit end as `shutting_down`. Every
    /// sandbox is gone when this returns.
    ///
    /// # Errors
    ///
    /// Returns [`ServerError`] if serving could not begin.
    pub async fn run(
        self,
        stop: impl Future<Output = ()>,
        hurry: impl Future<Output = ()>,
    ) -> Result<Drained, ServerError> {
        let Self { link, background } = self;
        let dispatcher = link.dispatcher.clone();
        let config = dispatcher.config();

        control::serve(&link, &background).await?;
        discovery::serve(&link, &background).await?;
        dispatcher.warm_up();
        intake::serve(&link);
        flush(&link.client).await?;
        tracing::info!(
            instance = %config.instance,
            engine = %dispatcher.engine_kind(),
            places = config.places,
            queue = config.queue,
            subject = %config.subjects.functions(),
            "serving"
        );

        stop.await;
        tracing::info!(limit = ?config.drain_timeout, "draining");
        let drained = dispatcher
            .tasks()
            .shutdown(config.drain_timeout, hurry)
            .await;
        dispatcher.clear().await;
        let stopped = background.shutdown(FLUSH_TIMEOUT, future::pending()).await;
        tracing::debug!(?stopped, "background tasks ended");
        if let Err(error) = flush(&link.client).await {
            tracing::warn!(%error, "the last messages may not have been sent");
        }
        tracing::info!(?drained, "stopped");
        Ok(drained)
    }
}

/// Waits until the server has taken everything that was sent: a message to
/// ourselves comes back after all that went before it.
async fn flush(client: &Client) -> Result<(), ServerError> {
    let inbox = client.new_inbox();
    let round_trip = async {
        let mut answers = client.subscribe(inbox.clone()).await.ok()?;
        client.publish(inbox, Bytes::new()).await.ok()?;
        answers.next().await
    };
    match time::timeout(FLUSH_TIMEOUT, round_trip).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) | Err(_) => Err(ServerError::Silent),
    }
}

fn log_event(event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to NATS"),
        Event::Disconnected => tracing::warn!("disconnected from NATS"),
        Event::SlowConsumer(subscription) => {
            tracing::warn!(
                subscription,
                "a NATS message was dropped: its subscription is full"
            );
        }
        Event::ServerError(error) => tracing::error!(%error, "the NATS server refused something"),
        Event::ClientError(error) => tracing::warn!(%error, "the NATS connection failed"),
        other => tracing::debug!(event = %other, "NATS connection"),
    }
}

/// A URL that may be logged.
fn without_credentials(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_do_not_reach_the_log() {
        assert_eq!(without_credentials("nats://a:b@host:4222"), "…@host:4222");
        assert_eq!(without_credentials("nats://host"), "nats://host");
    }
}
