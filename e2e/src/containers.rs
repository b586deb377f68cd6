//! The containers of a dispatcher, as its Docker engine knows them.

use std::fs;

use crate::engine::TestEngine;
use crate::processes::{Process, descendants, process};
use crate::zygotes::is_zygote;

/// The label with the process id of the dispatcher that made a container.
const LABEL: &str = "org.veritech.process";

/// The label of containers that are sandboxes, rather than a dispatcher's lease.
const SANDBOX_LABEL: &str = "org.veritech.sandbox";

/// Returns the ids of the sandboxes that a dispatcher has made and that are there,
/// in any state.
///
/// # Panics
///
/// If the Docker engine cannot be asked.
pub(crate) fn containers(dispatcher: u32) -> Vec<String> {
    let listed = testkit::docker::command(&testkit::docker::host())
        .args(["ps", "--all", "--quiet", "--no-trunc"])
        .args(["--filter", &format!("label={SANDBOX_LABEL}")])
        .args(["--filter", &format!("label={LABEL}={dispatcher}")])
        .output()
        .expect("docker's client runs");
    assert!(listed.status.success(), "{listed:?}");
    String::from_utf8_lossy(&listed.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Returns every process of a dispatcher or of a `run`: those below it, and those in
/// its containers. Zygotes are not among them.
///
/// # Panics
///
/// If the Docker engine cannot be asked.
pub fn processes_of(dispatcher: u32) -> Vec<Process> {
    let mut processes = descendants(dispatcher);
    match TestEngine::current() {
        TestEngine::Docker => processes.extend(contained(dispatcher)),
        TestEngine::Zygotes => processes.retain(|process| !is_zygote(process)),
        TestEngine::Native | TestEngine::Ordinary | TestEngine::Images => {}
    }
    processes
}

/// Returns every process in the containers of a dispatcher.
fn contained(dispatcher: u32) -> Vec<Process> {
    let containers = containers(dispatcher);
    if containers.is_empty() {
        return Vec::new();
    }
    let is_inside = |pid: u32| {
        fs::read_to_string(format!("/proc/{pid}/cgroup"))
            .is_ok_and(|cgroups| containers.iter().any(|id| cgroups.contains(id.as_str())))
    };
    fs::read_dir("/proc")
        .expect("/proc is mounted")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| is_inside(*pid))
        .filter_map(process)
        .collect()
}
