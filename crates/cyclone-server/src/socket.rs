//! Listeners and connections of every kind, as one type each.

use std::convert::Infallible;
use std::io;
use std::net::{TcpListener as StdTcpListener, TcpStream as StdTcpStream};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener as StdUnixListener, UnixStream as StdUnixStream};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use descriptors::InheritError;
use rustix::net::{AddressFamily, SocketType, sockopt};
use tokio::io::{AsyncRead, AsyncWrite, Join, ReadBuf};
use tokio::net::unix::pipe;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time;

use crate::listen::Listen;

/// How many connections may be open at a time.
const MAX_CONNECTIONS: usize = 16;

/// How long to wait after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The listening address could not be used.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The descriptor could not be taken over.
    #[error("failed to take over the descriptor")]
    Inherit(#[source] InheritError),

    /// The descriptor is no stream socket of a family that cyclone knows.
    #[error("descriptor {fd} is not a stream socket of the unix or internet family")]
    NotAStream {
        /// The descriptor's number.
        fd: i32,
    },

    /// The kernel refused.
    #[error("failed to listen on {listen}")]
    Listen {
        /// The address.
        listen: Listen,
        /// The underlying failure.
        #[source]
        source: io::Error,
    },
}

/// Something that accepts connections, and how to notice that no more will come.
pub(crate) struct Bound {
    /// Where connections come from.
    pub(crate) acceptor: Acceptor,
    /// Completes when the only connection there ever was is gone; never where there can be others.
    pub(crate) abandoned: Option<oneshot::Receiver<Infallible>>,
}

/// Begins to listen.
pub(crate) fn bind(listen: &Listen) -> Result<Bound, BindError> {
    let failed = |source: io::Error| BindError::Listen {
        listen: listen.clone(),
        source,
    };
    let source = match listen {
        Listen::Stdio => Source::Once(Some(Stream::stdio().map_err(failed)?)),
        Listen::Unix(path) => Source::Unix(UnixListener::bind(path).map_err(failed)?),
        Listen::Tcp(address) => StdTcpListener::bind(address)
            .and_then(tcp_listener)
            .map_err(failed)?,
        Listen::Descriptor(fd) => {
            let socket = descriptors::inherit(*fd).map_err(BindError::Inherit)?;
            classify(socket)
                .map_err(failed)?
                .ok_or(BindError::NotAStream { fd: *fd })?
        }
    };
    let (open, gone) = oneshot::channel();
    let (open, abandoned) = match source {
        Source::Once(_) => (Some(open), Some(gone)),
        Source::Unix(_) | Source::Tcp(_) => (None, None),
    };
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    Ok(Bound {
        acceptor: Acceptor {
            source,
            open,
            places,
        },
        abandoned,
    })
}

/// Finds out what kind of socket this is.
fn classify(socket: OwnedFd) -> io::Result<Option<Source>> {
    if sockopt::socket_type(&socket)? != SocketType::STREAM {
        return Ok(None);
    }
    let listens = sockopt::socket_acceptconn(&socket)?;
    let is_unix = match sockopt::socket_domain(&socket)? {
        AddressFamily::UNIX => true,
        AddressFamily::INET | AddressFamily::INET6 => false,
        _ => return Ok(None),
    };
    Ok(Some(match (is_unix, listens) {
        (true, true) => {
            let listener = StdUnixListener::from(socket);
            listener.set_nonblocking(true)?;
            Source::Unix(UnixListener::from_std(listener)?)
        }
        (true, false) => {
            let stream = StdUnixStream::from(socket);
            stream.set_nonblocking(true)?;
            Source::Once(Some(Stream::Unix(UnixStream::from_std(stream)?)))
        }
        (false, true) => tcp_listener(StdTcpListener::from(socket))?,
        (false, false) => {
            let stream = StdTcpStream::from(socket);
            stream.set_nonblocking(true)?;
            Source::Once(Some(Stream::Tcp(TcpStream::from_std(stream)?)))
        }
    }))
}

fn tcp_listener(listener: StdTcpListener) -> io::Result<Source> {
    listener.set_nonblocking(true)?;
    Ok(Source::Tcp(TcpListener::from_std(listener)?))
}

/// Where connections come from.
enum Source {
    Unix(UnixListener),
    Tcp(TcpListener),
    /// One connection that is open already.
    Once(Option<Stream>),
}

/// Accepts connections, a bounded number at a time.
pub(crate) struct Acceptor {
    source: Source,
    open: Option<oneshot::Sender<Infallible>>,
    places: Arc<Semaphore>,
}

impl Listener for Acceptor {
    type Io = Connection;
    type Addr = Peer;

    async fn accept(&mut self) -> (Connection, Peer) {
        let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
            return std::future::pending().await;
        };
        loop {
            let accepted = match &mut self.source {
                Source::Unix(listener) => UnixListener::accept(listener)
                    .await
                    .map(|(stream, _)| Stream::Unix(stream)),
                Source::Tcp(listener) => {
                    TcpListener::accept(listener).await.and_then(|(stream, _)| {
                        // Frames are small and each is waited for.
                        stream.set_nodelay(true)?;
                        Ok(Stream::Tcp(stream))
                    })
                }
                Source::Once(connection) => match connection.take() {
                    Some(stream) => Ok(stream),
                    None => return std::future::pending().await,
                },
            };
            match accepted {
                Ok(stream) => {
                    let open = self.open.take();
                    return (
                        Connection {
                            stream,
                            _open: open,
                            _place: place,
                        },
                        Peer,
                    );
                }
                // Whoever broke off, or no descriptor is free: neither lasts.
                Err(_) => time::sleep(ACCEPT_PAUSE).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        Ok(Peer)
    }
}

/// Whoever is at the other end; nothing depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer;

/// An open connection.
pub(crate) struct Connection {
    stream: Stream,
    /// Dropped with the connection, which tells that it is gone.
    _open: Option<oneshot::Sender<Infallible>>,
    _place: OwnedSemaphorePermit,
}

enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
    Stdio(Join<Input, Output>),
}

type Input = Box<dyn AsyncRead + Send + Unpin>;
type Output = Box<dyn AsyncWrite + Send + Unpin>;

impl Stream {
    /// Joins standard input and output, each a pipe or a stream socket, into a connection.
    fn stdio() -> io::Result<Self> {
        let input = own(rustix::stdio::stdin())?;
        let input: Input = match unix_stream(&input)? {
            Some(stream) => Box::new(stream),
            None => Box::new(pipe::Receiver::from_owned_fd(input)?),
        };
        let output = own(rustix::stdio::stdout())?;
        let output: Output = match unix_stream(&output)? {
            Some(stream) => Box::new(stream),
            None => Box::new(pipe::Sender::from_owned_fd(output)?),
        };
        Ok(Self::Stdio(tokio::io::join(input, output)))
    }
}

/// Duplicates a standard stream, which stays open until the process ends.
fn own(standard: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    Ok(rustix::io::fcntl_dupfd_cloexec(standard, 3)?)
}

/// Returns the descriptor as a connected socket, or `None` if it is no socket.
fn unix_stream(descriptor: &OwnedFd) -> io::Result<Option<UnixStream>> {
    if sockopt::socket_type(descriptor).is_err() {
        return Ok(None);
    }
    let stream = StdUnixStream::from(descriptor.try_clone()?);
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream).map(Some)
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Unix(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Stdio(joined) => Pin::new(joined).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Stdio(joined) => Pin::new(joined).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Unix(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Stream::Stdio(joined) => Pin::new(joined).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Unix(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            // The end of the process, which follows, closes them.
            Stream::Stdio(_) => Poll::Ready(Ok(())),
        }
    }
}
