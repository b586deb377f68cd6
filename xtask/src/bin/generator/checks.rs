//! What `serve` looks at before it starts, in a part of `docs/operations.md`.

/// The document.
pub(crate) const PATH: &str = "docs/operations.md";

/// Returns the table of all checks.
#[cfg(target_os = "linux")]
pub(crate) fn table() -> anyhow::Result<String> {
    Ok(preflight::list::table())
}

/// There are none elsewhere.
#[cfg(not(target_os = "linux"))]
pub(crate) fn table() -> anyhow::Result<String> {
    anyhow::bail!("{PATH} can be generated on Linux only, where the checks are")
}
