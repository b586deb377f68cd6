//! Requests that no dispatcher may take, in any number.
//!
//! Each is a valid request with one fault, put there where it cannot but make the
//! whole invalid: a member that is wrong, or bytes that are no JSON any more. The
//! same seed gives the same requests.
//!
//! They are for a dispatcher with default bounds that allows `builtin/` images,
//! of which `builtin/quickjs` does not execute Python, and no network.

mod bytes;
mod members;

use fastrand::Rng;
use serde_json::json;

/// The largest request that a dispatcher should take here; some are larger.
pub const MAX_REQUEST_BYTES: usize = 64 * 1024;

const KINDS: [&str; 5] = [
    "resolver",
    "qualification",
    "validation",
    "code_generation",
    "action",
];

/// A request as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The end of its subject.
    pub subject_kind: String,
    /// What is sent there.
    pub payload: Vec<u8>,
    /// What is wrong with it.
    pub fault: &'static str,
}

/// An endless sequence of malformed requests.
#[derive(Debug)]
pub struct Malformed(Rng);

impl Malformed {
    /// Returns the sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }
}

impl Iterator for Malformed {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        let Self(rng) = self;
        let valid = Members::valid(rng);
        Some(if rng.u8(..3) == 0 {
            bytes::spoil(rng, &valid)
        } else {
            members::spoil(rng, valid)
        })
    }
}

/// Returns a request with nothing wrong: what all others are made of.
pub fn valid(rng: &mut Rng) -> Request {
    let valid = Members::valid(rng);
    Request {
        subject_kind: valid.kind.to_owned(),
        payload: valid.text().into_bytes(),
        fault: "nothing",
    }
}

/// The members of a request's object, each with the text of its value.
#[derive(Clone, Debug)]
struct Members {
    kind: &'static str,
    members: Vec<(String, String)>,
}

impl Members {
    /// Returns the members of a valid request: the required ones, and any of the
    /// others, in any order.
    fn valid(rng: &mut Rng) -> Self {
        let kind = *pick(rng, &KINDS);
        let mut members = vec![
            ("kind", json!(kind)),
            ("container_image", json!("builtin/quickjs")),
            (
                "code",
                json!("export default ({ a }) => `\\ \"é😀\" ${a}`\n"),
            ),
        ];
        let id: String = (0..rng.usize(1..=36)).map(|_| rng.alphanumeric()).collect();
        let optional = [
            ("container_tag", json!("latest")),
            ("id", json!(id)),
            ("language", json!("javascript")),
            ("handler", json!("main")),
            ("inputs", json!({"a": [1, 2.5, null, {"b": "c\u{0}d"}]})),
            ("timeout_ms", json!(rng.u32(1..=60_000))),
            ("queue_timeout_ms", json!(rng.u32(..=60_000))),
            (
                "limits",
                json!({"memory_bytes": 64 << 20, "cpus": 0.5, "processes": 4}),
            ),
            ("network", json!("none")),
            ("env", json!({"A": "b", "C": ""})),
            ("replies", json!("events")),
            ("on_caller_lost", json!("finish")),
        ];
        members.extend(optional.into_iter().filter(|_| rng.bool()));
        rng.shuffle(&mut members);
        let members = members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_string()))
            .collect();
        Self { kind, members }
    }

    /// Gives a member another value, or adds it.
    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.members.retain(|(known, _)| known != name);
        self.members.push((name.to_owned(), value.into()));
    }

    /// Writes the object.
    fn text(&self) -> String {
        let members: Vec<_> = self
            .members
            .iter()
            .map(|(name, value)| format!("{}:{value}", json!(name)))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}

/// Picks one of several.
fn pick<'a, T>(rng: &mut Rng, among: &'a [T]) -> &'a T {
    among
        .get(rng.usize(..among.len()))
        .expect("invariant: the number is below the length")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_gives_the_same_requests_again_and_another_seed_others() {
        let requests = |seed| Malformed::new(seed).take(100).collect::<Vec<_>>();
        assert_eq!(requests(1), requests(1));
        assert_ne!(requests(1), requests(2));
    }

    #[test]
    fn every_kind_of_fault_comes_up() {
        let faults: BTreeSet<_> = Malformed::new(0)
            .take(20_000)
            .map(|request| request.fault)
            .collect();
        assert_eq!(faults.len(), members::FAULTS.len() + bytes::FAULTS.len());
    }

    #[test]
    fn what_the_faults_are_put_into_is_json() {
        let mut rng = Rng::with_seed(0);
        for _ in 0..1000 {
            let valid = valid(&mut rng);
            let parsed: Result<serde_json::Value, _> = serde_json::from_slice(&valid.payload);
            assert!(parsed.is_ok(), "{}", valid.payload.escape_ascii());
        }
    }
}
