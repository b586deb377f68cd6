//! Making room, and removing what is asked for.

use image_store::RemoveError;
use sandbox::PullPolicy;
use testkit::{ImageBuilder, Layer, Registry};

use crate::support::{Fixture, reference};

/// Each image of these tests takes this much: a file and four directories.
const FILE_BYTES: usize = 256 * 1024;

async fn push(registry: &Registry, name: &str) -> String {
    let data = vec![name.as_bytes()[0]; FILE_BYTES];
    let image = ImageBuilder::default()
        .layer(Layer::default().file("data", 0o644, &data))
        .build();
    registry.push(&image, name, "1").await;
    format!("{}/{name}:1", registry.name())
}

async fn is_there(fixture: &Fixture, name: &str) -> bool {
    fixture.pull_by(name, PullPolicy::Never).await.is_ok()
}

#[tokio::test]
async fn the_least_recently_used_image_that_nobody_holds_makes_room() {
    let registry = Registry::start().await;
    let fixture = Fixture::with(|config| config.max_bytes = 3 * FILE_BYTES as u64);
    let (a, b, c) = (
        push(&registry, "a").await,
        push(&registry, "b").await,
        push(&registry, "c").await,
    );
    let held = fixture.pull(&a).await.expect("pulls");
    fixture.pull(&b).await.expect("pulls");
    fixture.pull(&c).await.expect("pulls");

    // `a` was used least recently, but is held.
    assert!(is_there(&fixture, &a).await);
    assert!(!is_there(&fixture, &b).await);
    assert!(is_there(&fixture, &c).await);
    assert!(fixture.rootfs(&held).join("data").exists());

    drop(held);
    assert!(is_there(&fixture, &c).await);
    fixture.pull(&b).await.expect("pulls again");
    assert!(!is_there(&fixture, &a).await, "it was used least recently");
    assert!(is_there(&fixture, &c).await);
}

#[tokio::test]
async fn an_image_in_use_is_not_removed_and_says_so() {
    let registry = Registry::start().await;
    let fixture = Fixture::new();
    let name = push(&registry, "a").await;
    let held = fixture.pull(&name).await.expect("pulls");
    let listed = fixture.store.list().await.expect("lists");
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (&listed[0].names, listed[0].in_use),
        (&vec![name.clone()], true)
    );
    assert!(listed[0].size >= FILE_BYTES as u64);

    let refused = fixture.store.remove(held.digest()).await;
    assert!(matches!(refused, Err(RemoveError::InUse(_))), "{refused:?}");
    assert!(is_there(&fixture, &name).await, "its name is gone");

    drop(held);
    fixture.store.remove(&name).await.expect("removes");
    assert!(!is_there(&fixture, &name).await);
    fixture.assert_nothing_is_left();
    let again = fixture.store.remove(&name).await;
    assert!(matches!(again, Err(RemoveError::NotFound(_))), "{again:?}");
}

#[tokio::test]
async fn an_image_with_another_tag_loses_only_the_one_removed() {
    let registry = Registry::start().await;
    let fixture = Fixture::new();
    let one = push(&registry, "a").await;
    let data = vec![b'a'; FILE_BYTES];
    let image = ImageBuilder::default()
        .layer(Layer::default().file("data", 0o644, &data))
        .build();
    registry.push(&image, "a", "2").await;
    let two = format!("{}2", one.trim_end_matches('1'));
    fixture.pull(&one).await.expect("pulls");
    fixture.pull(&two).await.expect("pulls");

    fixture.store.remove(&one).await.expect("removes");

    assert!(!is_there(&fixture, &one).await);
    let found = fixture.store.get(&reference(&two)).await.expect("reads");
    assert!(found.is_some());
}
