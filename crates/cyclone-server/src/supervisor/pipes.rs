//! The reading end of a pipe whose other end an adversary holds.

use std::io::ErrorKind;

use tokio::net::unix::pipe;

/// How much is read at once.
pub(super) const READ_BYTES: usize = 16 * 1024;

/// A pipe that stops being readable when it has ended.
pub(super) struct Pipe {
    pipe: pipe::Receiver,
    ended: bool,
}

impl Pipe {
    /// Begins to read `pipe`.
    pub(super) fn new(pipe: pipe::Receiver) -> Self {
        Self { pipe, ended: false }
    }

    /// Waits until there may be something to read; for ever once the pipe has ended.
    pub(super) async fn readable(&self) {
        if self.ended || self.pipe.readable().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Reads what is there after [`readable`](Self::readable), possibly nothing.
    pub(super) fn try_read<'b>(&mut self, buffer: &'b mut [u8]) -> &'b [u8] {
        let read = match self.pipe.try_read(buffer) {
            Ok(0) => self.end(),
            Ok(read) => read,
            Err(error) if is_transient(error.kind()) => 0,
            Err(_) => self.end(),
        };
        buffer.get(..read).unwrap_or_default()
    }

    /// Reads what is there, whatever the runtime has noticed so far.
    pub(super) fn read_now<'b>(&mut self, buffer: &'b mut [u8]) -> &'b [u8] {
        let read = match rustix::io::retry_on_intr(|| rustix::io::read(&self.pipe, &mut *buffer)) {
            Ok(0) => self.end(),
            Ok(read) => read,
            Err(error) if is_transient(error.kind()) => 0,
            Err(_) => self.end(),
        };
        buffer.get(..read).unwrap_or_default()
    }

    /// Reads all that is there, about `most` bytes of it, without waiting.
    pub(super) fn drain(&mut self, buffer: &mut [u8], most: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while all.len() < most {
            match self.read_now(buffer) {
                [] => break,
                read => all.extend_from_slice(read),
            }
        }
        all
    }

    /// Notes the end, and reads nothing.
    fn end(&mut self) -> usize {
        self.ended = true;
        0
    }
}

fn is_transient(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
