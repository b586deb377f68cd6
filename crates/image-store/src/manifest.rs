//! What registries and archives say of an image: indexes, manifests,
//! configurations. Pure: bytes in, checked values out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::StoreConfig;
use crate::digest::Digest;
use crate::error::PullError;

/// The largest manifest, index or configuration that is read.
pub(crate) const MAX_DOCUMENT_BYTES: u64 = 4 << 20;

/// What registries are asked for.
pub(crate) const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, \
     application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json, \
     application/vnd.docker.distribution.manifest.list.v2+json";

/// The configurations of container images, as opposed to those of other artifacts.
const CONFIG_MEDIA_TYPES: [&str; 2] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
];

/// What this host runs.
const PLATFORM_OS: &str = "linux";
#[cfg(target_arch = "x86_64")]
const PLATFORM_ARCHITECTURE: &str = "amd64";
#[cfg(target_arch = "aarch64")]
const PLATFORM_ARCHITECTURE: &str = "arm64";
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const PLATFORM_ARCHITECTURE: &str = std::env::consts::ARCH;

/// Something that is named by its digest.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    #[serde(default)]
    pub(crate) media_type: String,
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    platform: Option<Platform>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Platform {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    os: String,
    #[serde(default)]
    variant: Option<String>,
}

/// A manifest or an index, as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDocument {
    schema_version: u32,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
}

/// A manifest or an index.
#[derive(Debug)]
pub(crate) enum Document {
    /// The manifest of one image.
    Image(Manifest),
    /// The manifests of an image for several platforms.
    Index(Vec<Descriptor>),
}

/// The parts of an image.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    schema_version: u32,
    pub(crate) config: Descriptor,
    /// The lowest layer first.
    pub(crate) layers: Vec<Descriptor>,
}

/// What an image says about how it is to be run.
#[derive(Debug, Deserialize)]
pub(crate) struct Configuration {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    os: String,
    #[serde(default)]
    pub(crate) config: Option<RunConfiguration>,
    rootfs: RootFilesystem,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RunConfiguration {
    #[serde(default)]
    pub(crate) env: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) labels: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
struct RootFilesystem {
    #[serde(default)]
    diff_ids: Vec<Digest>,
}

impl Document {
    /// Reads a manifest or an index.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, PullError> {
        let raw: RawDocument =
            serde_json::from_slice(bytes).map_err(|error| malformed("manifest", &error))?;
        if raw.schema_version != 2 {
            return Err(PullError::Unsupported(format!(
                "its manifest has schema version {}, only 2 is supported",
                raw.schema_version
            )));
        }
        match raw {
            RawDocument {
                config: Some(config),
                layers: Some(layers),
                manifests: None,
                schema_version,
            } => Ok(Self::Image(Manifest {
                schema_version,
                config,
                layers,
            })),
            RawDocument {
                config: None,
                layers: None,
                manifests: Some(manifests),
                ..
            } => Ok(Self::Index(manifests)),
            // Something that can be read as either may be read differently by others.
            RawDocument { .. } => Err(PullError::Malformed {
                what: "manifest",
                problem: "it is neither that of an image nor an index".to_owned(),
            }),
        }
    }
}

/// Returns the manifest for this host among those of an index.
pub(crate) fn for_this_host(manifests: &[Descriptor]) -> Result<&Descriptor, PullError> {
    let fits = |descriptor: &&Descriptor| {
        descriptor.platform.as_ref().is_some_and(|platform| {
            platform.os == PLATFORM_OS
                && platform.architecture == PLATFORM_ARCHITECTURE
                // Others than these may use instructions that this host does not have.
                && matches!(platform.variant.as_deref(), None | Some("" | "v1" | "v8"))
        })
    };
    if let Some(found) = manifests.iter().find(fits) {
        return Ok(found);
    }
    match manifests {
        // Archives of one image say nothing of platforms; its configuration does.
        [only] if only.platform.is_none() => Ok(only),
        _ => Err(PullError::Unsupported(format!(
            "it is not made for {PLATFORM_OS}/{PLATFORM_ARCHITECTURE}"
        ))),
    }
}

impl Manifest {
    /// Returns the manifest of an image that has none.
    pub(crate) fn of(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        Self {
            schema_version: 2,
            config,
            layers,
        }
    }

    /// Fails if this is not an image, or a larger one than is allowed.
    pub(crate) fn check(&self, limits: &StoreConfig) -> Result<(), PullError> {
        let config = &self.config;
        if !CONFIG_MEDIA_TYPES.contains(&config.media_type.as_str()) {
            return Err(PullError::Unsupported(
                "it is not a container image: its configuration is of another type".to_owned(),
            ));
        }
        if config.size > MAX_DOCUMENT_BYTES {
            return Err(PullError::TooLarge {
                what: "its configuration is",
                limit: format!("{MAX_DOCUMENT_BYTES} bytes"),
            });
        }
        if self.layers.len() > limits.max_layers {
            return Err(PullError::TooLarge {
                what: "the number of its layers is",
                limit: limits.max_layers.to_string(),
            });
        }
        if !self
            .layers
            .iter()
            .all(|layer| layer.media_type.contains("tar"))
        {
            return Err(PullError::Unsupported(
                "it is not a container image: a layer is no tar archive".to_owned(),
            ));
        }
        if self.fetched_bytes() > limits.max_image_bytes {
            return Err(PullError::TooLarge {
                what: "the size of its layers is",
                limit: format!("{} bytes", limits.max_image_bytes),
            });
        }
        Ok(())
    }

    /// Returns how many bytes the image has, as it is fetched.
    pub(crate) fn fetched_bytes(&self) -> u64 {
        self.layers.iter().fold(self.config.size, |sum, layer| {
            sum.saturating_add(layer.size)
        })
    }
}

impl Descriptor {
    /// Returns a descriptor of something that is called `media_type`.
    pub(crate) fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest,
            size,
            platform: None,
            annotations: BTreeMap::new(),
        }
    }

    /// The type of an image's configuration.
    pub(crate) const CONFIG: &str = CONFIG_MEDIA_TYPES[0];
    /// The type of a layer that may be compressed.
    pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
}

impl Configuration {
    /// Reads the configuration of an image that has so many layers.
    pub(crate) fn parse(bytes: &[u8], layers: usize) -> Result<Self, PullError> {
        let parsed: Self =
            serde_json::from_slice(bytes).map_err(|error| malformed("configuration", &error))?;
        if (parsed.os.as_str(), parsed.architecture.as_str())
            != (PLATFORM_OS, PLATFORM_ARCHITECTURE)
        {
            return Err(PullError::Unsupported(format!(
                "it is not made for {PLATFORM_OS}/{PLATFORM_ARCHITECTURE}"
            )));
        }
        if parsed.rootfs.diff_ids.len() != layers {
            return Err(PullError::Malformed {
                what: "configuration",
                problem: format!(
                    "it lists {} layers, the manifest {layers}",
                    parsed.rootfs.diff_ids.len()
                ),
            });
        }
        Ok(parsed)
    }

    /// Returns the digest of what is in each layer, decompressed.
    pub(crate) fn diff_ids(&self) -> &[Digest] {
        &self.rootfs.diff_ids
    }
}

fn malformed(what: &'static str, error: &serde_json::Error) -> PullError {
    // Its text may repeat any length of what was read.
    let problem: String = error.to_string().chars().take(200).collect();
    PullError::Malformed { what, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(platforms: &str) -> Result<Digest, PullError> {
        let Document::Index(manifests) = Document::parse(platforms.as_bytes())? else {
            panic!("an image instead of an index");
        };
        for_this_host(&manifests).map(|found| found.digest.clone())
    }

    fn entry(architecture: &str, variant: &str, content: &str) -> String {
        format!(
            r#"{{"mediaType":"x","digest":"{}","size":1,"platform":{{"os":"linux","architecture":"{architecture}","variant":"{variant}"}}}}"#,
            Digest::of(content.as_bytes())
        )
    }

    #[test]
    fn the_manifest_for_this_host_is_chosen() {
        let ours = PLATFORM_ARCHITECTURE;
        let text = format!(
            r#"{{"schemaVersion":2,"manifests":[{},{},{}]}}"#,
            entry("s390x", "", "other"),
            entry(ours, "v3", "newer"),
            entry(ours, "", "ours")
        );
        assert_eq!(index(&text).expect("found"), Digest::of(b"ours"));

        let text = format!(
            r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
            entry("s390x", "", "other")
        );
        assert!(matches!(index(&text), Err(PullError::Unsupported(_))));
    }

    #[test]
    fn what_is_neither_image_nor_index_or_both_is_refused() {
        for text in [
            "",
            "{}",
            r#"{"schemaVersion":1,"fsLayers":[]}"#,
            r#"{"schemaVersion":2}"#,
            r#"{"schemaVersion":2,"manifests":[],"layers":[]}"#,
            r#"{"schemaVersion":2,"manifests":[{"digest":"sha256:../..","size":1}]}"#,
            r#"{"schemaVersion":2,"manifests":[{"digest":"md5:00","size":-1}]}"#,
        ] {
            assert!(Document::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
