//! The list of checks, held against what is really looked at.

use std::collections::BTreeSet;

use preflight::list::{Concerns, LIST};
use serde_json::Value;

use crate::rig::{Done, veritech};

/// What a person is told and nothing depends on.
const INFORMATION: [&str; 5] = [
    "limits of builtin images",
    "limits of host images",
    "host/node",
    "host/deno",
    "host/python",
];

/// Checks that have nothing to look at without a file, a key, or a user of their own.
const SOMETIMES: [&str; 5] = [
    "credentials file",
    "configuration file",
    "registries",
    "host users",
    "user",
];

#[test]
fn what_the_doctor_looks_at_is_what_is_listed() {
    let done = Done::of(veritech().args(["doctor", "--output", "json"]));
    let report: Value = serde_json::from_str(&done.stdout).expect("JSON");
    let found: BTreeSet<&str> = report["checks"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|check| check["name"].as_str().expect("a name"))
        .filter(|name| !INFORMATION.contains(name))
        .collect();

    let listed = |name: &str| LIST.iter().any(|entry| entry.name == name);
    let unlisted: Vec<_> = found.iter().filter(|name| !listed(name)).collect();
    assert!(unlisted.is_empty(), "{unlisted:?}");
    let forgotten: Vec<_> = LIST
        .iter()
        .filter(|entry| entry.concerns != Concerns::Docker)
        .map(|entry| entry.name)
        .filter(|name| !found.contains(name) && !SOMETIMES.contains(name))
        .collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}
