//! Source distributions of PyPI, for the data that they carry.
//!
//! Nothing of theirs is run. pip would: before it hands a source distribution
//! over, it asks the package's own build backend for its name and version. A
//! backend of ours is in the place of that one, and answers with what the package
//! says of itself.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::registry::Package;
use crate::process;

/// A directory of a source distribution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    package: Package,
    /// The digest of the archive.
    sha256: &'static str,
    directory: &'static str,
}

impl Source {
    /// Names a directory of the source distribution of a package.
    pub(super) const fn pinned(
        package: Package,
        sha256: &'static str,
        directory: &'static str,
    ) -> Self {
        Self {
            package,
            sha256,
            directory,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            package,
            sha256,
            directory,
        } = self;
        write!(f, "{package} {sha256} {directory}")
    }
}

/// Unpacks a source distribution into `staging`, once its digest is verified, and
/// returns where the directory is.
pub(super) fn unpack(source: Source, staging: &Path) -> anyhow::Result<PathBuf> {
    let Source {
        package,
        sha256,
        directory,
    } = source;
    let (name, version) = (package.name(), package.version());

    let backend = staging.join("backend");
    write(
        &backend.join("hatchling/build.py"),
        &stand_in(&format!("{name}-{version}")),
    )?;
    let requirements = staging.join("requirements.txt");
    write(
        &requirements,
        &format!("{name}=={version} --hash=sha256:{sha256}\n"),
    )?;
    process::run(
        Command::new("python3")
            .env("PYTHONPATH", &backend)
            .args(["-m", "pip", "download", "--quiet", "--no-deps"])
            .args(["--disable-pip-version-check", "--no-binary=:all:"])
            .args(["--no-build-isolation", "--require-hashes", "--dest"])
            .arg(staging)
            .arg("--requirement")
            .arg(&requirements),
    )?;

    let unpacked = format!("{name}-{version}");
    let archive = staging.join(format!("{unpacked}.tar.gz"));
    process::run(
        Command::new("python3")
            .args(["-m", "tarfile", "--extract"])
            .arg(archive)
            .arg(staging),
    )?;
    Ok(staging.join(unpacked).join(directory))
}

/// Returns a backend for a package that is built with `hatchling`.
fn stand_in(package: &str) -> String {
    format!(
        r#"import pathlib, shutil

def prepare_metadata_for_build_wheel(directory, settings=None):
    information = pathlib.Path(directory, "{package}.dist-info")
    information.mkdir()
    shutil.copy("PKG-INFO", information / "METADATA")
    return information.name
"#
    )
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("failed to write `{}`", path.display()))
}
