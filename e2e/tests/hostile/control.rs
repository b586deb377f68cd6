//! The positive control: with walls left out, functions of every group get their way.
//!
//! A binary with its walls left out does not serve, so that functions are executed by
//! `veritech run`, with the ordinary binary first. All of it happens in a pid namespace
//! of its own, which ends with everything in it:
//!
//! ```text
//!  test ──unshare──▶ this test binary again ──▶ `veritech run` ──▶ what it leaves
//!        ◀──report── (pid 1 of its namespace)
//! ```

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::TestEngine;
use e2e::hostile::local::{Local, Ran};
use e2e::hostile::{Case, Runtime, read_all};
use serde_json::{Value, json};

/// What the tests tell the process in the namespace.
const BINARY: &str = "HOSTILE_CONTROL_BINARY";
const GROUP: &str = "HOSTILE_CONTROL_GROUP";
const REPORT: &str = "HOSTILE_CONTROL_REPORT";

/// Names the binary with its walls left out.
const WEAKENED: &str = "VERITECH_TEST_WEAKENED";

/// Those that can do most come first.
const PREFERRED: [Runtime; 4] = [
    Runtime::Node,
    Runtime::Python,
    Runtime::Deno,
    Runtime::Quickjs,
];

/// Asserts that functions of a group come to nothing with the ordinary binary, and that
/// some get their way with the other.
#[expect(clippy::print_stdout, reason = "how many there are is worth knowing")]
fn gets_its_way_without_walls_alone(group: &str) {
    let ordinary = differing(&e2e::veritech(), group);
    assert_eq!(ordinary.1, Vec::<Value>::new(), "with the ordinary binary");

    let (count, weakened) = differing(&weakened(), group);
    println!(
        "{group}: {} of {count} functions show that walls are missing",
        weakened.len()
    );
    assert_ne!(
        weakened,
        Vec::<Value>::new(),
        "of {count} functions none noticed that walls are missing"
    );
}

/// Returns how many functions were executed, and those that did not come to what they
/// must or that left something.
fn differing(binary: &Path, group: &str) -> (usize, Vec<Value>) {
    let directory = tempfile::Builder::new()
        .prefix("e2e-control-")
        .tempdir()
        .expect("a temporary directory for the report");
    let report = directory.path().join("report.json");
    let inside = Command::new("unshare")
        .args(["--pid", "--fork", "--kill-child", "--mount-proc", "--"])
        .arg(env::current_exe().expect("a test knows its own path"))
        .args([
            "--exact",
            "control::inside_a_namespace",
            "--ignored",
            "--nocapture",
        ])
        .env(BINARY, binary)
        .env(GROUP, group)
        .env(REPORT, &report)
        .output()
        .expect("unshare starts");
    let text = fs::read(&report).unwrap_or_default();
    assert!(!text.is_empty(), "no report: {inside:?}");
    let all: Vec<Value> = serde_json::from_slice(&text).expect("the report is JSON");
    let count = all.len();
    let is_different =
        |one: &Value| one.get("wrong") != Some(&json!([])) || one.get("left") != Some(&json!([]));
    (count, all.into_iter().filter(is_different).collect())
}

/// Returns the binary with its walls left out.
fn weakened() -> PathBuf {
    let path = env::var_os(WEAKENED).map_or_else(
        || testkit::tools::target().join("weakened/debug/veritech"),
        PathBuf::from,
    );
    assert!(
        path.is_file(),
        "`{}` is not there: run `cargo xtask weakened`, or set `{WEAKENED}`",
        path.display()
    );
    path
}

#[tokio::test]
#[ignore = "the other tests start it, in a pid namespace of its own"]
async fn inside_a_namespace() {
    let variable = |name| env::var(name).expect("the test that starts this one sets it");
    let group = variable(GROUP);
    let local = Local::new(variable(BINARY).into());
    let mut report = Vec::new();
    for function in read_all().iter().filter(|function| function.group == group) {
        let cases = function.cases(TestEngine::Native);
        let most = PREFERRED
            .iter()
            .find_map(|runtime| cases.iter().find(|case| case.runtime == *runtime));
        // Cancelling is told to a dispatcher.
        let Some(case) = most.filter(|case: &&Case| !case.cancel) else {
            continue;
        };
        let Ran { differences, left } = local.run(case).await;
        let wrong: Vec<_> = differences.iter().map(ToString::to_string).collect();
        report.push(json!({ "case": case.name, "wrong": wrong, "left": left }));
    }
    let text = serde_json::to_vec(&report).expect("JSON");
    fs::write(variable(REPORT), text).expect("the report is written");
}

#[test]
fn a_binary_without_walls_says_so_and_does_not_serve() {
    let run = |argument: &str| {
        Command::new(weakened())
            .arg(argument)
            .env_clear()
            .output()
            .expect("veritech starts")
    };
    let version = run("--version");
    assert!(
        String::from_utf8_lossy(&version.stdout).contains("WEAKENED"),
        "{version:?}"
    );

    let serve = run("serve");
    assert_eq!(serve.status.code(), Some(2), "{serve:?}");
    let said = String::from_utf8_lossy(&serve.stderr);
    assert!(said.contains("this build is WEAKENED"), "{said}");
    assert!(said.contains("does not serve"), "{said}");
}

macro_rules! control {
    ($($test:ident: $group:literal,)+) => {
        $(
            #[test]
            fn $test() {
                gets_its_way_without_walls_alone($group);
            }
        )+

        #[test]
        fn every_group_is_controlled() {
            assert_eq!([$($group),+], e2e::hostile::GROUPS);
        }
    };
}

control! {
    serial_forging_works_without_walls: "forging",
    serial_tampering_works_without_walls: "tampering",
    serial_ends_are_told_wrongly_without_walls: "exits",
    serial_limits_are_told_wrongly_without_walls: "resources",
    serial_values_are_made_up_without_walls: "values",
    serial_code_that_does_not_load_gets_its_way_without_walls: "loading",
    serial_something_is_reached_without_walls: "access",
    serial_something_outlives_its_execution_without_walls: "cleanup",
    serial_something_crosses_between_executions_without_walls: "crossing",
}
