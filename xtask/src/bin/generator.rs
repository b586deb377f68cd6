//! Writes the JSON Schema of every message to `schemas/`, or checks that what
//! is there is what would be written.
//!
//! Started by `cargo xtask generate`.
#![forbid(unsafe_code)]

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

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas");
    let wanted = schemas()?;
    let present = read(&directory)?;
    if arguments.check {
        return compare(&wanted, &present);
    }
    for name in present.keys().filter(|name| !wanted.contains_key(*name)) {
        let path = directory.join(name);
        fs::remove_file(&path).with_context(|| format!("failed to remove `{}`", path.display()))?;
    }
    for (name, text) in &wanted {
        let path = directory.join(name);
        fs::write(&path, text).with_context(|| format!("failed to write `{}`", path.display()))?;
    }
    Ok(())
}

/// Returns the text of every schema under its file's name.
fn schemas() -> anyhow::Result<BTreeMap<PathBuf, String>> {
    veritech_protocol::schema::all()
        .into_iter()
        .map(|(name, schema)| {
            let mut text = serde_json::to_string_pretty(&schema)?;
            text.push('\n');
            Ok((PathBuf::from(name), text))
        })
        .collect()
}

/// Returns the text of every JSON file in `directory` under its name.
fn read(directory: &Path) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    fs::create_dir_all(directory)
        .with_context(|| format!("failed to make `{}`", directory.display()))?;
    let entries = fs::read_dir(directory)
        .with_context(|| format!("failed to list `{}`", directory.display()))?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("failed to read `{}`", path.display()))?;
            files.insert(path.file_name().unwrap_or_default().into(), text);
        }
    }
    Ok(files)
}

/// Fails and names every file that is missing, outdated or left over.
fn compare(
    wanted: &BTreeMap<PathBuf, String>,
    present: &BTreeMap<PathBuf, String>,
) -> anyhow::Result<()> {
    let names: Vec<_> = wanted
        .keys()
        .chain(present.keys().filter(|name| !wanted.contains_key(*name)))
        .filter(|name| wanted.get(*name) != present.get(*name))
        .map(|name| format!("schemas/{}", name.display()))
        .collect();
    if !names.is_empty() {
        bail!(
            "{} out of date; run `cargo xtask generate`",
            names.join(", ")
        );
    }
    Ok(())
}
