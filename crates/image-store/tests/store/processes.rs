//! Several processes in one store, also such as are killed.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use image_store::{Store, StoreConfig};
use sandbox::{Phase, Progress, PullPolicy};
use testkit::{Image, ImageBuilder, Layer, eventually_blocking};
use tokio_util::sync::CancellationToken;

use crate::support::{Deaf, Fixture, names_in, reference, registry_with};

const ROOT: &str = "IMAGE_STORE_TEST_ROOT";
const IMAGE: &str = "IMAGE_STORE_TEST_IMAGE";

const LIMIT: Duration = Duration::from_secs(30);

/// Returns a process that pulls an image into the store at `root`.
pub(crate) fn child(root: &Path, image: &str) -> Command {
    process("pulls_what_it_is_told", root, image)
}

/// Returns a process that does what one of the tests here that are otherwise
/// ignored does.
fn process(what: &str, root: &Path, image: &str) -> Command {
    let tests = env::current_exe().expect("this program");
    let mut command = Command::new(tests);
    command
        .args([&format!("processes::{what}"), "--exact", "--ignored"])
        .env(ROOT, root)
        .env(IMAGE, image)
        // Not the configuration of whoever runs the tests.
        .env("DOCKER_CONFIG", root)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

#[tokio::test]
#[ignore = "what other tests start as a process of its own"]
async fn pulls_what_it_is_told() {
    let root = env::var_os(ROOT).expect("a store");
    let image = env::var(IMAGE).expect("an image");
    let store = Store::open(StoreConfig::new(root)).expect("opens");
    let never = CancellationToken::new();
    let policy = PullPolicy::Always;
    let pulled = store
        .prepare(&reference(&image), policy, &Deaf, never)
        .await
        .expect("pulls");
    assert!(store.root().join(pulled.rootfs()).join("proc").is_dir());
}

#[tokio::test]
#[ignore = "what other tests start as a process of its own"]
async fn gets_stuck_while_it_unpacks() {
    struct Stuck;
    impl Progress for Stuck {
        fn advance(&self, phase: Phase, _done: u64, _total: u64) {
            if phase == Phase::Unpacking {
                loop {
                    thread::park();
                }
            }
        }
    }
    let root = env::var_os(ROOT).expect("a store");
    let layout = env::var_os(IMAGE).expect("an image");
    let store = Store::open(StoreConfig::new(root)).expect("opens");
    let never = CancellationToken::new();
    let imported = store
        .import(Path::new(&layout), None, Arc::new(Stuck), never)
        .await;
    panic!("it did not get stuck: {imported:?}");
}

/// An image of some files.
fn files() -> Image {
    let layer = (0..200).fold(Layer::default(), |layer, number| {
        layer.file(&format!("d{}/f{number}", number % 10), 0o644, b"x")
    });
    ImageBuilder::default().layer(layer).build()
}

#[tokio::test]
async fn processes_that_pull_the_same_image_at_once_all_have_it() {
    let (_registry, name) = registry_with(&files()).await;
    let fixture = Fixture::new();
    let mut children: Vec<_> = (0..3)
        .map(|_| {
            let mut command = child(fixture.store.root(), &name);
            command.spawn().expect("starts")
        })
        .collect();

    let ours = fixture.pull(&name).await.expect("pulls");

    for child in &mut children {
        assert!(child.wait().expect("ends").success());
    }
    assert_eq!(names_in(&fixture.store.root().join("images")).len(), 1);
    assert_eq!(names_in(&fixture.store.root().join("tmp")), [""; 0]);
    assert!(fixture.rootfs(&ours).join("d0/f0").exists());
}

#[tokio::test]
async fn what_a_killed_process_has_left_is_removed_and_the_image_is_had_after_all() {
    let fixture = Fixture::new();
    let layout = fixture.directory.path().join("layout");
    files().write_layout(&layout, "team/files:1");
    let workspaces = fixture.store.root().join("tmp");
    let text = layout.to_str().expect("is text");
    let mut process = process("gets_stuck_while_it_unpacks", fixture.store.root(), text)
        .spawn()
        .expect("starts");
    eventually_blocking(LIMIT, "process that unpacks", || {
        fs::read_dir(&workspaces)
            .ok()?
            .filter_map(Result::ok)
            .find(|workspace| workspace.path().join("image/rootfs/d0/f0").exists())
    });
    // As long as it lives, it keeps what it does.
    fixture.store.evict().await.expect("makes room");
    assert!(!names_in(&workspaces).is_empty());

    process.kill().expect("is killed");
    process.wait().expect("is gone");

    assert!(
        !names_in(&workspaces).is_empty(),
        "there is nothing to remove"
    );
    assert_eq!(names_in(&fixture.store.root().join("images")), [""; 0]);
    let store = Store::open(StoreConfig::new(fixture.store.root())).expect("opens");
    fixture.assert_nothing_is_left();
    let never = CancellationToken::new();
    let imported = store.import(&layout, None, Arc::new(Deaf), never).await;
    let rootfs = fixture.rootfs(&imported.expect("imports"));
    assert!(rootfs.join("d9/f199").exists());
}

#[tokio::test]
async fn an_image_that_another_process_holds_makes_no_room() {
    let (_registry, name) = registry_with(&crate::support::hello("hello")).await;
    let fixture = Fixture::with(|config| config.max_bytes = 1);
    let held = fixture.pull(&name).await.expect("pulls");
    let mut config = StoreConfig::new(fixture.store.root());
    config.max_bytes = 1;
    // Leases are tied to open files, so another store is like another process.
    let other = Store::open(config).expect("opens");

    assert_eq!(other.evict().await.expect("makes room"), 0);
    assert!(fixture.rootfs(&held).join("hello").exists());
    drop(held);
    assert_eq!(other.evict().await.expect("makes room"), 1);
    fixture.assert_nothing_is_left();
}
