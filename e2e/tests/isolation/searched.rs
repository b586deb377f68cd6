//! A search of everything that can be read for canaries: in files, in environments,
//! in what `/proc` tells of other processes.

use e2e::functions::{PYTHON, in_image};
use e2e::{World, host_images};
use serde_json::{Value, json};

use crate::canaries::{Planted, mark};
use crate::intruder::{unconfined_python, with_inputs};
use crate::neighbour::Neighbour;

const CODE: &str = include_str!("../../fixtures/intruder/search.py");

fn inputs(below: &str, skip: &[&str]) -> Value {
    // Turned around, so that whoever searches does not find itself.
    let mark: String = mark().chars().rev().collect();
    json!({"mark": mark, "below": below, "skip": skip})
}

#[tokio::test]
async fn a_search_of_all_that_a_function_can_read_finds_no_canary() {
    let world = World::start(&host_images()).await;
    let _neighbour = Neighbour::start(&world).await;
    let planted = Planted::around(&world, None);

    let request = in_image(PYTHON, CODE);
    let searched = world.value(with_inputs(request, &inputs("/", &[]))).await;

    assert_eq!(searched["found"], json!([]));
    // Whoever can read nothing at all finds nothing either.
    assert!(searched["files"].as_u64() > Some(15), "{searched}");
    assert_eq!(planted.connections(), 0);
}

#[tokio::test]
async fn on_the_host_the_same_search_finds_the_file_and_the_environment() {
    let world = World::start(&host_images()).await;
    let planted = Planted::around(&world, None);
    let dispatcher = format!("/proc/{}", world.instance.pid());
    let directory = planted.directory();

    let threads = format!("{dispatcher}/task");
    for (below, expected) in [
        (dispatcher.as_str(), format!("{dispatcher}/environ")),
        (directory.as_str(), planted.canaries.file.clone()),
    ] {
        let searched = unconfined_python("search", &inputs(below, &[&threads]));
        assert_eq!(searched["found"], json!([expected]));
    }
}
