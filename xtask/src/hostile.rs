//! `cargo xtask hostile`: hostile functions, mixed and many at once, and their figures.

use crate::measure;

/// What to execute, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    measure: measure::Options,
    /// How many executions [default: each function once on each of its runtimes].
    #[arg(long)]
    runs: Option<usize>,
    /// How many of them at once [default: what suits the engine].
    #[arg(long)]
    at_once: Option<usize>,
}

/// Builds what is needed and executes the functions.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let numbers = [("--runs", options.runs), ("--at-once", options.at_once)];
    let given = numbers
        .into_iter()
        .filter_map(|(name, number)| Some([name.to_owned(), number?.to_string()]));
    measure::run("hostile", &options.measure, given.flatten())
}
