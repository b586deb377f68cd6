//! A static binary that is dropped as a file: every way to have it executed.
//!
//! None works, as the scratch directory is mounted so that nothing in it can be
//! executed, and there is no other place to write to. That is no defence against
//! system calls: whoever has a language that can map memory, or write to its own, has
//! those as well. What they meet then is in [`tried`](crate::tried).

use std::collections::BTreeMap;

use e2e::functions::{NODE, PYTHON, in_image};
use e2e::{World, host_images};
use serde_json::{Value, json};

use crate::intruder::{PYTHON_SOURCE, inputs, unconfined_python, with_inputs};
use crate::program::attempt;

/// How the ways end that can be tried from Python, with any engine.
const FROM_PYTHON: &[(&str, &[&str])] = &[
    ("a file in /tmp", &["EACCES"]),
    ("its descriptor", &["EACCES"]),
    ("a file in memory", &["ENOSYS"]),
    // A link to /tmp, a directory of nobody's, or none.
    ("a file in /dev/shm", &["EACCES", "EROFS", "ENOENT"]),
    ("a file in /dev", &["EACCES", "EROFS"]),
    ("a file beside cyclone", &["EACCES", "EROFS"]),
    ("a file in /proc/self", &["EACCES", "ENOENT", "EPERM"]),
    ("the loader", &["refused"]),
    ("a script", &["EACCES"]),
    ("a link beside cyclone", &["EXDEV", "EROFS"]),
    ("a mapping that can be executed", &["EPERM"]),
    ("a library", &["refused"]),
    // The last resort, with which all system calls can be had that there are.
    ("over own text", &["executed"]),
];

/// The same from Node.js.
const FROM_NODE: &[(&str, &[&str])] = &[
    ("a file in /tmp", &["EACCES"]),
    ("its descriptor", &["EACCES"]),
    ("the loader", &["refused"]),
    ("a script", &["EACCES"]),
    ("an interpreter of its own", &["refused"]),
    ("an add-on", &["ERR_DLOPEN_FAILED"]),
];

/// Has the ways tried in an image, and compares how they end.
async fn nothing_is_executed(image: &str, code: &str, expected: &[(&str, &[&str])]) {
    let world = World::start(&host_images()).await;
    let harmless = attempt("itself").call(libc::SYS_getpid, []);
    let request = with_inputs(in_image(image, code), &inputs("launches", &[harmless]));
    let report = world.value(request).await;

    let ended = ended(&report);
    assert_eq!(ended.len(), expected.len(), "{report}");
    for (way, outcomes) in expected {
        let outcome = ended.get(*way).map(String::as_str);
        let is_expected = outcome.is_some_and(|it| outcomes.contains(&it));
        assert!(is_expected, "{way}: {report}");
    }
}

fn ended(report: &Value) -> BTreeMap<String, String> {
    let told = |it: &Value, member: &str| it[member].as_str().expect("a text").to_owned();
    let report = report.as_array().expect("a list").iter();
    report
        .map(|it| (told(it, "attempt"), told(it, "outcome")))
        .collect()
}

#[tokio::test]
async fn no_file_that_python_drops_is_executed() {
    nothing_is_executed(PYTHON, PYTHON_SOURCE, FROM_PYTHON).await;
}

#[tokio::test]
async fn no_file_that_node_drops_is_executed() {
    const SOURCE: &str = include_str!("../../fixtures/intruder/launches.mjs");
    nothing_is_executed(NODE, SOURCE, FROM_NODE).await;
}

#[test]
fn on_the_host_the_same_file_is_executed_in_the_same_ways() {
    let ways = [
        "a file in /tmp",
        "its descriptor",
        "a file in memory",
        "the loader",
        "a script",
        "a mapping that can be executed",
        "over own text",
    ];
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let harmless = attempt("itself").call(libc::SYS_getpid, []);
    let mut inputs = inputs("launches", &[harmless]);
    inputs["only"] = json!(ways);
    inputs["scratch"] = json!(scratch.path());

    let report = unconfined_python("intruder", &inputs);

    let ended = ended(&report);
    for way in ways {
        assert_eq!(ended[way], "executed", "{way}: {report}");
    }
}
