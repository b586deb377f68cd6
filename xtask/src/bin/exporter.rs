//! Writes cyclone and the runners that every veritech carries to a directory.
//!
//! Started by `cargo xtask images`.
#![forbid(unsafe_code)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Parser;

/// Writes cyclone and the runners to a directory.
#[derive(Debug, Parser)]
struct Arguments {
    /// The directory, which is replaced.
    directory: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let Arguments { directory } = Arguments::parse();
    if directory.exists() {
        fs::remove_dir_all(&directory)
            .with_context(|| format!("failed to remove `{}`", directory.display()))?;
    }
    // Sandboxes are Linux; elsewhere there are no programs for them.
    #[cfg(target_os = "linux")]
    for (name, program) in [("cyclone", builtin::CYCLONE), ("quickjs", builtin::QUICKJS)] {
        write(&directory.join(name), program, 0o755)?;
    }
    for (name, script) in builtin::SCRIPTS {
        write(&directory.join(name), script, 0o644)?;
    }
    Ok(())
}

/// Writes a file, and makes its directory if need be.
fn write(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))
        .and_then(|()| fs::write(path, bytes))
        .and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode)))
        .with_context(|| format!("failed to write `{}`", path.display()))
}
