//! Importing OCI layouts and what `docker save` writes.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use image_store::{ImportError, PullError, StoredImage};
use sandbox::RegistryReference;
use serde_json::json;
use testkit::image::digest;
use testkit::{Image, ImageBuilder, Layer};
use tokio_util::sync::CancellationToken;

use crate::support::{Deaf, Fixture, reference};

async fn import(
    fixture: &Fixture,
    path: &Path,
    name: Option<&RegistryReference>,
) -> Result<StoredImage, ImportError> {
    let never = CancellationToken::new();
    fixture
        .store
        .import(path, name, Arc::new(Deaf), never)
        .await
}

fn image() -> Image {
    ImageBuilder::default()
        .layer(Layer::default().file("a", 0o644, b"lower"))
        .plain_layer(Layer::default().file("a", 0o644, b"upper"))
        .build()
}

#[tokio::test]
async fn an_oci_layout_is_imported_from_a_directory() {
    let fixture = Fixture::new();
    let layout = fixture.directory.path().join("layout");
    image().write_layout(&layout, "example.com/team/rules:3");

    let imported = import(&fixture, &layout, None).await.expect("imports");

    assert_eq!(imported.digest(), image().digest());
    assert_eq!(imported.reference(), "example.com/team/rules:3");
    let a = fs::read(fixture.rootfs(&imported).join("a")).expect("is there");
    assert_eq!(a, b"upper");
    let name = reference("example.com/team/rules:3");
    assert!(fixture.store.get(&name).await.expect("reads").is_some());
}

#[tokio::test]
async fn an_oci_layout_is_imported_from_a_compressed_archive_under_another_name() {
    let fixture = Fixture::new();
    let layout = fixture.directory.path().join("layout");
    image().write_layout(&layout, "latest");
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    builder.append_dir_all(".", &layout).expect("archives");
    let gzip = builder.into_inner().expect("archives");
    let archive = fixture.directory.path().join("layout.tar.gz");
    fs::write(&archive, gzip.finish().expect("compresses")).expect("writes");
    let name = reference("rules:4");

    let imported = import(&fixture, &archive, Some(&name))
        .await
        .expect("imports");

    assert_eq!(imported.reference(), "docker.io/library/rules:4");
    assert_eq!(imported.digest(), image().digest());
}

#[tokio::test]
async fn a_blob_of_a_layout_must_be_what_it_is_called() {
    let fixture = Fixture::new();
    let layout = fixture.directory.path().join("layout");
    image().write_layout(&layout, "rules:1");
    for digest in image().blobs().keys() {
        let path = layout.join("blobs").join(digest.replace(':', "/"));
        let mut file = fs::OpenOptions::new()
            .append(true)
            .open(path)
            .expect("is there");
        file.write_all(b" ").expect("writes");
    }

    let error = import(&fixture, &layout, None).await.expect_err("lies");

    assert!(
        matches!(error, ImportError::Image(PullError::DigestMismatch { .. })),
        "{error:?}"
    );
    fixture.assert_nothing_is_left();
}

/// Writes what `docker save` of version 20.10 does: the second layer is the same as
/// the first and a link to it.
fn docker_save(path: &Path) {
    let layer = Layer::default().file("a", 0o644, b"a").tar();
    let config = json!({
        "os": "linux",
        "architecture": if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" },
        "config": { "Env": ["A=1"], "Labels": null },
        "rootfs": { "type": "layers", "diff_ids": [digest(&layer), digest(&layer)] },
    })
    .to_string();
    let manifest = json!([{
        "Config": "config.json",
        "RepoTags": ["team/saved:1"],
        "Layers": ["one/layer.tar", "two/layer.tar"],
    }])
    .to_string();
    let archive = Layer::default()
        .directory("one/")
        .file("one/layer.tar", 0o644, &layer)
        .directory("two/")
        .symlink("two/layer.tar", "../one/layer.tar")
        .file("config.json", 0o644, config.as_bytes())
        .file("manifest.json", 0o644, manifest.as_bytes())
        .tar();
    fs::write(path, archive).expect("writes");
}

#[tokio::test]
async fn what_docker_save_writes_is_imported() {
    let fixture = Fixture::new();
    let archive = fixture.directory.path().join("saved.tar");
    docker_save(&archive);

    let imported = import(&fixture, &archive, None).await.expect("imports");
    let again = import(&fixture, &archive, None).await.expect("imports");

    assert_eq!(imported.reference(), "docker.io/team/saved:1");
    assert_eq!(imported.environment()["A"], "1");
    assert_eq!(imported.digest(), again.digest());
    let a = fs::read(fixture.rootfs(&imported).join("a")).expect("is there");
    assert_eq!(a, b"a");
}

#[tokio::test]
async fn what_is_no_image_is_refused_and_leaves_nothing() {
    let fixture = Fixture::new();
    let directory = fixture.directory.path();
    let empty = directory.join("empty.tar");
    fs::write(&empty, Layer::default().tar()).expect("writes");
    let garbage = directory.join("garbage");
    fs::write(&garbage, [7; 4096]).expect("writes");
    let cut = directory.join("cut.tar");
    docker_save(&cut);
    let bytes = fs::read(&cut).expect("reads");
    fs::write(&cut, &bytes[..bytes.len() / 2]).expect("writes");

    let absent = directory.join("absent");
    let other = directory.join("store");
    for path in [
        &*empty,
        &garbage,
        &cut,
        &absent,
        &other,
        Path::new("/dev/null"),
    ] {
        let error = import(&fixture, path, None).await;
        assert!(error.is_err(), "{} was imported", path.display());
        fixture.assert_nothing_is_left();
    }
}
