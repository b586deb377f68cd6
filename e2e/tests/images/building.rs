//! Images that others build: for another language, as `examples` shows.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use conformance::Cyclones as _;
use cyclone_client::{Session, SessionConfig};
use serde_json::{Value, json};
use tokio::time;
use veritech_protocol::{Execution, Frame, FrameOutcome};

use crate::alone::Alone;
use crate::docker::{docker, inspect};

const LIMIT: Duration = Duration::from_secs(30);

/// An image that is removed when the value is dropped.
#[derive(Debug)]
struct Built {
    name: String,
}

impl Built {
    /// Builds the image of an example.
    fn from_example(example: &str) -> Self {
        let name = format!("veritech-test/{example}:{}", std::process::id());
        let directory = examples().join(example);
        let directory = directory.to_str().expect("a path in UTF-8");
        // Its packages come by whatever network the host has.
        docker(["build", "--network=host", "--tag", &name, directory]);
        Self { name }
    }

    /// Executes a function in a container of its own, and returns its value or
    /// its failure.
    async fn execute(&self, code: &str) -> Result<Value, (String, Value)> {
        let known = inspect(&self.name);
        let runner = known.pointer("/Config/Labels/org.veritech.runner");
        let runner = runner.and_then(Value::as_str).expect("a label");
        let cyclones = Alone::with_runner(&self.name, runner);
        let (stream, cyclone) = cyclones.start().await.expect("it is started");
        let outcome = time::timeout(LIMIT, execute(stream, code)).await;
        cyclones.end(cyclone).await.expect("it ends");
        let outcome = outcome.expect("the function ends in time");
        match outcome.expect("there is a result") {
            FrameOutcome::Value(value) => Ok(serde_json::from_str(value.get()).expect("JSON")),
            FrameOutcome::Unset => Ok(Value::Null),
            FrameOutcome::Failure(failure) => Err((failure.code, failure.details.into())),
        }
    }
}

impl Drop for Built {
    fn drop(&mut self) {
        docker(["image", "rm", &self.name]);
    }
}

async fn execute(
    stream: <Alone as conformance::Cyclones>::Stream,
    code: &str,
) -> Option<FrameOutcome> {
    let mut session = Session::open(stream, &SessionConfig::default())
        .await
        .expect("cyclone answers");
    let ready = session.ready().await.expect("the session holds");
    assert!(ready.is_none(), "the runner is not ready: {ready:?}");
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let deadline = (now.expect("after 1970") + LIMIT).as_millis();
    let execution = json!({
        "id": "an-execution",
        "kind": "resolver",
        "code": code,
        "inputs": {"name": "Zoë"},
        "deadline": u64::try_from(deadline).expect("fits"),
        "timeout_ms": 20_000,
        "output_bytes": 1 << 20,
        "result_bytes": 1 << 20,
    });
    let execution: Execution = serde_json::from_value(execution).expect("an execution");
    session.execute(&execution).await.expect("it is taken");
    while let Some(frame) = session.next().await.expect("the session holds") {
        if let Frame::Result(outcome) = frame {
            return Some(outcome);
        }
    }
    None
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

#[tokio::test]
async fn an_image_for_another_language_is_built_and_executes_its_functions() {
    let ruby = Built::from_example("ruby");

    let value = ruby
        .execute(r##"def handler(inputs, context) = "#{context[:kind]}: #{inputs[:name]}""##)
        .await;
    assert_eq!(value, Ok(json!("resolver: Zoë")));

    let (code, details) = ruby
        .execute("def handler(inputs, context)\n  raise KeyError, 'no'\nend")
        .await
        .expect_err("it raises");
    assert_eq!(code, "exception");
    assert_eq!(details["class"], "KeyError");
    assert_eq!(details["stack"], "function.rb:2:in `handler'");

    let (code, details) = ruby.execute("def handler(").await.expect_err("no Ruby");
    assert_eq!(
        (code.as_str(), &details["line"]),
        ("syntax_error", &json!(1))
    );
}

#[test]
fn the_runner_for_another_language_has_fewer_than_forty_lines() {
    let runner = fs::read_to_string(examples().join("ruby/runner.rb")).expect("the runner");
    let lines = runner.lines().count();
    assert!(lines < 40, "it has {lines}");
}

/// The content of an image without anything that it says of itself, as a stock
/// image has it, in the registry of the tests.
struct Stock {
    name: String,
}

impl Stock {
    /// Publishes what is in `image` as `stock/<name>`.
    fn of(image: &str, name: &str) -> Self {
        let registry = e2e::published_images();
        let (registry, _) = registry
            .split_once('/')
            .expect("a registry and a namespace");
        let name = format!("{registry}/stock/{name}:{}", std::process::id());
        let container = docker(["create", image, "none"]);
        let archive = tempfile::NamedTempFile::new().expect("a temporary file");
        let path = archive.path().to_str().expect("a path in UTF-8");
        docker(["export", "--output", path, &container]);
        docker(["rm", &container]);
        docker(["import", path, &name]);
        docker(["push", "--quiet", &name]);
        docker(["image", "rm", &name]);
        Self { name }
    }

    /// Runs a function in it with an engine, by one command, and returns what that
    /// printed.
    fn run(&self, engine: &str, arguments: &[&str]) -> String {
        let store = tempfile::tempdir().expect("a temporary directory");
        let output = e2e::command()
            .env("VERITECH_DOCKER_HOST", testkit::docker::host())
            .env("VERITECH_STORE_PATH", store.path())
            .args(["run", "--engine", engine, "--image", &self.name])
            .args(["--memory", "512MiB"])
            .args(arguments)
            .current_dir(examples())
            .output()
            .expect("the command runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success(),
            "{engine}, {}: {}",
            self.name,
            text(&output.stderr)
        );
        text(&output.stdout)
    }
}

impl Drop for Stock {
    fn drop(&mut self) {
        docker(["image", "rm", "--force", &self.name]);
    }
}

#[test]
fn a_stock_image_of_a_language_runs_functions_by_one_command_with_either_engine() {
    let greet = ["greet.js", "--inputs", r#"{"name":"Ada"}"#];
    let mail = [
        "mail-address.py",
        "--kind=validation",
        "--inputs",
        r#"{"address":"ada@example.org"}"#,
    ];
    for (image, name, arguments, printed) in [
        (
            "veritech/javascript-node",
            "node",
            greet,
            "\"Hello, Ada!\"\n",
        ),
        (
            "veritech/javascript-deno",
            "deno",
            greet,
            "\"Hello, Ada!\"\n",
        ),
    ] {
        let stock = Stock::of(image, name);
        for engine in ["native", "docker"] {
            assert_eq!(stock.run(engine, &arguments), printed, "{engine}, {name}");
        }
    }
    let stock = Stock::of("veritech/python", "python");
    for engine in ["native", "docker"] {
        let printed = stock.run(engine, &mail);
        assert!(printed.contains("\"valid\":true"), "{engine}: {printed}");
    }
}

#[test]
fn an_image_with_another_c_library_runs_functions_by_injection() {
    // Whatever is in it, its only C library is musl's.
    let built = format!("veritech-test/musl:{}", std::process::id());
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/musl");
    let fixture = fixture.to_str().expect("a path in UTF-8");
    docker(["build", "--network=host", "--tag", &built, fixture]);
    let stock = Stock::of(&built, "musl");
    docker(["image", "rm", &built]);

    for engine in ["native", "docker"] {
        let printed = stock.run(engine, &["greet.js", "--runner", "quickjs"]);
        assert!(printed.starts_with("\"Hello, "), "{engine}: {printed}");
    }
}
