//! Finds the `veritech` binary that was built along with the tests.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::engine::TestEngine;

/// Returns the path of the `veritech` binary of this build's profile.
///
/// # Panics
///
/// If it was not built.
pub fn veritech() -> PathBuf {
    let program = env::current_exe().expect("a program knows its own path");
    // target/<profile>/deps/<test>, target/<profile>/<program>
    let above = program.ancestors().skip(1).take(2);
    let binary = above
        .map(|directory| directory.join("veritech"))
        .find(|binary| binary.is_file());
    binary.unwrap_or_else(|| {
        panic!(
            "no `veritech` was built beside `{}`: run `cargo build --package veritech` first",
            program.display()
        )
    })
}

/// Returns a command that runs `veritech` in an environment without surprises.
///
/// # Panics
///
/// If it was not built.
pub fn command() -> Command {
    let mut command = Command::new(veritech());
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(TestEngine::current().environment());
    command
}
