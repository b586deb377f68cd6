//! Faults of the text: what is sent is no JSON, or not only that.

use fastrand::Rng;

use super::{MAX_REQUEST_BYTES, Members, Request, pick};

type Fault = (&'static str, fn(&mut Rng, Vec<u8>) -> Vec<u8>);

/// What can be wrong. None of it can leave JSON behind.
pub(super) const FAULTS: &[Fault] = &[
    ("truncated", |rng, mut text| {
        text.truncate(rng.usize(..text.len()));
        text
    }),
    ("a byte that is in no UTF-8", |rng, text| {
        let byte = *pick(rng, &[0xc0, 0xc1, 0xf5, 0xfe, 0xff]);
        inserted(rng, text, &[byte])
    }),
    ("a lone continuation byte", |rng, mut text| {
        text.insert(rng.usize(..=1), 0x80);
        text
    }),
    ("an encoded surrogate", |rng, text| {
        inserted(rng, text, &[0xed, 0xa0, 0x80])
    }),
    ("a control character", |rng, text| {
        let byte = *pick(rng, &[0x00, 0x01, 0x08, 0x0b, 0x1f]);
        inserted(rng, text, &[byte])
    }),
    ("a quotation mark too many", |_, mut text| {
        // The last brace is outside of every string.
        text.insert(text.len() - 1, b'"');
        text
    }),
    ("something after the end", |rng, mut text| {
        let after = *pick(rng, &["}", "{}", "null", ",", "\0"]);
        text.extend_from_slice(after.as_bytes());
        text
    }),
    ("something before the beginning", |rng, mut text| {
        let before = *pick(rng, &["\u{feff}", "{", "[", "//\n", ")]}'\n"]);
        text.splice(..0, before.bytes());
        text
    }),
    ("a comma too many", |_, mut text| {
        text.insert(text.len() - 1, b',');
        text
    }),
    ("single quotes", |_, text| {
        text.iter()
            .map(|byte| if *byte == b'"' { b'\'' } else { *byte })
            .collect()
    }),
    ("random bytes", |rng, _| {
        let mut bytes = vec![0; rng.usize(..512)];
        rng.fill(&mut bytes);
        // Otherwise it could be anything, a request included.
        bytes.push(0xff);
        bytes
    }),
    ("empty", |_, _| Vec::new()),
    ("not an object", |rng, _| {
        let other = ["null", "true", "0", "-1e5", "\"{}\"", "[]", "[{}]", "{}"];
        pick(rng, &other).as_bytes().to_vec()
    }),
    ("UTF-16", |_, text| {
        text.iter().flat_map(|byte| [*byte, 0]).collect()
    }),
    ("endless brackets", |rng, _| {
        let bracket = *pick(rng, b"[{");
        vec![bracket; rng.usize(133..40_000)]
    }),
    ("too large", |_, mut text| {
        text.resize(MAX_REQUEST_BYTES + 1, b' ');
        text
    }),
];

/// Writes a request and spoils its text.
pub(super) fn spoil(rng: &mut Rng, valid: &Members) -> Request {
    // Large ones cost time, and need not come as often.
    let chosen = loop {
        let (name, spoil) = *pick(rng, FAULTS);
        if !["too large", "endless brackets"].contains(&name) || rng.u8(..20) == 0 {
            break (name, spoil);
        }
    };
    let (fault, spoil) = chosen;
    Request {
        subject_kind: valid.kind.to_owned(),
        payload: spoil(rng, valid.text().into_bytes()),
        fault,
    }
}

fn inserted(rng: &mut Rng, mut text: Vec<u8>, bytes: &[u8]) -> Vec<u8> {
    let at = rng.usize(..text.len());
    text.splice(at..at, bytes.iter().copied());
    text
}
