//! Images as `docker run` starts them, without any engine of ours.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use conformance::Cyclones;
use tokio::io::Join;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time;

/// How long a container may take to be gone when its session is over.
const LIMIT: Duration = Duration::from_secs(30);

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
    type Cyclone = Child;
    type Error = io::Error;

    async fn start(&self) -> Result<(Self::Stream, Child), io::Error> {
        let command = testkit::docker::command(&testkit::docker::host());
        let mut child = Command::from(command)
            .args(["run", "--rm", "--interactive", "--network=none"])
            .args(["--read-only", "--tmpfs=/tmp"])
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = child.stdout.take().zip(child.stdin.take());
        let (stdout, stdin) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok((tokio::io::join(stdout, stdin), child))
    }

    async fn end(&self, mut cyclone: Child) -> Result<(), io::Error> {
        time::timeout(LIMIT, cyclone.wait()).await??;
        Ok(())
    }
}
