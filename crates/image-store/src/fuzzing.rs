//! Ways in for fuzzing: what reads foreign bytes, and is private otherwise.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::config::StoreConfig;
use crate::digest::Digest;
use crate::error::PullError;
use crate::manifest::{Configuration, Document, for_this_host};
use crate::stop::Stop;
use crate::unpack::{Bounds, Unpacker};

/// What was made of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// It is the manifest of an image.
    Image {
        /// How many layers it has.
        layers: usize,
        /// How many bytes it says are to be fetched.
        fetched_bytes: u64,
        /// The manifest, written again.
        text: Vec<u8>,
    },
    /// It is an index, and this is the digest for this host.
    Index(String),
}

/// Reads a manifest or an index as if it came from a registry.
///
/// # Errors
///
/// Returns why it is refused.
pub fn document(bytes: &[u8], limits: &StoreConfig) -> Result<Read, PullError> {
    match Document::parse(bytes)? {
        Document::Image(manifest) => {
            manifest.check(limits)?;
            Ok(Read::Image {
                layers: manifest.layers.len(),
                fetched_bytes: manifest.fetched_bytes(),
                text: serde_json::to_vec(&manifest).expect("invariant: a manifest is JSON"),
            })
        }
        Document::Index(manifests) => {
            let chosen = for_this_host(&manifests)?;
            Ok(Read::Index(chosen.digest.to_string()))
        }
    }
}

/// Reads the configuration of an image of so many layers; returns the digests of
/// what is in them, and its labels.
///
/// # Errors
///
/// Returns why it is refused.
pub fn configuration(
    bytes: &[u8],
    layers: usize,
) -> Result<(Vec<String>, BTreeMap<String, String>), PullError> {
    let configuration = Configuration::parse(bytes, layers)?;
    let digests = configuration
        .diff_ids()
        .iter()
        .map(ToString::to_string)
        .collect();
    let labels = configuration
        .config
        .and_then(|config| config.labels)
        .unwrap_or_default();
    Ok((digests, labels))
}

/// Unpacks layers into the empty directory `root`, the lowest first; returns
/// how many bytes that took.
///
/// # Errors
///
/// Returns why it ended.
pub fn layers(
    root: &Path,
    layers: impl IntoIterator<Item = File>,
    max_bytes: u64,
    max_entries: u64,
) -> Result<u64, PullError> {
    let stop = Stop::after(Duration::from_mins(1), CancellationToken::new());
    let bounds = Bounds {
        bytes: max_bytes,
        entries: max_entries,
    };
    let mut unpacker =
        Unpacker::new(root, bounds, &stop).map_err(crate::error::StoreError::at("open a root"))?;
    for layer in layers {
        unpacker.layer(layer, &Digest::of(b""), &|_read| {})?;
    }
    Ok(unpacker.finish()?.bytes)
}
