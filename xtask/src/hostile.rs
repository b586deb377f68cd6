//! `cargo xtask hostile`: hostile functions, mixed and many at once, and their figures.

use std::process::Command;

use crate::docker::{self, Docker};
use crate::registry::{self, Registry};
use crate::system::{self, Requirement};
use crate::test::ENGINE;
use crate::{images, process, tools, workspace};

/// What to execute, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What makes the sandboxes: native, images (of a registry), docker.
    #[arg(long, default_value = "native")]
    engine: String,
    /// How many executions [default: each function once on each of its runtimes].
    #[arg(long)]
    runs: Option<usize>,
    /// How many of them at once [default: what suits the engine].
    #[arg(long)]
    at_once: Option<usize>,
    /// Build without optimisation, as the tests are.
    #[arg(long)]
    debug: bool,
}

/// Builds what is needed and executes the functions.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    tools::install_all()?;
    let profile = if options.debug { "dev" } else { "release" };
    process::run(process::cargo().args([
        "build",
        "--workspace",
        "--all-features",
        "--profile",
        profile,
        "--bin",
        "veritech",
        "--example",
        "hostile",
    ]))?;
    let directory = if options.debug { "debug" } else { "release" };
    let built = workspace::root().join("target").join(directory);
    let mut command = Command::new(built.join("examples/hostile"));
    command
        .envs(tools::variables())
        .env(ENGINE, &options.engine);
    for (name, number) in [("--runs", options.runs), ("--at-once", options.at_once)] {
        if let Some(number) = number {
            command.arg(name).arg(number.to_string());
        }
    }
    if options.engine == "native" {
        return process::run(&mut command);
    }
    system::require(&[Requirement::Docker, Requirement::Ip, Requirement::Registry])?;
    // Ends, if it is our own, when the functions have.
    let docker = Docker::find_or_start()?;
    let registry = Registry::start()?;
    images::publish_all(&docker, &registry.name())?;
    process::run(
        command
            .env(docker::VARIABLE, docker.host())
            .env(registry::VARIABLE, format!("{}/veritech", registry.name())),
    )
}
