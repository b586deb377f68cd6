//! Waits for every child, so that none stays a zombie, and tells how the runner ended.
//!
//! A thread that blocks in `wait` needs no handler for `SIGCHLD`. A handler would be a way for code in
//! the sandbox to reach pid 1.

use std::io;
use std::thread;

use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions, WaitStatus};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Stack of the thread, which calls nothing but `wait`.
const STACK_BYTES: usize = 64 * 1024;

/// How the runner ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// In a way that could not be learnt.
    Unknown,
}

impl Exit {
    /// Returns the details that a failure carries.
    pub(crate) fn details(self) -> Value {
        match self {
            Self::Code(code) => json!({ "exit_code": code }),
            Self::Signal(signal) => json!({
                "signal": signal,
                "signal_name": signal_name(signal),
            }),
            Self::Unknown => json!({}),
        }
    }

    /// Returns the end as a person would tell it.
    pub(crate) fn describe(self) -> String {
        match self {
            Self::Code(code) => format!("exited with code {code}"),
            Self::Signal(signal) => match signal_name(signal) {
                Some(name) => format!("was killed by {name}"),
                None => format!("was killed by signal {signal}"),
            },
            Self::Unknown => "ended".to_owned(),
        }
    }
}

/// Starts reaping, and returns where the exit of `runner`, a child already, is told.
///
/// The thread ends when no child is left.
pub(crate) fn spawn(runner: Pid) -> io::Result<oneshot::Receiver<Exit>> {
    let (told, exit) = oneshot::channel();
    let mut told = Some(told);
    thread::Builder::new()
        .name("reaper".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            loop {
                match rustix::process::wait(WaitOptions::empty()) {
                    Ok(Some((pid, status))) if pid == runner => {
                        if let (Some(told), Some(exit)) = (told.take(), ending(status)) {
                            // Nobody listens any more when cyclone is about to end.
                            told.send(exit).ok();
                        }
                    }
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(_) => return,
                }
            }
        })?;
    Ok(exit)
}

/// Returns how a process with this status ended.
fn ending(status: WaitStatus) -> Option<Exit> {
    status
        .exit_status()
        .map(Exit::Code)
        .or_else(|| status.terminating_signal().map(Exit::Signal))
}

/// Returns the name of a signal that ends processes.
fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => return None,
    })
}
