//! What registries, archives and people say of images.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use image_store::fuzzing::{self, Read};
use image_store::{StoreConfig, parse_name};
use sandbox::{ImagePattern, RegistryReference, Runner};
use veritech_protocol::ImageReference;

use crate::choice;

/// How much a root may take.
const ROOT_BYTES: u64 = 1 << 20;

/// How many entries all layers may have.
const ROOT_ENTRIES: u64 = 64;

/// A manifest that is taken is within the limits and comes back as it went.
pub(crate) fn document(bytes: &[u8]) {
    let limits = StoreConfig::new("/nowhere");
    match fuzzing::document(bytes, &limits) {
        Ok(Read::Image {
            layers,
            fetched_bytes,
            text,
        }) => {
            assert!(layers <= limits.max_layers);
            assert!(fetched_bytes <= limits.max_image_bytes);
            let again = fuzzing::document(&text, &limits).expect("what was written is read");
            assert_eq!(
                again,
                Read::Image {
                    layers,
                    fetched_bytes,
                    text
                }
            );
        }
        Ok(Read::Index(digest)) => assert_digest(&digest),
        Err(error) => assert!(error.to_string().len() < 1024, "{error}"),
    }
}

/// A configuration that is taken names each layer, and a runner that can be put
/// into one line.
pub(crate) fn configuration(bytes: &[u8]) {
    let mut bytes = bytes;
    let layers = choice(&mut bytes) % 4;
    let (digests, labels) = match fuzzing::configuration(bytes, layers) {
        Ok(read) => read,
        Err(error) => {
            assert!(error.to_string().len() < 1024, "{error}");
            return;
        }
    };
    assert_eq!(digests.len(), layers);
    digests.iter().for_each(|digest| assert_digest(digest));
    let label = |name: &str| labels.get(name).map(String::as_str);
    if let Ok(Some(runner)) = Runner::from_labels(label) {
        assert!(!runner.command.is_empty());
        assert!(!runner.command.contains(['\0', '\n']));
        assert!(runner.environment.iter().all(|variable| {
            variable.find('=').is_some_and(|at| at > 0) && !variable.contains(['\0', '\n'])
        }));
    }
}

/// A name that is taken has one meaning, and none outside of a registry.
pub(crate) fn name(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(reference) = parse_name(text) {
        assert_plain(&reference.to_string());
        assert_eq!(parse_name(&reference.to_string()).as_ref(), Ok(&reference));
    }
    let (image, tag) = text.split_once('\n').unwrap_or((text, "latest"));
    if let Ok(requested) = ImageReference::try_new(image, tag) {
        assert_plain(&requested.to_string());
        assert_eq!(requested.to_string().parse().as_ref(), Ok(&requested));
        if let Ok(reference) = RegistryReference::try_new(requested.image(), requested.tag()) {
            assert_plain(&reference.to_string());
        }
        // An image that is named exactly is its own pattern.
        if let Ok(pattern) = requested.to_string().parse::<ImagePattern>() {
            assert!(pattern.fits(image, tag), "{requested} is not itself");
        }
    }
    if let Ok(pattern) = image.parse::<ImagePattern>() {
        assert_eq!(pattern.to_string().parse().as_ref(), Ok(&pattern));
        pattern.fits(tag, tag);
    }
}

/// Layers write below their root and nothing privileged, and take no more than
/// they may.
pub(crate) fn layer(bytes: &[u8]) {
    let mut bytes = bytes;
    // A second layer finds what the first has put there.
    let split = choice(&mut bytes) * bytes.len() / 255;
    let split = if split == 0 { bytes.len() } else { split };
    let (lower, upper) = bytes.split_at(split);
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path().join("a/root");
    let outside = directory.path().join("a/outside");
    fs::create_dir_all(&root).expect("a root");
    fs::write(&outside, b"untouched").expect("a file");

    let layers = [lower, upper]
        .into_iter()
        .filter(|layer| !layer.is_empty())
        .map(file_of);
    let unpacked = fuzzing::layers(&root, layers, ROOT_BYTES, ROOT_ENTRIES);

    assert_eq!(fs::read(&outside).expect("still there"), b"untouched");
    for entry in fs::read_dir(directory.path().join("a")).expect("readable") {
        let name = entry.expect("an entry").file_name();
        assert!(name == "root" || name == "outside", "{}", name.display());
    }
    let mut found = BTreeMap::new();
    inspect(&root, &mut found);
    let bytes: u64 = found.values().sum();
    assert!(bytes <= ROOT_BYTES, "{bytes} bytes");
    // Directories that an entry lies in are made for it, each counted as written.
    if let Ok(counted) = unpacked {
        assert!(counted <= ROOT_BYTES, "{counted} bytes were counted");
    }
}

fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    file.rewind().expect("rewound");
    file
}

/// Looks at everything below `directory`, the size of each file by its number.
fn inspect(directory: &Path, found: &mut BTreeMap<u64, u64>) {
    for entry in fs::read_dir(directory).expect("readable") {
        let path = entry.expect("an entry").path();
        let metadata = fs::symlink_metadata(&path).expect("there");
        let kind = metadata.file_type();
        assert!(
            kind.is_dir() || kind.is_file() || kind.is_symlink(),
            "{} is a {kind:?}",
            path.display()
        );
        if !kind.is_symlink() {
            let privileges = metadata.mode() & 0o6000;
            assert_eq!(privileges, 0, "{} is privileged", path.display());
        }
        if kind.is_dir() {
            inspect(&path, found);
        } else if kind.is_file() {
            found.insert(metadata.ino(), metadata.len());
        }
    }
}

fn assert_digest(digest: &str) {
    let hexadecimal = digest.strip_prefix("sha256:").unwrap_or_default();
    assert_eq!(hexadecimal.len(), 64, "{digest}");
    assert!(hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

fn assert_plain(name: &str) {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/@".contains(&byte);
    assert!(name.bytes().all(known), "{name:?}");
    assert!(!name.contains("//") && !name.starts_with('/'), "{name:?}");
    assert!(
        name.split('/').all(|part| part != ".." && part != "."),
        "{name:?}"
    );
}
