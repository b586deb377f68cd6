//! Functions from the outside world: public npm packages, bundled into one file.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use e2e::functions::{DENO, NODE, QUICKJS, in_image};
use e2e::{World, host_images};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use testkit::tools;
use veritech_protocol::RawValue;

/// Calls every function of the corpus in this image.
async fn every_package_gives_what_it_should(image: &str) {
    let world = World::start(&host_images()).await;
    let wrong: Vec<String> = stream::iter(corpus())
        .map(|file| check(&world, image, file))
        .buffer_unordered(4)
        .filter_map(async |outcome| outcome.err())
        .collect()
        .await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn check(world: &World, image: &str, file: PathBuf) -> Result<(), String> {
    let code = fs::read_to_string(&file).expect("a bundle");
    let about = fs::read(file.with_extension("json")).expect("what it is called with");
    // As raw text, since some functions depend on the order of keys.
    let mut about: BTreeMap<String, Box<RawValue>> =
        serde_json::from_slice(&about).expect("an object");
    let mut request = in_image(image, code);
    request.inputs = about.remove("inputs").expect("inputs");
    let expected = about.remove("expected").expect("an expected value");
    let expected: Value = serde_json::from_str(expected.get()).expect("JSON");

    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let called = world.client.call(request).result().await;
    let value: Value = called
        .map_err(|error| format!("{name}: {error:?}"))?
        .value()
        .map_err(|error| format!("{name}: {error}"))?;
    if value == expected {
        Ok(())
    } else {
        Err(format!("{name}: {value} instead of {expected}"))
    }
}

/// Returns the bundle of every package.
fn corpus() -> Vec<PathBuf> {
    let files = fs::read_dir(tools::npm_corpus()).expect("the corpus is installed");
    let bundles: Vec<_> = files
        .map(|file| file.expect("the corpus can be read").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "js"))
        .collect();
    assert!(bundles.len() >= 10, "only {bundles:?}");
    bundles
}

#[tokio::test]
async fn public_packages_run_on_quickjs() {
    every_package_gives_what_it_should(QUICKJS).await;
}

#[tokio::test]
async fn public_packages_run_on_node() {
    every_package_gives_what_it_should(NODE).await;
}

#[tokio::test]
async fn public_packages_run_on_deno() {
    every_package_gives_what_it_should(DENO).await;
}
