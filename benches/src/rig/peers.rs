//! What others do for each call: a container, an isolate, nothing.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::{self, Instant};

use super::life::{Inside, Life, Until};
use crate::timing::contest::Measured;
use crate::timing::samples::Sample;

/// How long a server may take to listen.
const LIMIT: Duration = Duration::from_secs(15);

/// What containers execute.
const FIRST_STATEMENT: [&str; 2] = ["-e", "require('fs').writeSync(1, '.')"];

/// Returns a container that Docker's own client runs with Node.js of this image and removes.
pub(crate) fn docker_run(host: &str, image: &str) -> Life {
    let mut command = Command::new("docker");
    command
        .args(["--host", host, "run", "--rm", "--network", "none"])
        .args(["--entrypoint", "/usr/local/bin/node", image])
        .args(FIRST_STATEMENT)
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    Life::new(command, Until::End)
}

/// A container's files, for crun.
pub(crate) struct Bundle(TempDir);

impl Bundle {
    /// Makes a container of the host's libraries and its Node.js.
    pub(crate) fn make() -> anyhow::Result<Self> {
        let directory = temporary()?;
        let rootfs = directory.path().join("rootfs");
        let mut mounts = vec![
            json!({ "destination": "/proc", "type": "proc", "source": "proc" }),
            json!({ "destination": "/tmp", "type": "tmpfs", "source": "tmpfs" }),
        ];
        for name in ["dev", "proc", "tmp", "usr", "lib", "lib64"] {
            fs::DirBuilder::new()
                .mode(0o755)
                .recursive(true)
                .create(rootfs.join(name))?;
        }
        fs::write(rootfs.join("node"), "")?;
        let node = fs::canonicalize(testkit::tools::node())?;
        let host = [Path::new("/usr"), Path::new("/lib"), Path::new("/lib64")];
        let bound = host.map(|path| (path, path.to_owned())).into_iter();
        for (destination, source) in bound.chain([(Path::new("/node"), node)]) {
            if source.exists() {
                mounts.push(json!({
                    "destination": destination, "type": "bind", "source": source,
                    "options": ["rbind", "ro"],
                }));
            }
        }
        let namespaces =
            ["pid", "network", "ipc", "uts", "mount"].map(|name| json!({ "type": name }));
        let [option, source] = FIRST_STATEMENT;
        let config = json!({
            "ociVersion": "1.0.2",
            "process": {
                "user": { "uid": 65_534, "gid": 65_534 },
                "args": ["/node", option, source],
                "env": [], "cwd": "/", "capabilities": {}, "noNewPrivileges": true,
            },
            "root": { "path": "rootfs", "readonly": true },
            "mounts": mounts,
            "linux": { "namespaces": namespaces },
        });
        fs::write(directory.path().join("config.json"), config.to_string())?;
        Ok(Self(directory))
    }

    /// Returns a container that crun runs and removes, without cgroups.
    pub(crate) fn run(&self) -> Life {
        let mut command = Command::new("crun");
        command
            .arg("--root")
            .arg(self.0.path().join("state"))
            .args(["--cgroup-manager=disabled", "run", "--bundle"])
            .arg(self.0.path())
            .arg("bench");
        Life::new(command, Until::End).inside(Inside::MountsWithoutUnifiedCgroup)
    }
}

/// A server of somebody else's, and the socket on which it listens.
pub(crate) struct Server {
    directory: TempDir,
    process: Child,
}

impl Server {
    fn start(directory: TempDir, mut command: Command) -> anyhow::Result<Self> {
        let process = command
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { directory, process })
    }

    fn socket(&self) -> PathBuf {
        socket_in(&self.directory)
    }

    async fn connect(&self) -> anyhow::Result<UnixStream> {
        let begun = Instant::now();
        loop {
            match UnixStream::connect(self.socket()).await {
                Ok(stream) => return Ok(stream),
                Err(error) if begun.elapsed() > LIMIT => return Err(error.into()),
                Err(_) => time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended is as dead as it should be.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A Node.js that is there already and executes one function after another.
pub(crate) struct Reused {
    _server: Server,
    stream: BufReader<UnixStream>,
}

impl Reused {
    /// Starts it.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let directory = temporary()?;
        let script = directory.path().join("reused.js");
        fs::write(&script, include_str!("peers/reused.js"))?;
        let mut command = Command::new(testkit::tools::node());
        command.arg(script).arg(socket_in(&directory));
        let server = Server::start(directory, command)?;
        let stream = BufReader::new(server.connect().await?);
        Ok(Self {
            _server: server,
            stream,
        })
    }
}

impl Measured for Reused {
    fn measure(&mut self) -> LocalBoxFuture<'_, anyhow::Result<Sample>> {
        async {
            let begun = Instant::now();
            self.stream.write_all(b"\"() => 1\"\n").await?;
            let mut line = String::new();
            self.stream.read_line(&mut line).await?;
            let took = begun.elapsed();
            anyhow::ensure!(line == "1\n", "it answered {line:?}");
            Ok(Sample::of(took))
        }
        .boxed_local()
    }
}

/// A workerd that makes an isolate for each call.
pub(crate) struct Isolates(Server);

impl Isolates {
    /// Starts it.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let directory = temporary()?;
        let socket = socket_in(&directory);
        let config = include_str!("peers/workerd.capnp");
        let config = config.replace("SOCKET", socket.to_str().context("a path is no text")?);
        let path = directory.path().join("workerd.capnp");
        fs::write(&path, config)?;
        fs::write(
            directory.path().join("loader.js"),
            include_str!("peers/loader.js"),
        )?;
        let mut command = Command::new(testkit::tools::workerd());
        command.args(["serve", "--experimental"]).arg(path);
        let server = Server::start(directory, command)?;
        drop(server.connect().await?);
        Ok(Self(server))
    }
}

impl Measured for Isolates {
    fn measure(&mut self) -> LocalBoxFuture<'_, anyhow::Result<Sample>> {
        async {
            let source = "export default () => 1";
            let request = format!(
                "POST / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{source}",
                source.len(),
            );
            let begun = Instant::now();
            let mut stream = self.0.connect().await?;
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            let took = begun.elapsed();
            anyhow::ensure!(answer.starts_with("HTTP/1.1 200"), "it answered {answer:?}");
            Ok(Sample::of(took))
        }
        .boxed_local()
    }
}

fn temporary() -> anyhow::Result<TempDir> {
    Ok(tempfile::Builder::new()
        .prefix("veritech-bench-")
        .tempdir()?)
}

fn socket_in(directory: &TempDir) -> PathBuf {
    directory.path().join("socket")
}
