//! Builds a program of `e2e` that measures, and runs it with an engine.

use std::process::Command;

use crate::docker::{self, Docker};
use crate::registry::{self, Registry};
use crate::system::{self, Requirement};
use crate::test::ENGINE;
use crate::{images, musl, process, tools, workspace};

/// What to build, and with which engine to run it.
// Named by itself: the options that it is a part of are called the same.
#[derive(Debug, clap::Args)]
#[group(id = "measure")]
pub(crate) struct Options {
    /// What makes the sandboxes: native, images (of a registry), docker.
    #[arg(long, default_value = "native")]
    engine: String,
    /// Build without optimisation, as the tests are.
    #[arg(long)]
    debug: bool,
}

/// Runs the program called `example`.
pub(crate) fn run(
    example: &str,
    options: &Options,
    arguments: impl IntoIterator<Item = String>,
) -> anyhow::Result<()> {
    tools::install_all()?;
    musl::require()?;
    let (profile, directory) = match options.debug {
        true => ("dev", "debug"),
        false => ("release", "release"),
    };
    process::run(
        process::cargo()
            .args(["build", "--workspace", "--all-features"])
            .args(["--profile", profile])
            .args(["--bin", "veritech", "--example", example]),
    )?;
    let built = workspace::root().join("target").join(directory);
    let mut command = Command::new(built.join("examples").join(example));
    command
        .args(arguments)
        .envs(tools::variables())
        .env(ENGINE, &options.engine);
    if options.engine == "native" {
        return process::run(&mut command);
    }
    system::require(&[Requirement::Docker, Requirement::Ip, Requirement::Registry])?;
    // Ends, if it is our own, when the program has.
    let docker = Docker::find_or_start()?;
    let registry = Registry::start()?;
    images::publish_all(&docker, &registry.name())?;
    process::run(
        command
            .env(docker::VARIABLE, docker.host())
            .env(registry::VARIABLE, format!("{}/veritech", registry.name())),
    )
}
