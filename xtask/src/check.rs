//! `cargo xtask check`: everything that can be wrong without running a test.
//!
//! The cheapest checks come first, so that the commonest mistakes are told
//! within a second.

use std::process::Command;

use crate::{clients, dependencies, generate, musl, process, tools, workspace};

/// Runs every check, and fails at the first that does not pass.
pub(crate) fn run() -> anyhow::Result<()> {
    process::run(process::cargo().args(["fmt", "--all", "--check"]))?;
    dependencies::check()?;
    licences()?;
    musl::require()?;
    clippy()?;
    documentation()?;
    generate::run(&generate::Options { check: true })?;
    clients::check()
}

/// Checks licences, bans and sources of every dependency (`deny.toml`).
fn licences() -> anyhow::Result<()> {
    process::run(
        Command::new(tools::deny()?)
            .current_dir(workspace::root())
            .args(["--workspace", "--all-features", "check"])
            .args(["licenses", "bans", "sources"]),
    )
}

fn clippy() -> anyhow::Result<()> {
    process::run(
        process::cargo()
            .args(["clippy", "--workspace", "--all-targets", "--all-features"])
            .args(["--", "--deny", "warnings"]),
    )
}

fn documentation() -> anyhow::Result<()> {
    process::run(
        process::cargo()
            .args(["doc", "--workspace", "--no-deps", "--all-features"])
            .env("RUSTDOCFLAGS", "--deny warnings"),
    )
}
