//! `cargo xtask test`: installs what the tests need, then runs every test.

use std::env;
use std::process::Command;

use crate::{process, tools, workspace};

/// Which tests to run.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// Arguments for `cargo nextest run`, such as `-p testkit` or a part of a
    /// name; with any, the documentation's tests are left out.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    nextest: Vec<String>,
}

impl Options {
    /// Returns whether packages are chosen, so that not all are built.
    fn names_packages(&self) -> bool {
        self.nextest
            .iter()
            .any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
    }
}

/// Runs the tests, and those in the documentation.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    tools::install_all()?;

    let mut nextest = Command::new(tools::nextest()?);
    nextest
        .current_dir(workspace::root())
        .args(["nextest", "run", "--all-features", "--profile", profile()])
        .envs(tools::variables());
    if !options.names_packages() {
        nextest.arg("--workspace");
    }
    process::run(nextest.args(&options.nextest))?;

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
