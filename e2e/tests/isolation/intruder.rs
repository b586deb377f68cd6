//! Who tries: hostile code in each language that can make system calls of its own
//! choice, be it by a library, by memory that can be executed, or over its own text.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2e::functions::{DENO, NODE, PYTHON, in_image};
use serde_json::{Value, json};
use testkit::tools;
use veritech_protocol::{RawValue, RemoteFunctionRequest};

use crate::binary;
use crate::program::{self, Attempt};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/intruder");

/// Everybody who makes the whole list of attempts.
pub(crate) const INTRUDERS: [Intruder; 4] = [
    Intruder::Deno,
    Intruder::Python,
    Intruder::BinaryInPython,
    Intruder::BinaryInNode,
];

/// Somebody who makes system calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intruder {
    /// Deno, by `syscall` of the C library.
    Deno,
    /// Python, likewise.
    Python,
    /// The binary, in memory that Python has asked for.
    BinaryInPython,
    /// The binary, in memory that Node.js has got by writing over its own text.
    BinaryInNode,
}

impl Intruder {
    /// Returns its image, its source, and what it is told to do there.
    fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Deno => (
                DENO,
                include_str!("../../fixtures/intruder/deno.mjs"),
                "library",
            ),
            Self::Python => (PYTHON, PYTHON_SOURCE, "library"),
            Self::BinaryInPython => (PYTHON, PYTHON_SOURCE, "binary"),
            Self::BinaryInNode => (
                NODE,
                include_str!("../../fixtures/intruder/node.mjs"),
                "binary",
            ),
        }
    }

    /// Returns the request for attempts to be made in a sandbox.
    pub(crate) fn request(self, attempts: &[Attempt]) -> RemoteFunctionRequest {
        let (image, code, _) = self.parts();
        with_inputs(in_image(image, code), &self.inputs(attempts))
    }

    /// Makes attempts on this host, where nothing keeps it from them.
    pub(crate) fn unconfined(self, attempts: &[Attempt]) -> BTreeMap<String, i64> {
        let (image, _, _) = self.parts();
        outcomes(&unconfined(image, &self.inputs(attempts)))
    }

    fn inputs(self, attempts: &[Attempt]) -> Value {
        inputs(self.parts().2, attempts)
    }
}

/// The intruder in Python.
pub(crate) const PYTHON_SOURCE: &str = include_str!("../../fixtures/intruder/intruder.py");

/// Returns what an intruder is told.
pub(crate) fn inputs(way: &str, attempts: &[Attempt]) -> Value {
    let names: Vec<_> = attempts.iter().map(|attempt| &attempt.name).collect();
    json!({
        "way": way,
        "names": names,
        "program": STANDARD.encode(program::encode(attempts)),
        "binary": binary::described(),
    })
}

/// Returns a request with these inputs.
pub(crate) fn with_inputs(
    mut request: RemoteFunctionRequest,
    inputs: &Value,
) -> RemoteFunctionRequest {
    request.inputs = RawValue::from_string(inputs.to_string()).expect("JSON");
    request
}

/// Returns the outcomes that an intruder reports, by the name of the attempt.
pub(crate) fn outcomes(report: &Value) -> BTreeMap<String, i64> {
    let report = report.as_array().expect("an intruder reports a list");
    let outcome = |it: &Value| {
        let name = it["attempt"].as_str().expect("an attempt has a name");
        (name.to_owned(), it["outcome"].as_i64().expect("a number"))
    };
    report.iter().map(outcome).collect()
}

/// Runs the intruder for an image on this host, and returns what it reports.
fn unconfined(image: &str, inputs: &Value) -> Value {
    let script = |name: &str| {
        format!(
            "import intrude from {:?}; import fs from 'node:fs';
             console.log(JSON.stringify(intrude(JSON.parse(fs.readFileSync(0, 'utf8')))))",
            Path::new(FIXTURES).join(name)
        )
    };
    let mut command;
    match image {
        DENO => {
            command = Command::new(tools::deno());
            command.args(["eval", &script("deno.mjs")]);
        }
        NODE => {
            command = Command::new(tools::node());
            command.args(["--input-type=module", "-e", &script("node.mjs")]);
        }
        _ => return unconfined_python("intruder", inputs),
    }
    reported(&mut command, inputs)
}

/// Runs a function in Python on this host, and returns what it returns.
pub(crate) fn unconfined_python(module: &str, inputs: &Value) -> Value {
    let mut command = Command::new(tools::python());
    command.args(["-B", "-c"]).arg(format!(
        "import json, sys; sys.path.insert(0, {FIXTURES:?}); import {module}; \
         print(json.dumps({module}.handler(json.load(sys.stdin))))"
    ));
    reported(&mut command, inputs)
}

fn reported(command: &mut Command, inputs: &Value) -> Value {
    let mut child = command
        .env("DENO_DIR", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("invariant: it is a pipe");
    stdin
        .write_all(inputs.to_string().as_bytes())
        .expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("it reports JSON")
}
