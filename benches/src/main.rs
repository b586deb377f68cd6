//! Measures Veritech beside what nothing can beat: `cargo xtask bench`.
//!
//! ```text
//!  groups ── what is measured together ──▶ timing ── samples ──▶ report ──▶ table, JSON, page
//!     └──── rig: NATS, dispatchers, bare programs ───┘
//! ```
//!
//! Floors and Veritech are measured in turn, in the same run, so that whatever else the
//! machine does hits both. It never fails for being slow.
#![deny(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that measures prints what it measured"
)]

mod groups;
mod report;
mod rig;
mod timing;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};

use self::groups::Group;
use self::report::comparison::comparison;
use self::report::results::page;
use self::report::table::{notes, table};
use self::report::{Report, Role, Row};
use self::rig::host::Host;
use self::timing::effort::Effort;

/// Measures Veritech beside what nothing can beat, and prints a table.
#[derive(Debug, Parser)]
#[command(name = "veritech-bench", bin_name = "cargo xtask bench")]
struct Arguments {
    /// Measure for about a minute; figures to publish need the whole.
    #[arg(long, conflicts_with = "smoke")]
    quick: bool,
    /// Measure everything once: shows that the bench works, and says nothing of speed.
    #[arg(long)]
    smoke: bool,
    /// Measure these groups only.
    #[arg(long, value_enum, num_args = 1.., value_name = "GROUP")]
    only: Vec<Group>,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// Write the figures to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Print what has changed since the figures in this file, which `--save` wrote.
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// Write the page of results, and the plots, into this directory.
    #[arg(long, value_name = "DIRECTORY")]
    save_results: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    Table,
    Json,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    // Before anything is measured, since that takes minutes.
    let before = arguments.compare.as_deref().map(read).transpose()?;
    let report = measure(arguments).await;
    match arguments.output {
        Output::Table => println!(
            "{}\n{}\n{}",
            report.host.describe(&report.effort),
            table(&report),
            notes(&report),
        ),
        Output::Json => println!("{}", serde_json::to_string_pretty(&report)?),
    }
    if let Some(before) = before {
        let changes = comparison(&before, &report);
        match arguments.output {
            Output::Table => println!("{changes}"),
            // Standard output is one JSON document.
            Output::Json => eprintln!("{changes}"),
        }
    }
    if let Some(file) = &arguments.save {
        write(file, &serde_json::to_string_pretty(&report)?)?;
    }
    if let Some(directory) = &arguments.save_results {
        write(&directory.join("RESULTS.md"), &page(&report))?;
        let plots = directory.join("plots");
        fs::create_dir_all(&plots)?;
        for plot in &report.plots {
            write(&plots.join(format!("{}.svg", plot.name)), &plot.svg())?;
        }
    }
    Ok(())
}

async fn measure(arguments: &Arguments) -> Report {
    let effort = match (arguments.smoke, arguments.quick) {
        (true, _) => Effort::Smoke,
        (false, true) => Effort::Quick,
        (false, false) => Effort::Full,
    };
    let host = Host::look();
    let groups = match arguments.only.as_slice() {
        [] => Group::value_variants(),
        only => only,
    };
    let mut rows = Vec::new();
    let mut plots = Vec::new();
    for group in groups {
        let name = group.name();
        eprintln!("measuring {name}");
        match Box::pin(group.measure(effort)).await {
            Ok(measured) => {
                rows.extend(measured.rows);
                plots.extend(measured.plots);
            }
            Err(error) => rows.push(Row::new(&name, Role::Veritech, "all of it").missing(&error)),
        }
    }
    Report {
        host,
        effort: effort.name().to_owned(),
        rows,
        plots,
    }
}

fn read(file: &Path) -> anyhow::Result<Report> {
    let text = fs::read_to_string(file);
    let text = text.with_context(|| format!("failed to read `{}`", file.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("`{}` has no figures that `--save` wrote", file.display()))
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("failed to write `{}`", file.display()))
}
