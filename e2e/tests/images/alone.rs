//! Images as `docker run` starts them, without any engine of ours.

use std::io;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use conformance::Cyclones;
use testkit::eventually;
use tokio::io::Join;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time;

/// How long a container may take to be gone when its session is over.
const LIMIT: Duration = Duration::from_secs(30);

/// The number of the next container of this process.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A container that runs, or has not been removed yet.
#[derive(Debug)]
pub(crate) struct Running {
    name: String,
    client: Child,
}

/// Starts containers of an image, with what it says itself or with arguments
/// in place of that.
#[derive(Debug)]
pub(crate) struct Alone {
    arguments: Vec<String>,
}

impl Alone {
    /// Uses an image as it is.
    pub(crate) fn image(name: &str) -> Self {
        Self {
            arguments: vec![name.to_owned()],
        }
    }

    /// Uses an image that says how its runner is started, and nothing else.
    pub(crate) fn with_runner(name: &str, runner: &str) -> Self {
        let words = [
            "--user=1000",
            "--entrypoint=/veritech/cyclone",
            name,
            "--listen=stdio:",
            "--runner",
            runner,
        ];
        Self {
            arguments: words.map(str::to_owned).to_vec(),
        }
    }
}

impl Cyclones for Alone {
    type Stream = Join<ChildStdout, ChildStdin>;
    type Cyclone = Running;
    type Error = io::Error;

    async fn start(&self) -> Result<(Self::Stream, Running), io::Error> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("veritech-test-alone-{}-{number}", std::process::id());
        let command = testkit::docker::command(&testkit::docker::host());
        let mut client = Command::from(command)
            .args(["run", "--rm", "--name", &name])
            .args(["--interactive", "--network=none"])
            .args(["--read-only", "--tmpfs=/tmp"])
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = client.stdout.take().zip(client.stdin.take());
        let (stdout, stdin) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        let running = Running { name, client };
        Ok((tokio::io::join(stdout, stdin), running))
    }

    async fn end(&self, mut cyclone: Running) -> Result<(), io::Error> {
        time::timeout(LIMIT, cyclone.client.wait()).await??;
        // A client whose output nobody reads does not wait until Docker has removed the container.
        eventually(LIMIT, "removal of a container", async || {
            let command = testkit::docker::command(&testkit::docker::host());
            let inspected = Command::from(command)
                .args(["container", "inspect", &cyclone.name])
                .stdin(Stdio::null())
                .output()
                .await
                .expect("Docker's client runs");
            !inspected.status.success()
        })
        .await;
        Ok(())
    }
}
