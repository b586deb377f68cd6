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
    let test = env::current_exe().expect("a test knows its own path");
    // target/<profile>/deps/<test>
    let profile = test
        .ancestors()
        .nth(2)
        .expect("invariant: cargo puts tests two directories below the profile's");
    let binary = profile.join("veritech");
    assert!(
        binary.is_file(),
        "`{}` is not there: run `cargo build --package veritech` first",
        binary.display()
    );
    binary
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
