//! `cargo xtask weakened`: builds Veritech with its walls left out.
//!
//! A suite that passes proves nothing unless it fails where it should. This binary
//! is what it must fail with: `--cfg veritech_weakened` leaves out the pid
//! namespace, the filter of system calls and the clearing of environments, and has
//! cyclone believe what is printed. Only a wrapper around the compiler sets it, for
//! packages of the workspace alone, so that everything else is shared with the
//! ordinary build. It says what it is and never serves.

use std::path::PathBuf;

use crate::{process, workspace};

/// Names the binary to the tests.
pub(crate) const VARIABLE: &str = "VERITECH_TEST_WEAKENED";

/// Builds the binary and returns where it is.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    let target = workspace::root().join("target");
    let own = target.join("weakened");
    process::run(
        process::cargo()
            // As the tests are built, or dependencies would be built again.
            .args([
                "build",
                "--workspace",
                "--all-features",
                "--bin",
                "veritech",
            ])
            .arg("--target-dir")
            .arg(&own)
            .env("CARGO_BUILD_BUILD_DIR", &target)
            .env(
                "RUSTC_WORKSPACE_WRAPPER",
                workspace::root().join("xtask/weaken.sh"),
            ),
    )?;
    Ok(own.join("debug/veritech"))
}
