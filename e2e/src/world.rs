//! A NATS server, a dispatcher, and a client of both.

use std::ops::RangeInclusive;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::Value;
use testkit::{NatsServer, eventually};
use veritech_client::{Call, Client, InstanceStatus, Options, Retry};
use veritech_protocol::{EventBody, Failure, RemoteFunctionRequest};

use crate::instance::Instance;
use crate::wire::Wire;

/// How long anything may take on a machine that is busy.
pub const LIMIT: Duration = Duration::from_secs(15);

/// A NATS server with one dispatcher, `one`, and a client that repeats nothing.
#[derive(Debug)]
pub struct World {
    /// The dispatcher. Dropped before the server, so that it need not reconnect.
    pub instance: Instance,
    /// The server.
    pub server: NatsServer,
    /// A client.
    pub client: Client,
}

/// A call that has been started.
#[derive(Debug)]
pub struct Started {
    /// The call, its events read up to `started`.
    pub call: Call,
    /// Whether the sandbox had been waiting.
    pub warm: bool,
}

impl World {
    /// Starts a world with the TOML text `configuration` for the dispatcher.
    pub async fn start(configuration: &str) -> Self {
        Self::start_on(NatsServer::start().await, configuration).await
    }

    /// Does the same on a server that is there already.
    pub async fn start_on(server: NatsServer, configuration: &str) -> Self {
        let instance = Instance::start(&server.url(), "one", configuration).await;
        Self::with(server, instance).await
    }

    /// Makes a world of what is there already.
    pub async fn with(server: NatsServer, instance: Instance) -> Self {
        let client = client(&server, Retry::Never).await;
        Self {
            instance,
            server,
            client,
        }
    }

    /// Returns a client that repeats calls as clients do by default.
    pub async fn patient_client(&self) -> Client {
        client(&self.server, Retry::default()).await
    }

    /// Connects to the server without the client library.
    pub async fn wire(&self) -> Wire {
        Wire::connect(&self.server.url()).await
    }

    /// Calls a function that must return, and returns its value.
    ///
    /// # Panics
    ///
    /// If the call fails or the function returns nothing.
    pub async fn value(&self, request: RemoteFunctionRequest) -> Value {
        let called = self.client.call(request).result().await;
        let result = called.unwrap_or_else(|error| panic!("the call failed: {error:?}"));
        result.value().expect("the function returned a value")
    }

    /// Calls a function that must fail, and returns the failure.
    ///
    /// # Panics
    ///
    /// If the call succeeds.
    pub async fn failure(&self, request: RemoteFunctionRequest) -> Failure {
        match self.client.call(request).result().await {
            Ok(result) => panic!("the call succeeded: {result:?}"),
            Err(error) => error.failure,
        }
    }

    /// Calls a function and reads its events up to `started`.
    ///
    /// # Panics
    ///
    /// If the call ends before.
    pub async fn started(&self, request: RemoteFunctionRequest) -> Started {
        let mut call = self.client.call(request);
        while let Some(event) = call.next().await {
            match event.body {
                EventBody::Started(started) => {
                    let veritech_protocol::Started { warm, .. } = started;
                    return Started { call, warm };
                }
                EventBody::Result(result) => panic!("the call ended before it began: {result:?}"),
                _ => {}
            }
        }
        panic!("the call ended without a result")
    }

    /// Waits until a figure of the dispatcher is `expected`.
    ///
    /// # Panics
    ///
    /// If it does not come to be.
    pub async fn figure_is(&self, name: &str, expected: u64) {
        self.figure_is_within(name, expected..=expected).await;
    }

    /// Waits until a figure of the dispatcher is one of `expected`.
    ///
    /// # Panics
    ///
    /// If it does not become one of them.
    pub async fn figure_is_within(&self, name: &str, expected: RangeInclusive<u64>) {
        eventually(LIMIT, &format!("{name} of {expected:?}"), async || {
            let all = figures(&self.client).await;
            match all.first().map(|(_, data)| figure(data, name)) {
                Some(seen) if expected.contains(&seen) => Ok(()),
                seen => Err(seen),
            }
        })
        .await;
    }

    /// Waits until the dispatcher has no more processes than `idle`, those it
    /// had before it was asked to do anything.
    ///
    /// # Panics
    ///
    /// If some stay.
    pub async fn sandboxes_are_gone(&self, idle: &[crate::Process]) {
        eventually(LIMIT, "end of every sandbox", async || {
            let mut processes = self.instance.processes();
            processes.retain(|process| !idle.contains(process));
            if processes.is_empty() {
                Ok(())
            } else {
                Err(processes)
            }
        })
        .await;
    }
}

impl Started {
    /// Reads events until the function prints this line.
    ///
    /// # Panics
    ///
    /// If the call ends before.
    pub async fn says(&mut self, line: &str) {
        while let Some(event) = self.call.next().await {
            match event.body {
                EventBody::Output(output) if output.message == line => return,
                EventBody::Result(result) => panic!("it ended without `{line}`: {result:?}"),
                _ => {}
            }
        }
        panic!("the call ended without a result")
    }
}

async fn client(server: &NatsServer, retry: Retry) -> Client {
    let options = Options {
        retry,
        ..Options::default()
    };
    let client = Client::connect(&server.url(), options).await;
    client.expect("the client connects")
}

/// Returns the name and the figures of every dispatcher, by name.
///
/// # Panics
///
/// If they cannot be asked.
pub async fn figures(client: &Client) -> Vec<(String, Value)> {
    let statuses = client.status().await.expect("dispatchers can be asked");
    let mut all: Vec<_> = statuses.iter().map(named_figures).collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all
}

fn named_figures(status: &InstanceStatus) -> (String, Value) {
    let name = status.metadata.get("instance").unwrap_or(&status.id);
    let data = status.endpoints.first().map(|endpoint| &endpoint.data);
    (name.clone(), data.cloned().unwrap_or_default())
}

/// Returns one figure.
///
/// # Panics
///
/// If there is none of that name.
pub fn figure(data: &Value, name: &str) -> u64 {
    let figure = data.get(name).and_then(Value::as_u64);
    figure.unwrap_or_else(|| panic!("no figure is named `{name}` in {data}"))
}
