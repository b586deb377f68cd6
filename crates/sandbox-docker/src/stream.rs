//! The stream to a sandbox's cyclone.
//!
//! Docker carries the container's standard input and output over one connection,
//! the output in frames that say which of the two streams it belongs to. What
//! cyclone says on standard output is the session; what it says on standard
//! error is kept, up to a limit, for the log.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bollard::container::{AttachContainerResults, LogOutput};
use bollard::errors::Error as ApiError;
use bytes::{Buf as _, Bytes};
use futures_util::Stream;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How much of cyclone's complaints is kept, in bytes.
const COMPLAINT_BYTES: usize = 4096;

/// The stream to a sandbox's cyclone.
#[derive(Debug)]
pub struct DockerStream(Carrier);

/// What carries the stream.
#[derive(Debug)]
enum Carrier {
    Attached(Attached),
    Port(TcpStream),
}

/// What cyclone wrote to its standard error. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Complaints(Arc<Mutex<Vec<u8>>>);

/// A container's standard input and output.
pub(crate) struct Attached {
    output: Pin<Box<dyn Stream<Item = Result<LogOutput, ApiError>> + Send>>,
    input: Pin<Box<dyn AsyncWrite + Send>>,
    unread: Bytes,
    complaints: Complaints,
}

impl Complaints {
    fn add(&self, text: &[u8]) {
        let mut kept = self.0.lock();
        let room = COMPLAINT_BYTES.saturating_sub(kept.len());
        kept.extend(text.iter().take(room));
    }

    /// Returns what was written, if anything.
    pub(crate) fn text(&self) -> Option<String> {
        let kept = self.0.lock();
        (!kept.is_empty()).then(|| String::from_utf8_lossy(&kept).into_owned())
    }
}

impl Attached {
    /// Wraps what attaching to a container has given.
    pub(crate) fn new(attached: AttachContainerResults, complaints: Complaints) -> Self {
        Self {
            output: attached.output,
            input: attached.input,
            unread: Bytes::new(),
            complaints,
        }
    }

    /// Wraps frames that the daemon might have sent; what is written goes nowhere.
    pub(crate) fn of(frames: Vec<LogOutput>, complaints: Complaints) -> Self {
        Self {
            output: Box::pin(futures_util::stream::iter(frames.into_iter().map(Ok))),
            input: Box::pin(tokio::io::sink()),
            unread: Bytes::new(),
            complaints,
        }
    }
}

impl From<Attached> for DockerStream {
    fn from(attached: Attached) -> Self {
        Self(Carrier::Attached(attached))
    }
}

impl From<TcpStream> for DockerStream {
    fn from(port: TcpStream) -> Self {
        Self(Carrier::Port(port))
    }
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached")
            .field("unread", &self.unread.len())
            .finish_non_exhaustive()
    }
}

impl AsyncRead for Attached {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.unread.is_empty() {
            self.unread = match ready!(self.output.as_mut().poll_next(cx)) {
                Some(Ok(LogOutput::StdOut { message })) => message,
                Some(Ok(LogOutput::StdErr { message })) => {
                    self.complaints.add(&message);
                    continue;
                }
                Some(Ok(LogOutput::StdIn { .. } | LogOutput::Console { .. })) => {
                    let unframed = "the daemon sent output without saying whose it is";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, unframed)));
                }
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None => return Poll::Ready(Ok(())),
            };
        }
        let length = buffer.remaining().min(self.unread.len());
        if let Some(part) = self.unread.get(..length) {
            buffer.put_slice(part);
        }
        self.unread.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Attached {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.input.as_mut().poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.input.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.input.as_mut().poll_shutdown(cx)
    }
}

impl AsyncRead for DockerStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Carrier::Attached(attached) => Pin::new(attached).poll_read(cx, buffer),
            Carrier::Port(port) => Pin::new(port).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for DockerStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().0 {
            Carrier::Attached(attached) => Pin::new(attached).poll_write(cx, bytes),
            Carrier::Port(port) => Pin::new(port).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Carrier::Attached(attached) => Pin::new(attached).poll_flush(cx),
            Carrier::Port(port) => Pin::new(port).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Carrier::Attached(attached) => Pin::new(attached).poll_shutdown(cx),
            Carrier::Port(port) => Pin::new(port).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    fn attached(frames: Vec<LogOutput>) -> Attached {
        Attached::of(frames, Complaints::default())
    }

    fn said(message: &'static str) -> LogOutput {
        LogOutput::StdOut {
            message: Bytes::from_static(message.as_bytes()),
        }
    }

    #[tokio::test]
    async fn standard_output_is_the_stream_and_standard_error_is_kept_apart() {
        let complaint = LogOutput::StdErr {
            message: Bytes::from(vec![b'!'; 2 * COMPLAINT_BYTES]),
        };
        let mut attached = attached(vec![said("one "), complaint, said(""), said("two")]);

        let mut text = String::new();
        attached.read_to_string(&mut text).await.expect("readable");

        assert_eq!(text, "one two");
        let kept = attached.complaints.text().expect("a complaint");
        assert_eq!(kept.len(), COMPLAINT_BYTES);
    }

    #[tokio::test]
    async fn output_of_no_stream_is_refused() {
        let mut attached = attached(vec![LogOutput::Console {
            message: Bytes::from_static(b"x"),
        }]);

        let error = attached.read(&mut [0]).await.expect_err("refused");

        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
