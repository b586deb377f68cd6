//! Starts engines whose cyclone is the probe.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sandbox::{
    Engine as _, Executable, Image, Limits, Network, Programs, Sandbox as _, SandboxId, SandboxSpec,
};
use sandbox_native::{Config, Executables, NativeEngine, NativeSandbox};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time;
use tokio_util::sync::CancellationToken;

/// How long anything may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Builds the probe once and returns its path.
pub(crate) fn probe() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("probe/main.rs");
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sandbox-probe");
    let modified = |path: &Path| fs::metadata(path).and_then(|it| it.modified()).ok();
    if modified(&built) > modified(&source) {
        return built;
    }
    // Several tests may do this at once, and rustc leaves files beside its output.
    let place = built.with_extension(std::process::id().to_string());
    fs::create_dir_all(&place).expect("a directory to build in");
    let fresh = place.join("sandbox-probe");
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let status = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "-O", "--target", &target])
        .args([
            "-C",
            "target-feature=+crt-static",
            "-C",
            "relocation-model=static",
        ])
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

/// Returns the programs that the tests run.
pub(crate) fn executables() -> Executables {
    Executables {
        launcher: Executable::File(env!("CARGO_BIN_EXE_veritech-launcher").into()),
        programs: Programs {
            cyclone: Executable::File(probe()),
            quickjs: Executable::Embedded(b"not executed by these tests"),
            scripts: &[("javascript/runner.mjs", b"// not executed by these tests")],
        },
    }
}

/// Starts an engine.
pub(crate) async fn engine() -> NativeEngine {
    engine_with(Config::default()).await
}

/// Starts an engine that behaves so.
pub(crate) async fn engine_with(config: Config) -> NativeEngine {
    NativeEngine::start(executables(), config)
        .await
        .expect("the engine starts")
}

/// Returns what most tests launch.
pub(crate) fn spec(id: u64) -> SandboxSpec {
    SandboxSpec {
        id: SandboxId(id),
        image: Image {
            reference: "builtin/quickjs:latest".to_owned(),
            digest: None,
            languages: vec!["javascript".to_owned()],
        },
        limits: Limits {
            memory_bytes: 64 << 20,
            cpu_millis: 1000,
            cpu_time: Duration::from_secs(10),
            processes: 16,
            disk_bytes: 1 << 20,
        },
        network: Network::None,
    }
}

/// Launches a sandbox.
pub(crate) async fn launch(engine: &NativeEngine, spec: SandboxSpec) -> (NativeSandbox, Probe) {
    let mut sandbox = engine
        .launch(spec, CancellationToken::new())
        .await
        .expect("the sandbox is launched");
    let stream = sandbox.connect().await.expect("it is connected");
    (sandbox, Probe(BufReader::new(stream)))
}

/// Lists the children of a process.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task"))
        .expect("readable")
        .flatten()
    {
        let listed = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        found.extend(
            listed
                .split_whitespace()
                .map(|it| it.parse::<u32>().expect("a pid")),
        );
    }
    found
}

/// The probe in a sandbox.
pub(crate) struct Probe(BufReader<UnixStream>);

impl Probe {
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
        self.0
            .write_all(line.as_bytes())
            .await
            .expect("the probe listens");
    }
}
