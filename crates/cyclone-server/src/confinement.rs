//! What cyclone owes its sandbox as a process: nothing reads its memory, and nothing outlives it.

use std::fs;
use std::io;

use rustix::process::{DumpableBehavior, Pid, Signal};

/// How often everything is killed again for what was forked meanwhile, when cyclone is not pid 1.
const KILL_ROUNDS: usize = 100;

/// Cyclone could not become what it must be before anything else runs.
#[derive(Debug, thiserror::Error)]
pub enum ConfinementError {
    /// The process stayed dumpable.
    #[error("failed to make the process non-dumpable")]
    Dumpable(#[source] io::Error),

    /// Handlers that code in the sandbox could reach stayed installed.
    #[error("failed to remove the handlers of SIGSEGV and SIGBUS")]
    Handlers(#[source] io::Error),

    /// The process would outlive the one that started it.
    #[error("failed to ask for the end of the parent process to be this one's")]
    DeathSignal(#[source] io::Error),

    /// Orphans would go to another process.
    #[error("failed to become the reaper of orphans")]
    Subreaper(#[source] io::Error),
}

/// Makes the calling process unreadable to others, deaf to their signals as far as it is pid 1, and
/// the parent of every orphan below it. As pid 1 it ends with the process that started it.
///
/// To be called first of all: what starts before it could open this process's memory.
///
/// # Errors
///
/// Returns a [`ConfinementError`] if the kernel refuses any of that; nothing may be started then.
pub fn shield() -> Result<(), ConfinementError> {
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|error| ConfinementError::Dumpable(error.into()))?;
    descriptors::reset_fault_handlers().map_err(ConfinementError::Handlers)?;
    if is_init() {
        // Whoever made the namespace asked for this before, and the kernel forgot it if the program
        // was started with two user ids.
        return rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
            .map_err(|error| ConfinementError::DeathSignal(error.into()));
    }
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|error| ConfinementError::Subreaper(error.into()))
}

/// Kills everything that the runner may have started, and the runner.
///
/// As pid 1 that is one call which reaches every process of the namespace. Elsewhere descendants are
/// found through `/proc`, level by level: killing one hands its children to this process. A fork bomb
/// can outrun that for a while; the end of the container or the cgroup is what stops it for good.
pub(crate) fn kill_everything(runner: Pid) {
    if cfg!(veritech_weakened) {
        rustix::process::kill_process(runner, Signal::KILL).ok();
        return;
    }
    if is_init() {
        // `kill(-1)`. That nothing is left to kill is no failure.
        rustix::process::kill_process_group(Pid::INIT, Signal::KILL).ok();
        return;
    }
    // The group exists as long as one member does, so that its number names no stranger's.
    rustix::process::kill_process_group(runner, Signal::KILL).ok();
    for _ in 0..KILL_ROUNDS {
        let children = children();
        if children.is_empty() {
            return;
        }
        for child in children {
            rustix::process::kill_process(child, Signal::KILL).ok();
        }
        std::thread::yield_now();
    }
}

/// Returns whether this process is the first of its pid namespace.
fn is_init() -> bool {
    rustix::process::getpid() == Pid::INIT
}

/// Returns the children of all threads of this process.
fn children() -> Vec<Pid> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else {
        return Vec::new();
    };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|listed| {
            listed
                .split_ascii_whitespace()
                .filter_map(|pid| pid.parse().ok().and_then(Pid::from_raw))
                .collect::<Vec<_>>()
        })
        .collect()
}
