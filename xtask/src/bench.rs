//! `cargo xtask bench`: Veritech beside what nothing can beat.
//!
//! Not a part of continuous integration, where only `--smoke` is run, by a test: figures
//! need a machine that does nothing else.

use std::process::Command;

use crate::docker::{self, Docker};
use crate::registry::{self, Registry};
use crate::system::{self, Requirement};
use crate::{images, musl, process, tools, workspace};

/// What to measure. Everything but the profile is passed on; `--help` after `--` has it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The profile to build with: `dist`, which is shipped, or `release`, which is quicker
    /// to build.
    #[arg(long, default_value = "dist")]
    profile: String,
    /// Arguments of the bench, such as `--quick`, `--only quickjs load`, `--save FILE`,
    /// `--compare FILE`, `--output json`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    bench: Vec<String>,
}

/// Builds what is needed and measures it.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    tools::install_all()?;
    musl::require()?;
    system::require(&[Requirement::Registry, Requirement::Crun])?;
    // Ends, if it is our own, when all is measured.
    let docker = Docker::find_or_start()?;
    let registry = Registry::start()?;
    images::publish_all(&docker, &registry.name())?;
    process::run(
        process::cargo()
            .args(["build", "--workspace", "--all-features"])
            .args(["--profile", &options.profile])
            .args(["--bin", "veritech", "--bin", "veritech-bench"]),
    )?;
    let built = workspace::root().join("target").join(&options.profile);
    process::run(
        Command::new(built.join("veritech-bench"))
            .args(&options.bench)
            // Variables of a build host must not slow down what is measured.
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .envs(tools::variables())
            .env(docker::VARIABLE, docker.host())
            .env(registry::VARIABLE, format!("{}/veritech", registry.name())),
    )
}
