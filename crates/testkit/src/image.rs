//! Images made of what a test says is in them, also such as nobody should make.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};

const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
const GZIP_LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// The longest path or target that fits into a header.
const NAME_BYTES: usize = 100;

const BLOCK_BYTES: usize = 512;

/// A layer, as a tar archive. Names are written as they are given.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    tar: Vec<u8>,
}

/// One entry of a layer, with everything that can be said about it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its kind, such as [`EntryType::Char`].
    pub kind: EntryType,
    /// Its path.
    pub path: &'a str,
    /// What it links to, if anything.
    pub link: &'a str,
    /// Its permissions.
    pub mode: u32,
    /// Its user and group.
    pub owner: (u64, u64),
    /// What is in it.
    pub data: &'a [u8],
}

impl Default for Entry<'_> {
    fn default() -> Self {
        Self {
            kind: EntryType::Regular,
            path: "",
            link: "",
            mode: 0o755,
            owner: (0, 0),
            data: &[],
        }
    }
}

impl Layer {
    /// Adds a file.
    #[must_use]
    pub fn file(self, path: &str, mode: u32, data: &[u8]) -> Self {
        self.entry(Entry {
            path,
            mode,
            data,
            ..Entry::default()
        })
    }

    /// Adds a directory.
    #[must_use]
    pub fn directory(self, path: &str) -> Self {
        self.entry(Entry {
            kind: EntryType::Directory,
            path,
            ..Entry::default()
        })
    }

    /// Adds a symbolic link.
    #[must_use]
    pub fn symlink(self, path: &str, link: &str) -> Self {
        self.entry(Entry {
            kind: EntryType::Symlink,
            path,
            link,
            ..Entry::default()
        })
    }

    /// Adds a hard link.
    #[must_use]
    pub fn hard_link(self, path: &str, link: &str) -> Self {
        self.entry(Entry {
            kind: EntryType::Link,
            path,
            link,
            ..Entry::default()
        })
    }

    /// Adds any entry.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    #[must_use]
    pub fn entry(mut self, entry: Entry<'_>) -> Self {
        let Entry {
            kind,
            path,
            link,
            mode,
            owner: (uid, gid),
            data,
        } = entry;
        if path.len() > NAME_BYTES {
            self = self.record(EntryType::GNULongName, path);
        }
        if link.len() > NAME_BYTES {
            self = self.record(EntryType::GNULongLink, link);
        }
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(uid);
        header.set_gid(gid);
        header.set_mtime(1_700_000_000);
        header.set_size(data.len() as u64);
        // The library refuses names that tests must have.
        let old = header.as_old_mut();
        copy_cut(&mut old.name, path.as_bytes());
        copy_cut(&mut old.linkname, link.as_bytes());
        header.set_cksum();
        self.append(&header, data)
    }

    /// Adds extended attributes for the entry that follows.
    ///
    /// # Panics
    ///
    /// If they cannot be written.
    #[must_use]
    pub fn extended(mut self, records: &[(&str, &str)]) -> Self {
        let mut builder = tar::Builder::new(Vec::new());
        let records = records.iter().map(|(key, value)| (*key, value.as_bytes()));
        builder
            .append_pax_extensions(records)
            .expect("extended attributes are written");
        self.tar.extend_from_slice(builder.get_ref());
        self
    }

    /// Adds bytes as they are.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.tar.extend_from_slice(bytes);
        self
    }

    /// Returns the archive.
    pub fn tar(&self) -> Vec<u8> {
        let mut tar = self.tar.clone();
        tar.resize(tar.len() + 2 * BLOCK_BYTES, 0);
        tar
    }

    fn record(self, kind: EntryType, text: &str) -> Self {
        let mut data = text.as_bytes().to_vec();
        data.push(0);
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(data.len() as u64);
        copy_cut(&mut header.as_old_mut().name, b"././@LongLink");
        header.set_cksum();
        self.append(&header, &data)
    }

    fn append(mut self, header: &Header, data: &[u8]) -> Self {
        self.tar.extend_from_slice(header.as_bytes());
        self.tar.extend_from_slice(data);
        self.tar
            .resize(self.tar.len().next_multiple_of(BLOCK_BYTES), 0);
        self
    }
}

fn copy_cut(field: &mut [u8], text: &[u8]) {
    for (to, from) in field.iter_mut().zip(text) {
        *to = *from;
    }
}

/// Makes an image.
#[derive(Clone, Debug)]
pub struct ImageBuilder {
    architecture: String,
    labels: BTreeMap<String, String>,
    environment: Vec<String>,
    settings: Map<String, Value>,
    /// Media type, blob and digest of its content.
    layers: Vec<(&'static str, Vec<u8>, String)>,
    indexed: bool,
}

impl Default for ImageBuilder {
    fn default() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        Self {
            architecture: architecture.to_owned(),
            labels: BTreeMap::new(),
            environment: Vec::new(),
            settings: Map::new(),
            layers: Vec::new(),
            indexed: false,
        }
    }
}

impl ImageBuilder {
    /// Says for which processors the image is, in place of this host's.
    #[must_use]
    pub fn architecture(mut self, architecture: &str) -> Self {
        architecture.clone_into(&mut self.architecture);
        self
    }

    /// Adds a label.
    #[must_use]
    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.labels.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Adds a variable, as `NAME=VALUE`.
    #[must_use]
    pub fn environment(mut self, variable: &str) -> Self {
        self.environment.push(variable.to_owned());
        self
    }

    /// Says something else about how the image wants to be run, such as `User`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: Value) -> Self {
        self.settings.insert(name.to_owned(), value);
        self
    }

    /// Adds a layer on top, compressed with gzip.
    ///
    /// # Panics
    ///
    /// If it cannot be compressed.
    #[must_use]
    pub fn layer(self, layer: Layer) -> Self {
        let tar = layer.tar();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&tar).expect("a layer is compressed");
        let blob = encoder.finish().expect("a layer is compressed");
        self.blob(GZIP_LAYER_TYPE, blob, digest(&tar))
    }

    /// Adds a layer on top as it is.
    #[must_use]
    pub fn plain_layer(self, layer: Layer) -> Self {
        let tar = layer.tar();
        let content = digest(&tar);
        self.blob(LAYER_TYPE, tar, content)
    }

    /// Adds any bytes as a layer, with the digest of what is to be in it.
    #[must_use]
    pub fn blob(mut self, media_type: &'static str, blob: Vec<u8>, content: String) -> Self {
        self.layers.push((media_type, blob, content));
        self
    }

    /// Has the image be one of several platforms' in an index.
    #[must_use]
    pub fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    /// Makes the image.
    pub fn build(self) -> Image {
        let platform = json!({ "os": "linux", "architecture": self.architecture });
        let mut blobs = BTreeMap::new();
        let mut add = |media_type: &str, blob: Vec<u8>| {
            let descriptor = describe(media_type, &blob);
            blobs.insert(digest(&blob), blob);
            descriptor
        };
        let diff_ids: Vec<&String> = self.layers.iter().map(|(.., content)| content).collect();
        let mut run = self.settings;
        run.insert("Env".to_owned(), self.environment.into());
        run.insert("Labels".to_owned(), json!(self.labels));
        let config = json!({
            "os": "linux",
            "architecture": self.architecture,
            "config": run,
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
        });
        let config = add(CONFIG_TYPE, config.to_string().into_bytes());
        let layers: Vec<Map<String, Value>> = self
            .layers
            .iter()
            .map(|(media_type, blob, _)| add(media_type, blob.clone()))
            .collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": config,
            "layers": layers,
        });
        let manifest = manifest.to_string().into_bytes();
        let index = self.indexed.then(|| {
            let mut ours = describe(MANIFEST_TYPE, &manifest);
            ours.insert("platform".to_owned(), platform);
            let index = json!({
                "schemaVersion": 2,
                "mediaType": INDEX_TYPE,
                "manifests": [ours],
            });
            index.to_string().into_bytes()
        });
        Image {
            digest: digest(&manifest),
            manifest,
            index,
            blobs,
        }
    }
}

/// An image: a manifest and the blobs it lists.
#[derive(Clone, Debug)]
pub struct Image {
    digest: String,
    manifest: Vec<u8>,
    index: Option<Vec<u8>>,
    blobs: BTreeMap<String, Vec<u8>>,
}

impl Image {
    /// Returns the digest of the manifest.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns the manifest.
    pub fn manifest(&self) -> &[u8] {
        &self.manifest
    }

    /// Returns the digest of the index, if the image is in one.
    pub fn index_digest(&self) -> Option<String> {
        self.index.as_deref().map(digest)
    }

    /// Returns the configuration and the layers by their digests.
    pub fn blobs(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.blobs
    }

    /// Returns what is to be put under which name so that `tag` is this image.
    pub(crate) fn manifests<'a>(&'a self, tag: &'a str) -> Vec<(&'a str, &'static str, &'a [u8])> {
        match &self.index {
            None => vec![(tag, MANIFEST_TYPE, &self.manifest)],
            Some(index) => vec![
                (&self.digest, MANIFEST_TYPE, &self.manifest),
                (tag, INDEX_TYPE, index),
            ],
        }
    }

    /// Writes the image to `directory` as an OCI layout, in which it is called
    /// `name`.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn write_layout(&self, directory: &Path, name: &str) {
        let blobs = directory.join("blobs/sha256");
        fs::create_dir_all(&blobs).expect("a directory for blobs");
        let manifest = (&self.digest, &self.manifest);
        for (digest, blob) in self.blobs.iter().chain([manifest]) {
            let hex = digest.trim_start_matches("sha256:");
            fs::write(blobs.join(hex), blob).expect("a blob is written");
        }
        let mut entry = describe(MANIFEST_TYPE, &self.manifest);
        let annotations = json!({ "org.opencontainers.image.ref.name": name });
        entry.insert("annotations".to_owned(), annotations);
        let index = json!({ "schemaVersion": 2, "manifests": [entry] });
        fs::write(directory.join("index.json"), index.to_string()).expect("an index is written");
        fs::write(
            directory.join("oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .expect("a layout is written");
    }
}

fn describe(media_type: &str, blob: &[u8]) -> Map<String, Value> {
    Map::from_iter([
        ("mediaType".to_owned(), media_type.into()),
        ("digest".to_owned(), digest(blob).into()),
        ("size".to_owned(), blob.len().into()),
    ])
}

/// Returns a digest as images have them.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{:x}", Sha256::digest(bytes))
}
