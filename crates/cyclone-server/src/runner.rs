//! Starts the language runner and holds the near ends of its pipes.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use descriptors::{ChildSetup, Identity, InheritError, SetupError};
use rustix::fs::{Access, Mode};
use rustix::process::Pid;
use tokio::net::unix::pipe;
use tokio::sync::oneshot;

use crate::reaper::{self, Exit};

/// Where a runner finds the pipe for its events.
const EVENTS_FD: i32 = 3;

/// Where the near ends of the pipes of an adopted runner are: its stdin, stdout, stderr and events.
const INHERITED_PIPES: [i32; 4] = [4, 5, 6, 7];

/// Where a program that is named without a directory is searched for: no environment says it here.
const PROGRAM_DIRECTORIES: [&str; 5] =
    ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/"];

/// The runner is the first to go when memory runs out.
const OOM_SCORE_ADJ: i16 = 1000;

/// How a runner is started.
///
/// # Examples
///
/// ```
/// use cyclone_server::RunnerCommand;
///
/// let runner: RunnerCommand = "/usr/bin/node 'my runner.mjs'".parse()?;
/// assert_eq!(runner.program(), "/usr/bin/node");
/// # Ok::<(), cyclone_server::InvalidRunner>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerCommand {
    program: String,
    arguments: Vec<String>,
    env: Vec<(String, String)>,
    identity: Option<Identity>,
}

/// Where the runner comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunnerOrigin {
    /// It is started by this command.
    Command(RunnerCommand),
    /// It is a child of this process, with this number, and waits. The near ends of its pipes were
    /// inherited: 4 to its stdin, 5 to 7 from its stdout, its stderr and its events.
    Child(i32),
}

/// A command line that names no runner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRunner {
    /// A quote is not closed, or the line ends in a backslash.
    #[error("`{0}` has a quote that is not closed")]
    Quoting(String),

    /// There is no word in it.
    #[error("the runner's command is empty")]
    Empty,
}

/// The runner could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// A pipe to it could not be made.
    #[error("failed to make the pipes of the runner")]
    Pipes(#[source] io::Error),

    /// Its descriptors or identity could not be prepared.
    #[error("failed to set up the runner")]
    Setup(#[source] SetupError),

    /// It could not be executed.
    #[error("failed to start the runner `{program}`")]
    Execute {
        /// The program of the command.
        program: String,
        /// The underlying failure.
        #[source]
        source: io::Error,
    },

    /// It is not there to be adopted.
    #[error("failed to adopt the runner")]
    Adopt(#[source] InheritError),

    /// Its number cannot be one.
    #[error("`{0}` is no process's number")]
    Number(i32),

    /// Nothing would wait for it.
    #[error("failed to start the reaper")]
    Reaper(#[source] io::Error),
}

impl RunnerCommand {
    /// Returns the program that is executed.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Returns this command run as somebody else.
    #[must_use]
    pub fn with_identity(self, identity: Option<Identity>) -> Self {
        Self { identity, ..self }
    }

    /// Returns this command with one variable more in its environment, which is empty otherwise.
    ///
    /// It is meant for what a language needs to start at all. A function's own variables are not set
    /// this way.
    #[must_use]
    pub fn with_env(mut self, name: String, value: String) -> Self {
        self.env.push((name, value));
        self
    }

    /// Starts the runner with four descriptors, in a session of its own.
    pub(crate) fn spawn(&self) -> Result<Runner, SpawnError> {
        let (stdin_far, stdin) = io::pipe().map_err(SpawnError::Pipes)?;
        let (stdout, stdout_far) = io::pipe().map_err(SpawnError::Pipes)?;
        let (stderr, stderr_far) = io::pipe().map_err(SpawnError::Pipes)?;
        let (events, events_far) = io::pipe().map_err(SpawnError::Pipes)?;

        // A runner of another identity may have to open its ends again, through `/proc/self/fd`.
        for far in [stdout_far.as_fd(), stderr_far.as_fd(), events_far.as_fd()] {
            rustix::fs::fchmod(far, Mode::from_raw_mode(0o666))
                .map_err(|error| SpawnError::Pipes(error.into()))?;
        }

        let mut command = Command::new(locate(&self.program));
        if !cfg!(veritech_weakened) {
            command.env_clear();
        }
        command
            .args(&self.arguments)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(stdin_far)
            .stdout(stdout_far)
            .stderr(stderr_far);
        ChildSetup {
            descriptors: vec![(OwnedFd::from(events_far), EVENTS_FD)],
            close_others: true,
            new_session: true,
            identity: self.identity,
            oom_score_adj: Some(OOM_SCORE_ADJ),
        }
        .apply(&mut command)
        .map_err(SpawnError::Setup)?;
        let child = command.spawn().map_err(|source| SpawnError::Execute {
            program: self.program.clone(),
            source,
        })?;
        // It holds the far ends; while it lives, the near ones see no end of file.
        drop(command);

        let outputs = [stdout, stderr, events].map(OwnedFd::from);
        Runner::follow(Pid::from_child(&child), stdin.into(), outputs)
    }
}

impl RunnerOrigin {
    /// Starts the runner, or takes over the one that is there.
    pub(crate) fn start(&self) -> Result<Runner, SpawnError> {
        match self {
            Self::Command(command) => command.spawn(),
            Self::Child(number) => {
                let pid = Pid::from_raw(*number).ok_or(SpawnError::Number(*number))?;
                let inherit = |number| descriptors::inherit(number).map_err(SpawnError::Adopt);
                let [stdin, stdout, stderr, events] = INHERITED_PIPES;
                let outputs = [inherit(stdout)?, inherit(stderr)?, inherit(events)?];
                Runner::follow(pid, inherit(stdin)?, outputs)
            }
        }
    }
}

/// Returns the first executable of this name, or the name itself if it has a directory or there is
/// none.
fn locate(program: &str) -> PathBuf {
    let name = Path::new(program);
    if program.contains('/') {
        return name.to_owned();
    }
    PROGRAM_DIRECTORIES
        .iter()
        .map(|directory| Path::new(directory).join(name))
        .find(|path| rustix::fs::access(path, Access::EXEC_OK).is_ok() && path.is_file())
        .unwrap_or_else(|| name.to_owned())
}

impl FromStr for RunnerCommand {
    type Err = InvalidRunner;

    fn from_str(line: &str) -> Result<Self, InvalidRunner> {
        let mut words = shlex::split(line)
            .ok_or_else(|| InvalidRunner::Quoting(line.to_owned()))?
            .into_iter();
        Ok(Self {
            program: words.next().ok_or(InvalidRunner::Empty)?,
            arguments: words.collect(),
            env: Vec::new(),
            identity: None,
        })
    }
}

/// A runner that has been started.
#[derive(Debug)]
pub(crate) struct Runner {
    /// Its process, and that of its session and group.
    pub(crate) pid: Pid,
    /// Tells once how it ended.
    pub(crate) exit: oneshot::Receiver<Exit>,
    /// Takes the execution.
    pub(crate) stdin: pipe::Sender,
    /// What it prints.
    pub(crate) stdout: pipe::Receiver,
    /// What it complains.
    pub(crate) stderr: pipe::Receiver,
    /// What it reports, line by line.
    pub(crate) events: pipe::Receiver,
}

impl Runner {
    /// Returns a runner that runs, with the near ends of its pipes: its stdin; its stdout, stderr and
    /// events.
    fn follow(pid: Pid, stdin: OwnedFd, outputs: [OwnedFd; 3]) -> Result<Self, SpawnError> {
        let exit = reaper::spawn(pid).map_err(SpawnError::Reaper)?;
        let [stdout, stderr, events] = outputs.map(pipe::Receiver::from_owned_fd);
        Ok(Self {
            pid,
            exit,
            stdin: pipe::Sender::from_owned_fd(stdin).map_err(SpawnError::Pipes)?,
            stdout: stdout.map_err(SpawnError::Pipes)?,
            stderr: stderr.map_err(SpawnError::Pipes)?,
            events: events.map_err(SpawnError::Pipes)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_does() {
        let command: RunnerCommand = r#"/bin/sh -c 'echo "a b"' x\ y"#.parse().expect("a command");

        assert_eq!(command.program, "/bin/sh");
        assert_eq!(command.arguments, ["-c", r#"echo "a b""#, "x y"]);
    }

    #[test]
    fn a_command_without_a_program_is_refused() {
        assert_eq!("  ".parse::<RunnerCommand>(), Err(InvalidRunner::Empty));
        assert_eq!(
            "sh 'x".parse::<RunnerCommand>(),
            Err(InvalidRunner::Quoting("sh 'x".to_owned()))
        );
    }
}
