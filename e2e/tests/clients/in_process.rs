//! The driver of the client library in Rust.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use veritech_client::{
    CallError, CallOptions, CallResult, Cancellation, Canceller, Client, FoundBy, Options, Retry,
};
use veritech_protocol::RemoteFunctionRequest;

/// A call in this process.
pub(crate) struct InProcess {
    canceller: Canceller,
    tasks: TaskTracker,
    sender: UnboundedSender<Value>,
    lines: UnboundedReceiver<Value>,
    _reader: AbortOnDropHandle<()>,
}

impl InProcess {
    /// Begins the call that this line speaks of.
    pub(crate) async fn start(first: Value) -> Self {
        let told = |name: &str| first["options"].get(name).cloned();
        let mut options = Options::default();
        if let Some(bytes) = told("max_value_bytes").and_then(|bytes| bytes.as_u64()) {
            options.max_value_bytes = usize::try_from(bytes).expect("fits");
        }
        let server = first["server"].as_str().expect("a server");
        let client = Client::connect(server, options).await.expect("connects");
        let call_options = CallOptions {
            deadline: told("deadline_ms")
                .and_then(|deadline| deadline.as_u64())
                .map(Duration::from_millis),
            retry: told("retry").map(|retry| match retry.as_str() {
                Some("never") => Retry::Never,
                Some("safe") => Retry::Safe,
                Some("always") => Retry::Always,
                _ => panic!("no such retry: {retry}"),
            }),
            ..CallOptions::default()
        };
        let call = client.call_with(request(&first["request"]), call_options);

        let (sender, lines) = unbounded_channel();
        let canceller = call.canceller();
        let tasks = TaskTracker::new();
        let reader = tasks.spawn(read(call, sender.clone()));
        Self {
            canceller,
            tasks,
            sender,
            lines,
            _reader: AbortOnDropHandle::new(reader),
        }
    }

    /// Takes a further line.
    pub(crate) fn tell(&self, line: &Value) {
        assert_eq!(line["do"], "cancel");
        let canceller = self.canceller.clone();
        let sender = self.sender.clone();
        drop(self.tasks.spawn(async move {
            let answer = match canceller.cancel().await.expect("dispatchers can be asked") {
                Cancellation::Cancelled { instance } => {
                    json!({"cancelled": true, "instance": instance})
                }
                Cancellation::NotFound => json!({"cancelled": false}),
            };
            // Nobody may be there any more to hear it.
            drop(sender.send(json!({"cancellation": answer})));
        }));
    }

    /// Reads a line.
    pub(crate) async fn line(&mut self) -> Value {
        self.lines.recv().await.expect("invariant: it has a sender")
    }
}

async fn read(mut call: veritech_client::Call, lines: UnboundedSender<Value>) {
    let tell = |line: Value| drop(lines.send(line));
    while let Some(event) = call.next().await {
        let text = event.encode().expect("an event can be written");
        let event: Value = serde_json::from_str(&text).expect("JSON");
        tell(json!({"event": event}));
    }
    tell(match call.result().await {
        Ok(CallResult {
            id, attempts, json, ..
        }) => {
            let outcome = match json {
                Some(json) => {
                    let value: Value = serde_json::from_str(json.get()).expect("JSON");
                    json!({"status": "success", "value": value})
                }
                None => json!({"status": "success", "unset": true}),
            };
            json!({"outcome": outcome, "id": id, "attempts": attempts})
        }
        Err(CallError {
            failure,
            found_by,
            id,
            attempts,
            ..
        }) => {
            let found_by = match found_by {
                FoundBy::Dispatcher => "dispatcher",
                FoundBy::Client => "client",
            };
            let outcome = json!({"status": "failure", "failure": failure, "found_by": found_by});
            json!({"outcome": outcome, "id": id, "attempts": attempts})
        }
    });
}

/// Reads a request as it is, without the checks that the client itself makes.
fn request(json: &Value) -> RemoteFunctionRequest {
    let text = json.to_string();
    RemoteFunctionRequest::decode(text.as_bytes(), usize::MAX).expect("a request")
}
