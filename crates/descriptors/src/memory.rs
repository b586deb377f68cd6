//! Memory that is about to be used.
#![expect(
    unsafe_code,
    reason = "what the kernel is told of memory has no safe form"
)]

use std::mem::MaybeUninit;

use rustix::mm::{Advice, madvise};
use rustix::param::page_size;

/// Has the kernel back `memory` with pages now, in one step rather than one page at a time.
///
/// A part of a page at either end is left out. Where the kernel cannot do it, before Linux 5.14 or
/// for want of memory, pages come when they are touched, as ever.
pub fn populate(memory: &mut [MaybeUninit<u8>]) {
    let skipped = memory.as_ptr().align_offset(page_size());
    let Some(aligned) = memory.get_mut(skipped..) else {
        return;
    };
    let bytes = aligned.len() / page_size() * page_size();
    // SAFETY: the range is of memory that nobody else uses meanwhile, and no byte of it changes.
    unsafe {
        madvise(
            aligned.as_mut_ptr().cast(),
            bytes,
            Advice::LinuxPopulateWrite,
        )
    }
    .ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_any_size_is_left_as_it_was() {
        for bytes in [0, 1, page_size(), 3 * page_size() + 1] {
            let mut memory = vec![MaybeUninit::new(7); bytes];
            populate(&mut memory);

            let mut written = Vec::with_capacity(bytes);
            written.resize(bytes, 7);
            populate(written.spare_capacity_mut());
            assert_eq!(written, vec![7; bytes]);
        }
    }
}
