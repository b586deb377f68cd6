//! Locks on files, which end with the process that holds them.
//!
//! They are `flock`s: tied to the open file, so two holders in one process
//! exclude each other as two processes do, and the kernel releases them when a
//! process is killed.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

/// How often and how many times it is tried to get a lock that is held for moments:
/// half a minute in all.
const ATTEMPT_INTERVAL: Duration = Duration::from_millis(5);
const MAX_ATTEMPTS: u32 = 6000;

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    /// Closing it releases the lock.
    _file: File,
}

/// With whom a lock is shared.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sharing {
    Shared,
    Exclusive,
}

/// Takes the lock on the file at `path`, which is made if it is missing, as soon as
/// others no longer hold it.
///
/// Blocks, but not for ever: whoever holds it may have been stopped.
pub(crate) fn wait(path: &Path) -> io::Result<Lock> {
    let file = open(path)?;
    for _ in 0..MAX_ATTEMPTS {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(rustix::io::Errno::WOULDBLOCK) => thread::sleep(ATTEMPT_INTERVAL),
            Err(error) => return Err(error.into()),
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// Takes the lock on the file at `path`, which is made if it is missing, unless
/// others hold it.
pub(crate) fn attempt(path: &Path) -> io::Result<Option<Lock>> {
    attempt_on(open(path)?, Sharing::Exclusive)
}

/// Takes the lock on a file that must be there, and still be there once it is
/// locked, unless others hold it.
pub(crate) fn attempt_existing(path: &Path, sharing: Sharing) -> io::Result<Option<Lock>> {
    let file = match OpenOptions::new().read(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let ours = file.metadata()?;
    let Some(lock) = attempt_on(file, sharing)? else {
        return Ok(None);
    };
    match path.metadata() {
        Ok(there) if (there.dev(), there.ino()) == (ours.dev(), ours.ino()) => Ok(Some(lock)),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn attempt_on(file: File, sharing: Sharing) -> io::Result<Option<Lock>> {
    let operation = match sharing {
        Sharing::Shared => FlockOperation::NonBlockingLockShared,
        Sharing::Exclusive => FlockOperation::NonBlockingLockExclusive,
    };
    match flock(&file, operation) {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}
