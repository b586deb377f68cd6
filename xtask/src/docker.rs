//! A Docker engine, to build images with and for tests: one that is there
//! already, or else one of our own for as long as it is needed.

mod daemon;

use std::env;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;

use self::daemon::Daemon;
use crate::process;
use crate::system::{self, Requirement};

/// Names the daemon that tests use.
pub(crate) const VARIABLE: &str = "VERITECH_TEST_DOCKER_HOST";

/// How often, and how long after another, a daemon is asked that may just be
/// starting.
const LOOKS: u32 = 50;
const INTERVAL: Duration = Duration::from_millis(200);

/// A Docker engine that answers.
#[derive(Debug)]
pub(crate) struct Docker {
    host: String,
    /// Its process, if it is our own; it ends with this value.
    _daemon: Option<Daemon>,
}

impl Docker {
    /// Returns the engine that Docker's client would use, or that the tests are
    /// told to; if it does not answer, one of our own.
    pub(crate) fn find_or_start() -> anyhow::Result<Self> {
        if !process::on_path("docker") {
            system::require(&[Requirement::Docker])?;
            // Part of the former in older releases.
            system::require(&[Requirement::DockerClient])?;
        }
        let host = configured()?;
        if answers(&host) || (was_just_started(&host) && comes_up(&host)) {
            return Ok(Self {
                host,
                _daemon: None,
            });
        }
        system::require(&[Requirement::Docker])?;
        let daemon = Daemon::start().with_context(|| {
            format!("no Docker engine answers at `{host}`, and none could be started")
        })?;
        Ok(Self {
            host: daemon.host(),
            _daemon: Some(daemon),
        })
    }

    /// Returns its address.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Returns a command of Docker's client.
    pub(crate) fn command(&self) -> Command {
        client(&self.host)
    }

    /// Returns the id of an image, if it is there.
    pub(crate) fn image(&self, name: &str) -> anyhow::Result<Option<String>> {
        let ids =
            process::output(
                self.command()
                    .args(["image", "ls", "--no-trunc", "--quiet", name]),
            )?;
        Ok(ids.lines().next().map(str::to_owned))
    }

    /// Returns a label of an image, if both are there.
    pub(crate) fn label(&self, image: &str, label: &str) -> anyhow::Result<Option<String>> {
        let Some(id) = self.image(image)? else {
            return Ok(None);
        };
        let format = format!("{{{{index .Config.Labels {label:?}}}}}");
        let inspect = ["image", "inspect", "--format", &format, &id];
        let text = process::output(self.command().args(inspect))?;
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    }
}

/// Returns the address that is chosen by the environment or the client's own
/// configuration.
fn configured() -> anyhow::Result<String> {
    if let Some(host) = env::var(VARIABLE).ok().filter(|host| !host.is_empty()) {
        return Ok(host);
    }
    let format = "{{.Endpoints.docker.Host}}";
    let host = process::output(Command::new("docker").args(["context", "inspect", "-f", format]))?;
    Ok(host.trim().to_owned())
}

fn client(host: &str) -> Command {
    let mut command = Command::new("docker");
    command.args(["--host", host]);
    command
}

fn answers(host: &str) -> bool {
    let version = ["version", "--format", "{{.Server.Version}}"];
    process::output(client(host).args(version)).is_ok()
}

/// Returns whether a daemon has made its socket, which it does before it
/// answers: installing its package may have started it.
fn was_just_started(host: &str) -> bool {
    host.strip_prefix("unix://")
        .is_some_and(|path| Path::new(path).exists())
}

fn comes_up(host: &str) -> bool {
    (0..LOOKS).any(|_| {
        thread::sleep(INTERVAL);
        answers(host)
    })
}
