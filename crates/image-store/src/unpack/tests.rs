//! Whiteouts, what layers may do to each other, and archives of any kind.

use std::fs::{self, File};
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use tar::EntryType;
use tempfile::TempDir;
use testkit::Layer;
use testkit::image::Entry;
use tokio_util::sync::CancellationToken;

use super::{Bounds, Unpacked, Unpacker};
use crate::digest::Digest;
use crate::error::PullError;
use crate::stop::Stop;

const BOUNDS: Bounds = Bounds {
    bytes: 16 << 20,
    entries: 1000,
};

/// Unpacks archives into `root`.
fn unpack_into(root: &Path, archives: &[Vec<u8>]) -> Result<Unpacked, PullError> {
    let stop = Stop::after(Duration::from_secs(60), CancellationToken::new());
    let mut unpacker = Unpacker::new(root, BOUNDS, &stop).expect("opens");
    for archive in archives {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(archive).expect("writes");
        file.rewind().expect("rewinds");
        let content = unpacker.layer(file, &Digest::of(archive), &|_| {})?;
        assert_eq!(content, Digest::of(archive), "not all of it was read");
    }
    unpacker.finish()
}

fn unpack(layers: &[Layer]) -> (TempDir, Result<Unpacked, PullError>) {
    let root = tempfile::tempdir().expect("a directory");
    let archives: Vec<_> = layers.iter().map(Layer::tar).collect();
    let unpacked = unpack_into(root.path(), &archives);
    (root, unpacked)
}

/// Returns the paths of all files below `directory`.
fn files(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in fs::read_dir(next).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.is_symlink() {
                pending.push(path);
            } else {
                let path = path.strip_prefix(directory).expect("is below");
                found.push(path.to_str().expect("is text").to_owned());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn whiteouts_hide_what_lower_layers_have_and_nothing_else() {
    let lower = Layer::default()
        .file("etc/a", 0o644, b"")
        .file("etc/b", 0o644, b"")
        .file("gone/deep/c", 0o644, b"")
        .file("opaque/d", 0o644, b"")
        .file("opaque/sub/e", 0o644, b"");
    let upper = Layer::default()
        .file("etc/.wh.a", 0o644, b"")
        .file(".wh.gone", 0o644, b"")
        .file("opaque/sub/new", 0o644, b"")
        // Also of what came before it in its own layer.
        .file("opaque/.wh..wh..opq", 0o644, b"")
        .file("opaque/other", 0o644, b"")
        .file("nothing/.wh.here", 0o644, b"")
        .file(".wh..wh.plnk", 0o644, b"");

    let (root, unpacked) = unpack(&[lower, upper]);

    unpacked.expect("unpacks");
    assert_eq!(
        files(root.path()),
        ["etc/b", "opaque/other", "opaque/sub/new"]
    );
    assert!(!root.path().join("nothing").exists());
}

#[test]
fn a_whiteout_cannot_name_what_is_elsewhere() {
    for path in [".wh.", ".wh..", ".wh...", "a/.wh..."] {
        let (root, unpacked) = unpack(&[Layer::default().file(path, 0o644, b"")]);
        assert!(unpacked.is_err(), "{path}");
        assert!(root.path().exists());
    }
}

#[test]
fn an_entry_replaces_what_another_layer_has_there() {
    let lower = Layer::default()
        .file("a/file", 0o644, b"")
        .file("b", 0o644, b"lower")
        .hard_link("linked", "b")
        .symlink("c", "/nowhere");
    let upper = Layer::default()
        .file("a", 0o644, b"now a file")
        .file("b", 0o644, b"upper")
        .directory("c")
        .file("c/file", 0o644, b"");

    let (root, unpacked) = unpack(&[lower, upper]);

    unpacked.expect("unpacks");
    assert_eq!(files(root.path()), ["a", "b", "c/file", "linked"]);
    let linked = fs::read(root.path().join("linked")).expect("is there");
    assert_eq!(linked, b"lower", "it was written to, not replaced");
}

#[test]
fn long_names_and_sparse_files_are_understood() {
    let long = format!("{}/{}", "d".repeat(120), "f".repeat(120));
    let layer = Layer::default()
        .file(&long, 0o644, b"x")
        .symlink("link", &long)
        .extended(&[("path", "renamed")])
        .file("short", 0o644, b"y");

    let (root, unpacked) = unpack(&[layer]);

    unpacked.expect("unpacks");
    assert_eq!(files(root.path()), [long.as_str(), "link", "renamed"]);
}

#[test]
fn a_sparse_file_counts_with_its_holes() {
    let mut header = tar::Header::new_gnu();
    header.set_path("sparse").expect("a path");
    header.set_entry_type(EntryType::GNUSparse);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(0);
    let gnu = header.as_gnu_mut().expect("is of GNU");
    // One hole of 1 TB, and nothing behind it.
    gnu.sparse[0].set_offset(1 << 40);
    gnu.sparse[0].set_length(0);
    gnu.set_real_size(1 << 40);
    header.set_cksum();

    let (_root, unpacked) = unpack(&[Layer::default().raw(header.as_bytes())]);

    assert!(unpacked.is_err(), "a file of 1 TB was unpacked");
}

#[test]
fn an_archive_in_each_compression_is_the_same() {
    let layer = Layer::default().file("a", 0o644, &[7; 100_000]).tar();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&layer).expect("compresses");
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    for archive in [
        gzip.finish().expect("compresses"),
        ruzstd::encoding::compress_to_vec(&*layer, level),
        layer.clone(),
    ] {
        let root = tempfile::tempdir().expect("a directory");
        let stop = Stop::after(Duration::from_secs(60), CancellationToken::new());
        let mut unpacker = Unpacker::new(root.path(), BOUNDS, &stop).expect("opens");
        let path = root.path().join("archive");
        fs::write(&path, &archive).expect("writes");
        let file = File::open(path).expect("opens");

        let content = unpacker.layer(file, &Digest::of(&archive), &|_| {});

        assert_eq!(content.expect("unpacks"), Digest::of(&layer));
        assert!(root.path().join("a").exists());
    }
}

#[test]
fn unpacking_ends_when_it_is_cancelled() {
    let cancel = CancellationToken::new();
    cancel.cancel();
    let stop = Stop::after(Duration::from_secs(60), cancel);
    let root = tempfile::tempdir().expect("a directory");
    let mut unpacker = Unpacker::new(root.path(), BOUNDS, &stop).expect("opens");
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(&Layer::default().tar()).expect("writes");

    let ended = unpacker.layer(file, &Digest::of(b""), &|_| {});

    assert!(matches!(ended, Err(PullError::Cancelled)), "{ended:?}");
}

/// Names that make trouble more likely than chance does.
fn name() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("a"),
        Just("b"),
        Just("up"),
        Just(".."),
        Just("."),
        Just(""),
        Just(".wh.a"),
        Just(".wh.."),
        Just(".wh..."),
        Just(".wh..wh..opq"),
        Just("proc"),
        Just("canary"),
    ];
    prop::collection::vec(part, 1..5).prop_map(|parts| parts.join("/"))
}

fn kind() -> impl Strategy<Value = EntryType> {
    prop_oneof![
        3 => Just(EntryType::Regular),
        3 => Just(EntryType::Directory),
        4 => Just(EntryType::Symlink),
        3 => Just(EntryType::Link),
        1 => Just(EntryType::Char),
        1 => Just(EntryType::Fifo),
        1 => Just(EntryType::GNUSparse),
        1 => Just(EntryType::GNULongName),
        1 => Just(EntryType::XHeader),
        1 => Just(EntryType::XGlobalHeader),
        1 => any::<u8>().prop_map(EntryType::new),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_archive_is_unpacked_outside_of_its_root(
        layers in prop::collection::vec(
            prop::collection::vec(
                (kind(), name(), name(), any::<u32>(), prop::collection::vec(any::<u8>(), 0..64)),
                0..12,
            ),
            1..3,
        ),
        damage in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
    ) {
        let outside = tempfile::tempdir().expect("a directory");
        let root = outside.path().join("up/root");
        fs::create_dir_all(&root).expect("a directory");
        fs::write(outside.path().join("canary"), b"canary").expect("writes");
        fs::write(outside.path().join("up/canary"), b"canary").expect("writes");
        let mut archives: Vec<Vec<u8>> = layers
            .iter()
            .map(|entries| {
                let layer = entries.iter().fold(
                    Layer::default().symlink("up", "../.."),
                    |layer, (kind, path, link, mode, data)| layer.entry(Entry {
                        kind: *kind,
                        path,
                        link,
                        mode: *mode & 0o7777,
                        data,
                        ..Entry::default()
                    }),
                );
                layer.tar()
            })
            .collect();
        if let Some((at, byte)) = damage {
            let archive = &mut archives[0];
            let at = at.index(archive.len());
            archive[at] = byte;
        }

        // Whether it is refused does not matter here.
        drop(unpack_into(&root, &archives));

        prop_assert_eq!(entries(outside.path()), ["canary", "up"]);
        prop_assert_eq!(entries(&outside.path().join("up")), ["canary", "root"]);
        for canary in ["canary", "up/canary"] {
            let canary = fs::symlink_metadata(outside.path().join(canary)).expect("is there");
            prop_assert_eq!(canary.len(), 6);
            prop_assert_eq!(std::os::unix::fs::MetadataExt::nlink(&canary), 1);
        }
    }

    #[test]
    fn no_bytes_make_unpacking_panic(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        let root = tempfile::tempdir().expect("a directory");
        drop(unpack_into(root.path(), &[bytes]));
    }
}

fn entries(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    names
}
