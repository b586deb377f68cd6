//! Installing one tool: aside, then into its place in one step.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Program, Recipe, Tool, corpus, registry, source};
use crate::workspace;

/// Says in a tool's directory how it was made.
const STAMP: &str = ".stamp";

/// Returns whether a tool is installed as it would be installed now.
pub(super) fn is_current(tool: &Tool) -> anyhow::Result<bool> {
    let stamp = fs::read_to_string(home(tool).join(STAMP)).unwrap_or_default();
    let bin = workspace::tools().join("bin");
    let programs_exist = tool
        .programs
        .iter()
        .all(|program| bin.join(program.name).exists());
    Ok(programs_exist && stamp == tool.recipe.fingerprint()?)
}

/// Installs a tool, replacing what is there.
pub(super) fn install(tool: &Tool) -> anyhow::Result<()> {
    let home = home(tool);
    let staging = workspace::tools().join(format!(".{}.partial", tool.name));
    remove(&staging)?;
    fs::create_dir_all(&staging)
        .with_context(|| format!("failed to make `{}`", staging.display()))?;

    let made = match tool.recipe {
        Recipe::Python(package) => registry::install_python(&[package], &staging)?,
        Recipe::PythonPackages(packages) => registry::install_python(packages, &staging)?,
        Recipe::Npm(package) => registry::install_npm(package, &staging)?,
        Recipe::Crate(package) => registry::install_crate(package, &staging)?,
        Recipe::Source(source) => source::unpack(source, &staging)?,
        Recipe::Corpus => corpus::bundle(&staging)?,
    };
    let stamp = made.join(STAMP);
    fs::write(&stamp, tool.recipe.fingerprint()?)
        .with_context(|| format!("failed to write `{}`", stamp.display()))?;

    remove(&home)?;
    fs::rename(&made, &home)
        .with_context(|| format!("failed to move `{}` into place", made.display()))?;
    remove(&staging)?;
    tool.programs
        .iter()
        .try_for_each(|program| link(tool, program))
}

/// Makes a program available in `target/tools/bin`, and tries it.
fn link(tool: &Tool, program: &Program) -> anyhow::Result<()> {
    let bin = workspace::tools().join("bin");
    fs::create_dir_all(&bin).with_context(|| format!("failed to make `{}`", bin.display()))?;
    let link = bin.join(program.name);
    remove(&link)?;
    let target = Path::new("..").join(tool.name).join(&program.path);
    symlink(&target, &link).with_context(|| format!("failed to link `{}`", link.display()))?;
    program.check()
}

fn home(tool: &Tool) -> PathBuf {
    workspace::tools().join(tool.name)
}

/// Removes whatever is at `path`, if anything is.
fn remove(path: &Path) -> anyhow::Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    removed.with_context(|| format!("failed to remove `{}`", path.display()))
}
