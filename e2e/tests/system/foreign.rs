//! A caller that has nothing but a NATS client in another language.

use std::path::Path;
use std::process::Command;

use e2e::World;
use serde_json::{Value, json};
use testkit::tools;

/// Runs the script's part `part`, and returns the JSON it prints.
async fn python(world: &World, part: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/foreign/caller.py");
    let url = world.server.url();
    let mut command = Command::new(tools::python());
    command.env("PYTHONPATH", tools::python_path()).args([
        script.as_os_str(),
        url.as_ref(),
        part.as_ref(),
    ]);
    let run = tokio::task::spawn_blocking(move || command.output());
    let output = run.await.expect("it is waited for").expect("python runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("the script prints JSON")
}

#[tokio::test]
async fn one_plain_request_gets_the_answer() {
    let world = World::start("").await;

    let answer = python(&world, "request").await;

    assert_eq!(answer["event"]["status"], "success", "{answer}");
    assert_eq!(answer["event"]["value"], "Hello, Zoë!", "{answer}");
    assert_eq!(answer["headers"]["Veritech-Event"], "result", "{answer}");
    assert_eq!(answer["headers"]["Nats-Service-Error"], json!(null));
}

#[tokio::test]
async fn the_streamed_form_can_be_read_by_its_headers() {
    let world = World::start("heartbeat = \"10s\"\n").await;

    let letters = python(&world, "stream").await;

    let summary: Vec<_> = letters
        .as_array()
        .expect("a list")
        .iter()
        .map(|letter| {
            let headers = &letter["headers"];
            [&headers["Veritech-Sequence"], &headers["Veritech-Event"]]
        })
        .collect();
    let expected = json!([
        ["1", "accepted"],
        ["2", "started"],
        ["3", "output"],
        ["4", "result"]
    ]);
    assert_eq!(json!(summary), expected, "{letters}");
    assert_eq!(letters[2]["event"]["message"], "greeting Zoë");
    assert_eq!(letters[3]["event"]["value"], "Hello, Zoë!");
}

#[tokio::test]
async fn a_failure_is_a_service_error_to_tools_that_know_no_more() {
    let world = World::start("").await;

    let answer = python(&world, "failure").await;

    let headers = &answer["headers"];
    assert_eq!(headers["Nats-Service-Error-Code"], "422", "{answer}");
    let error = headers["Nats-Service-Error"].as_str().unwrap_or_default();
    assert!(error.contains("exception"), "{answer}");
    assert!(error.contains("TypeError: no name"), "{answer}");
    assert_eq!(answer["event"]["failure"]["code"], "exception", "{answer}");
}
