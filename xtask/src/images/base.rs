//! The base of images that need an operating system's files: Debian, pulled
//! from the public registry or else made here out of its packages.
//!
//! Made here, it is kept as an archive in `target/images`, so that it is made
//! once, and knows how this host reaches Debian's packages. No image that is
//! published contains it: only files taken out of it.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::docker::Docker;
use crate::system::{self, Requirement};
use crate::{process, workspace};

/// The base, by the name that it has in the public registry.
pub(super) const NAME: &str = "debian:bookworm-slim";

/// The release of Debian that it is.
const RELEASE: &str = "bookworm";

/// How many seconds the public registry may take, before the base is made here.
const PULL_LIMIT_SECONDS: &str = "180";

/// What of the packages is not needed to use them.
const NEEDLESS: [&str; 5] = [
    "usr/share/locale",
    "usr/share/man",
    "usr/share/info",
    "var/cache/apt",
    "var/lib/apt/lists",
];

/// Makes sure that Docker has the base, and returns its id.
pub(super) fn ensure(docker: &Docker) -> anyhow::Result<String> {
    if docker.image(NAME)?.is_none() && !pull(docker) {
        let archive = workspace::images().join(format!("{RELEASE}.tar"));
        if !archive.exists() {
            make(&archive).context("failed to make a Debian base")?;
        }
        let import = ["import", "--change", r#"CMD ["bash"]"#];
        process::run(docker.command().args(import).arg(&archive).arg(NAME))?;
    }
    let id = docker.image(NAME)?;
    id.with_context(|| format!("Docker has no `{NAME}` although it was just given one"))
}

/// Pulls the base, and returns whether that could be done.
fn pull(docker: &Docker) -> bool {
    if workspace::images().join(format!("{RELEASE}.tar")).exists() {
        return false;
    }
    let mut pull = Command::new("timeout");
    pull.arg(PULL_LIMIT_SECONDS)
        .args(["docker", "--host", docker.host()])
        .args(["pull", "--quiet", NAME]);
    let pulled = process::run(&mut pull);
    if pulled.is_err() {
        eprintln!("no public registry can be reached: the base is made here");
    }
    pulled.is_ok()
}

/// Makes the base out of Debian's packages, as an archive.
fn make(archive: &Path) -> anyhow::Result<()> {
    system::require(&[Requirement::Debootstrap])?;
    let staging = workspace::images().join(format!(".{RELEASE}.partial"));
    let partial = archive.with_extension("tar.partial");
    if staging.exists() {
        fs::remove_dir_all(&staging)
            .with_context(|| format!("failed to remove `{}`", staging.display()))?;
    }
    let mut debootstrap = Command::new("debootstrap");
    debootstrap
        .args(["--variant=minbase", RELEASE])
        .arg(&staging);
    debootstrap.args(mirror());
    process::run(&mut debootstrap)?;
    for needless in NEEDLESS {
        // What is not there need not be removed.
        fs::remove_dir_all(staging.join(needless)).ok();
    }
    configure_apt(&staging.join("etc/apt"))?;
    process::run(
        Command::new("tar")
            .args(["--create", "--numeric-owner", "--directory"])
            .arg(&staging)
            .arg("--file")
            .arg(&partial)
            .args(["--exclude=./dev/*", "."]),
    )?;
    fs::remove_dir_all(&staging)
        .with_context(|| format!("failed to remove `{}`", staging.display()))?;
    fs::rename(&partial, archive)
        .with_context(|| format!("failed to move `{}` into place", partial.display()))
}

/// Returns where this host gets Debian's packages from, if it is a Debian.
fn mirror() -> Option<String> {
    sources().into_iter().next().map(|source| source.address)
}

/// A place of packages that this host uses.
#[derive(Debug, PartialEq, Eq)]
struct Source {
    address: String,
    release: String,
    component: String,
}

/// Returns where this host gets the packages of the base's release from.
fn sources() -> Vec<Source> {
    let targets = process::output(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(REPO_URI) $(CODENAME) $(COMPONENT)",
        "Created-By: Packages",
        "Origin: Debian",
    ]));
    // Without apt, or without lists, it is as for everybody.
    let mut sources = Vec::new();
    for line in targets.unwrap_or_default().lines() {
        let mut words = line.split(' ').map(str::to_owned);
        if let (Some(address), Some(release), Some(component)) =
            (words.next(), words.next(), words.next())
            && release.starts_with(RELEASE)
        {
            let source = Source {
                address,
                release,
                component,
            };
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
    }
    sources.sort_by_key(|source| source.release != RELEASE);
    sources
}

/// Has a system whose `/etc/apt` is `directory` reach Debian's packages as this
/// host does.
fn configure_apt(directory: &Path) -> anyhow::Result<()> {
    let sources: String = sources()
        .into_iter()
        .map(|source| {
            let Source {
                address,
                release,
                component,
            } = source;
            format!("deb {address} {release} {component}\n")
        })
        .collect();
    let options = process::output(Command::new("apt-config").arg("dump")).unwrap_or_default();
    let options: String = options
        .lines()
        .filter(|line| line.starts_with("Acquire::"))
        .map(|line| format!("{line}\n"))
        .chain(proxies())
        .collect();
    for (name, text) in [("sources.list", sources), ("apt.conf.d/90host", options)] {
        let path = directory.join(name);
        // What there is otherwise is as for everybody.
        if !text.is_empty() {
            fs::write(&path, text)
                .with_context(|| format!("failed to write `{}`", path.display()))?;
        }
    }
    Ok(())
}

/// Returns apt's options for the proxies that the environment names.
fn proxies() -> impl Iterator<Item = String> {
    ["http", "https"].into_iter().filter_map(|scheme| {
        let proxy = env::var(format!("{scheme}_proxy")).ok()?;
        (!proxy.is_empty()).then(|| format!("Acquire::{scheme}::Proxy \"{proxy}\";\n"))
    })
}
