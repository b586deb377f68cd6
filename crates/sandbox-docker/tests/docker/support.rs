//! Starts engines, and runs functions in their sandboxes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cyclone_client::{Session, SessionConfig, SessionToken};
use sandbox::{
    Engine as _, Image, Limits, Network, Phase, Progress, Sandbox as _, SandboxId, SandboxSpec,
};
use sandbox_docker::{Config, DockerEngine, DockerSandbox, DockerStream};
use tokio::time;
use tokio_util::sync::CancellationToken;
use veritech_protocol::execution::{Execution, Frame, FrameOutcome};

/// How long anything may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Hears of progress and forgets it.
pub(crate) struct Silent;

impl Progress for Silent {
    fn advance(&self, _phase: Phase, _done: u64, _total: u64) {}
}

/// Returns how the engine behaves in most tests.
pub(crate) fn config() -> Config {
    Config {
        host: Some(testkit::docker::host()),
        ..Config::default()
    }
}

/// Starts an engine.
pub(crate) async fn engine() -> DockerEngine {
    engine_with(config()).await
}

/// Starts an engine that behaves so.
pub(crate) async fn engine_with(config: Config) -> DockerEngine {
    DockerEngine::start(builtin::programs(), config)
        .await
        .expect("the engine starts")
}

/// Prepares an image.
pub(crate) async fn prepare(engine: &DockerEngine, image: &str, tag: &str) -> Image {
    engine
        .prepare(image, tag, &Silent, CancellationToken::new())
        .await
        .expect("the image is prepared")
}

/// Returns what most tests launch.
pub(crate) fn spec(id: u64, image: Image) -> SandboxSpec {
    SandboxSpec {
        id: SandboxId(id),
        image,
        limits: Limits {
            memory_bytes: 128 << 20,
            cpu_millis: 1000,
            cpu_time: Duration::from_secs(20),
            processes: 32,
            disk_bytes: 4 << 20,
        },
        network: Network::None,
    }
}

/// Launches a sandbox.
pub(crate) async fn launch(engine: &DockerEngine, spec: SandboxSpec) -> DockerSandbox {
    engine
        .launch(spec, CancellationToken::new())
        .await
        .expect("the sandbox is launched")
}

/// Opens the session with a sandbox's cyclone and waits for its runner.
pub(crate) async fn greet(sandbox: &mut DockerSandbox) -> Session<DockerStream> {
    let stream = sandbox.connect().await.expect("it is connected");
    let config = SessionConfig {
        token: sandbox
            .token()
            .map(|token| SessionToken::new(token.expose())),
        ..SessionConfig::default()
    };
    let mut session = Session::open(stream, &config)
        .await
        .expect("cyclone answers");
    let ready = time::timeout(DEADLINE, session.ready()).await;
    let ready = ready.expect("in time").expect("the session holds");
    assert!(ready.is_none(), "the runner is not ready: {ready:?}");
    session
}

/// Runs a function and returns its value as JSON text, or its failure.
pub(crate) async fn execute(session: &mut Session<DockerStream>, code: &str) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let deadline = u64::try_from((now + DEADLINE).as_millis()).expect("fits");
    let execution = serde_json::json!({
        "id": "an-execution",
        "kind": "resolver",
        "code": code,
        "inputs": {"name": "Ada"},
        "deadline": deadline,
        "timeout_ms": 20_000,
        "output_bytes": 1 << 20,
        "result_bytes": 1 << 20,
    });
    let execution: Execution = serde_json::from_value(execution).expect("an execution");
    session.execute(&execution).await.expect("it is taken");
    let result = async {
        loop {
            match session.next().await.expect("the session holds") {
                Some(Frame::Result(FrameOutcome::Value(value))) => return value.get().to_owned(),
                Some(Frame::Result(FrameOutcome::Unset)) => return "unset".to_owned(),
                Some(Frame::Result(FrameOutcome::Failure(failure))) => {
                    return format!("{}: {}", failure.code, failure.message);
                }
                Some(Frame::Ready | Frame::Output(_)) => {}
                None => return "no result".to_owned(),
            }
        }
    };
    time::timeout(DEADLINE, result)
        .await
        .expect("the function ends in time")
}

/// Runs a function in a sandbox of its own.
pub(crate) async fn run(engine: &DockerEngine, spec: SandboxSpec, code: &str) -> String {
    let mut sandbox = launch(engine, spec).await;
    let mut session = greet(&mut sandbox).await;
    let result = execute(&mut session, code).await;
    drop(session);
    sandbox.destroy().await.expect("it is destroyed");
    result
}
