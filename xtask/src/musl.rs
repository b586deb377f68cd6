//! The C library of what sandboxes execute, in all that the tasks build (`--all-features`).

use std::env::consts::ARCH;
use std::path::Path;
use std::process::Command;

use anyhow::bail;

use crate::process;
use crate::system::{self, Requirement};

/// Makes sure that programs can be built with it.
pub(crate) fn require() -> anyhow::Result<()> {
    system::require(&[Requirement::Musl])?;
    let target = format!("{ARCH}-unknown-linux-musl");
    let libraries = process::output(Command::new("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        &target,
    ]))?;
    if Path::new(libraries.trim()).exists() {
        return Ok(());
    }
    if !process::on_path("rustup") {
        bail!("Rust's target `{target}` is missing: install it from where Rust came from");
    }
    process::run(Command::new("rustup").args(["target", "add", &target]))
}
