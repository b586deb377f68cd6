//! The few things that must come from the operating system.
//!
//! A C compiler is not among them: without one this program was not built.
//!
//! On a Debian system and as root they are installed when missing. Anywhere
//! else nothing is touched: the error names the command that installs them.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};

use anyhow::bail;

use crate::process;

/// A program that the operating system must provide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    /// Python 3 and its package installer.
    Pip,
    /// Node.js of any version, and its package installer.
    Npm,
    /// The Docker engine.
    Docker,
    /// Docker's client, where it is not part of the engine's package.
    DockerClient,
    /// A program that makes network devices.
    Ip,
    /// A container registry.
    Registry,
    /// A small runtime of containers.
    Crun,
    /// A program that makes a Debian system out of its packages.
    Debootstrap,
    /// A C compiler for musl.
    Musl,
}

impl Requirement {
    fn is_met(self) -> bool {
        match self {
            Self::Pip => succeeds(Command::new("python3").args(["-m", "pip", "--version"])),
            Self::Npm => process::on_path("node") && process::on_path("npm"),
            Self::Docker => process::on_path("dockerd"),
            Self::DockerClient => process::on_path("docker"),
            Self::Ip => process::on_path("ip"),
            Self::Registry => process::on_path("docker-registry"),
            Self::Crun => process::on_path("crun"),
            Self::Debootstrap => process::on_path("debootstrap"),
            Self::Musl => process::on_path("musl-gcc"),
        }
    }

    /// Returns the Debian packages that provide it.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Pip => &["python3", "python3-pip"],
            Self::Npm => &["nodejs", "npm"],
            // Which it needs for networks, but can be installed without.
            Self::Docker => &["docker.io", "iptables"],
            Self::DockerClient => &["docker-cli"],
            Self::Ip => &["iproute2"],
            Self::Registry => &["docker-registry"],
            Self::Crun => &["crun"],
            Self::Debootstrap => &["debootstrap"],
            Self::Musl => &["musl-tools"],
        }
    }
}

/// Makes sure that everything in `requirements` is there.
pub(crate) fn require(requirements: &[Requirement]) -> anyhow::Result<()> {
    let packages: Vec<_> = requirements
        .iter()
        .filter(|requirement| !requirement.is_met())
        .flat_map(|requirement| requirement.packages())
        .collect();
    if packages.is_empty() {
        return Ok(());
    }

    let mut install = Command::new("apt-get");
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(&packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    if !may_install() {
        let names = packages.into_iter().copied().collect::<Vec<_>>().join(" ");
        bail!(
            "the tests need programs that only the operating system can provide; \
             on Debian or Ubuntu install them with\n\n    \
             sudo apt-get install --no-install-recommends {names}\n"
        );
    }
    process::run(Command::new("apt-get").arg("update"))?;
    process::run(&mut install)
}

/// Returns whether this process may install system packages: it is root, and
/// there is an `apt-get`.
fn may_install() -> bool {
    let is_root = fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0);
    is_root && process::on_path("apt-get")
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
