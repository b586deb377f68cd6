//! What makes a call with one of the client libraries.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{NatsServer, tools};
use tokio::time;
use veritech_protocol::RemoteFunctionRequest;

use crate::in_process::InProcess;
use crate::outcome::Outcome;
use crate::program::Program;

/// How long a line of a driver may take on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(25);

/// A client library, and what runs it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Driver {
    /// `veritech-client`, in this process.
    Rust,
    /// `@veritech/client` on Node.js.
    Node,
    /// `@veritech/client` on Deno.
    Deno,
    /// `veritech_client` on CPython.
    Python,
}

/// What a call is told besides its request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    pub(crate) retry: Option<&'static str>,
    pub(crate) deadline_ms: Option<u64>,
    pub(crate) max_value_bytes: Option<u64>,
}

/// A call under way.
pub(crate) struct Call {
    connection: Connection,
    /// The names of the events so far.
    pub(crate) names: Vec<String>,
}

enum Connection {
    InProcess(InProcess),
    Program(Program),
}

/// What a driver tells next.
enum Line {
    Event(Value),
    Cancellation(Value),
    Outcome(Outcome),
}

impl Driver {
    /// Begins a call that is not repeated.
    pub(crate) async fn call(self, server: &NatsServer, request: &RemoteFunctionRequest) -> Call {
        let told = Told {
            retry: Some("never"),
            ..Told::default()
        };
        self.call_with(server, request, told).await
    }

    /// Begins a call.
    pub(crate) async fn call_with(
        self,
        server: &NatsServer,
        request: &RemoteFunctionRequest,
        told: Told,
    ) -> Call {
        let request: Value = serde_json::to_value(request).expect("a request can be written");
        self.call_raw(server, request, told).await
    }

    /// Begins a call of a request that need not be a valid one.
    pub(crate) async fn call_raw(self, server: &NatsServer, request: Value, told: Told) -> Call {
        let Told {
            retry,
            deadline_ms,
            max_value_bytes,
        } = told;
        let mut options = json!({
            "retry": retry,
            "deadline_ms": deadline_ms,
            "max_value_bytes": max_value_bytes,
        });
        if let Some(options) = options.as_object_mut() {
            options.retain(|_, value| !value.is_null());
        }
        let first = json!({"server": server.url(), "request": request, "options": options});
        let connection = match self.command() {
            None => Connection::InProcess(InProcess::start(first).await),
            Some(command) => Connection::Program(Program::start(command, &first).await),
        };
        Call {
            connection,
            names: Vec::new(),
        }
    }

    /// Returns the program and its arguments, unless it is this one.
    fn command(self) -> Option<tokio::process::Command> {
        let clients = clients();
        let script = clients.join("typescript/dist-scenarios/driver.js");
        let mut command = match self {
            Self::Rust => return None,
            Self::Node => tokio::process::Command::new(tools::node()),
            Self::Deno => {
                let mut deno = tokio::process::Command::new(tools::deno());
                deno.args(["run", "--allow-all", "--no-remote", "--quiet"]);
                deno
            }
            Self::Python => {
                let path = [tools::python_path(), clients.join("python/src")];
                let path = std::env::join_paths(path).expect("no path has a colon");
                let mut python = tokio::process::Command::new(tools::python());
                python
                    .arg(clients.join("python/scenarios/driver.py"))
                    .env("PYTHONPATH", path);
                return Some(python);
            }
        };
        assert!(
            script.is_file(),
            "`{}` is not there: run `cargo xtask clients` to build it",
            script.display()
        );
        command.arg(script);
        Some(command)
    }
}

impl Call {
    /// Returns the next event; panics at the end.
    pub(crate) async fn event(&mut self) -> Value {
        match self.line().await {
            Line::Event(event) => event,
            Line::Cancellation(answer) => panic!("an answer came first: {answer}"),
            Line::Outcome(outcome) => panic!("it ended first: {outcome:?}"),
        }
    }

    /// Reads events until one of this name, and returns that.
    pub(crate) async fn until(&mut self, name: &str) -> Value {
        loop {
            let event = self.event().await;
            if event["event"] == name {
                return event;
            }
        }
    }

    /// Cancels the call, and returns the answer to that and the end of the call.
    pub(crate) async fn cancel(mut self) -> (Value, Outcome) {
        let command = json!({"do": "cancel"});
        match &mut self.connection {
            Connection::InProcess(call) => call.tell(&command),
            Connection::Program(program) => program.tell(&command).await,
        }
        let mut answer = None;
        loop {
            match self.line().await {
                Line::Event(_) => {}
                Line::Cancellation(cancellation) => answer = Some(cancellation),
                // The answer to the question may come after what was asked for.
                Line::Outcome(outcome) => {
                    let answer = match answer {
                        Some(answer) => answer,
                        None => match self.line().await {
                            Line::Cancellation(answer) => answer,
                            Line::Event(_) | Line::Outcome(_) => panic!("no answer came"),
                        },
                    };
                    return (answer, outcome);
                }
            }
        }
    }

    /// Reads to the end, which is there once and with the last event.
    pub(crate) async fn outcome(mut self) -> Outcome {
        loop {
            match self.line().await {
                Line::Event(_) => {}
                Line::Cancellation(answer) => panic!("nobody cancelled: {answer}"),
                Line::Outcome(outcome) => {
                    let last = self.names.last().map(String::as_str);
                    assert_eq!(last, Some("result"), "{:?}", self.names);
                    let results = self.names.iter().filter(|name| *name == "result");
                    assert_eq!(results.count(), 1, "{:?}", self.names);
                    self.ends().await;
                    return outcome;
                }
            }
        }
    }

    async fn ends(self) {
        if let Connection::Program(program) = self.connection {
            let ended = time::timeout(LIMIT, program.ends()).await;
            ended.expect("nothing keeps the program alive after its call");
        }
    }

    async fn line(&mut self) -> Line {
        let next = async {
            match &mut self.connection {
                Connection::InProcess(call) => call.line().await,
                Connection::Program(program) => program.line().await,
            }
        };
        let line = time::timeout(LIMIT, next).await;
        let mut line = line.unwrap_or_else(|_| panic!("nothing more came after {:?}", self.names));
        if let Some(event) = line.get_mut("event") {
            let name = event["event"].as_str().expect("an event has a name");
            self.names.push(name.to_owned());
            return Line::Event(event.take());
        }
        if let Some(answer) = line.get_mut("cancellation") {
            return Line::Cancellation(answer.take());
        }
        Line::Outcome(serde_json::from_value(line).expect("an outcome"))
    }
}

fn clients() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    workspace
        .expect("invariant: this package lies in the workspace")
        .join("clients")
}
