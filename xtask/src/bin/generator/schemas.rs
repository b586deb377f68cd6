//! The JSON Schema of every message, in `schemas/`.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::{Files, read};

const DIRECTORY: &str = "schemas";

/// Returns the text of every schema.
pub(crate) fn wanted() -> anyhow::Result<Files> {
    veritech_protocol::schema::all()
        .into_iter()
        .map(|(name, schema)| {
            let mut text = serde_json::to_string_pretty(&schema)?;
            text.push('\n');
            Ok((Path::new(DIRECTORY).join(name), text))
        })
        .collect()
}

/// Returns the text of every JSON file that is there.
pub(crate) fn present(root: &Path) -> anyhow::Result<Files> {
    let directory = root.join(DIRECTORY);
    fs::create_dir_all(&directory)
        .with_context(|| format!("failed to make `{}`", directory.display()))?;
    let entries = fs::read_dir(&directory)
        .with_context(|| format!("failed to list `{}`", directory.display()))?;
    let mut files = Files::new();
    for entry in entries {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let name = path.file_name().unwrap_or_default();
            files.insert(Path::new(DIRECTORY).join(name), read(&path)?);
        }
    }
    Ok(files)
}
