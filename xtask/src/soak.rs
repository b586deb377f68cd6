//! `cargo xtask soak`: what must hold over many executions, and how long ending
//! one takes.
//!
//! Not a part of continuous integration: it takes the whole machine, for minutes.

use crate::measure;

/// How much to execute.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    measure: measure::Options,

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

/// Builds what is needed and measures it.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let Options {
        measure,
        executions,
        at_once,
        cancellations,
    } = options;
    let numbers = [executions, at_once, cancellations].map(ToString::to_string);
    measure::run("soak", measure, numbers)
}
