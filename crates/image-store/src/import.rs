//! Taking an image from a file or directory of this host instead of a registry.
//!
//! Whatever an archive lists is copied into a workspace under its digest; from
//! there on it is an image like any other.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::PathBuf;
use std::sync::Arc;

use sandbox::{Progress, RegistryReference};
use serde::Deserialize;

use crate::archive::{Archive, transfer};
use crate::config::StoreConfig;
use crate::digest::{Digest, Digester};
use crate::error::{PullError, StoreError};
use crate::layout::Layout;
use crate::manifest::{self, Configuration, Descriptor, Document, MAX_DOCUMENT_BYTES, Manifest};
use crate::pull::{Assembly, blob_path, mismatch};
use crate::shelf::{self, StoredImage};
use crate::spelling::parse_name;
use crate::stop::Stop;
use crate::workspace::Workspace;

/// Where those who write OCI layouts put an image's full name.
const NAME_ANNOTATIONS: [&str; 2] = [
    "io.containerd.image.name",
    "org.opencontainers.image.ref.name",
];

/// An error importing an image. Nothing is left of the attempt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file or directory cannot be read.
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),

    /// The archive is no tar archive, damaged, or cut off.
    #[error("the archive is no tar archive, damaged, or cut off")]
    Damaged(#[source] io::Error),

    /// It cannot be copied into the store.
    #[error("it cannot be copied into the image store")]
    Unwritable(#[source] io::Error),

    /// There is no image in it.
    #[error("there is no image to import: {0}")]
    NoImage(&'static str),

    /// Something that it lists is not in it.
    #[error("`{0}` is listed but not there")]
    Missing(String),

    /// The image must not be used.
    #[error(transparent)]
    Image(#[from] PullError),
}

/// One image of what `docker save` writes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SavedImage {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

/// Everything an import needs.
pub(crate) struct Import {
    pub(crate) layout: Arc<Layout>,
    pub(crate) config: Arc<StoreConfig>,
    pub(crate) path: PathBuf,
    pub(crate) name: Option<RegistryReference>,
    pub(crate) progress: Arc<dyn Progress>,
    pub(crate) stop: Stop,
}

/// An image whose blobs have been copied.
struct Found {
    manifest: Manifest,
    digest: Digest,
    configuration: Vec<u8>,
    /// What the archive calls it.
    name: Option<RegistryReference>,
}

impl Import {
    /// Imports the image. Blocks.
    pub(crate) fn run(self) -> Result<StoredImage, ImportError> {
        let workspace = Workspace::create(&self.layout).map_err(PullError::from)?;
        let archive = Archive::open(&self.path, &workspace, &self.config, &self.stop)?;
        let found = if let Some(index) = archive.file("index.json")? {
            self.oci_layout(&archive, &document(index)?, &workspace)?
        } else if let Some(list) = archive.file("manifest.json")? {
            self.docker_save(&archive, &document(list)?, &workspace)?
        } else {
            return Err(ImportError::NoImage(
                "it is neither an OCI layout nor what `docker save` writes",
            ));
        };
        drop(archive);
        let layers = found.manifest.layers.len();
        let configuration = Configuration::parse(&found.configuration, layers)?;
        let aliases = match self.name.or(found.name) {
            None => Vec::new(),
            Some(name) => {
                let (registry, repository) = (name.registry(), name.repository());
                vec![
                    name.to_string(),
                    format!("{registry}/{repository}@{}", found.digest),
                ]
            }
        };
        let known = shelf::name(&self.layout, &found.digest, &aliases).map_err(PullError::from)?;
        if let Some(image) = known {
            return Ok(image);
        }
        let assembly = Assembly {
            layout: self.layout,
            config: self.config,
            workspace,
            manifest: found.manifest,
            digest: found.digest,
            configuration,
            aliases,
            progress: self.progress,
            stop: self.stop,
        };
        Ok(assembly.run()?)
    }

    fn oci_layout(
        &self,
        archive: &Archive,
        index: &[u8],
        workspace: &Workspace,
    ) -> Result<Found, ImportError> {
        let Document::Index(manifests) = Document::parse(index)? else {
            return Err(ImportError::NoImage("its `index.json` is no index"));
        };
        let entry = self.choose(&manifests)?;
        let mut digest = entry.digest.clone();
        let mut parsed = Document::parse(&self.blob_document(archive, entry)?)?;
        if let Document::Index(manifests) = &parsed {
            let entry = manifest::for_this_host(manifests)?;
            digest = entry.digest.clone();
            parsed = Document::parse(&self.blob_document(archive, entry)?)?;
        }
        let Document::Image(manifest) = parsed else {
            return Err(ImportError::NoImage("an index in it lists another index"));
        };
        manifest.check(&self.config)?;
        let configuration = self.blob_document(archive, &manifest.config)?;
        for layer in &manifest.layers {
            let name = blob_name(&layer.digest);
            let mut blob = required(archive, &name)?;
            let path = blob_path(workspace, &layer.digest);
            let to = File::create(&path).map_err(ImportError::Unwritable)?;
            let (actual, size) = copy_digested(&mut blob, to, &self.stop)?;
            let what = format!("layer {}", layer.digest);
            verify(&what, layer, &actual, size)?;
        }
        let name = NAME_ANNOTATIONS
            .iter()
            .filter_map(|key| entry.annotations.get(*key))
            // It may be a tag only.
            .find(|name| name.contains(['/', ':']))
            .and_then(|name| parse_name(name).ok());
        Ok(Found {
            manifest,
            digest,
            configuration,
            name,
        })
    }

    /// Chooses the image that is wanted among those of a layout.
    fn choose<'a>(&self, manifests: &'a [Descriptor]) -> Result<&'a Descriptor, ImportError> {
        let wanted = |descriptor: &&Descriptor| {
            let name = self.name.as_ref();
            NAME_ANNOTATIONS.iter().any(|key| {
                let annotation = descriptor.annotations.get(*key);
                annotation.zip(name).is_some_and(|(annotation, name)| {
                    annotation == name.tag() || parse_name(annotation).as_ref() == Ok(name)
                })
            })
        };
        match manifests {
            [] => Err(ImportError::NoImage("its `index.json` is empty")),
            [only] => Ok(only),
            several => match several.iter().find(wanted) {
                Some(found) => Ok(found),
                None => manifest::for_this_host(several).map_err(|_| {
                    ImportError::NoImage("it has several, none of them called as the one wanted")
                }),
            },
        }
    }

    fn docker_save(
        &self,
        archive: &Archive,
        list: &[u8],
        workspace: &Workspace,
    ) -> Result<Found, ImportError> {
        let images: Vec<SavedImage> = serde_json::from_slice(list)
            .map_err(|_| ImportError::NoImage("its `manifest.json` is malformed"))?;
        let tags = |image: &SavedImage| -> Vec<RegistryReference> {
            let tags = image.repo_tags.iter().flatten();
            tags.filter_map(|tag| parse_name(tag).ok()).collect()
        };
        let image = match images.as_slice() {
            [only] => only,
            several => several
                .iter()
                .find(|image| {
                    self.name
                        .as_ref()
                        .is_some_and(|name| tags(image).contains(name))
                })
                .ok_or(ImportError::NoImage(
                    "it has several or none, none of them called as the one wanted",
                ))?,
        };
        if image.layers.len() > self.config.max_layers {
            return Err(ImportError::Image(PullError::TooLarge {
                what: "the number of its layers is",
                limit: self.config.max_layers.to_string(),
            }));
        }
        let configuration = document(required(archive, &image.config)?)?;
        let mut layers = Vec::new();
        for (number, name) in image.layers.iter().enumerate() {
            let mut layer = required(archive, name)?;
            let path = workspace.path(&format!("layer-{number}"));
            let to = File::create(&path).map_err(ImportError::Unwritable)?;
            let (digest, size) = copy_digested(&mut layer, to, &self.stop)?;
            std::fs::rename(path, blob_path(workspace, &digest))
                .map_err(ImportError::Unwritable)?;
            layers.push(Descriptor::new(Descriptor::LAYER, digest, size));
        }
        let size = configuration.len() as u64;
        let config = Descriptor::new(Descriptor::CONFIG, Digest::of(&configuration), size);
        let manifest = Manifest::of(config, layers);
        manifest.check(&self.config)?;
        // What Docker writes has no manifest; the same image always gets the same.
        let text = serde_json::to_vec(&manifest)
            .map_err(|error| StoreError::at("write a manifest")(error.into()))
            .map_err(PullError::from)?;
        Ok(Found {
            digest: Digest::of(&text),
            manifest,
            configuration,
            name: tags(image).into_iter().next(),
        })
    }

    /// Reads a blob that is small, and verifies it.
    fn blob_document(
        &self,
        archive: &Archive,
        descriptor: &Descriptor,
    ) -> Result<Vec<u8>, ImportError> {
        self.stop.check()?;
        let name = blob_name(&descriptor.digest);
        let bytes = document(required(archive, &name)?)?;
        verify(&name, descriptor, &Digest::of(&bytes), bytes.len() as u64)?;
        Ok(bytes)
    }
}

fn verify(what: &str, listed: &Descriptor, actual: &Digest, size: u64) -> Result<(), PullError> {
    if *actual != listed.digest {
        return Err(mismatch(what, listed.digest.as_str(), actual));
    }
    if size != listed.size {
        return Err(PullError::SizeMismatch {
            what: what.to_owned(),
            declared: listed.size,
            received: size,
        });
    }
    Ok(())
}

fn blob_name(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

fn required(archive: &Archive, name: &str) -> Result<File, ImportError> {
    archive.file(name)?.ok_or_else(|| {
        let shown = name.escape_debug().take(256).collect();
        ImportError::Missing(shown)
    })
}

/// Reads a manifest, index or configuration.
fn document(file: File) -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    file.take(MAX_DOCUMENT_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(ImportError::Unreadable)?;
    if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
        return Err(ImportError::Image(PullError::TooLarge {
            what: "a manifest or configuration in it is",
            limit: format!("{MAX_DOCUMENT_BYTES} bytes"),
        }));
    }
    Ok(bytes)
}

/// Copies a file and returns the digest and size of what was copied.
fn copy_digested(from: &mut File, to: File, stop: &Stop) -> Result<(Digest, u64), ImportError> {
    let mut to = Digested {
        inner: to,
        digester: Digester::default(),
    };
    let size = transfer(from, &mut to, stop)?;
    Ok((to.digester.finish(), size))
}

/// Computes the digest of what is written through it.
struct Digested {
    inner: File,
    digester: Digester,
}

impl Write for Digested {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        if let Some(bytes) = buffer.get(..written) {
            self.digester.update(bytes);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
