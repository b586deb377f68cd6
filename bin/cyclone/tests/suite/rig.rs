//! Starts cyclones and talks to them.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cyclone_client::{Session, SessionConfig, SessionError};
use descriptors::ChildSetup;
use tokio::net::UnixStream;
use tokio::time;
use veritech_protocol::{Execution, Frame, FrameOutcome, Kind, Output, RawValue, RunnerFailure};

/// How long anything may take in a test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Says that the runner is ready, and takes the execution.
pub(crate) const READY: &str = r#"echo '{"event":"ready"}' >&3; read -r line; "#;

/// Reports the value 1.
pub(crate) const VALUE: &str = r#"echo '{"event":"result","status":"success","value":1}' >&3; "#;

/// A cyclone with a connection to it.
pub(crate) struct Rig {
    pub(crate) cyclone: KilledOnDrop,
    pub(crate) socket: Option<UnixStream>,
}

/// Starts a cyclone whose runner is a shell that runs `script`.
pub(crate) fn start(script: &str) -> Rig {
    start_with(&[], &[], script)
}

/// The same, below other commands and with further options.
pub(crate) fn start_with(prefix: &[&str], options: &[&str], script: &str) -> Rig {
    let (near, far) = StdUnixStream::pair().expect("a socket pair");
    let cyclone = env!("CARGO_BIN_EXE_cyclone");
    let runner = format!("/bin/sh -c {}", quote(script));
    let words: Vec<&str> = prefix
        .iter()
        .copied()
        .chain([cyclone, "--listen", "fd://3", "--runner", &runner])
        .chain(options.iter().copied())
        .collect();
    let (program, arguments) = words.split_first().expect("cyclone at least");
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    ChildSetup {
        descriptors: vec![(OwnedFd::from(far), 3)],
        ..ChildSetup::default()
    }
    .apply(&mut command)
    .expect("a valid setup");
    let cyclone = KilledOnDrop(command.spawn().expect("cyclone starts"));
    near.set_nonblocking(true).expect("a socket");
    let socket = Some(UnixStream::from_std(near).expect("a socket"));
    Rig { cyclone, socket }
}

/// Quotes `text` as one word of a shell.
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A process that does not outlive its test.
pub(crate) struct KilledOnDrop(pub(crate) Child);

impl KilledOnDrop {
    /// Waits for it to end by itself, and returns its exit code.
    pub(crate) async fn exit_code(&mut self) -> Option<i32> {
        testkit::eventually(PATIENCE, "cyclone ends", async || {
            self.0.try_wait().expect("a child")
        })
        .await
        .code()
    }
}

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Rig {
    /// Opens the session.
    pub(crate) async fn open(&mut self) -> Session<UnixStream> {
        let socket = self.socket.take().expect("not opened before");
        in_time(Session::open(socket, &SessionConfig::default()))
            .await
            .expect("a session")
    }

    /// Opens the session and waits for the runner to be ready.
    pub(crate) async fn ready(&mut self) -> Session<UnixStream> {
        let mut session = self.open().await;
        let early = in_time(session.ready()).await.expect("a whole session");
        assert!(early.is_none(), "the runner failed: {early:?}");
        session
    }

    /// Runs `execution` to its end.
    pub(crate) async fn run(&mut self, execution: &Execution) -> Run {
        let mut session = self.ready().await;
        in_time(session.execute(execution)).await.expect("sent");
        collect(session).await
    }
}

/// What came of an execution.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) output: Vec<Output>,
    pub(crate) outcome: Option<FrameOutcome>,
    pub(crate) error: Option<SessionError>,
}

impl Run {
    /// Returns the value as JSON text, or an empty text.
    pub(crate) fn value(&self) -> &str {
        match &self.outcome {
            Some(FrameOutcome::Value(value)) => value.get(),
            _ => "",
        }
    }

    /// Returns the failure.
    pub(crate) fn failure(&self) -> Option<&RunnerFailure> {
        match &self.outcome {
            Some(FrameOutcome::Failure(failure)) => Some(failure),
            _ => None,
        }
    }

    /// Returns the failure's code, or an empty text.
    pub(crate) fn code(&self) -> &str {
        self.failure().map_or("", |failure| failure.code.as_str())
    }

    /// Returns the messages in the order of their arrival.
    pub(crate) fn messages(&self) -> Vec<&str> {
        self.output
            .iter()
            .map(|output| output.message.as_str())
            .collect()
    }
}

/// Reads frames up to the result, or the end of the session.
pub(crate) async fn collect(mut session: Session<UnixStream>) -> Run {
    let mut run = Run::default();
    loop {
        match in_time(session.next()).await {
            Ok(Some(Frame::Output(output))) => run.output.push(output),
            Ok(Some(Frame::Result(outcome))) => run.outcome = Some(outcome),
            Ok(Some(Frame::Ready)) => {}
            Ok(None) => break,
            Err(error) => {
                run.error = Some(error);
                break;
            }
        }
    }
    session.close().await;
    run
}

/// Waits for `future`, but not for ever.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    time::timeout(PATIENCE, future).await.expect("in time")
}

/// Returns an execution that a script ignores.
pub(crate) fn execution() -> Execution {
    Execution {
        id: "test".parse().expect("an id"),
        kind: Kind::Resolver,
        code: String::new(),
        language: None,
        handler: None,
        inputs: RawValue::from_string("{}".to_owned()).expect("JSON"),
        env: std::collections::BTreeMap::new(),
        deadline: 0,
        timeout_ms: 10_000,
        output_bytes: 100_000,
        result_bytes: 100_000,
    }
}

/// Returns whether a process exists and is no zombie.
pub(crate) fn is_alive(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .is_some_and(|rest| rest.starts_with(" Z"))
    })
}
