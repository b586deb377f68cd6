//! The project's tasks, one file each: `cargo xtask <task>`.
//!
//! Continuous integration runs the same tasks by the same names, so what passes
//! here passes there. This program depends on nothing of the workspace: it
//! builds in seconds, and works while the rest does not compile.
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stderr,
    reason = "a command line tool tells its user what it is doing"
)]

mod bench;
mod bundles;
mod check;
mod ci;
mod clients;
mod dependencies;
mod docker;
mod fuzz;
mod generate;
mod hostile;
mod images;
mod malformed;
mod measure;
mod musl;
mod process;
mod registry;
mod soak;
mod system;
mod test;
mod tools;
mod weakened;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs one of the project's tasks.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

/// What can be asked for, in the order of a working day.
#[derive(Debug, Subcommand)]
enum Task {
    /// Checks everything that needs no test: formatting, lints, documentation,
    /// generated files, dependency directions, licences.
    Check,
    /// Installs what the tests need, then runs them.
    Test(test::Options),
    /// Builds, checks and tests the client libraries in other languages.
    Clients,
    /// Measures how fast everything is, beside what nothing can beat.
    Bench(bench::Options),
    /// Executes functions by the hundred thousand, and measures how long ending
    /// one takes.
    Soak(soak::Options),
    /// Looks for bytes that a parser of foreign bytes cannot take.
    Fuzz(fuzz::Options),
    /// Has the dispatcher refuse malformed requests, a million if nothing is said.
    Malformed(malformed::Options),
    /// Builds the images that are published.
    Images(images::Options),
    /// Writes the generated files.
    Generate(generate::Options),
    /// Executes hostile functions, mixed and many at once, and prints figures.
    Hostile(hostile::Options),
    /// Builds Veritech with its walls left out, for the suite of hostile functions to fail with.
    Weakened,
    /// Installs what the tests need, and does nothing else.
    Tools,
    /// Runs what continuous integration runs, in its order.
    Ci,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Check => check::run(),
        Task::Test(options) => test::run(&options),
        Task::Clients => clients::run(),
        Task::Bench(options) => bench::run(&options),
        Task::Soak(options) => soak::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Malformed(options) => malformed::run(&options),
        Task::Images(options) => images::run(&options),
        Task::Generate(options) => generate::run(&options),
        Task::Hostile(options) => hostile::run(&options),
        Task::Weakened => weakened::build().map(drop),
        Task::Tools => tools::install_all(),
        Task::Ci => ci::run(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_options_of_every_task_can_be_read() {
        Arguments::command().debug_assert();
    }
}
