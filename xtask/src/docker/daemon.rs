//! A Docker daemon of our own. Its data is kept in `target/docker`, so that
//! images are built once; everything else ends with it.

use std::env;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::{answers, client};
use crate::{process, workspace};

/// How often, and how long after another, is looked whether it has come up or
/// has ended.
const LOOKS: u32 = 300;
const INTERVAL: Duration = Duration::from_millis(100);

/// A running daemon.
#[derive(Debug)]
pub(super) struct Daemon {
    process: Child,
    /// Its sockets: their paths must be short.
    runtime: PathBuf,
    /// Keeps another task from using the same data.
    _lock: File,
}

impl Daemon {
    /// Starts it, without any container that an earlier one may have left.
    pub(super) fn start() -> anyhow::Result<Self> {
        let home = workspace::docker();
        fs::create_dir_all(&home)
            .with_context(|| format!("failed to make `{}`", home.display()))?;
        let lock = workspace::lock(&home)?;
        end_leftover(&home)?;
        let runtime = runtime_directory();
        fs::create_dir_all(&runtime)
            .with_context(|| format!("failed to make `{}`", runtime.display()))?;
        let configuration = runtime.join("daemon.json");
        fs::write(&configuration, "{}")
            .with_context(|| format!("failed to write `{}`", configuration.display()))?;

        eprintln!(
            "\n▶ starting a Docker engine with its data in `{}`",
            home.display()
        );
        let log = home.join("log");
        let file =
            File::create(&log).with_context(|| format!("failed to create `{}`", log.display()))?;
        // However this program ends, the daemon is told to.
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "dockerd"])
            .arg("--config-file")
            .arg(&configuration)
            .arg("--data-root")
            .arg(home.join("data"))
            .arg("--exec-root")
            .arg(runtime.join("run"))
            .arg("--pidfile")
            .arg(home.join("pid"))
            .arg("--host")
            .arg(address(&runtime))
            .args(["--shutdown-timeout", "1"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .context("failed to start `dockerd`")?;
        let mut daemon = Self {
            process,
            runtime,
            _lock: lock,
        };
        daemon.come_up(&log)?;
        daemon.clear()?;
        Ok(daemon)
    }

    /// Returns its address.
    pub(super) fn host(&self) -> String {
        address(&self.runtime)
    }

    /// Waits until it answers.
    fn come_up(&mut self, log: &Path) -> anyhow::Result<()> {
        let host = self.host();
        for _ in 0..LOOKS {
            if let Some(status) = self.process.try_wait()? {
                bail!("`dockerd` ended with {status}:\n{}", tail(log));
            }
            if answers(&host) {
                return Ok(());
            }
            thread::sleep(INTERVAL);
        }
        bail!("`dockerd` does not answer:\n{}", tail(log));
    }

    /// Removes containers and networks.
    fn clear(&self) -> anyhow::Result<()> {
        let host = self.host();
        let containers = process::output(client(&host).args(["ps", "--all", "--quiet"]))?;
        if !containers.is_empty() {
            let remove = ["rm", "--force", "--volumes"];
            // One that is just going away by itself cannot be removed as well.
            process::output(client(&host).args(remove).args(containers.lines())).ok();
        }
        process::output(client(&host).args(["network", "prune", "--force"])).map(drop)
    }

    /// Asks it to end, and waits until it has.
    fn stop(&mut self) -> anyhow::Result<()> {
        self.clear()?;
        if let Some(pid) = i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw)
        {
            kill_process(pid, Signal::TERM).context("it cannot be told to end")?;
        }
        for _ in 0..LOOKS {
            if self.process.try_wait()?.is_some() {
                // It has removed its sockets; what is left are empty directories.
                fs::remove_dir_all(&self.runtime).ok();
                return Ok(());
            }
            thread::sleep(INTERVAL);
        }
        bail!("it does not end");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("\nerror: the Docker engine could not be stopped: {error:#}");
            self.process.kill().ok();
            self.process.wait().ok();
        }
    }
}

/// Ends the daemon of a task that was killed, if it has not ended yet.
fn end_leftover(home: &Path) -> anyhow::Result<()> {
    let pid = fs::read_to_string(home.join("pid")).unwrap_or_default();
    let Some(pid) = pid.trim().parse().ok().and_then(Pid::from_raw) else {
        return Ok(());
    };
    let command_line = PathBuf::from(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
    let is_ours = || {
        let line = fs::read(&command_line).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&*home.to_string_lossy())
    };
    for _ in 0..LOOKS {
        if !is_ours() {
            return Ok(());
        }
        kill_process(pid, Signal::TERM).ok();
        thread::sleep(INTERVAL);
    }
    bail!(
        "an earlier Docker engine, process {}, does not end",
        pid.as_raw_nonzero()
    );
}

/// Returns a directory with a short path, always the same for this workspace.
fn runtime_directory() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    workspace::root().hash(&mut hasher);
    env::temp_dir().join(format!("veritech-docker-{:016x}", hasher.finish()))
}

fn address(runtime: &Path) -> String {
    format!("unix://{}", runtime.join("socket").display())
}

/// Returns the last lines of a log.
fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().rev().take(10).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
