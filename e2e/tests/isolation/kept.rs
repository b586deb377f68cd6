//! Nothing is kept: an execution that comes after another, or runs beside it, sees
//! what it would have seen alone.
//!
//! Locks on files of an image are seen by all who have it, and so by other tests:
//! these run alone.

use e2e::functions::{PYTHON, in_image};
use e2e::{TestEngine, World, host_images};
use serde_json::{Value, json};
use veritech_protocol::RemoteFunctionRequest;

use crate::intruder::with_inputs;

const CODE: &str = include_str!("../../fixtures/intruder/keeping.py");

/// What changes for an execution that looks at what it has left itself.
const LEFT: &[&str] = &[
    "files",
    "local",
    "locks",
    "open files",
    "processes",
    "umask",
];

fn request(leave: bool, wait: bool) -> RemoteFunctionRequest {
    let inputs = json!({"leave": leave, "wait": wait});
    with_inputs(in_image(PYTHON, CODE), &inputs)
}

/// Returns the names of what is not the same in both.
fn differing(one: &Value, other: &Value) -> Vec<String> {
    let one = one.as_object().expect("an object");
    let names = one.iter().filter(|(name, seen)| other[*name] != **seen);
    names.map(|(name, _)| name.clone()).collect()
}

#[tokio::test]
async fn serial_the_next_execution_sees_nothing_of_what_one_has_left() {
    let world = World::start(&host_images()).await;
    let before = world.value(request(false, false)).await;

    let itself = world.value(request(true, false)).await;
    let next = world.value(request(false, false)).await;

    for name in LEFT {
        assert_ne!(
            before[*name], itself[*name],
            "{name} is not noticed: {itself}"
        );
    }
    assert_eq!(before, next);
}

#[tokio::test]
async fn serial_an_execution_beside_another_sees_nothing_of_it_but_locks_on_files_of_their_image() {
    let world = World::start(&host_images()).await;
    let alone = world.value(request(false, false)).await;

    let mut holding = world.started(request(true, true)).await;
    holding.says("ready").await;
    let beside = world.value(request(false, false)).await;

    let shared: &[&str] = match TestEngine::current() {
        // The files are the same ones, only read, for all.
        TestEngine::Native | TestEngine::Zygotes | TestEngine::Ordinary | TestEngine::Images => {
            &["locks"]
        }
        // Each container has its own layer over them.
        TestEngine::Docker => &[],
    };
    assert_eq!(differing(&alone, &beside), shared, "{alone} {beside}");
}
