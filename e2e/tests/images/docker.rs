//! Docker's client, as a person uses it.

use std::process::{Command, Stdio};

use serde_json::Value;

/// Runs a command of Docker's client that must succeed, and returns what it
/// printed.
pub(crate) fn docker<const N: usize>(arguments: [&str; N]) -> String {
    let output = testkit::docker::command(&testkit::docker::host())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("Docker's client runs");
    assert!(
        output.status.success(),
        "docker {arguments:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Returns what Docker knows of an image.
pub(crate) fn inspect(image: &str) -> Value {
    let text = docker(["image", "inspect", "--format", "{{json .}}", image]);
    serde_json::from_str(&text).expect("Docker prints JSON")
}

/// A container that is removed when the value is dropped.
#[derive(Debug)]
pub(crate) struct Container {
    id: String,
}

impl Container {
    /// Makes a container without network, which is not started.
    pub(crate) fn create(image: &str) -> Self {
        let id = docker(["create", "--interactive", "--network", "none", image]);
        Self { id }
    }

    /// Starts it, and returns its first process.
    pub(crate) fn start(&self) -> u32 {
        docker(["start", &self.id]);
        let pid = docker(["inspect", "--format", "{{.State.Pid}}", &self.id]);
        pid.parse().expect("a process's number")
    }

    /// Returns every file in it: its permissions, its size and its path.
    pub(crate) fn files(&self) -> Vec<(String, u64, String)> {
        let mut export = testkit::docker::command(&testkit::docker::host())
            .args(["export", &self.id])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Docker's client runs");
        let archive = export.stdout.take().expect("invariant: it is a pipe");
        let listing = Command::new("tar")
            .args(["--list", "--verbose", "--numeric-owner"])
            .stdin(archive)
            .output()
            .expect("tar runs");
        assert!(export.wait().expect("it ends").success());
        assert!(listing.status.success(), "{listing:?}");
        let listing = String::from_utf8_lossy(&listing.stdout);
        listing
            .lines()
            .map(|line| {
                let mut words = line.split_whitespace();
                let mut word = || words.next().unwrap_or_default().to_owned();
                let (permissions, _owner, size) = (word(), word(), word());
                let (_date, _time, path) = (word(), word(), word());
                (permissions, size.parse().unwrap_or_default(), path)
            })
            .collect()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        docker(["rm", "--force", &self.id]);
    }
}
