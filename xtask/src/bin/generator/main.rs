//! Writes the files that are made from the code, or checks that what is there is
//! what would be written.
//!
//! Started by `cargo xtask generate`.
#![forbid(unsafe_code)]

mod checks;
mod engines;
mod schemas;
mod section;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Parser;

/// Writes the generated files.
#[derive(Debug, Parser)]
struct Arguments {
    /// Write nothing; fail if a file is not what would be written.
    #[arg(long)]
    check: bool,
}

/// The text of each file, by its path in the workspace.
type Files = BTreeMap<PathBuf, String>;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut present = schemas::present(&root)?;
    let mut wanted = schemas::wanted()?;
    for (path, text) in [
        (engines::PATH, engines::matrix()?),
        (checks::PATH, checks::table()?),
    ] {
        let document = read(&root.join(path))?;
        wanted.insert(path.into(), section::replace(path, &document, &text)?);
        present.insert(path.into(), document);
    }
    if arguments.check {
        return compare(&wanted, &present);
    }
    for path in present.keys().filter(|path| !wanted.contains_key(*path)) {
        let path = root.join(path);
        fs::remove_file(&path).with_context(|| format!("failed to remove `{}`", path.display()))?;
    }
    for (path, text) in &wanted {
        let path = root.join(path);
        fs::write(&path, text).with_context(|| format!("failed to write `{}`", path.display()))?;
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))
}

/// Fails and names every file that is missing, outdated or left over.
fn compare(wanted: &Files, present: &Files) -> anyhow::Result<()> {
    let paths: Vec<_> = wanted
        .keys()
        .chain(present.keys().filter(|path| !wanted.contains_key(*path)))
        .filter(|path| wanted.get(*path) != present.get(*path))
        .map(|path| path.display().to_string())
        .collect();
    if !paths.is_empty() {
        bail!(
            "{} out of date; run `cargo xtask generate`",
            paths.join(", ")
        );
    }
    Ok(())
}
