//! `cargo xtask test`: installs what the tests need, then runs every test.

use std::env;
use std::process::Command;

use crate::{process, tools, workspace};

/// Which tests to run.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// Arguments for `cargo nextest run`, such as a filter; with any, only what
    /// nextest runs is run.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    nextest: Vec<String>,
}

/// Runs the tests, and those in the documentation.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    tools::install_all()?;

    let mut nextest = Command::new(tools::nextest()?);
    nextest
        .current_dir(workspace::root())
        .args(["nextest", "run", "--workspace", "--all-features"])
        .args(["--profile", profile()])
        .args(&options.nextest)
        .envs(tools::variables());
    process::run(&mut nextest)?;

    if options.nextest.is_empty() {
        process::run(process::cargo().args(["test", "--doc", "--workspace", "--all-features"]))?;
    }
    Ok(())
}

/// Returns the nextest profile to use: continuous integration has its own.
fn profile() -> &'static str {
    if env::var_os("CI").is_some() {
        "ci"
    } else {
        "default"
    }
}
