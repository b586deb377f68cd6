//! The npm corpus: functions of the kind that people write, using public npm
//! packages, each bundled with its package into the one file that a function
//! is.
//!
//! The functions, their inputs and what they must return are committed under
//! `e2e/fixtures/npm-corpus`; the packages come from the registry, in the
//! versions of the lock file there.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::registry;
use crate::{process, workspace};

/// The files that say which packages are used.
const MANIFESTS: [&str; 2] = ["package.json", "package-lock.json"];

/// Returns a text that changes with the functions and their packages.
pub(super) fn fingerprint() -> anyhow::Result<String> {
    let mut hasher = DefaultHasher::new();
    let manifests = MANIFESTS.map(|name| fixtures().join(name)).to_vec();
    for path in manifests.into_iter().chain(functions()?) {
        let contents =
            fs::read(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
        (path.file_name(), contents).hash(&mut hasher);
    }
    Ok(format!("npm corpus {:016x}\n", hasher.finish()))
}

/// Bundles every function in `staging`, and returns where the bundles are.
///
/// Beside `<name>.js` there is `<name>.json`, with the function's inputs and
/// what it must return.
pub(super) fn bundle(staging: &Path) -> anyhow::Result<PathBuf> {
    for name in MANIFESTS {
        copy(&fixtures().join(name), &staging.join(name))?;
    }
    let sources = staging.join("functions");
    let bundles = staging.join("bundles");
    for directory in [&sources, &bundles] {
        fs::create_dir(directory)
            .with_context(|| format!("failed to make `{}`", directory.display()))?;
    }

    process::run(registry::npm(staging).arg("ci"))?;
    let mut esbuild = Command::new(staging.join("node_modules/.bin/esbuild"));
    esbuild
        .current_dir(staging)
        .args(["--bundle", "--format=esm", "--platform=neutral"])
        .args(["--main-fields=module,main", "--outdir=bundles"])
        .args(["--log-level=warning"]);
    for path in functions()? {
        let name = path.file_name().unwrap_or_default();
        if path.extension() == Some(OsStr::new("js")) {
            copy(&path, &sources.join(name))?;
            esbuild.arg(Path::new("functions").join(name));
        } else {
            copy(&path, &bundles.join(name))?;
        }
    }
    process::run(&mut esbuild)?;
    Ok(bundles)
}

/// Returns the functions and their expectations, in order.
fn functions() -> anyhow::Result<Vec<PathBuf>> {
    let directory = fixtures().join("functions");
    let mut paths = fs::read_dir(&directory)
        .and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<Vec<_>, _>>()
        })
        .with_context(|| format!("failed to list `{}`", directory.display()))?;
    paths.sort();
    Ok(paths)
}

fn fixtures() -> PathBuf {
    workspace::root().join("e2e/fixtures/npm-corpus")
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("failed to copy `{}`", from.display()))
}
