//! `cargo xtask clients`: the client libraries in other languages than Rust.
//!
//! Each is built, checked and tested with what its own language uses, from what
//! `target/tools` has and the lock file that it comes with. What they must do alike, the
//! whole-system tests try (`e2e/tests/clients`), with the drivers that are built here.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::{process, tools, workspace};

/// Builds, checks and tests them.
pub(crate) fn run() -> anyhow::Result<()> {
    check()?;
    build()?;
    test()
}

/// Builds what the whole-system tests use.
pub(crate) fn build() -> anyhow::Result<()> {
    install_packages()?;
    process::run(npm(tools::node()).args(["run", "--silent", "build:scenarios"]))
}

/// Checks types, generated files, formatting and lints.
pub(crate) fn check() -> anyhow::Result<()> {
    tools::install_all()?;
    tools::install_python_checks()?;
    install_packages()?;
    process::run(npm(tools::node()).args(["run", "--silent", "check"]))?;

    let ruff = workspace::tools().join("bin/ruff");
    process::run(
        Command::new(&ruff)
            .current_dir(python())
            .args(["check", "--quiet", "."]),
    )?;
    process::run(
        Command::new(&ruff)
            .current_dir(python())
            .args(["format", "--check", "--quiet", "."]),
    )?;
    let mypy = [
        workspace::tools().join("mypy"),
        workspace::tools().join("nats-py"),
    ];
    process::run(
        Command::new(workspace::tools().join("bin/python3"))
            .current_dir(python())
            .env("PYTHONPATH", env::join_paths(mypy)?)
            .args(["-m", "mypy", "--cache-dir"])
            .arg(workspace::root().join("target/mypy")),
    )
}

/// Runs their own tests: those in TypeScript with the oldest Node.js that they are for.
pub(crate) fn test() -> anyhow::Result<()> {
    for tests in ["test", "test:server"] {
        process::run(
            npm(tools::oldest_node()?)
                .args(["run", "--silent", tests])
                .envs(tools::variables()),
        )?;
    }
    let path = [workspace::tools().join("nats-py"), python().join("src")];
    process::run(
        Command::new(workspace::tools().join("bin/python3"))
            .current_dir(python())
            .env("PYTHONPATH", env::join_paths(path)?)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(tools::variables())
            .args([
                "-W",
                "error",
                "-m",
                "unittest",
                "discover",
                "--start-directory",
                "tests",
            ])
            .args(["--top-level-directory", "."]),
    )
}

/// Installs the packages of the lock file, unless they are there.
fn install_packages() -> anyhow::Result<()> {
    let lock = typescript().join("package-lock.json");
    let installed = typescript().join("node_modules/.installed-by-xtask");
    let wanted = fs::read(&lock).with_context(|| format!("failed to read `{}`", lock.display()))?;
    if fs::read(&installed).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    process::run(npm(tools::node()).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    fs::write(&installed, wanted)
        .with_context(|| format!("failed to write `{}`", installed.display()))
}

/// Returns npm for the TypeScript client, on the Node.js in this directory.
fn npm(node: PathBuf) -> Command {
    let mut command = Command::new("npm");
    command
        .current_dir(typescript())
        .env("PATH", first_on_path(node));
    command
}

fn first_on_path(directory: PathBuf) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let directories = std::iter::once(directory).chain(env::split_paths(&path));
    // Only a directory with a colon in its name cannot be joined.
    env::join_paths(directories).unwrap_or(path)
}

fn typescript() -> PathBuf {
    clients().join("typescript")
}

fn python() -> PathBuf {
    clients().join("python")
}

fn clients() -> PathBuf {
    Path::new(workspace::root()).join("clients")
}
