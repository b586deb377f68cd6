//! The only module that knows the NATS library.

use std::error::Error;

use async_nats::HeaderMap;
use bytes::Bytes;
use futures_util::StreamExt as _;

/// A connection to NATS. It comes back by itself when it is lost.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    client: async_nats::Client,
}

/// A subscription to one subject, given up when it is dropped.
#[derive(Debug)]
pub(crate) struct Mailbox {
    subject: String,
    subscriber: async_nats::Subscriber,
}

/// What came to a mailbox.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// Nobody is there for what was published with this reply subject.
    NoResponders,
    /// A message.
    Message {
        /// The value of the header that was asked for.
        header: Option<String>,
        payload: Bytes,
    },
}

/// The connection to NATS could not be made.
///
/// # Examples
///
/// ```
/// use veritech_client::{Client, Options};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let connected = Client::connect("nats://127.0.0.1:1", Options::default()).await;
/// let error = connected.expect_err("nobody listens there");
/// assert_eq!(error.to_string(), "failed to connect to NATS");
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("failed to connect to NATS")]
pub struct ConnectError(#[source] async_nats::ConnectError);

/// Something that could not be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// It is larger than the server takes.
    #[error("the message has {bytes} bytes, the server takes {limit}")]
    TooLarge { bytes: usize, limit: usize },
    /// The connection is closed for good.
    #[error("the connection to NATS is closed")]
    Closed(#[source] Box<dyn Error + Send + Sync>),
}

impl Connection {
    pub(crate) fn new(client: async_nats::Client) -> Self {
        Self { client }
    }

    /// Connects; each subscription holds up to `mailbox_capacity` messages.
    pub(crate) async fn connect(url: &str, mailbox_capacity: usize) -> Result<Self, ConnectError> {
        let mut options = async_nats::ConnectOptions::new()
            .name("veritech-client")
            .subscription_capacity(mailbox_capacity.max(1));
        // The library itself does not look for them in the URL.
        if let Ok(server) = url.parse::<async_nats::ServerAddr>()
            && let (Some(user), Some(password)) = (server.username(), server.password())
        {
            options = options.user_and_password(user.to_owned(), password.to_owned());
        }
        options
            .connect(url)
            .await
            .map(Self::new)
            .map_err(ConnectError)
    }

    /// Subscribes to a subject.
    pub(crate) async fn open(&self, subject: String) -> Result<Mailbox, SendError> {
        let subscriber = self.client.subscribe(subject.clone()).await;
        Ok(Mailbox {
            subject,
            subscriber: subscriber.map_err(closed)?,
        })
    }

    /// Publishes a message that is to be answered to `mailbox`, if to any.
    pub(crate) async fn publish(
        &self,
        subject: String,
        mailbox: Option<&Mailbox>,
        headers: impl Iterator<Item = (&'static str, &str)>,
        payload: Bytes,
    ) -> Result<(), SendError> {
        let mut map = HeaderMap::new();
        let mut bytes = payload.len();
        for (name, value) in headers {
            // As `name: value` and a line end.
            bytes = bytes.saturating_add(name.len() + value.len() + 4);
            map.insert(name, value);
        }
        if !map.is_empty() {
            // The first line, and the empty one that ends them.
            bytes = bytes.saturating_add(12);
        }
        let limit = self.client.max_payload();
        if bytes > limit {
            return Err(SendError::TooLarge { bytes, limit });
        }
        let published = match mailbox {
            Some(mailbox) => {
                let reply = mailbox.subject.clone();
                self.client
                    .publish_with_reply_and_headers(subject, reply, map, payload)
                    .await
            }
            None => {
                self.client
                    .publish_with_headers(subject, map, payload)
                    .await
            }
        };
        published.map_err(closed)
    }

    /// Waits until the server has been sent what was published.
    #[cfg(feature = "blocking")]
    pub(crate) async fn flush(&self) -> Result<(), SendError> {
        self.client.flush().await.map_err(closed)
    }
}

impl Mailbox {
    /// Returns the next message, and its header `name`; `None` once the
    /// connection is closed for good.
    ///
    /// # Cancellation
    ///
    /// Safe to drop: no message is lost.
    pub(crate) async fn next(&mut self, name: &'static str) -> Option<Delivery> {
        let message = self.subscriber.next().await?;
        if message.status == Some(async_nats::StatusCode::NO_RESPONDERS) {
            return Some(Delivery::NoResponders);
        }
        let headers = message.headers.as_ref();
        let header = headers.and_then(|headers| headers.get(name));
        Some(Delivery::Message {
            header: header.map(|value| value.as_str().to_owned()),
            payload: message.payload,
        })
    }
}

fn closed(error: impl Error + Send + Sync + 'static) -> SendError {
    SendError::Closed(Box::new(error))
}
