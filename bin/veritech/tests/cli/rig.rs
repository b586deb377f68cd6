//! Runs the built command.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Returns the command, in an environment without surprises.
pub(crate) fn veritech() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veritech"));
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command
}

/// Returns the path of the example function.
pub(crate) fn greet() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/greet.js")
}

/// A function in a file of its own.
pub(crate) struct Function {
    directory: TempDir,
    name: &'static str,
}

impl Function {
    /// Writes a JavaScript function.
    pub(crate) fn new(code: &str) -> Self {
        Self::named("function.js", code)
    }

    /// Writes a function into a file of this name.
    pub(crate) fn named(name: &'static str, code: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        fs::write(directory.path().join(name), code).expect("the function is written");
        Self { directory, name }
    }

    /// Returns its path.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join(self.name)
    }

    /// Executes it by `veritech run`, with more arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        Done::of(veritech().arg("run").arg(self.path()).args(arguments))
    }
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Done {
    /// Its exit code.
    pub(crate) code: Option<i32>,
    /// What it wrote to standard output.
    pub(crate) stdout: String,
    /// What it wrote to standard error.
    pub(crate) stderr: String,
}

impl Done {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::from(command.output().expect("the command runs"))
    }

    /// Runs a command to its end, with this on its standard input.
    pub(crate) fn fed(command: &mut Command, input: &str) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command runs");
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.write_all(input.as_bytes()).expect("it reads");
        drop(stdin);
        Self::from(child.wait_with_output().expect("it ends"))
    }

    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Asserts that standard error has each of these texts.
    #[track_caller]
    pub(crate) fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "no `{text}` in {self:#?}");
        }
        self
    }

    /// Reads every line of standard output as JSON.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let lines = self.stdout.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().expect("lines of JSON")
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("it writes UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}
