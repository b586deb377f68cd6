//! The machine, and what is measured on it.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// What figures depend on beside the code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Host {
    /// When the run began, in UTC.
    pub(crate) date: String,
    /// What was built.
    pub(crate) commit: String,
    /// The processor's model.
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    /// The kernel's release.
    pub(crate) kernel: String,
    pub(crate) memory_mib: u64,
    /// The average number of running processes over the minute before.
    pub(crate) load_before: Option<f64>,
}

impl Host {
    /// Looks at this machine. What it does not tell is `unknown`.
    pub(crate) fn look() -> Self {
        Self {
            date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            commit: commit().unwrap_or_else(unknown),
            cpu: value_of("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            cores: thread::available_parallelism().map_or(1, usize::from),
            kernel: read("/proc/sys/kernel/osrelease").unwrap_or_else(unknown),
            memory_mib: value_of("/proc/meminfo", "MemTotal")
                .and_then(|total| total.split(' ').next()?.parse::<u64>().ok())
                .unwrap_or_default()
                / 1024,
            load_before: read("/proc/loadavg")
                .and_then(|load| load.split(' ').next()?.parse().ok()),
        }
    }

    /// Returns a sentence or two for readers of the figures.
    pub(crate) fn describe(&self, effort: &str) -> String {
        let Self {
            date,
            commit,
            cpu,
            cores,
            kernel,
            memory_mib,
            load_before,
        } = self;
        let load = load_before.map_or(String::new(), |load| {
            format!(", load before the run {load}")
        });
        format!(
            "{date}, commit {commit}, {effort} run. {cpu}, {cores} cores, {memory_mib} MiB, \
             Linux {kernel}{load}.\n"
        )
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn read(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned())
}

/// Returns the first value of this name in a file of lines `name: value`.
fn value_of(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim().to_owned())
}

/// Returns the commit that is checked out, and says if the files are not those of it.
fn commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(match changes.as_str() {
        "" => commit,
        _ => format!("{commit} with changes"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_tells_what_figures_depend_on() {
        let host = Host::look();
        assert!(host.cores > 0 && host.memory_mib > 0, "{host:?}");
        assert!(
            !host.kernel.contains('\n') && host.kernel != "unknown",
            "{host:?}"
        );
        assert!(host.describe("quick").contains(&host.kernel));
    }
}
