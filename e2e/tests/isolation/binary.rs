//! The dropped binary: as a file, and as it is in memory.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A static program that makes system calls, of a few kilobytes.
pub(crate) const FILE: &[u8] = include_bytes!(env!("INTRUDER"));

/// Describes it to an intruder.
pub(crate) fn described() -> Value {
    json!({
        "file": STANDARD.encode(FILE),
        "image": STANDARD.encode(image()),
        "entry": word(24),
    })
}

/// Returns what of it is loaded into memory, from where it begins.
fn image() -> Vec<u8> {
    const LOAD: usize = 1;
    let (headers, count) = (word(32), word(56) & 0xffff);
    let mut image = Vec::new();
    for header in (0..count).map(|index| headers + 56 * index) {
        if word(header) & 0xffff_ffff == LOAD {
            let (from, to, length) = (word(header + 8), word(header + 16), word(header + 32));
            image.resize(to, 0);
            image.extend_from_slice(part(from, length));
        }
    }
    image
}

/// Returns the word at an offset of the file.
fn word(at: usize) -> usize {
    let bytes = part(at, 8).try_into().expect("invariant: eight bytes");
    usize::from_le_bytes(bytes)
}

fn part(at: usize, length: usize) -> &'static [u8] {
    let part = FILE.get(at..at + length);
    part.expect("a program has what its headers say")
}

#[test]
fn it_is_small_and_runs_wherever_it_is() {
    assert!(FILE.len() < 16_384, "{}", FILE.len());
    let sections = (word(40), word(60) & 0xffff);
    let kinds = (0..sections.1).map(|index| word(sections.0 + 64 * index) >> 32);
    for kind in kinds {
        // SHT_RELA and SHT_REL: what would have to be adjusted.
        assert!(![4, 9].contains(&kind), "a section of kind {kind}");
    }
}
