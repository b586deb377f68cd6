//! From the bytes of a layer to a tar archive: whatever it is compressed with, and
//! never more of it than is allowed.

use std::cell::Cell;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use crate::zstd::ZstdReader;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Frames to be skipped begin with one of 16 of these.
const ZSTD_SKIP_MAGIC: [u8; 3] = [0x2a, 0x4d, 0x18];

const BUFFER_BYTES: usize = 64 * 1024;

/// Returns a reader of what is in `file`, decompressed. What its beginning says
/// counts, not what a manifest calls it.
pub(crate) fn decompressed(file: File) -> io::Result<Box<dyn Read>> {
    let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
    let beginning = file.fill_buf()?;
    let gzip = beginning.starts_with(&GZIP_MAGIC);
    let zstd = beginning.starts_with(&ZSTD_MAGIC)
        || beginning
            .get(1..4)
            .is_some_and(|magic| magic == ZSTD_SKIP_MAGIC);
    Ok(if gzip {
        Box::new(MultiGzDecoder::new(file))
    } else if zstd {
        Box::new(ZstdReader::new(file))
    } else {
        Box::new(file)
    })
}

/// There is more to read than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OverLimit {
    /// In a whole layer.
    #[error("there is more in the layer than is allowed")]
    Layer,
    /// In the headers of an entry.
    #[error("there is more in the headers of an entry than is allowed")]
    Headers,
}

impl OverLimit {
    /// Returns the limit that made reading fail, if it was one.
    pub(crate) fn behind(error: &io::Error) -> Option<Self> {
        let mut cause: Option<&(dyn Error + 'static)> = error.get_ref().map(|inner| inner as _);
        while let Some(error) = cause {
            if let Some(limit) = error.downcast_ref::<Self>() {
                return Some(*limit);
            }
            // The source of an `io::Error` is not the error in it, but that one's source.
            cause = match error.downcast_ref::<io::Error>() {
                Some(error) => error.get_ref().map(|inner| inner as _),
                None => error.source(),
            };
        }
        None
    }
}

/// Reads no more than a limit, and fails where there is more.
pub(crate) struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Limited<R> {
    pub(crate) fn new(inner: R, limit: u64) -> Self {
        Self { inner, left: limit }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other(OverLimit::Layer)),
        }
        Ok(read)
    }
}

/// How much may be read until it is allowed more, set from outside of the reader:
/// an archive reads the headers of an entry into memory before it tells of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowance(Rc<Cell<Option<u64>>>);

impl Allowance {
    /// Allows so many bytes from here on, or any number.
    pub(crate) fn set(&self, bytes: Option<u64>) {
        self.0.set(bytes);
    }
}

/// Reads as much as is allowed.
pub(crate) struct Allowed<R> {
    pub(crate) inner: R,
    pub(crate) allowance: Allowance,
}

impl<R: Read> Read for Allowed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(allowed) = self.allowance.0.get() {
            let left = allowed.checked_sub(read as u64);
            self.allowance.0.set(Some(left.unwrap_or(0)));
            if left.is_none() {
                return Err(io::Error::other(OverLimit::Headers));
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_found_however_deep_it_is_wrapped() {
        let limit = io::Error::other(OverLimit::Headers);
        let wrapped = io::Error::other(io::Error::other(limit));
        assert_eq!(OverLimit::behind(&wrapped), Some(OverLimit::Headers));
        assert_eq!(OverLimit::behind(&io::Error::other("x")), None);
    }

    #[test]
    fn as_much_as_the_limit_may_be_read() {
        let mut read = Vec::new();
        assert!(Limited::new(&[0; 8][..], 8).read_to_end(&mut read).is_ok());
        assert!(Limited::new(&[0; 9][..], 8).read_to_end(&mut read).is_err());
    }
}
