//! The programs in `examples`, as somebody would run them.

use std::env;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use e2e::World;
use serde_json::{Value, json};

/// Returns an example that was built along with the tests.
fn example(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test knows its own path");
    // target/<profile>/deps/<test>
    let profile = test
        .ancestors()
        .nth(2)
        .expect("invariant: cargo puts tests there");
    let program = profile.join("examples").join(name);
    assert!(
        program.is_file(),
        "`{}` is not there: run `cargo build --workspace --all-features --examples` first",
        program.display()
    );
    program
}

/// Runs an example with a text on its standard input.
async fn run(world: &World, name: &'static str, arguments: &[&str], input: String) -> Output {
    let mut command = Command::new(example(name));
    command
        .args(arguments)
        .env_clear()
        .env("VERITECH_NATS_URL", world.server.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let ended = tokio::task::spawn_blocking(move || {
        let mut process = command.spawn().expect("the example starts");
        let mut stdin = process.stdin.take().expect("invariant: it is a pipe");
        // One that reads nothing has closed it.
        drop(stdin.write_all(input.as_bytes()));
        drop(stdin);
        process.wait_with_output().expect("the example ends")
    });
    ended.await.expect("nothing panics")
}

/// Returns what an example printed that must succeed.
async fn printed(world: &World, name: &'static str, arguments: &[&str], input: String) -> String {
    let output = run(world, name, arguments, input).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{name}: {}: {errors}",
        output.status
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[tokio::test]
async fn ten_functions_make_an_inventory_of_a_server() {
    let world = World::start("places = 4\n").await;
    let inventory = printed(&world, "server-inventory", &[], String::new()).await;
    let inventory: Value = serde_json::from_str(&inventory).expect("JSON");
    assert_eq!(
        inventory,
        json!({
            "asset": {
                "model": "r1-large", "purchased": "2025-02-28", "role": "web", "site": "ams", "number": 7,
            },
            "hardware": {
                "cores": 32, "memory_gib": 256, "disks": {"nvme0": 960, "nvme1": 3840, "nvme2": 3840},
            },
            "capacity_gb": 8640,
            "network": {
                "domain": "example.org",
                "hostname": "web-ams-07",
                "fqdn": "web-ams-07.example.org",
                "address": "10.16.10.7",
                "ports": [22, 80, 443],
                "url": "https://web-ams-07.example.org/",
            },
            "warranty_until": "2028-02-28",
            "checks": [
                {"name": "ping", "target": "web-ams-07.example.org", "every_seconds": 10},
                {"name": "port 22", "target": "10.16.10.7:22", "every_seconds": 30},
                {"name": "port 80", "target": "10.16.10.7:80", "every_seconds": 30},
                {"name": "port 443", "target": "10.16.10.7:443", "every_seconds": 30},
            ],
            "labels": {
                "example.org/role": "web", "example.org/site": "ams", "example.org/size": "large",
            },
        })
    );
    world.figure_is("succeeded", 10).await;
}

#[tokio::test]
async fn an_inventory_of_an_unknown_model_says_which_properties_it_lacks_and_why() {
    let world = World::start("places = 4\n").await;
    let output = run(&world, "server-inventory", &["r9"], String::new()).await;
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(
        errors,
        "error: 3 props have no value:\n  \
         `/capacity_gb`: needs `/hardware`, which has no value\n  \
         `/hardware`: the function has no value: exception: RangeError: no such model: r9\n  \
         `/labels`: needs `/hardware`, which has no value\n"
    );
}

#[tokio::test]
async fn a_policy_is_checked_over_the_inventory() {
    let world = World::start("places = 4\n").await;
    let inventory = printed(&world, "server-inventory", &[], String::new()).await;
    let good = printed(&world, "policy-check", &["2026-01-01"], inventory.clone()).await;
    assert_eq!(good, "all is as it should be\n");

    let bad = run(&world, "policy-check", &["2029-01-01"], inventory.clone()).await;
    assert_eq!(bad.status.code(), Some(1));
    let message = String::from_utf8_lossy(&bad.stdout);
    assert_eq!(
        message,
        "web-ams-07 is not what it should be: has its warranty still\n"
    );

    let broken = run(&world, "policy-check", &["2026-01-01"], "{}".to_owned()).await;
    assert_eq!(
        broken.status.code(),
        Some(2),
        "a check that failed has found nothing out"
    );
    let errors = String::from_utf8_lossy(&broken.stderr);
    assert!(
        errors.starts_with("error: exception: TypeError"),
        "{errors}"
    );
}

#[tokio::test]
async fn a_manifest_for_kubernetes_is_generated_from_the_inventory() {
    let world = World::start("places = 4\n").await;
    let inventory = printed(&world, "server-inventory", &[], String::new()).await;
    let manifest = printed(&world, "kubernetes-manifest", &[], inventory).await;
    let documents: Vec<Value> = manifest
        .split_terminator("---\n")
        .filter(|document| !document.is_empty())
        .map(|document| serde_json::from_str(document).expect("JSON is YAML"))
        .collect();
    let [service, endpoints] = documents.as_slice() else {
        panic!("not two documents: {manifest}");
    };
    assert_eq!(
        (&service["apiVersion"], &service["kind"]),
        (&json!("v1"), &json!("Service"))
    );
    assert_eq!(service["spec"]["ports"][2]["port"], 443);
    assert_eq!(endpoints["kind"], "EndpointSlice");
    assert_eq!(
        endpoints["metadata"]["labels"]["kubernetes.io/service-name"],
        "web-ams-07"
    );
    assert_eq!(
        endpoints["endpoints"][0]["addresses"],
        json!(["10.16.10.7"])
    );
}
