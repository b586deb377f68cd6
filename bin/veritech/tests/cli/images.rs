//! The images of the native engine, by `veritech image` and `veritech run`.

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use testkit::{ImageBuilder, Layer, Registry};

use crate::rig::{Done, greet, veritech};

/// Commands that share a store of their own.
struct Store(TempDir);

impl Store {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = veritech();
        command
            .env("VERITECH_STORE_PATH", self.0.path().join("images"))
            .args(arguments);
        command
    }

    fn image(&self, arguments: &[&str]) -> Done {
        Done::of(self.command(&["image"]).args(arguments))
    }
}

/// An image with something in it that must not stay as it is.
fn image() -> testkit::Image {
    let layer = Layer::default().file("etc/motd", 0o644, b"hello").file(
        "usr/bin/su",
        0o4755,
        b"set-user-id",
    );
    ImageBuilder::default().layer(layer).build()
}

#[tokio::test]
async fn an_image_is_pulled_listed_run_and_removed() {
    let registry = Registry::start().await;
    let image = image();
    registry.push(&image, "team/app", "1").await;
    let name = format!("{}/team/app:1", registry.name());
    let store = Store::new();

    let pulled = store.image(&["pull", &name]).exits(0);
    assert_eq!(pulled.stdout.trim(), image.digest());

    let listed = store.image(&["list"]).exits(0);
    assert!(listed.stdout.contains(&name), "{listed:#?}");
    assert!(listed.stdout.contains(image.digest()), "{listed:#?}");
    let verbose = store.image(&["list", "--verbose"]).exits(0);
    assert!(verbose.stdout.contains("1 set-user-id"), "{verbose:#?}");
    let json = store.image(&["list", "--output", "json"]).exits(0);
    let rows: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(rows[0]["digest"], image.digest());
    assert_eq!(rows[0]["counts"]["set_id_bits"], 1);

    let mut run = store.command(&["run", "--image", &name, "--runner", "quickjs"]);
    let ran = Done::of(run.arg(greet()).args(["--inputs", r#"{"name":"Ada"}"#])).exits(0);
    assert_eq!(ran.stdout, "\"Hello, Ada!\"\n");

    store.image(&["remove", &name]).exits(0).says(&["removed"]);
    let listed = store.image(&["list"]).exits(0);
    assert_eq!(listed.stdout, "");
}

#[test]
fn an_image_is_imported_under_a_name() {
    let image = image();
    let layout = tempfile::tempdir().expect("a temporary directory");
    image.write_layout(layout.path(), "irrelevant");
    let store = Store::new();
    let path = layout.path().to_str().expect("a path in UTF-8");

    let imported = store
        .image(&["import", path, "--name", "example.com/rules:2"])
        .exits(0);

    assert_eq!(imported.stdout.trim(), image.digest());
    let mut run = store.command(&[
        "run",
        "--image",
        "example.com/rules:2",
        "--runner",
        "quickjs",
    ]);
    Done::of(run.arg(greet())).exits(0);
}

#[test]
fn what_is_no_image_is_told_with_what_would_be_one() {
    let store = Store::new();
    for arguments in [["pull", "builtin/quickjs"], ["pull", "No/Image"]] {
        store.image(&arguments).exits(2);
    }
    store.image(&["remove", "example.com/none:1"]).exits(3);
    let empty = tempfile::tempdir().expect("a temporary directory");
    let path = empty.path().to_str().expect("a path in UTF-8");
    store.image(&["import", path]).exits(3);
    let left = fs::read_dir(store.0.path().join("images/images")).map_or(0, Iterator::count);
    assert_eq!(left, 0);
}

#[tokio::test]
async fn an_image_without_a_runner_says_which_option_names_one() {
    let registry = Registry::start().await;
    registry.push(&image(), "team/app", "1").await;
    let name = format!("{}/team/app:1", registry.name());
    let store = Store::new();

    let mut run = store.command(&["run", "--image", &name]);

    Done::of(run.arg(greet()))
        .exits(2)
        .says(&["unsupported_image", "quickjs, node, deno, python"]);
}
