//! Every runner passes the conformance suite.

use std::path::PathBuf;
use std::process::Command;

use conformance::{Options, SourceLanguage};

/// Runs the suite against `command`, and fails with the cases that failed.
fn conforms(language: SourceLanguage, command: Vec<String>) {
    let options = Options {
        command,
        language,
        filter: None,
        list: false,
        cyclone: Some(PathBuf::from(env!("CARGO_BIN_EXE_cyclone"))),
    };
    let mut report = Vec::new();
    let summary = conformance::run(&options, &mut report).expect("the suite runs");
    let report = String::from_utf8_lossy(&report);
    let failed: Vec<_> = report
        .lines()
        .filter(|line| line.starts_with("FAIL"))
        .collect();
    assert!(summary.is_success(), "{summary}\n{}", failed.join("\n"));
    assert!(summary.passed >= 60, "only {summary}");
}

/// Returns a file of a runner.
fn script(name: &str) -> String {
    format!("{}/../../runners/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn words(program: PathBuf, arguments: &[&str], script: String) -> Vec<String> {
    let program = program.to_str().expect("a path in UTF-8").to_owned();
    std::iter::once(program)
        .chain(arguments.iter().map(|&argument| argument.to_owned()))
        .chain([script])
        .collect()
}

#[test]
fn node_conforms() {
    conforms(
        SourceLanguage::JavaScript,
        words(
            testkit::tools::node(),
            &[
                "--experimental-vm-modules",
                "--no-warnings",
                "--disable-sigusr1",
            ],
            script("javascript/bundle/node.cjs"),
        ),
    );
}

#[test]
fn deno_conforms() {
    conforms(
        SourceLanguage::JavaScript,
        words(
            testkit::tools::deno(),
            &[
                "run",
                "-A",
                "--no-remote",
                "--no-npm",
                "--no-prompt",
                "--no-config",
                "--no-lock",
                "--no-code-cache",
                "--quiet",
            ],
            script("javascript/bundle/deno.mjs"),
        ),
    );
}

#[test]
fn quickjs_conforms() {
    // As all tests are built, or much of it would be built again, and so it would if it were told of
    // this package.
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    let built = cargo
        .args(["build", "--quiet", "--workspace", "--all-features"])
        .args(["--bin", "quickjs"])
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the runner does not build");
    let quickjs = PathBuf::from(env!("CARGO_BIN_EXE_cyclone")).with_file_name("quickjs");
    conforms(
        SourceLanguage::JavaScript,
        vec![quickjs.to_str().expect("a path in UTF-8").to_owned()],
    );
}

#[test]
fn python_conforms() {
    conforms(
        SourceLanguage::Python,
        words(
            testkit::tools::python(),
            &["-I", "-S", "-B", "-X", "utf8"],
            script("python/runner.py"),
        ),
    );
}
