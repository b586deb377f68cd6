//! What every engine must do, done by the Docker engine.
#![cfg(target_os = "linux")]

use std::error::Error;

use sandbox::Programs;
use sandbox_conformance::{Host, Inventory, Item};
use sandbox_docker::{Config, DockerEngine};

/// The filter of containers that are sandboxes.
const SANDBOXES: &str = "label=org.veritech.sandbox";

/// Containers of the daemon that the tests use.
struct Containers;

impl Host for Containers {
    type Engine = DockerEngine;

    async fn start(
        &self,
        programs: Programs,
    ) -> Result<DockerEngine, Box<dyn Error + Send + Sync>> {
        let config = Config {
            host: Some(testkit::docker::host()),
            ..Config::default()
        };
        Ok(DockerEngine::start(programs, config).await?)
    }

    fn image(&self) -> (&'static str, &'static str) {
        ("builtin/quickjs", "latest")
    }

    async fn inventory(&self, engine: &DockerEngine) -> Inventory {
        let Some(instance) = engine.instance().await else {
            return Inventory::default();
        };
        let label = format!("label=org.veritech.instance={instance}");
        listed(&label).into_iter().map(Item::Container).collect()
    }

    async fn is_there(&self, item: &Item) -> bool {
        match item {
            Item::Container(id) => listed(SANDBOXES).contains(id),
            other => other.is_on_this_host(),
        }
    }
}

/// Lists the containers that are sandboxes and have a label.
fn listed(label: &str) -> Vec<String> {
    let output = testkit::docker::command(&testkit::docker::host())
        .args(["ps", "--all", "--quiet", "--no-trunc"])
        .args(["--filter", SANDBOXES, "--filter", label])
        .output()
        .expect("docker runs");
    let listed = String::from_utf8(output.stdout).expect("text");
    listed.lines().map(str::to_owned).collect()
}

mod conformance {
    sandbox_conformance::conformance!(super::Containers);
}
