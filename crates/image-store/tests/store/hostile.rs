//! Images that nobody should make: each is refused with a word that says why, leaves
//! nothing, and does not keep the next one from working.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use image_store::{LayerError, PullError, StoreConfig};
use tar::EntryType;
use testkit::image::{Entry, digest};
use testkit::{ImageBuilder, Layer, Registry};

use crate::support::{Fixture, hello};

/// Imports an image of `layers`, which must fail, and then a good one into the same
/// store. Returns the failure.
async fn refused(layers: &[Layer], change: impl FnOnce(&mut StoreConfig)) -> PullError {
    let builder = layers
        .iter()
        .cloned()
        .fold(ImageBuilder::default(), ImageBuilder::layer);
    refused_image(&builder.build(), change).await
}

async fn refused_image(image: &testkit::Image, change: impl FnOnce(&mut StoreConfig)) -> PullError {
    let fixture = Fixture::with(change);
    let registry = Registry::start().await;
    registry.push(image, "bad", "1").await;
    registry.push(&hello("hello"), "good", "1").await;
    let name = |repository: &str| format!("{}/{repository}:1", registry.name());

    let error = fixture.pull(&name("bad")).await.expect_err("is refused");
    fixture.assert_nothing_is_left();
    let good = fixture.pull(&name("good")).await.expect("is not hindered");
    let hello = fs::read(fixture.rootfs(&good).join("hello")).expect("is unpacked");
    assert_eq!(hello, b"hello");
    std::sync::Arc::into_inner(error).expect("nobody else was told")
}

/// Fails unless the layer was refused for what `expected` says.
#[track_caller]
fn assert_layer(error: PullError, expected: impl FnOnce(&LayerError) -> bool) {
    match &error {
        PullError::Layer { source, .. } if expected(source) => {}
        other => panic!("refused for another reason: {other:?}"),
    }
}

#[tokio::test]
async fn a_path_with_parent_components_is_refused() {
    for path in ["../escape", "a/../../escape", "/../escape", "a/.."] {
        let layer = Layer::default().file(path, 0o644, b"x");
        let error = refused(&[layer], |_| {}).await;
        assert_layer(error, |source| {
            matches!(source, LayerError::ParentComponent(_))
        });
    }
}

#[tokio::test]
async fn a_hard_link_out_of_the_image_is_refused() {
    for target in ["/etc/passwd", "../../etc/passwd", "a/../../b"] {
        let layer = Layer::default().hard_link("link", target);
        let error = refused(&[layer], |_| {}).await;
        assert_layer(error, |source| {
            matches!(source, LayerError::LinkOutside { .. })
        });
    }
}

#[tokio::test]
async fn a_hard_link_through_a_symbolic_link_out_of_the_image_is_refused() {
    let layer = Layer::default()
        .symlink("out", "../../../etc")
        .hard_link("link", "out/passwd");
    let error = refused(&[layer], |_| {}).await;
    assert_layer(error, |source| {
        matches!(source, LayerError::LinkOutside { .. })
    });
}

#[tokio::test]
async fn nothing_is_written_through_a_symbolic_link_out_of_the_image() {
    let outside = tempfile::tempdir().expect("a directory");
    let absolute = outside.path().to_str().expect("is text").to_owned();
    for target in [absolute.as_str(), "../../../../../../../../etc", "../.."] {
        let link = Layer::default().symlink("dir/out", target);
        let file = Layer::default().file("dir/out/written", 0o644, b"x");
        let error = refused(&[link, file], |_| {}).await;
        assert_layer(error, |source| {
            matches!(
                source,
                LayerError::LeavesRoot(_) | LayerError::NoDirectory(_)
            )
        });
    }
    let written = fs::read_dir(outside.path()).expect("is there").count();
    assert_eq!(written, 0);
    assert!(!Path::new("/etc/written").exists());
}

#[tokio::test]
async fn a_file_replaces_a_symbolic_link_and_does_not_follow_it() {
    let outside = tempfile::NamedTempFile::new().expect("a file");
    let target = outside.path().to_str().expect("is text");
    let image = ImageBuilder::default()
        .layer(Layer::default().symlink("file", target))
        .layer(Layer::default().file("file", 0o644, b"inside"))
        .build();
    let (_registry, name) = crate::support::registry_with(&image).await;
    let fixture = Fixture::new();

    let pulled = fixture.pull(&name).await.expect("pulls");

    let inside = fs::read(fixture.rootfs(&pulled).join("file")).expect("is there");
    assert_eq!(inside, b"inside");
    assert_eq!(fs::read(outside.path()).expect("is there"), b"");
}

#[tokio::test]
async fn a_mount_point_that_is_no_directory_is_refused() {
    for name in ["proc", "dev", "tmp", "veritech"] {
        let link = Layer::default().symlink(name, "/etc");
        let error = refused(&[link], |_| {}).await;
        assert_eq!(
            error.to_string(),
            format!("it is refused: its `/{name}` is a symbolic link, but must be a directory")
        );
    }
    let file = Layer::default().file("dev", 0o644, b"");
    let error = refused(&[file], |_| {}).await;
    assert!(error.to_string().contains("`/dev` is a file"), "{error}");
}

#[tokio::test]
async fn a_bomb_is_refused_before_it_fills_the_disk() {
    // 10 GB of zeros in 10 MB: the header of one file, and zeros until it ends.
    const BYTES: u64 = 10_000_000_000;
    let mut header = tar::Header::new_gnu();
    header.set_path("zeros").expect("a path");
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(BYTES);
    header.set_cksum();
    // The stream says at its beginning what is to come, so that little of it does.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(header.as_bytes()).expect("compresses");
    encoder.write_all(&vec![0; 1 << 20]).expect("compresses");
    let blob = encoder.finish().expect("compresses");
    let image = ImageBuilder::default()
        .blob(
            "application/vnd.oci.image.layer.v1.tar+gzip",
            blob,
            digest(b""),
        )
        .build();

    let error = refused_image(&image, |_| {}).await;

    assert_layer(error, |source| {
        matches!(source, LayerError::TooManyBytes(_))
    });
}

#[tokio::test]
async fn many_small_files_are_counted_too() {
    let files = |count: usize| {
        (0..count).fold(Layer::default(), |layer, number| {
            layer.file(&format!("file-{number}"), 0o644, b"x")
        })
    };
    let error = refused(&[files(100), files(100)], |config| {
        config.max_image_bytes = 150 * 4096;
    })
    .await;
    assert_layer(error, |source| {
        matches!(source, LayerError::TooManyBytes(_))
    });

    let error = refused(&[files(100), files(100)], |config| config.max_entries = 150).await;
    assert_layer(error, |source| {
        matches!(source, LayerError::TooManyEntries(150))
    });
}

#[tokio::test]
async fn zeros_behind_the_archive_are_not_read_for_ever() {
    let layer = Layer::default().raw(&vec![0; 4 << 20]);
    let error = refused(&[layer], |config| {
        config.max_image_bytes = 1 << 20;
        config.max_entries = 8;
    })
    .await;
    assert_layer(error, |source| {
        matches!(source, LayerError::TooManyBytes(_))
    });
}

#[tokio::test]
async fn endless_headers_are_refused_before_they_fill_the_memory() {
    let name = vec![b'n'; 4 << 20];
    let layer = Layer::default().entry(Entry {
        kind: EntryType::GNULongName,
        path: "././@LongLink",
        data: &name,
        ..Entry::default()
    });
    let error = refused(&[layer], |_| {}).await;
    assert_layer(error, |source| {
        matches!(source, LayerError::HeadersTooLarge(_))
    });
}

#[tokio::test]
async fn more_layers_than_allowed_are_refused() {
    let layers: Vec<Layer> = (0..5)
        .map(|number| Layer::default().file(&format!("f{number}"), 0o644, b""))
        .collect();
    let error = refused(&layers, |config| config.max_layers = 4).await;
    assert!(matches!(error, PullError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn paths_that_are_too_long_or_too_deep_are_refused() {
    let name = "n".repeat(300);
    let deep = "d/".repeat(200);
    for path in [name.as_str(), deep.as_str()] {
        let error = refused(&[Layer::default().directory(path)], |_| {}).await;
        assert_layer(error, |source| matches!(source, LayerError::InvalidPath(_)));
    }
    // Each path is short, but where they lead gets deeper and deeper.
    let half = "d/".repeat(100);
    let layer = Layer::default()
        .directory(&half)
        .symlink("link", &half)
        .directory(&format!("link/{half}"));
    let error = refused(&[layer], |_| {}).await;
    assert_layer(error, |source| matches!(source, LayerError::InvalidPath(_)));
}

#[tokio::test]
async fn what_is_in_a_layer_must_be_what_the_configuration_says() {
    let layer = Layer::default().file("a", 0o644, b"a").tar();
    let image = ImageBuilder::default()
        .blob(
            "application/vnd.oci.image.layer.v1.tar",
            layer,
            digest(b"something else"),
        )
        .build();

    let error = refused_image(&image, |_| {}).await;

    assert!(
        matches!(error, PullError::DigestMismatch { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_layer_that_is_no_archive_is_refused() {
    let garbage = b"this is not a tar archive".repeat(100);
    let content = digest(&garbage);
    let image = ImageBuilder::default()
        .blob("application/vnd.oci.image.layer.v1.tar", garbage, content)
        .build();

    let error = refused_image(&image, |_| {}).await;

    assert_layer(error, |source| matches!(source, LayerError::Damaged(_)));
}
