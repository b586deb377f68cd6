//! `cargo xtask fuzz`: looks for bytes that a parser cannot take.
//!
//! The targets and their seeds are in `fuzz/`, what must hold in
//! `crates/fuzz-properties`. What is found on the way is kept in `fuzz/corpus`,
//! and bytes that break something in `fuzz/artifacts`: copy those to
//! `fuzz/seeds/TARGET/` with the repair, and an ordinary test tries them for ever.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::{process, tools, workspace};

/// How long a smoke test looks at each target, in seconds.
const SMOKE_SECONDS: u64 = 60;

/// The toolchain: sanitizers and coverage need a nightly one.
const TOOLCHAIN: &str = "nightly";

/// The longest input, in bytes: room for an archive, none for boredom.
const MAX_INPUT_BYTES: usize = 65_536;

/// What to look at, and for how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// One target; all of them, one after the other, if absent.
    target: Option<String>,
    /// Looks at each target for a minute.
    #[arg(long, conflicts_with = "seconds")]
    smoke: bool,
    /// Looks at each target for so many seconds.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,
}

/// Looks at one target or at all, and fails at the first that breaks.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let known = targets()?;
    let chosen = match &options.target {
        Some(target) if known.contains(target) => vec![target.clone()],
        Some(target) => bail!("there is no target `{target}`, only {}", known.join(", ")),
        None => known,
    };
    let seconds = match options.seconds {
        Some(seconds) => Some(seconds),
        // Without an end the second target would never have its turn.
        None if options.smoke || chosen.len() > 1 => Some(SMOKE_SECONDS),
        None => None,
    };
    process::run(&mut cargo_fuzz("build")?)?;
    for target in &chosen {
        look_at(target, seconds)
            .with_context(|| format!("`{target}` breaks; see fuzz/artifacts/{target}"))?;
    }
    Ok(())
}

fn look_at(target: &str, seconds: Option<u64>) -> anyhow::Result<()> {
    let corpus = fuzz().join("corpus").join(target);
    fs::create_dir_all(&corpus)
        .with_context(|| format!("failed to make `{}`", corpus.display()))?;
    let mut command = cargo_fuzz("run")?;
    command
        .arg(target)
        .arg(corpus)
        .arg(fuzz().join("seeds").join(target))
        .args(["--", "-timeout=10", "-rss_limit_mb=2048"])
        .args(["-print_final_stats=1", "-verbosity=0"])
        .arg(format!("-max_len={MAX_INPUT_BYTES}"));
    if let Some(seconds) = seconds {
        command.arg(format!("-max_total_time={seconds}"));
    }
    process::run(&mut command)
}

/// Returns a command of cargo-fuzz, without its arguments.
fn cargo_fuzz(task: &str) -> anyhow::Result<Command> {
    let mut command = Command::new("rustup");
    command
        .current_dir(workspace::root())
        // The cargo that runs this task is of another toolchain.
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN")
        .args(["run", TOOLCHAIN])
        .arg(tools::fuzz()?)
        .args(["fuzz", task, "--fuzz-dir", "fuzz"])
        .arg("--target-dir")
        .arg(workspace::root().join("target/fuzz"));
    Ok(command)
}

/// Returns the names of all targets.
fn targets() -> anyhow::Result<Vec<String>> {
    let directory = fuzz().join("targets");
    let entries = fs::read_dir(&directory)
        .with_context(|| format!("failed to read `{}`", directory.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into()));
    }
    names.sort();
    Ok(names)
}

fn fuzz() -> PathBuf {
    workspace::root().join("fuzz")
}
