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
