//! The protocol without the client library: bare messages, their headers.

use std::time::Duration;

use async_nats::{HeaderMap, Message, StatusCode, Subscriber};
use futures_util::StreamExt as _;
use serde_json::{Map, Value};
use tokio::time;
use veritech_protocol::{RemoteFunctionRequest, Subjects, headers};

/// How long the next message of a mailbox may take.
const LIMIT: Duration = Duration::from_secs(15);

/// A bare connection to the NATS server.
#[derive(Debug)]
pub struct Wire {
    client: async_nats::Client,
}

/// A reply mailbox with messages in it.
#[derive(Debug)]
pub struct Inbox {
    client: async_nats::Client,
    subject: async_nats::Subject,
    subscription: Subscriber,
}

/// One event as it came.
#[derive(Debug)]
pub struct Letter {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub event: Map<String, Value>,
}

impl Wire {
    /// Connects.
    ///
    /// # Panics
    ///
    /// If there is no server.
    pub async fn connect(url: &str) -> Self {
        let client = async_nats::connect(url).await;
        Self {
            client: client.expect("the NATS server accepts"),
        }
    }

    /// Sends a request with a mailbox of its own.
    ///
    /// # Panics
    ///
    /// If it cannot be sent.
    pub async fn send(&self, request: &RemoteFunctionRequest) -> Inbox {
        let subject = Subjects::default().function(request.kind);
        let text = request.encode().expect("a request can be written");
        self.send_text(&subject, &text, HeaderMap::new()).await
    }

    /// Sends any text to any subject, with a mailbox of its own.
    ///
    /// # Panics
    ///
    /// If it cannot be sent.
    pub async fn send_text(&self, subject: &str, text: &str, headers: HeaderMap) -> Inbox {
        self.send_bytes(subject, text.as_bytes().to_vec(), headers)
            .await
    }

    /// Sends any bytes to any subject, with a mailbox of its own.
    ///
    /// # Panics
    ///
    /// If they cannot be sent.
    pub async fn send_bytes(&self, subject: &str, bytes: Vec<u8>, headers: HeaderMap) -> Inbox {
        let reply = self.client.new_inbox();
        let subscription = self.client.subscribe(reply.clone()).await;
        self.client
            .publish_with_reply_and_headers(
                subject.to_owned(),
                reply.clone(),
                headers,
                bytes.into(),
            )
            .await
            .expect("the request is sent");
        self.flush().await;
        Inbox {
            client: self.client.clone(),
            subject: reply.into(),
            subscription: subscription.expect("the mailbox is opened"),
        }
    }

    /// Sends a request with this reply subject, or none.
    ///
    /// # Panics
    ///
    /// If it cannot be sent.
    pub async fn send_with_reply(&self, request: &RemoteFunctionRequest, reply: Option<&str>) {
        let subject = Subjects::default().function(request.kind);
        let text = request.encode().expect("a request can be written").into();
        let sent = match reply {
            Some(reply) => {
                let reply = reply.to_owned();
                self.client.publish_with_reply(subject, reply, text).await
            }
            None => self.client.publish(subject, text).await,
        };
        sent.expect("the request is sent");
        self.flush().await;
    }

    /// Sends an empty message.
    ///
    /// # Panics
    ///
    /// If it cannot be sent.
    pub async fn publish(&self, subject: &str) {
        let sent = self.client.publish(subject.to_owned(), "".into()).await;
        sent.expect("the message is sent");
        self.flush().await;
    }

    /// Listens to a subject from the moment this returns.
    ///
    /// # Panics
    ///
    /// If the server does not let it.
    pub async fn listen(&self, subject: &str) -> Subscriber {
        let subscription = self.client.subscribe(subject.to_owned()).await;
        // The server reads in order: what comes back was read after the rest.
        let mark = self.client.new_inbox();
        let marked = self.client.subscribe(mark.clone()).await;
        self.publish(&mark).await;
        let mut marked = marked.expect("the server lets it listen");
        let seen = time::timeout(LIMIT, marked.next()).await;
        seen.expect("the server answers").expect("it stays open");
        subscription.expect("the server lets it listen")
    }

    async fn flush(&self) {
        self.client.flush().await.expect("the server reads");
    }
}

impl Inbox {
    /// Waits for the next event.
    ///
    /// # Panics
    ///
    /// If none comes, or something else does.
    pub async fn next(&mut self) -> Letter {
        self.try_next()
            .await
            .unwrap_or_else(|seen| panic!("{seen}"))
    }

    /// Waits for the next event.
    ///
    /// # Errors
    ///
    /// Returns what there was instead.
    pub async fn try_next(&mut self) -> Result<Letter, String> {
        let message = time::timeout(LIMIT, self.subscription.next()).await;
        let message = message
            .map_err(|_| "the next message of the mailbox did not come".to_owned())?
            .ok_or_else(|| "the mailbox was closed".to_owned())?;
        if message.status.is_some() {
            return Err(format!("no event: {message:?}"));
        }
        let event = serde_json::from_slice(&message.payload);
        Ok(Letter {
            headers: message.headers.clone().unwrap_or_default(),
            event: event.map_err(|error| format!("no JSON object: {error}: {message:?}"))?,
        })
    }

    /// Waits for every event up to the result.
    ///
    /// # Panics
    ///
    /// If the result does not come, or something else does.
    pub async fn all(&mut self) -> Vec<Letter> {
        let mut letters = Vec::new();
        loop {
            let letter = self.next().await;
            let last = letter.name() == "result";
            letters.push(letter);
            if last {
                return letters;
            }
        }
    }

    /// Waits for an event of this name, and returns it.
    ///
    /// # Panics
    ///
    /// If it does not come.
    pub async fn until(&mut self, name: &str) -> Letter {
        loop {
            let letter = self.next().await;
            if letter.name() == name {
                return letter;
            }
            assert_ne!(letter.name(), "result", "no `{name}`: {letter:?}");
        }
    }

    /// Waits for the next message, whatever it is.
    ///
    /// # Panics
    ///
    /// If none comes.
    pub async fn any(&mut self) {
        self.message().await;
    }

    /// Returns whether the next message says that nobody takes requests.
    ///
    /// # Panics
    ///
    /// If no message comes.
    pub async fn says_no_responders(&mut self) -> bool {
        self.message().await.status == Some(StatusCode::NO_RESPONDERS)
    }

    /// Returns whether nothing is left in it of what the server had by now.
    ///
    /// # Panics
    ///
    /// If the server does not take a message.
    pub async fn is_empty(&mut self) -> bool {
        const MARK: &str = "the end";
        let subject = self.subject.clone();
        let sent = self.client.publish(subject, MARK.into()).await;
        sent.expect("the mark is sent");
        self.message().await.payload == MARK
    }

    async fn message(&mut self) -> Message {
        let message = time::timeout(LIMIT, self.subscription.next()).await;
        message
            .expect("the next message of the mailbox comes in time")
            .expect("the mailbox stays open")
    }
}

impl Letter {
    /// Returns the event's name.
    pub fn name(&self) -> &str {
        self.text("event")
    }

    /// Returns a member that is text; empty if there is none.
    pub fn text(&self, member: &str) -> &str {
        let text = self.event.get(member).and_then(Value::as_str);
        text.unwrap_or_default()
    }

    /// Returns a header; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.as_str())
    }

    /// Returns the number in its header.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn sequence(&self) -> usize {
        let number = self.header(headers::SEQUENCE).parse();
        number.unwrap_or_else(|_| panic!("no sequence number: {self:?}"))
    }

    /// Returns the failure that a result brings; null if there is none.
    pub fn failure(&self) -> &Value {
        self.event.get("failure").unwrap_or(&Value::Null)
    }
}
