//! `cargo xtask soak`: what must hold over many executions, and how long ending
//! one takes.
//!
//! Not a part of continuous integration: it takes the whole machine, for minutes.

use crate::{process, tools, workspace};

/// How much to execute.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Executions of the soak, of functions that end in every way; 0 for none.
    #[arg(long, default_value_t = 100_000)]
    executions: usize,

    /// How many at once.
    #[arg(long, default_value_t = 8)]
    at_once: usize,

    /// How often to cancel, and have time out, each of the functions that make it
    /// hard; 0 for not at all.
    #[arg(long, default_value_t = 100)]
    cancellations: usize,
}

/// Builds a release and measures it.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    tools::install_all()?;
    let release = ["--release", "--all-features"];
    process::run(
        process::cargo()
            .args(["build", "--package", "veritech"])
            .args(release),
    )?;
    process::run(
        process::cargo()
            .args(["run", "--package", "e2e", "--example", "soak"])
            .args(release)
            .arg("--")
            .args(
                [options.executions, options.at_once, options.cancellations]
                    .map(|it| it.to_string()),
            )
            .current_dir(workspace::root())
            .envs(tools::variables()),
    )
}
