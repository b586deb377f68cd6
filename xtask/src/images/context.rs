//! The directory that an image is built from:
//!
//! ```text
//! target/images/<name>
//! ├── Dockerfile     that of images/<name>
//! ├── root/          what every image has, cyclone, and a runner
//! └── interpreter/   a language's own program, unless packages bring it
//! ```

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::base;
use crate::workspace;

/// What every image has: nobody's home, and the users that functions run as.
const DIRECTORIES: [(&str, u32); 5] = [
    ("dev", 0o755),
    ("etc", 0o755),
    ("proc", 0o755),
    ("sys", 0o755),
    ("tmp", 0o1777),
];

/// The files of `etc`, where programs look for them.
const FILES: [(&str, &str); 3] = [
    (
        "etc/passwd",
        "root:x:0:0:root:/:/nonexistent\n\
         function:x:1000:1000:function:/tmp:/nonexistent\n\
         nobody:x:65534:65534:nobody:/nonexistent:/nonexistent\n",
    ),
    (
        "etc/group",
        "root:x:0:\nfunction:x:1000:\nnogroup:x:65534:\n",
    ),
    ("etc/nsswitch.conf", "hosts: files dns\n"),
];

/// Something that an image is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Cyclone, and the runner of this name.
    Ours(&'static str),
    /// An interpreter that is one of the tests' tools.
    Interpreter {
        /// Its name.
        program: &'static str,
        /// Its licence, seen from its directory.
        licence: &'static str,
    },
    /// Packages of Debian, which its Dockerfile installs.
    Packages,
}

/// A build context.
#[derive(Debug)]
pub(super) struct Context {
    directory: PathBuf,
    parts: &'static [Part],
}

impl Context {
    /// Puts together what the Dockerfile of `name` needs; `programs` has cyclone
    /// and the runners.
    pub(super) fn stage(
        name: &str,
        parts: &'static [Part],
        programs: &Path,
    ) -> anyhow::Result<Self> {
        let directory = workspace::images().join(name);
        if directory.exists() {
            fs::remove_dir_all(&directory)
                .with_context(|| format!("failed to remove `{}`", directory.display()))?;
        }
        let dockerfile = workspace::root().join(format!("images/{name}/Dockerfile"));
        copy(&dockerfile, &directory.join("Dockerfile"))?;
        let root = directory.join("root");
        skeleton(&root)?;
        let licence = root.join("usr/share/doc/veritech/copyright");
        copy(&workspace::root().join("LICENSE"), &licence)?;
        for part in parts {
            match part {
                Part::Ours(runner) => {
                    for program in ["cyclone", runner] {
                        let inside = root.join("veritech").join(program);
                        copy_all(&programs.join(program), &inside)?;
                    }
                }
                Part::Interpreter { program, licence } => {
                    interpreter(&directory.join("interpreter/usr"), program, licence)?;
                }
                Part::Packages => {}
            }
        }
        Ok(Self { directory, parts })
    }

    /// Returns where it is.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns whether its Dockerfile begins with Debian.
    pub(super) fn is_based_on_debian(&self) -> anyhow::Result<bool> {
        let path = self.directory.join("Dockerfile");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("failed to read `{}`", path.display()))?;
        Ok(text.contains(base::NAME))
    }

    /// Returns the network that building it needs.
    pub(super) fn network(&self) -> &'static str {
        if self.parts.contains(&Part::Packages) {
            "host"
        } else {
            "none"
        }
    }
}

/// Makes what every image has.
fn skeleton(root: &Path) -> anyhow::Result<()> {
    for (name, mode) in DIRECTORIES {
        let path = root.join(name);
        fs::create_dir_all(&path)
            .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(mode)))
            .with_context(|| format!("failed to make `{}`", path.display()))?;
    }
    for (name, text) in FILES {
        let path = root.join(name);
        fs::write(&path, text).with_context(|| format!("failed to write `{}`", path.display()))?;
    }
    Ok(())
}

/// Copies an interpreter and its licence to where they lie below `usr`.
fn interpreter(usr: &Path, name: &str, licence: &str) -> anyhow::Result<()> {
    let link = workspace::tools().join("bin").join(name);
    let program = link
        .canonicalize()
        .with_context(|| format!("failed to find `{}`", link.display()))?;
    copy(&program, &usr.join("local/bin").join(name))?;
    let licence = program.parent().unwrap_or(&program).join(licence);
    copy(
        &licence,
        &usr.join("share/doc").join(name).join("copyright"),
    )
}

/// Copies a file, or a directory with all that is in it.
fn copy_all(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.is_dir() {
        return copy(from, to);
    }
    let entries =
        fs::read_dir(from).with_context(|| format!("failed to list `{}`", from.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("failed to list `{}`", from.display()))?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Copies a file, and makes its directory if need be.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let directory = to.parent().unwrap_or(to);
    fs::create_dir_all(directory)
        .with_context(|| format!("failed to make `{}`", directory.display()))?;
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("failed to copy `{}`", from.display()))
}
