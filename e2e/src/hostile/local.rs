//! Executes hostile functions by `veritech run`, without a dispatcher: also with a
//! binary that does not serve.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use testkit::inventory::Item;
use testkit::{HostInventory, eventually};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{self, Instant};
use veritech_protocol::RemoteFunctionRequest;

use super::case::Case;
use super::judge::{Answer, Difference, judge};
use super::suite::CANARY_VARIABLE;
use crate::instance::host_images;
use crate::processes::{self, Process, others, signal};

/// How long an execution may take in all.
const LIMIT: Duration = Duration::from_secs(20);

/// How long what an execution has started may take to be gone.
const GOING: Duration = Duration::from_secs(1);

/// Runs `veritech run`, in a pid namespace that this process is the first of: whatever
/// is in it besides was started here.
#[derive(Debug)]
pub struct Local {
    binary: PathBuf,
    directory: TempDir,
}

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// What was wrong with the answers.
    pub differences: Vec<Difference>,
    /// The names of processes and cgroups that were left, and have been removed.
    pub left: Vec<String>,
}

impl Local {
    /// Prepares to run this binary.
    ///
    /// # Panics
    ///
    /// If this process is not the first of a pid namespace.
    pub fn new(binary: PathBuf) -> Self {
        assert_eq!(std::process::id(), 1, "others would be taken for leftovers");
        let directory = tempfile::Builder::new()
            .prefix("e2e-local-")
            .tempdir()
            .expect("a temporary directory for functions");
        let configuration = directory.path().join("local.toml");
        fs::write(configuration, host_images()).expect("the configuration is written");
        Self { binary, directory }
    }

    /// Runs one case as often as it asks for, and removes what it leaves.
    pub async fn run(&self, case: &Case) -> Ran {
        let mut differences = Vec::new();
        let mut cgroups = Vec::new();
        for _ in 0..case.runs {
            let (answer, cgroup) = self.answer(&case.request).await;
            differences.extend(judge(&case.expected, &answer));
            cgroups.push(cgroup);
        }
        let processes = remaining().await;
        for process in &processes {
            process.kill();
        }
        eventually(LIMIT, "end of what was left", async || others().is_empty()).await;
        let mut left: Vec<_> = processes.into_iter().map(|process| process.name).collect();
        for name in cgroups {
            left.extend(remove_cgroups(&name).await);
        }
        Ran { differences, left }
    }

    /// Runs a function once; returns also what the cgroups of its sandbox are called.
    async fn answer(&self, request: &RemoteFunctionRequest) -> (Answer, String) {
        let mut child = Command::new(&self.binary)
            .args(arguments(request, self.directory.path()))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .envs([CANARY_VARIABLE])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("veritech starts");
        let run = child.id().and_then(processes::process);
        let mut answer = Answer::default();
        if time::timeout(LIMIT, read(&mut child, &mut answer))
            .await
            .is_err()
        {
            answer.broken = Some("the result did not come".to_owned());
        }
        // What is left may keep it waiting.
        if time::timeout(GOING, child.wait()).await.is_err() {
            if let Some(pid) = child.id() {
                signal(pid, Signal::INT);
            }
            drop(time::timeout(GOING, child.wait()).await);
        }
        (answer, run.map(|run| run.cgroup()).unwrap_or_default())
    }
}

/// Removes the cgroups of a dispatcher that has ended, and returns what there were.
async fn remove_cgroups(dispatcher: &str) -> Vec<String> {
    let inventory = HostInventory::take();
    let mut removed = Vec::new();
    for item in inventory.items() {
        let Item::Cgroup(path) = item else { continue };
        if path.ends_with(dispatcher) {
            // Threads may go on for a little after the process is told to have ended.
            eventually(LIMIT, "removal of a cgroup", async || {
                for sandbox in fs::read_dir(path).into_iter().flatten().flatten() {
                    // Only directories can be removed: the files go with them.
                    fs::remove_dir(sandbox.path()).ok();
                }
                fs::remove_dir(path)
            })
            .await;
            removed.push(path.display().to_string());
        }
    }
    removed
}

/// Reads every event that is printed.
async fn read(child: &mut Child, answer: &mut Answer) {
    let stdout = child.stdout.take().expect("invariant: it is piped");
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(Value::Object(event)) => {
                let is_last = event.get("event").is_some_and(|name| name == "result");
                answer.events.push(event);
                if is_last {
                    return;
                }
            }
            _ => answer.broken = Some(format!("no event: {line}")),
        }
    }
}

/// Waits for everything else in this namespace to be gone, and returns what is not.
async fn remaining() -> Vec<Process> {
    let deadline = Instant::now() + GOING;
    let mut left = Vec::new();
    eventually(LIMIT, "end of what was started", async || {
        left = others();
        left.is_empty() || Instant::now() >= deadline
    })
    .await;
    left
}

/// Returns the command line that asks for what `request` does.
fn arguments(request: &RemoteFunctionRequest, directory: &Path) -> Vec<String> {
    let ending = if request.container_image.ends_with("python") {
        "py"
    } else {
        "js"
    };
    let file = directory.join(format!("function.{ending}"));
    fs::write(&file, &request.code).expect("the function is written");
    let name = |value: Value| value.as_str().unwrap_or_default().to_owned();
    let wire = serde_json::to_value(request).expect("a request can be written");
    let limits = &request.limits;
    let ms = |ms: u64| format!("{ms}ms");
    let options = [
        (
            "--config",
            Some(directory.join("local.toml").display().to_string()),
        ),
        ("--image", Some(request.container_image.clone())),
        ("--output", Some("events".to_owned())),
        ("--kind", wire.get("kind").cloned().map(name)),
        ("--inputs", Some(request.inputs.get().to_owned())),
        ("--handler", request.handler.clone()),
        (
            "--response-type",
            wire.get("response_type").cloned().map(name),
        ),
        ("--language", wire.get("language").cloned().map(name)),
        ("--timeout", request.timeout_ms.map(ms)),
        ("--memory", limits.memory_bytes.map(|it| it.to_string())),
        ("--cpus", limits.cpus.map(|it| it.to_string())),
        ("--cpu-time", limits.cpu_time_ms.map(ms)),
        ("--processes", limits.processes.map(|it| it.to_string())),
        ("--disk", limits.disk_bytes.map(|it| it.to_string())),
        ("--max-output", limits.output_bytes.map(|it| it.to_string())),
        ("--max-result", limits.result_bytes.map(|it| it.to_string())),
    ];
    let mut arguments = vec!["run".to_owned()];
    for (option, value) in options {
        arguments.extend(value.map(|value| format!("{option}={value}")));
    }
    let variables = request
        .env
        .iter()
        .map(|(key, value)| format!("--env={key}={value}"));
    arguments.extend(variables);
    arguments.push(file.display().to_string());
    arguments
}
