//! The execution on its way into the runner.

use std::io::ErrorKind;

use tokio::net::unix::pipe;

/// A line for the runner, which may read it slowly or never.
pub(super) struct Request {
    line: Vec<u8>,
    written: usize,
    stdin: Option<pipe::Sender>,
}

impl Request {
    /// Begins to write `line`, which is ended here.
    pub(super) fn new(mut line: String, stdin: pipe::Sender) -> Self {
        line.push('\n');
        Self {
            line: line.into_bytes(),
            written: 0,
            stdin: Some(stdin),
        }
    }

    /// Waits until more can be written; for ever once there is nothing to write.
    pub(super) async fn writable(&self) {
        match &self.stdin {
            // An error shows itself again at the write.
            Some(stdin) => drop(stdin.writable().await),
            None => std::future::pending().await,
        }
    }

    /// Writes what the pipe takes, and closes it behind the last byte.
    pub(super) fn write(&mut self) {
        let Some(stdin) = &self.stdin else { return };
        let rest = self.line.get(self.written..).unwrap_or_default();
        match stdin.try_write(rest) {
            Ok(written) if written < rest.len() => {
                self.written = self.written.saturating_add(written);
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            // Done, or nobody reads it: then the runner's exit or its silence tells the rest.
            Ok(_) | Err(_) => {
                self.stdin = None;
                self.line = Vec::new();
            }
        }
    }
}
