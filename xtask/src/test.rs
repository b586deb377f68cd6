//! `cargo xtask test`: installs what the tests need, then runs every test.
//!
//! The tests of the client libraries in other languages are among them.

use std::env;

use crate::docker::{self, Docker};
use crate::registry::{self, Registry};
use crate::system::{self, Requirement};
use crate::{clients, images, musl, process, tools, weakened, workspace};

/// Says which engine the whole-system tests are run with; `e2e` explains it.
pub(crate) const ENGINE: &str = "VERITECH_TEST_ENGINE";

/// The engines that they are run with besides the one that is used if nothing is said,
/// and which of them: those that say something of that engine. Whether they notice that
/// walls are missing is tried with one.
const OTHER_ENGINES: [(&str, &str); 4] = [
    ("ordinary", "package(e2e) and binary(isolation)"),
    (
        "zygotes",
        "package(e2e) and (binary(isolation) or (binary(hostile) and not test(/^control::/)))",
    ),
    ("images", "package(e2e) and binary(/^(system|isolation)$/)"),
    (
        "docker",
        "package(e2e) and (binary(/^(system|isolation)$/) or (binary(hostile) and not test(/^control::/)))",
    ),
];

/// Which tests to run.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// Arguments for `cargo nextest run`, such as `-p testkit` or a part of a
    /// name; with any, the documentation's tests are left out.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    nextest: Vec<String>,
}

impl Options {
    /// Returns whether packages are chosen, so that not all are built.
    fn names_packages(&self) -> bool {
        self.nextest
            .iter()
            .any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
    }
}

/// Runs the tests, the whole-system tests with every engine, and those in the
/// documentation.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    tools::install_all()?;
    musl::require()?;
    clients::build()?;
    system::require(&[
        Requirement::Docker,
        Requirement::Ip,
        Requirement::Registry,
        Requirement::Crun,
    ])?;
    // Ends, if it is our own, when the tests have.
    let docker = Docker::find_or_start()?;
    let registry = Registry::start()?;
    images::publish_all(&docker, &registry.name())?;
    let weakened = weakened::build()?;

    let nextest = tools::nextest()?;
    let nextest = || {
        let mut command = process::building(&nextest);
        command
            .current_dir(workspace::root())
            .args(["nextest", "run", "--all-features", "--profile", profile()])
            .envs(tools::variables())
            .env(weakened::VARIABLE, &weakened)
            .env(docker::VARIABLE, docker.host())
            .env(registry::VARIABLE, format!("{}/veritech", registry.name()));
        command
    };
    let mut first = nextest();
    if !options.names_packages() {
        first.arg("--workspace");
    }
    process::run(first.args(&options.nextest))?;

    if options.nextest.is_empty() {
        for (engine, tests) in OTHER_ENGINES {
            // Of the whole workspace, since with one package alone it would be built again.
            process::run(
                nextest()
                    .args(["--workspace", "-E", tests])
                    .env(ENGINE, engine),
            )?;
        }
        clients::test()?;
        process::run(process::cargo().args(["test", "--doc", "--workspace", "--all-features"]))?;
    }
    Ok(())
}

/// Returns the nextest profile to use: continuous integration has its own.
fn profile() -> &'static str {
    if env::var_os("CI").is_some() {
        "ci"
    } else {
        "default"
    }
}
