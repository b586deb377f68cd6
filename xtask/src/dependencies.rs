//! Which part of the system may depend on which.
//!
//! The directions are what keeps the parts apart: the protocol does no I/O, the
//! dispatcher names no engine, engines know neither NATS nor functions, and what
//! is put into a sandbox stays small. A wrong arrow compiles as well as a right
//! one, so it is checked here.

use anyhow::bail;

use crate::process;

/// What a package must never depend on, directly or through others.
struct Rule {
    package: &'static str,
    must_not_use: &'static [&'static str],
    because: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        package: "veritech-protocol",
        must_not_use: &["tokio", "async-nats", "axum"],
        because: "the protocol does no I/O",
    },
    Rule {
        package: "veritech-server",
        must_not_use: &[
            "sandbox-native",
            "sandbox-docker",
            "builtin",
            "cyclone-server",
        ],
        because: "the dispatcher names no engine",
    },
    Rule {
        package: "veritech-client",
        must_not_use: &["veritech-server", "sandbox", "cyclone-client"],
        because: "a caller knows the protocol and nothing behind it",
    },
    Rule {
        package: "sandbox",
        must_not_use: &[
            "async-nats",
            "veritech-protocol",
            "sandbox-native",
            "sandbox-docker",
        ],
        because: "engines know neither NATS nor functions",
    },
    Rule {
        package: "sandbox-native",
        must_not_use: &["async-nats", "veritech-protocol"],
        because: "engines know neither NATS nor functions",
    },
    Rule {
        package: "image-store",
        must_not_use: &["async-nats", "veritech-protocol"],
        because: "images are kept for engines, which know neither NATS nor functions",
    },
    Rule {
        package: "sandbox-docker",
        must_not_use: &["async-nats", "veritech-protocol", "sandbox-native"],
        because: "engines know neither NATS nor functions",
    },
    Rule {
        package: "syscall-policy",
        must_not_use: &["sandbox", "tokio"],
        because: "the list of system calls is part of the launcher, which is small",
    },
    Rule {
        package: "preflight",
        must_not_use: &["sandbox-native", "sandbox-docker", "veritech-server"],
        because: "what must be true before functions are taken names no engine",
    },
    Rule {
        package: "self-check",
        must_not_use: &["tokio", "sandbox", "preflight"],
        because: "what tries the walls is put into a sandbox, and does not judge",
    },
    Rule {
        package: "cyclone",
        must_not_use: &["async-nats", "clap", "veritech-server", "sandbox"],
        because: "what is put into a sandbox has the smallest dependency tree",
    },
];

/// Fails if a package uses what it must not.
pub(crate) fn check() -> anyhow::Result<()> {
    eprintln!("\n▶ dependency directions");
    let mut wrong = Vec::new();
    for rule in RULES {
        let used = uses(rule.package)?;
        for name in rule.must_not_use {
            if used.iter().any(|package| package == name) {
                wrong.push(format!(
                    "`{}` uses `{name}`, but {}",
                    rule.package, rule.because
                ));
            }
        }
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    Ok(())
}

/// Returns the names of everything a package uses when it is built.
fn uses(package: &str) -> anyhow::Result<Vec<String>> {
    let tree = process::output(process::cargo().args([
        "tree",
        "--package",
        package,
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    Ok(tree
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect())
}
