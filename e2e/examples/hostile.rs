//! Executes hostile functions, mixed and many at once, and prints what came of it:
//! `cargo xtask hostile`.
//!
//! Wrong outcomes, canaries and leftovers are failures; everything else is a figure.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::env;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use e2e::TestEngine;
use e2e::hostile::{Case, Innocents, Options, Report, Suite, read_all};

/// How many cases are executed before it is looked at what they left.
const BATCH: usize = 500;

/// Innocent executions on each runtime with nothing beside them.
const ALONE: usize = 200;

#[tokio::main]
async fn main() -> ExitCode {
    let engine = TestEngine::current();
    let at_once = argument("--at-once").unwrap_or_else(|| Options::of(engine).at_once);
    let options = Options { at_once };
    let cases: Vec<Case> = read_all()
        .iter()
        .flat_map(|function| function.cases(engine))
        .collect();
    let round: usize = cases.iter().map(|case| case.runs).sum();
    let runs = argument("--runs").unwrap_or(round);
    let cases = mixed(&cases, runs);

    let suite = Box::pin(Suite::start(options)).await;
    let alone = Box::pin(suite.innocents_alone(engine.scaled(ALONE))).await;
    let mut all = Report::default();
    for batch in cases.chunks(BATCH) {
        let report = Box::pin(suite.run(batch, options)).await;
        print!("{report}");
        all.extend(report);
        println!(
            "{} of {runs} executions, {} wrong",
            all.tally.runs,
            all.wrong.len()
        );
    }
    print_table(engine, &alone, &all);
    if all.is_clean() && alone.wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Returns the number that follows an option, if that is given.
fn argument<T: FromStr>(name: &str) -> Option<T> {
    let mut arguments = env::args().skip_while(|argument| argument != name).skip(1);
    let value = arguments.next()?;
    let parsed = value.parse().ok();
    assert!(parsed.is_some(), "{name} is no number: {value}");
    parsed
}

/// Returns cases with `runs` executions in all, those of different groups beside each
/// other: they come group by group, so every so-many-th is taken.
fn mixed(cases: &[Case], runs: usize) -> Vec<Case> {
    assert!(!cases.is_empty(), "no function is for this engine");
    // No divisor of what there is, so that every case has its turn.
    let stride = (1..)
        .map(|n| 2 * n + 7)
        .find(|stride| gcd(*stride, cases.len()) == 1);
    let mut chosen = Vec::new();
    let mut executions = 0;
    let mut index = 0;
    while executions < runs {
        index = (index + stride.unwrap_or(1)) % cases.len();
        if let Some(case) = cases.get(index) {
            executions += case.runs;
            chosen.push(case.clone());
        }
    }
    chosen
}

fn gcd(one: usize, other: usize) -> usize {
    if other == 0 {
        one
    } else {
        gcd(other, one % other)
    }
}

fn print_table(engine: TestEngine, alone: &Innocents, all: &Report) {
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let beside = &all.innocents.latency;
    let rows = [
        ("engine", format!("{engine:?}")),
        ("runs", all.tally.runs.to_string()),
        ("wrong executions", all.wrong.len().to_string()),
        ("canaries", all.canaries().to_string()),
        ("leftovers", all.leftovers.len().to_string()),
        ("innocents alone", alone.latency.to_string()),
        ("innocents beside", beside.to_string()),
        (
            "wrong innocents",
            (alone.wrong.len() + all.innocents.wrong.len()).to_string(),
        ),
        (
            "ratio of their p99",
            format!("{:.2}", beside.ratio(&alone.latency)),
        ),
        (
            "deadline overshoot p99",
            ms(all.tally.overshoot.percentile(99)),
        ),
        (
            "deadline overshoot max",
            ms(all.tally.overshoot.percentile(100)),
        ),
        (
            "early end told, p99",
            ms(all.tally.early_end.percentile(99)),
        ),
    ];
    for (name, figure) in rows {
        println!("{name:<24}{figure}");
    }
}
