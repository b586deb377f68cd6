//! Where cyclone is told to listen.

use std::fmt;
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::path::PathBuf;
use std::str::FromStr;

/// A listening address as it is written on the command line.
///
/// # Examples
///
/// ```
/// use cyclone_server::Listen;
///
/// let listen: Listen = "fd://3".parse()?;
/// assert_eq!(listen, Listen::Descriptor(3));
/// assert!(!listen.needs_token());
/// # Ok::<(), cyclone_server::InvalidListen>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// `fd://N`: an inherited socket, either listening or connected.
    Descriptor(RawFd),
    /// `unix:PATH`: a socket to be made at this path.
    Unix(PathBuf),
    /// `tcp://ADDRESS:PORT`.
    Tcp(SocketAddr),
    /// `stdio:`: standard input and output are the one connection.
    Stdio,
}

/// A listening address that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidListen {
    /// What follows `fd://` is not a number.
    #[error("`{0}` is not a descriptor's number")]
    Descriptor(String),

    /// What follows `unix:` is empty.
    #[error("`unix:` needs a path")]
    NoPath,

    /// What follows `tcp://` is not an address and a port.
    #[error("`{0}` is not an address with a port, such as 127.0.0.1:8000")]
    Address(String),

    /// Virtual machines are not served yet.
    #[error("vsock is not supported by this cyclone")]
    Vsock,

    /// None of the known forms.
    #[error("`{0}` is none of fd://N, unix:PATH, tcp://ADDRESS:PORT and stdio:")]
    Unknown(String),
}

impl Listen {
    /// Returns whether others than the dispatcher could connect, so that a token must guard every
    /// route.
    pub fn needs_token(&self) -> bool {
        match self {
            Self::Unix(_) | Self::Tcp(_) => true,
            Self::Descriptor(_) | Self::Stdio => false,
        }
    }
}

impl FromStr for Listen {
    type Err = InvalidListen;

    fn from_str(written: &str) -> Result<Self, InvalidListen> {
        if let Some(number) = written.strip_prefix("fd://") {
            return number
                .parse()
                .map(Self::Descriptor)
                .map_err(|_| InvalidListen::Descriptor(number.to_owned()));
        }
        if let Some(address) = written.strip_prefix("tcp://") {
            return address
                .parse()
                .map(Self::Tcp)
                .map_err(|_| InvalidListen::Address(address.to_owned()));
        }
        if let Some(path) = written.strip_prefix("unix:") {
            return match path {
                "" => Err(InvalidListen::NoPath),
                path => Ok(Self::Unix(PathBuf::from(path))),
            };
        }
        if written == "stdio:" {
            return Ok(Self::Stdio);
        }
        if written.starts_with("vsock:") {
            return Err(InvalidListen::Vsock);
        }
        Err(InvalidListen::Unknown(written.to_owned()))
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Descriptor(fd) => write!(f, "fd://{fd}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::Stdio => f.write_str("stdio:"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written_alike() {
        for written in ["fd://3", "unix:/run/c.sock", "tcp://127.0.0.1:80", "stdio:"] {
            let listen: Listen = written.parse().expect("a known form");
            assert_eq!(listen.to_string(), written);
        }
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (written, message) in [
            ("fd://x", "`x` is not a descriptor's number"),
            ("unix:", "`unix:` needs a path"),
            (
                "tcp://localhost",
                "`localhost` is not an address with a port, such as 127.0.0.1:8000",
            ),
            ("vsock://:80", "vsock is not supported by this cyclone"),
            (
                "ftp:",
                "`ftp:` is none of fd://N, unix:PATH, tcp://ADDRESS:PORT and stdio:",
            ),
        ] {
            let error = written.parse::<Listen>().expect_err("not a known form");
            assert_eq!(error.to_string(), message);
        }
    }
}
