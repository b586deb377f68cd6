//! `cargo xtask generate`: the committed files that are made from the code.
//!
//! The generator is a program of its own, since it is built with the crates it
//! describes and this one must build without them.

use crate::{bundles, process};

/// What to do with the generated files.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Write nothing; fail if a file is not what would be written.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Makes the runner's bundles, builds the generator and runs it.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    bundles::run(options)?;
    let mut generator = process::cargo();
    generator
        .args(["run", "--quiet", "--package", "xtask"])
        .args(["--bin", "generator", "--features", "generator"]);
    if options.check {
        generator.args(["--", "--check"]);
    }
    process::run(&mut generator)
}
