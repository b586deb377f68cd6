//! A driver that is a program of its own.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A running driver; killed when dropped.
pub(crate) struct Program {
    process: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts it with its first line.
    pub(crate) async fn start(mut command: Command, first: &Value) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let input = process
            .stdin
            .take()
            .expect("invariant: a pipe was asked for");
        let output = process
            .stdout
            .take()
            .expect("invariant: a pipe was asked for");
        let mut program = Self {
            process,
            input,
            lines: BufReader::new(output).lines(),
        };
        program.tell(first).await;
        program
    }

    /// Writes a line.
    pub(crate) async fn tell(&mut self, line: &Value) {
        let written = self.input.write_all(format!("{line}\n").as_bytes()).await;
        written.expect("the driver reads");
        self.input.flush().await.expect("the driver reads");
    }

    /// Reads a line.
    pub(crate) async fn line(&mut self) -> Value {
        let line = self.lines.next_line().await.expect("lines of UTF-8");
        let line = line.expect("the driver tells how the call ended before it ends itself");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Waits until it has ended, as it should.
    pub(crate) async fn ends(mut self) {
        let rest = self.lines.next_line().await.expect("lines of UTF-8");
        assert_eq!(rest, None, "the outcome is the last line");
        let status = self.process.wait().await.expect("it can be waited for");
        assert!(status.success(), "{status}");
        // Up to here it was open: what ends the driver is the end of its call.
        drop(self.input);
    }
}
