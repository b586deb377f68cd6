//! The part of a document that is written here.

use anyhow::Context as _;

/// The lines around it.
const BEGIN: &str = "<!-- Written by `cargo xtask generate`: do not edit. -->\n";
const END: &str = "<!-- End of what is generated. -->\n";

/// Returns a document with that part as it should be.
pub(crate) fn replace(path: &str, document: &str, text: &str) -> anyhow::Result<String> {
    let (before, rest) = document
        .split_once(BEGIN)
        .with_context(|| format!("{path} lacks the line `{}`", BEGIN.trim_end()))?;
    let (_, after) = rest
        .split_once(END)
        .with_context(|| format!("{path} lacks the line `{}`", END.trim_end()))?;
    Ok(format!("{before}{BEGIN}\n{text}\n{END}{after}"))
}
