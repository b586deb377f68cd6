//! A Docker daemon of the test's own, to be killed and started again.
//!
//! It shares nothing with another one on the host: its files are in a directory
//! of its own, its containers in a cgroup of its own, its default bridge is its
//! own, and it leaves the firewall alone. So it publishes no ports and its
//! containers reach nothing outside; what it runs has no network, or the host's.
//!
//! `dockerd` starts a `containerd`, which dies with it, and that a shim for each
//! container; those outlive a daemon that is killed, and the next one finds them
//! again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::task;

use super::{ping, remains};
use crate::wait;

/// How long a daemon may take to answer, on a machine that is busy.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How long a daemon may take to end when it is asked to.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A running Docker daemon. It needs root.
#[derive(Debug)]
pub struct Daemon {
    directory: TempDir,
    /// The name of its cgroup and of its bridge: no other daemon has it.
    name: String,
    process: Child,
}

impl Daemon {
    /// Starts a daemon that has no images and no containers.
    ///
    /// # Panics
    ///
    /// If there is no `dockerd`, this is not root, or it does not come up.
    pub async fn start() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "a Docker daemon of a test's own needs root"
        );
        let directory = tempfile::Builder::new()
            .prefix("testkit-docker-")
            .tempdir()
            .expect("a temporary directory for the Docker daemon");
        fs::write(directory.path().join("daemon.json"), "{}")
            .expect("the Docker daemon's configuration is written");
        // The name of a network device has at most 15 characters.
        let name = directory.path().to_string_lossy();
        let unique = name.rsplit('-').next().unwrap_or_default();
        let name = format!("testkit-{unique}");
        bridge("add", &name).expect("the Docker daemon's bridge is made");

        let process = launch(&directory, &name);
        let mut daemon = Self {
            directory,
            name,
            process,
        };
        daemon.answers().await;
        daemon
    }

    /// Returns its address, in Docker's spelling.
    pub fn host(&self) -> String {
        format!("unix://{}", self.directory.path().join("socket").display())
    }

    /// Kills the daemon, as a crash would: its containers go on.
    /// [`restart`](Self::restart) brings it back.
    ///
    /// # Panics
    ///
    /// If its `containerd` does not die with it.
    pub fn kill(&mut self) {
        // A daemon that has already ended is as dead as it should be.
        drop(self.process.kill());
        drop(self.process.wait());
        // The next daemon takes one that is about to die for one to work with.
        let file = self.directory.path().join("run/containerd/containerd.pid");
        if let Ok(pid) = fs::read_to_string(&file) {
            let process = Path::new("/proc").join(pid.trim());
            let dead = remains::came_true(STOP_LIMIT, || !remains::is_running(&process));
            assert!(dead, "containerd has survived its daemon");
            drop(fs::remove_file(file));
        }
    }

    /// Kills the daemon and starts it anew, with the same images.
    ///
    /// # Panics
    ///
    /// If it does not come up.
    pub async fn restart(&mut self) {
        self.kill();
        self.process = launch(&self.directory, &self.name);
        self.answers().await;
    }

    /// Returns what the daemon has logged since it was last started.
    pub fn log(&self) -> String {
        fs::read_to_string(log_path(&self.directory)).unwrap_or_default()
    }

    /// Waits until it answers.
    async fn answers(&mut self) {
        let host = self.host();
        wait::eventually(START_LIMIT, "Docker daemon that answers", async || {
            if let Ok(Some(status)) = self.process.try_wait() {
                let log = fs::read_to_string(log_path(&self.directory)).unwrap_or_default();
                panic!("the Docker daemon ended with {status} instead of answering:\n{log}");
            }
            let host = host.clone();
            let answer = task::spawn_blocking(move || ping(&host)).await;
            answer
                .map_err(|error| error.to_string())?
                .map_err(|error| error.to_string())
        })
        .await;
    }

    /// Asks the daemon to end, and waits a while until it has.
    fn stop(&mut self) {
        let pid = i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw);
        if let (Some(pid), Ok(None)) = (pid, self.process.try_wait()) {
            kill_process(pid, Signal::TERM).ok();
            let ended = || !matches!(self.process.try_wait(), Ok(None));
            if remains::came_true(STOP_LIMIT, ended) {
                return;
            }
        }
        self.kill();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop();
        let left = remains::remove(self.directory.path(), &self.name);
        // It is gone with its addresses and routes.
        drop(bridge("delete", &self.name));
        // A second panic would hide the test's own failure.
        if !std::thread::panicking() {
            left.unwrap_or_else(|left| panic!("the Docker daemon has left {left}"));
        }
    }
}

/// Starts a daemon's process.
fn launch(directory: &TempDir, name: &str) -> Child {
    let log = File::create(log_path(directory)).expect("the Docker daemon's log is created");
    let path = |file: &str| directory.path().join(file);
    // A test that is killed cannot end it: the kernel tells it to.
    Command::new("setpriv")
        .args(["--pdeathsig", "TERM", "dockerd"])
        .arg("--config-file")
        .arg(path("daemon.json"))
        .arg("--data-root")
        .arg(path("data"))
        .arg("--exec-root")
        .arg(path("run"))
        .arg("--pidfile")
        .arg(path("pid"))
        .arg("--host")
        .arg(format!("unix://{}", path("socket").display()))
        // Without a bridge (`none`) it would delete another daemon's `docker0`.
        .args(["--bridge", name])
        .args([
            "--iptables=false",
            "--ip6tables=false",
            "--ip-forward=false",
        ])
        // Where every process of its containers is found.
        .args(["--exec-opt", "native.cgroupdriver=cgroupfs"])
        .args(["--cgroup-parent", &format!("/{name}")])
        // How many seconds its containers get to end with it.
        .args(["--shutdown-timeout", "1"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("`dockerd` starts; `cargo xtask tools` installs it")
}

/// Makes or deletes the bridge `name`.
fn bridge(verb: &str, name: &str) -> Result<(), String> {
    let output = Command::new("ip")
        .args(["link", verb, name, "type", "bridge"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`ip` cannot be run: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn log_path(directory: &TempDir) -> PathBuf {
    directory.path().join("log")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docker::command;

    /// A program that runs until it is killed, with what it needs.
    const SLEEP: &str = "set -o pipefail; { echo /usr/bin/sleep; \
        ldd /usr/bin/sleep | grep -o '/[^ ]*'; } | tar --create --dereference --files-from=-";

    /// Runs a command of Docker's client that must succeed.
    fn docker(daemon: &Daemon, arguments: &str) -> String {
        let arguments = arguments.split_whitespace();
        let output = command(&daemon.host())
            .args(arguments)
            .output()
            .expect("Docker's client runs");
        assert!(output.status.success(), "{output:?}\n{}", daemon.log());
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Gives the daemon an image that can only sleep.
    fn import(daemon: &Daemon) {
        let import = format!("{SLEEP} | docker --host {} import - sleep", daemon.host());
        let output = Command::new("bash").args(["-c", &import]).output();
        let output = output.expect("bash runs");
        assert!(output.status.success(), "{output:?}");
    }

    #[tokio::test]
    async fn a_killed_daemon_comes_back_and_in_the_end_nothing_is_left_of_it() {
        let mut daemon = Daemon::start().await;
        let directory = daemon.directory.path().to_owned();
        let name = daemon.name.clone();
        import(&daemon);
        let run = "run --detach --network none --stop-signal KILL sleep /usr/bin/sleep 1000";
        let first = docker(&daemon, run);

        daemon.kill();
        assert!(ping(&daemon.host()).is_err(), "it answers");
        daemon.restart().await;

        let images = docker(&daemon, "images --format {{.Repository}}");
        assert_eq!(images, "sleep");
        let known = docker(&daemon, "ps --all --quiet --no-trunc");
        assert_eq!(known, first);
        docker(&daemon, run);
        drop(daemon);

        assert!(!directory.exists(), "its directory is there");
        let device = format!("/sys/class/net/{name}");
        assert!(!fs::exists(device).expect("sysfs"), "its bridge is there");
        assert_eq!(remains::remove(&directory, &name), Ok(()));
    }
}
