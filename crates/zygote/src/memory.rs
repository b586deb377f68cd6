//! Memory that a runtime keeps from its children, and ours need.
#![expect(unsafe_code, reason = "addresses of foreign memory are numbers")]

use core::ptr;

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::{Errno, Result};
use rustix::mm::{Advice, madvise};

/// Bytes of the kernel's list of regions that are read at once.
const CHUNK_BYTES: usize = 4096;

/// Takes back `MADV_DONTFORK`, with which V8 marks code and tables, from all regions: a runner is a
/// whole copy, or none.
///
/// # Errors
///
/// Returns the kernel's refusal, and `EOPNOTSUPP` for memory that children would write to together.
pub(crate) fn share_with_children() -> Result<()> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let list = rustix::fs::openat(CWD, c"/proc/self/maps", flags, Mode::empty())?;
    let mut lines = Lines::default();
    let mut chunk = [0; CHUNK_BYTES];
    loop {
        let read = rustix::io::retry_on_intr(|| rustix::io::read(&list, &mut chunk))?;
        let Some(read) = chunk.get(..read).filter(|read| !read.is_empty()) else {
            return Ok(());
        };
        for &byte in read {
            if let Some(region) = lines.push(byte) {
                if region.is_shared {
                    return Err(Errno::OPNOTSUPP);
                }
                // SAFETY: what is in the region stays as it is. Special regions refuse, and are
                // shared or rebuilt by the kernel itself.
                unsafe {
                    madvise(
                        ptr::without_provenance_mut(region.start),
                        region.end.saturating_sub(region.start),
                        Advice::LinuxDoFork,
                    )
                }
                .ok();
            }
        }
    }
}

/// A region of memory.
#[derive(Debug, PartialEq, Eq)]
struct Region {
    start: usize,
    end: usize,
    /// Whether it can be written, and what is written is there for others.
    is_shared: bool,
}

/// Reads `START-END PERMISSIONS …` off each line, of any length.
#[derive(Default)]
struct Lines {
    numbers: [usize; 2],
    /// Which number is being read; past the last one, the permissions and then the line's end.
    at: usize,
    permissions: [u8; 4],
    /// How many of them were read.
    column: usize,
}

impl Lines {
    /// Takes one byte, and returns a region when its line ends.
    fn push(&mut self, byte: u8) -> Option<Region> {
        if byte == b'\n' {
            let Self {
                numbers: [start, end],
                permissions: [_, write, _, shared],
                ..
            } = core::mem::take(self);
            return Some(Region {
                start,
                end,
                is_shared: write == b'w' && shared == b's',
            });
        }
        match (self.numbers.get_mut(self.at), char::from(byte).to_digit(16)) {
            (Some(number), Some(digit)) => {
                *number = number
                    .wrapping_shl(4)
                    .wrapping_add(usize::try_from(digit).unwrap_or(0));
            }
            (Some(_), None) => self.at += 1,
            (None, _) => {
                if let Some(permission) = self.permissions.get_mut(self.column) {
                    *permission = byte;
                    self.column += 1;
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_what_a_line_begins_with() {
        let mut lines = Lines::default();
        let text = b"7f00-7f1f r-xp 0000 08:01 12 /usr/a-b\nffff0000-ffff1000 rw-p 0 0:0 0\n1000-2000 rw-s 0 0:0 0\n";
        let regions: Vec<_> = text.iter().filter_map(|&byte| lines.push(byte)).collect();
        let region = |start, end, is_shared| Region {
            start,
            end,
            is_shared,
        };
        assert_eq!(
            regions,
            [
                region(0x7f00, 0x7f1f, false),
                region(0xffff_0000, 0xffff_1000, false),
                region(0x1000, 0x2000, true),
            ]
        );
    }
}
