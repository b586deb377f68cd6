//! The engine that the tests are run with.
//!
//! The suite is written once. `VERITECH_TEST_ENGINE` says what makes its
//! sandboxes, and what its images stand for:
//!
//! | | `native` (default), `zygotes` | `ordinary` | `images` | `docker` |
//! |---|---|---|---|---|
//! | engine | native, with `zygotes` for all that may have them | native, started by an ordinary user | native | docker |
//! | [`QUICKJS`](crate::functions::QUICKJS) | built in | built in | published image | built in |
//! | [`NODE`](crate::functions::NODE), [`DENO`](crate::functions::DENO), [`PYTHON`](crate::functions::PYTHON) | the host's | the host's | published images | published images |
//!
//! Published images come from the registry that `VERITECH_TEST_IMAGES` names,
//! such as `127.0.0.1:5000/veritech`.

use std::env;
use std::path::PathBuf;

use testkit::tools;
use toml::{Table, Value};

use crate::functions::{DENO, NODE, PYTHON, QUICKJS};

/// What makes sandboxes in these tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestEngine {
    /// The native engine with its own images.
    Native,
    /// The same, with sandboxes that are forked where that can be.
    Zygotes,
    /// The same, of a dispatcher that is started by an ordinary user.
    Ordinary,
    /// The native engine with images of a registry.
    Images,
    /// The docker engine.
    Docker,
}

impl TestEngine {
    /// Returns the engine that was asked for.
    ///
    /// # Panics
    ///
    /// If that is none.
    pub fn current() -> Self {
        match env::var("VERITECH_TEST_ENGINE").as_deref() {
            Err(_) | Ok("native") => Self::Native,
            Ok("zygotes") => Self::Zygotes,
            Ok("ordinary") => Self::Ordinary,
            Ok("images") => Self::Images,
            Ok("docker") => Self::Docker,
            Ok(other) => {
                panic!(
                    "VERITECH_TEST_ENGINE is `{other}`: not native, zygotes, ordinary, images or docker"
                )
            }
        }
    }

    /// Returns what an image of the tests is called with this engine.
    pub fn image(self, image: &str) -> String {
        let published = |name: &str| format!("{}/{name}", published_images());
        match (self, image) {
            (Self::Images, QUICKJS) => published("quickjs"),
            (Self::Images | Self::Docker, NODE) => published("javascript-node"),
            (Self::Images | Self::Docker, DENO) => published("javascript-deno"),
            (Self::Images | Self::Docker, PYTHON) => published("python"),
            (_, other) => other.to_owned(),
        }
    }

    /// Returns a dispatcher's configuration for this engine.
    ///
    /// # Panics
    ///
    /// If `configuration` is no TOML.
    pub fn configure(self, configuration: &str) -> String {
        let mut table: Table = toml::from_str(configuration).expect("invariant: tests write TOML");
        if let Some(Value::Table(pool)) = table.get_mut("pool") {
            *pool = std::mem::take(pool)
                .into_iter()
                .map(|(image, count)| (self.image(&image), count))
                .collect();
        }
        let more = match self {
            Self::Native => String::new(),
            Self::Zygotes => {
                let native = table.entry("native").or_insert_with(|| Table::new().into());
                let zygotes = ["builtin/quickjs", "host/node", "host/deno"].map(Value::from);
                if let Value::Table(native) = native {
                    native.insert("zygotes".to_owned(), Value::Array(zygotes.into()));
                }
                String::new()
            }
            // Without cgroups there is nothing else.
            Self::Ordinary => "[native]\nallow_sampled = true\n".to_owned(),
            Self::Images => format!(
                "[store]\npath = {:?}\n{}",
                store(),
                allow(&["builtin/*", &format!("{}/*", published_images())])
            ),
            Self::Docker => format!(
                "engine = \"docker\"\n[docker]\nhost = {:?}\n{}",
                testkit::docker::host(),
                allow(&["builtin/*", &format!("{}/*", published_images())])
            ),
        };
        let more: Table = toml::from_str(&more).expect("invariant: this is TOML");
        for (key, value) in more {
            table.entry(key).or_insert(value);
        }
        table.to_string()
    }

    /// Returns the environment of commands for this engine.
    pub fn environment(self) -> Vec<(&'static str, String)> {
        match self {
            Self::Native | Self::Zygotes => Vec::new(),
            Self::Ordinary => vec![("VERITECH_NATIVE_ALLOW_SAMPLED", "true".to_owned())],
            Self::Images => vec![("VERITECH_STORE_PATH", store().display().to_string())],
            Self::Docker => vec![
                ("VERITECH_ENGINE", "docker".to_owned()),
                ("VERITECH_DOCKER_HOST", testkit::docker::host()),
            ],
        }
    }

    /// Returns whether Node.js, Deno and Python are those of the host.
    pub fn uses_the_hosts(self) -> bool {
        match self {
            Self::Native | Self::Zygotes | Self::Ordinary => true,
            Self::Images | Self::Docker => false,
        }
    }

    /// Returns the user that dispatchers are started as, if not the one of the tests:
    /// somebody whom the host knows nothing of.
    pub fn user(self) -> Option<u32> {
        let is_root = rustix::process::geteuid().is_root();
        (self == Self::Ordinary && is_root).then_some(12_345)
    }

    /// Returns how many calls a test makes with this engine that makes `calls` with
    /// the native one: a container takes a hundred times as long to start.
    pub fn scaled(self, calls: usize) -> usize {
        match self {
            Self::Native | Self::Zygotes | Self::Ordinary | Self::Images => calls,
            Self::Docker => calls.div_ceil(10),
        }
    }
}

/// Returns the lines of a configuration that allow images.
fn allow(patterns: &[&str]) -> String {
    patterns
        .iter()
        .map(|pattern| format!("[[images]]\npattern = {pattern:?}\n"))
        .collect()
}

/// Returns where the published images are, as `HOST:PORT/NAMESPACE`.
///
/// # Panics
///
/// If nobody said so.
pub fn published_images() -> String {
    env::var("VERITECH_TEST_IMAGES").expect(
        "VERITECH_TEST_IMAGES names the registry with the published images; `cargo xtask test` sets it",
    )
}

/// Returns the directory where dispatchers of all tests keep images.
pub fn store() -> PathBuf {
    tools::target().join("test-images")
}
