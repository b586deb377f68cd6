//! A way in for fuzzing: what reads foreign bytes, and is private otherwise.

use std::io;

use bollard::container::LogOutput;
use bytes::Bytes;
use tokio::io::AsyncReadExt as _;

use crate::stream::{Attached, Complaints, DockerStream};

/// What a container's daemon might send of it.
#[derive(Clone, Debug)]
pub enum Sent {
    /// On its standard output.
    Output(Vec<u8>),
    /// On its standard error.
    Error(Vec<u8>),
    /// Without saying on which.
    Unframed(Vec<u8>),
}

/// Reads what was sent to its end, at most `at_once` bytes at a time; returns
/// that, and what was kept of the complaints.
///
/// # Errors
///
/// Returns an error for what belongs to no stream.
pub async fn attached(sent: Vec<Sent>, at_once: usize) -> (io::Result<Vec<u8>>, Option<String>) {
    let frames = sent
        .into_iter()
        .map(|sent| match sent {
            Sent::Output(message) => LogOutput::StdOut {
                message: Bytes::from(message),
            },
            Sent::Error(message) => LogOutput::StdErr {
                message: Bytes::from(message),
            },
            Sent::Unframed(message) => LogOutput::Console {
                message: Bytes::from(message),
            },
        })
        .collect();
    let complaints = Complaints::default();
    let mut stream = DockerStream::from(Attached::of(frames, complaints.clone()));
    let mut buffer = vec![0; at_once.max(1)];
    let mut all = Vec::new();
    let read = loop {
        match stream.read(&mut buffer).await {
            Ok(0) => break Ok(all),
            Ok(read) => all.extend_from_slice(buffer.get(..read).unwrap_or_default()),
            Err(error) => break Err(error),
        }
    };
    (read, complaints.text())
}
