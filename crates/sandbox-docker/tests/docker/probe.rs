//! A program in place of cyclone that does what it is told.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox::Sandbox as _;
use sandbox::{Executable, Programs};
use sandbox_docker::{Config, DockerEngine, DockerSandbox, DockerStream};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::time;

use super::support::{DEADLINE, config};

/// Builds the probe once and returns its path.
pub(crate) fn path() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("probe/main.rs");
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docker-probe");
    let modified = |path: &Path| fs::metadata(path).and_then(|it| it.modified()).ok();
    if modified(&built) > modified(&source) {
        return built;
    }
    // Several tests may do this at once, and rustc leaves files beside its output.
    let place = built.with_extension(std::process::id().to_string());
    fs::create_dir_all(&place).expect("a directory to build in");
    let fresh = place.join("docker-probe");
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let status = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "-O", "--target", &target])
        .args(["-C", "target-feature=+crt-static"])
        .arg("-o")
        .arg(&fresh)
        .arg(&source)
        .status()
        .expect("rustc runs");
    assert!(status.success(), "the probe is built");
    fs::rename(fresh, &built).expect("the probe is put in place");
    fs::remove_dir_all(place).expect("the directory is removed");
    built
}

/// Starts an engine whose cyclone is the probe.
pub(crate) async fn engine() -> DockerEngine {
    engine_with(config()).await
}

/// Starts an engine whose cyclone is the probe, and that behaves so.
pub(crate) async fn engine_with(config: Config) -> DockerEngine {
    let programs = Programs {
        cyclone: Executable::File(path()),
        quickjs: Executable::Embedded(b"not executed by these tests"),
        scripts: &[(
            "javascript/bundle/node.cjs",
            b"// not executed by these tests",
        )],
    };
    DockerEngine::start(programs, config)
        .await
        .expect("the engine starts")
}

/// The probe in a sandbox.
pub(crate) struct Probe(BufReader<DockerStream>);

impl Probe {
    /// Connects to the probe in a sandbox.
    pub(crate) async fn of(sandbox: &mut DockerSandbox) -> Self {
        let stream = sandbox.connect().await.expect("it is connected");
        Self(BufReader::new(stream))
    }

    /// Tells the probe to do something and returns its answer.
    pub(crate) async fn ask(&mut self, order: &str) -> String {
        self.tell(order).await;
        let mut answer = String::new();
        time::timeout(DEADLINE, self.0.read_line(&mut answer))
            .await
            .expect("the probe answers in time")
            .expect("the probe answers");
        answer.trim_end().to_owned()
    }

    /// Tells the probe to do something that has no answer.
    pub(crate) async fn tell(&mut self, order: &str) {
        let line = format!("{order}\n");
        let written = self.0.write_all(line.as_bytes()).await;
        written.expect("the probe listens");
    }
}
