//! A dispatcher that says what a test tells it to.

use std::collections::BTreeMap;

use async_nats::{HeaderMap, Message, Subscriber};
use futures_util::StreamExt as _;
use testkit::NatsServer;
use veritech_protocol::{
    Accepted, Event, EventBody, ExecutionId, ExecutionResult, Failure, FailureCode, Level, Outcome,
    Output, RawValue, RemoteFunctionRequest, Started, Stream, Timings, Usage, headers, subject,
};

/// Takes requests and cancellations from a server.
pub(crate) struct Dispatcher {
    pub(crate) client: async_nats::Client,
    requests: Subscriber,
    cancellations: Subscriber,
}

/// A request that was taken.
pub(crate) struct Taken {
    client: async_nats::Client,
    message: Message,
    pub(crate) request: RemoteFunctionRequest,
    sequence: u64,
}

/// Waits until the server has everything that was sent before: it has once it
/// answers something sent after that.
pub(crate) async fn settle(client: &async_nats::Client) {
    let inbox = client.new_inbox();
    let mut echo = client.subscribe(inbox.clone()).await.expect("subscribes");
    let sent = client.publish(inbox, "echo".into()).await;
    sent.expect("publishes");
    echo.next().await.expect("an echo");
}

impl Dispatcher {
    pub(crate) async fn start(server: &NatsServer) -> Self {
        let client = async_nats::connect(server.url()).await.expect("connects");
        let group = subject::QUEUE_GROUP.to_owned();
        let requests = client.queue_subscribe("veritech.function.>", group).await;
        let cancellations = client.subscribe("veritech.control.cancel.*").await;
        settle(&client).await;
        Self {
            client,
            requests: requests.expect("subscribes"),
            cancellations: cancellations.expect("subscribes"),
        }
    }

    /// Waits for the next request.
    pub(crate) async fn take(&mut self) -> Taken {
        let message = self.requests.next().await.expect("a request");
        let request = RemoteFunctionRequest::decode(&message.payload, 1 << 20).expect("a request");
        Taken {
            client: self.client.clone(),
            message,
            request,
            sequence: 0,
        }
    }

    /// Waits for the next cancellation, answers it if it wants an answer, and
    /// returns whose it is.
    pub(crate) async fn cancellation(&mut self) -> String {
        let message = self.cancellations.next().await.expect("a cancellation");
        let id = message.subject.rsplit('.').next().expect("a token");
        if let Some(reply) = message.reply.clone() {
            let answer = format!(r#"{{"id":"{id}","cancelled":true,"instance":"one"}}"#);
            let sent = self.client.publish(reply, answer.into()).await;
            sent.expect("publishes");
        }
        id.to_owned()
    }
}

impl Taken {
    pub(crate) fn id(&self) -> ExecutionId {
        self.request.id.clone().expect("clients draw ids")
    }

    pub(crate) fn subject(&self) -> &str {
        &self.message.subject
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let value = self.message.headers.as_ref()?.get(name)?;
        Some(value.as_str())
    }

    /// Sends the next event.
    pub(crate) async fn say(&mut self, body: EventBody) {
        self.sequence += 1;
        self.say_as(self.sequence, body).await;
    }

    /// Sends an event with a number that may be wrong.
    pub(crate) async fn say_as(&self, sequence: u64, body: EventBody) {
        let mut map = HeaderMap::new();
        map.insert(headers::EVENT, body.name());
        map.insert(headers::SEQUENCE, sequence.to_string());
        let text = Event::new(Some(self.id()), body).encode().expect("encodes");
        let reply = self.message.reply.clone().expect("a mailbox");
        let sent = self.client.publish_with_headers(reply, map, text.into());
        sent.await.expect("publishes");
    }
}

pub(crate) fn accepted(heartbeat_ms: u64) -> EventBody {
    EventBody::Accepted(Accepted {
        instance: "one".to_owned(),
        heartbeat_ms,
    })
}

pub(crate) fn started() -> EventBody {
    EventBody::Started(Started {
        sandbox: "sbx-1".to_owned(),
        engine: "scripted".to_owned(),
        warm: false,
        enforced: BTreeMap::new(),
    })
}

pub(crate) fn output(message: &str) -> EventBody {
    EventBody::Output(Output {
        stream: Stream::Stdout,
        level: Some(Level::Info),
        message: message.to_owned(),
        timestamp: None,
    })
}

pub(crate) fn value(json: &str) -> EventBody {
    let json = RawValue::from_string(json.to_owned()).expect("JSON");
    result(Outcome::Value(json))
}

pub(crate) fn failure(code: FailureCode) -> EventBody {
    result(Outcome::Failure(Failure::new(code, "as told")))
}

pub(crate) fn result(outcome: Outcome) -> EventBody {
    EventBody::Result(ExecutionResult {
        outcome,
        timings: Timings::default(),
        usage: Usage::default(),
        image_digest: None,
    })
}
