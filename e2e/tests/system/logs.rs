//! What is logged of executions, and how much.

use e2e::functions::{endless, resolver};
use e2e::{TestEngine, World};
use futures_util::future;
use serde_json::Value;
use testkit::malformed::Malformed;
use tokio::time::Instant;
use veritech_protocol::{FailureCode, RemoteFunctionRequest};

/// The crates that take part in an execution.
const OURS: [&str; 7] = [
    "veritech",
    "veritech_server",
    "cyclone_client",
    "sandbox",
    "sandbox_native",
    "sandbox_docker",
    "image_store",
];

/// What is logged without an execution that it is about.
const OF_THE_DISPATCHER: [&str; 6] = [
    "nothing speaks against taking functions",
    "not as it should be",
    "this process has a lease with the Docker daemon",
    "serving",
    "connected to NATS",
    "NATS connection",
];

/// Returns the lines that our own code has logged.
fn lines(log: &str) -> Vec<Value> {
    let lines = log
        .lines()
        .map(|line| serde_json::from_str(line).expect(line));
    lines
        .filter(|line: &Value| {
            let target = line["target"].as_str().unwrap_or_default();
            OURS.contains(&target.split("::").next().unwrap_or_default())
        })
        .collect()
}

/// Returns the execution that a line is about.
fn execution(line: &Value) -> Option<&str> {
    let spans = line["spans"].as_array().into_iter().flatten();
    spans
        .chain([line])
        .find_map(|fields| fields["execution.id"].as_str())
}

/// Returns a request that is called `id`.
fn named(id: &str, mut request: RemoteFunctionRequest) -> RemoteFunctionRequest {
    request.id = Some(id.parse().expect("an id"));
    request
}

#[tokio::test]
async fn every_line_about_an_execution_names_it_however_it_ends() {
    // Some take the sandbox that waits, the others get one of their own.
    let configuration = "log_level = \"debug\"\n[pool]\n\"builtin/quickjs\" = 1\n";
    let world = World::start(configuration).await;
    world.figure_is("warm", 1).await;

    let mut hog = resolver(
        "export default () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); }",
    );
    hog.limits.memory_bytes = Some(64 << 20);
    let mut late = endless();
    late.timeout_ms = Some(300);
    let mut forbidden = resolver("");
    forbidden.container_image = "registry.example.com/none".to_owned();
    let mut wrong = resolver("");
    wrong.timeout_ms = Some(0);
    for (id, request) in [
        ("value", resolver("export default () => 1")),
        (
            "exception",
            resolver("export default () => { throw new Error('a\\nb'); }"),
        ),
        ("syntax", resolver("export default (")),
        ("invalid", resolver("export default () => 1n")),
        (
            "loud",
            resolver("export default () => { for (let i = 0; i < 99; i++) console.log(i) }"),
        ),
        ("hog", hog),
        ("late", late),
        ("forbidden", forbidden),
        ("wrong", wrong),
    ] {
        // How it ends is told elsewhere.
        drop(world.client.call(named(id, request)).result().await);
    }
    let started = world.started(named("cancelled", endless())).await;
    started.call.cancel().await.expect("can be asked");
    let cancelled = started.call.result().await.expect_err("cancelled");
    assert_eq!(cancelled.code(), FailureCode::Cancelled);

    let log = world.instance.log();
    let lines = lines(&log);
    for id in [
        "value",
        "exception",
        "syntax",
        "invalid",
        "loud",
        "hog",
        "late",
        "forbidden",
        "wrong",
        "cancelled",
    ] {
        let of_it = lines.iter().filter(|line| execution(line) == Some(id));
        let mut messages = of_it.map(|line| line["message"].as_str().unwrap_or_default());
        let end = messages.any(|message| ["execution ended", "request refused"].contains(&message));
        assert!(end, "nothing is said of `{id}`: {log}");
    }
    for line in &lines {
        let message = line["message"].as_str().unwrap_or_default();
        let is_about_the_pool = line["span"]["name"] == "pool";
        assert!(
            execution(line).is_some() || is_about_the_pool || OF_THE_DISPATCHER.contains(&message),
            "of which execution? {line}"
        );
    }
}

#[tokio::test]
async fn neither_callers_nor_functions_can_flood_the_log() {
    const MALFORMED: usize = 10_000;
    let crashes_each = TestEngine::current().scaled(1000) / 4;
    let configuration = "log_level = \"debug\"\nlog_rate = 5\nplaces = 4\nqueue = 8\n";
    let world = World::start(configuration).await;
    let began = Instant::now();

    let wire = world.wire().await;
    for request in Malformed::new(3).take(MALFORMED) {
        let subject = format!("veritech.function.{}", request.subject_kind);
        let headers = async_nats::HeaderMap::new();
        let mut inbox = wire.send_bytes(&subject, request.payload, headers).await;
        inbox.next().await;
    }
    let crashes = (0..4).map(|_| async {
        for _ in 0..crashes_each {
            let code = "export default () => { throw new Error('x\\nINFO forged '.repeat(500)); }";
            let failure = world.failure(resolver(code)).await;
            assert_eq!(failure.code, FailureCode::Exception, "{failure:?}");
        }
    });
    future::join_all(crashes).await;

    let seconds = began.elapsed().as_secs() + 1;
    let log = world.instance.log();
    let count = |message: &str| log.lines().filter(|line| line.contains(message)).count();
    // A burst of ten seconds' worth, and what has come since.
    let allowed = usize::try_from(5 * (10 + seconds)).expect("fits");
    for message in ["request refused", "execution ended"] {
        assert!(
            (1..=allowed).contains(&count(message)),
            "{message}: {}",
            count(message)
        );
    }
    assert!(count("log lines were left out") > 0, "nobody was told");
    assert!(
        log.lines().all(|line| line.starts_with('{')),
        "a forged line"
    );
    println!(
        "{} bytes, {} lines in {seconds} s",
        log.len(),
        log.lines().count()
    );
    assert!(log.len() < 4 << 20, "{} bytes", log.len());
}
