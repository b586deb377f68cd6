//! A registry of images on this host, for the time of the tests.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::workspace;

/// Names the place of the published images for tests, as `HOST:PORT/NAMESPACE`.
pub(crate) const VARIABLE: &str = "VERITECH_TEST_IMAGES";

/// How often, and how long after another, is looked whether it listens.
const LOOKS: u32 = 300;
const INTERVAL: Duration = Duration::from_millis(100);

/// A running registry, without TLS and on loopback. It ends with this value.
#[derive(Debug)]
pub(crate) struct Registry {
    process: Child,
    port: u16,
}

impl Registry {
    /// Starts it; what was pushed to an earlier one is still there.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let home = workspace::registry();
        fs::create_dir_all(&home)
            .with_context(|| format!("failed to make `{}`", home.display()))?;
        let configuration = home.join("config.yml");
        let text = format!(
            "version: 0.1\nlog:\n  level: info\n  accesslog:\n    disabled: true\nstorage:\n  \
             filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:0\n",
            home.join("data").display()
        );
        fs::write(&configuration, text)
            .with_context(|| format!("failed to write `{}`", configuration.display()))?;
        let log = home.join("log");
        let file =
            File::create(&log).with_context(|| format!("failed to create `{}`", log.display()))?;
        // However this program ends, the registry is told to.
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "docker-registry", "serve"])
            .arg(&configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .context("failed to start `docker-registry`")?;
        let mut registry = Self { process, port: 0 };
        for _ in 0..LOOKS {
            let said = fs::read_to_string(&log).unwrap_or_default();
            if let Some(port) = port_in(&said) {
                registry.port = port;
                return Ok(registry);
            }
            if let Some(status) = registry.process.try_wait()? {
                bail!("`docker-registry` ended with {status}:\n{said}");
            }
            thread::sleep(INTERVAL);
        }
        bail!("`docker-registry` does not listen; see `{}`", log.display());
    }

    /// Returns its name, as it is written in names of images.
    pub(crate) fn name(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // One that has ended is as dead as it should be.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Returns the port on which a registry says that it listens.
fn port_in(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("listening on 127.0.0.1:")?;
    let (port, _) = rest.split_once('"')?;
    port.parse().ok()
}
