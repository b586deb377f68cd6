//! One dispatcher: a `veritech serve` process.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;
use testkit::{eventually, tools};

use crate::binary;
use crate::containers::processes_of;
use crate::engine::TestEngine;
use crate::processes::{self, Process};

/// How long a dispatcher may take to begin to serve, or to stop.
const LIMIT: Duration = Duration::from_secs(15);

/// What every dispatcher has in its environment, and no function may ever see.
pub const CANARY: &str = "VTCANARY-environment";

/// How often to look whether a dispatcher has ended before it is killed, and
/// how long to wait between two looks.
const ATTEMPTS: u32 = 400;
const INTERVAL: Duration = Duration::from_millis(5);

/// Returns the lines of a configuration that offer Node.js, Deno and CPython: the host's,
/// also where their memory can only be sampled, where the images do not come from
/// a registry.
///
/// # Panics
///
/// If they are not installed.
pub fn host_images() -> String {
    if !TestEngine::current().uses_the_hosts() {
        return String::new();
    }
    format!(
        "[native]\nhost_images = true\nallow_sampled = true\nnode = {:?}\ndeno = {:?}\npython = {:?}\n",
        real(tools::node()),
        real(tools::deno()),
        python(),
    )
}

/// Returns a Python that dispatchers can use: the one of the tests, but the system's
/// where that lies in a directory of root's and dispatchers are somebody else.
fn python() -> PathBuf {
    let own = real(tools::python());
    let is_open = |path: &Path| fs::metadata(path).is_ok_and(|it| it.mode() & 0o001 != 0);
    if TestEngine::current().user().is_none() || own.ancestors().all(is_open) {
        own
    } else {
        real(PathBuf::from("/usr/bin/python3"))
    }
}

fn real(path: PathBuf) -> PathBuf {
    fs::canonicalize(path).expect("invariant: an installed tool has a path")
}

/// A running dispatcher. Ended when dropped, and then, in a test that fails,
/// its log is printed.
#[derive(Debug)]
pub struct Instance {
    name: String,
    directory: TempDir,
    process: Child,
}

impl Instance {
    /// Starts a dispatcher called `name` on the NATS server at `url`, with the
    /// TOML text `configuration`, and waits until it serves.
    ///
    /// # Panics
    ///
    /// If it does not come to serve.
    pub async fn start(url: &str, name: &str, configuration: &str) -> Self {
        Self::start_with(url, name, configuration, &[]).await
    }

    /// Does the same with more variables in its environment.
    ///
    /// # Panics
    ///
    /// If it does not come to serve.
    pub async fn start_with(
        url: &str,
        name: &str,
        configuration: &str,
        environment: &[(&str, &str)],
    ) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("e2e-")
            .tempdir()
            .expect("a temporary directory for the dispatcher");
        let file = directory.path().join("serve.toml");
        fs::write(&file, TestEngine::current().configure(configuration))
            .expect("the configuration is written");
        let log = File::create(directory.path().join("log")).expect("the log is created");
        let mut command = binary::command();
        if let Some(user) = TestEngine::current().user() {
            chown(directory.path(), Some(user), Some(user)).expect("it can be given away");
            // Of no other groups either: the kernel clears those, as root starts it.
            command.uid(user).gid(user).current_dir("/");
        }
        let process = command
            .envs(environment.iter().copied())
            .args(["serve", "--log-format", "json", "--instance", name])
            .args(["--nats-url", url, "--config"])
            .arg(&file)
            .env("CANARY", CANARY)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            // A group of its own, as a shell gives it.
            .process_group(0)
            .spawn()
            .expect("the dispatcher starts");
        let mut instance = Self {
            name: name.to_owned(),
            directory,
            process,
        };
        eventually(LIMIT, "dispatcher that serves", async || {
            if let Ok(Some(status)) = instance.process.try_wait() {
                panic!("`{name}` ended with {status} instead of serving");
            }
            instance.log().contains("\"serving\"")
        })
        .await;
        instance
    }

    /// Returns the instance's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// Returns its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Returns every process of it: the launcher, cyclones and runners, be they
    /// below it or in its containers.
    pub fn processes(&self) -> Vec<Process> {
        processes_of(self.process.id())
    }

    /// Returns how many bytes of memory it takes now, and took at most.
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub fn memory_bytes(&self) -> (u64, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.expect("it executes");
        let kilobytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let figure = line.and_then(|line| line.split_whitespace().next());
            let figure: u64 = figure
                .and_then(|figure| figure.parse().ok())
                .expect("the kernel tells");
            figure * 1024
        };
        (kilobytes("VmRSS:"), kilobytes("VmHWM:"))
    }

    /// Returns the dispatcher's process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends SIGTERM, as a service manager does.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends SIGINT to its process group, as Ctrl-C in a terminal does.
    pub fn interrupt(&self) {
        processes::signal_group(self.process.id(), Signal::INT);
    }

    /// Sends SIGKILL, as a crash would.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        processes::signal(self.process.id(), signal);
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    ///
    /// If it goes on for longer than `limit`.
    pub async fn ended(&mut self, limit: Duration) -> ExitStatus {
        eventually(limit, "end of the dispatcher", async || {
            self.process.try_wait().expect("a child can be waited for")
        })
        .await
    }

    /// Sends SIGTERM and waits for the end, which must be a clean one.
    ///
    /// # Panics
    ///
    /// If it does not end, or not with exit code 0.
    pub async fn stop(mut self) {
        self.terminate();
        let status = self.ended(LIMIT).await;
        assert!(
            status.success(),
            "`{}` ended with {status} (signal {:?})",
            self.name,
            status.signal()
        );
    }
}

impl Instance {
    /// Ends it so that it cleans up, without waiting for executions; kills it
    /// where it does not.
    fn end(&mut self) {
        for attempt in 0..ATTEMPTS {
            match self.process.try_wait() {
                Ok(Some(_)) => return,
                // The first signal asks, the next insists.
                Ok(None) if attempt % 20 == 0 => self.terminate(),
                Ok(None) | Err(_) => {}
            }
            thread::sleep(INTERVAL);
        }
        // One that has ended meanwhile is as dead as it should be.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Drop for Instance {
    #[expect(
        clippy::print_stderr,
        reason = "the log of a dispatcher belongs to the report of a failed test"
    )]
    fn drop(&mut self) {
        self.end();
        if thread::panicking() {
            eprintln!("--- log of `{}`:\n{}---", self.name, self.log());
        }
    }
}
