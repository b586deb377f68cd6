//! What the engines are told.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use sandbox::{ImagePattern, PullPolicy};
use serde::{Deserialize, Serialize};

/// Where the host users of sandboxes begin: behind all that distributions and systemd
/// give to users, containers and services.
const DEFAULT_FIRST_HOST_UID: u32 = 0x7000_0000;

/// Which engine makes sandboxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EngineChoice {
    /// Linux namespaces; nothing has to be installed.
    #[default]
    Native,
    /// Containers of a Docker engine.
    Docker,
}

impl EngineChoice {
    /// Returns the engine's name in configurations.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Docker => "docker",
        }
    }
}

/// Where the native engine keeps the images of registries.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RawStore {
    /// The directory; the user's own cache directory if absent and not root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<PathBuf>,
    /// What all images together may take before the least recently used goes.
    pub(crate) max_size: ByteSize,
    /// What one image may take, unpacked.
    pub(crate) max_image: ByteSize,
}

impl Default for RawStore {
    fn default() -> Self {
        Self {
            path: None,
            max_size: ByteSize::gib(20),
            max_image: ByteSize::gib(4),
        }
    }
}

/// What the docker engine is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RawDocker {
    /// Where the Docker engine listens; `DOCKER_HOST` or its usual socket if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<String>,
    /// How sandboxes with a network are reached.
    pub(crate) connect: DockerConnect,
    /// How long one call of its API may take.
    pub(crate) call_timeout: String,
}

/// How a container with a network is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DockerConnect {
    /// By the streams of its first process.
    #[default]
    Attach,
    /// By a port that is published on loopback.
    Port,
}

impl Default for RawDocker {
    fn default() -> Self {
        Self {
            host: None,
            connect: DockerConnect::Attach,
            call_timeout: "30s".to_owned(),
        }
    }
}

/// A policy by its name.
pub(super) mod policy {
    use sandbox::PullPolicy;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    pub(in super::super) fn serialize<S: Serializer>(
        policy: &PullPolicy,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(policy.name())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<PullPolicy, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(D::Error::custom)
    }
}

/// Patterns of images, as they are written.
mod patterns {
    use sandbox::ImagePattern;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        patterns: &[ImagePattern],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(patterns.iter().map(ToString::to_string))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<ImagePattern>, D::Error> {
        let written = Vec::<String>::deserialize(deserializer)?;
        let patterns = written.iter().map(|pattern| pattern.parse());
        patterns.collect::<Result<_, _>>().map_err(D::Error::custom)
    }
}

/// What the native engine is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RawNative {
    /// Whether the host's own Node.js, Deno and Python may be images.
    pub(crate) host_images: bool,
    /// The host's Node.js; found on PATH if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) node: Option<PathBuf>,
    /// The host's Deno; found on PATH if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deno: Option<PathBuf>,
    /// The host's Python; found on PATH as `python3` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) python: Option<PathBuf>,
    /// The images whose sandboxes are forked from a zygote.
    #[serde(with = "patterns")]
    pub(crate) zygotes: Vec<ImagePattern>,
    /// The first of the host's user ids that sandboxes run as, where veritech
    /// is root.
    pub(crate) first_host_uid: u32,
    /// Whether limits may be enforced by sampling where nothing better is to be had.
    pub(crate) allow_sampled: bool,
}

impl Default for RawNative {
    fn default() -> Self {
        Self {
            host_images: false,
            node: None,
            deno: None,
            python: None,
            zygotes: Vec::new(),
            first_host_uid: DEFAULT_FIRST_HOST_UID,
            allow_sampled: false,
        }
    }
}

/// What engines are told.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "engines need Linux")
)]
pub(crate) struct EngineSettings {
    /// Which of them.
    pub(crate) choice: EngineChoice,
    /// When registries are asked.
    pub(crate) pull_policy: PullPolicy,
    /// Registries besides those on this host that speak HTTP without TLS.
    pub(crate) insecure_registries: Vec<String>,
    /// How long preparing an image may take.
    pub(crate) image_timeout: Duration,
    /// Whether sandboxes may be given a network.
    pub(crate) allow_egress: bool,
    /// Where the native engine keeps images.
    pub(crate) store: RawStore,
    /// What the native engine is told.
    pub(crate) native: RawNative,
    /// What the docker engine is told.
    pub(crate) docker: RawDocker,
    /// How long one call of Docker's API may take.
    pub(crate) docker_call_timeout: Duration,
}

impl EngineSettings {
    /// Refuses values that cannot be; an error is the key and what is wrong with it.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if self.store.max_image > self.store.max_size {
            return Err((
                "store.max_image",
                format!(
                    "must be at most store.max_size, got {}",
                    self.store.max_image
                ),
            ));
        }
        Ok(())
    }
}
