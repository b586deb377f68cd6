//! What the Docker engine is told when it is started.

use std::path::PathBuf;
use std::time::Duration;

use sandbox::{InjectionRule, PullPolicy};

/// How the engine behaves, and which daemon it talks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The daemon, as `unix://PATH` or `tcp://HOST:PORT`; `DOCKER_HOST` if not
    /// given, and `unix:///var/run/docker.sock` without that.
    pub host: Option<String>,
    /// How sandboxes with a network are connected to. Those without are always
    /// reached by their attach stream.
    pub connect: Connect,
    /// When images are pulled.
    pub pull_policy: PullPolicy,
    /// The directory of Docker's client configuration, with the credentials for
    /// private registries; the user's own if not given.
    pub docker_config: Option<PathBuf>,
    /// Which stock images get cyclone and a runner of ours.
    pub injection: Vec<InjectionRule>,
    /// Whether sandboxes may be given outward connections.
    pub egress: bool,
    /// How long the daemon may take to answer.
    pub api_deadline: Duration,
    /// How long it may take to start a container.
    pub start_deadline: Duration,
    /// How long pulling an image may take.
    pub pull_deadline: Duration,
    /// How long a killed container may take to be gone, a restart of the daemon
    /// included, before its place is given up.
    pub kill_deadline: Duration,
    /// The shortest time between two measurements of what a sandbox uses.
    pub sample_interval: Duration,
    /// How often what dead dispatchers have left is looked for.
    pub reclaim_interval: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: None,
            connect: Connect::default(),
            pull_policy: PullPolicy::default(),
            docker_config: None,
            injection: Vec::new(),
            egress: false,
            api_deadline: Duration::from_secs(10),
            start_deadline: Duration::from_secs(30),
            pull_deadline: Duration::from_secs(600),
            kill_deadline: Duration::from_secs(60),
            sample_interval: Duration::from_millis(20),
            reclaim_interval: Duration::from_secs(60),
        }
    }
}

/// How the cyclone of a sandbox with a network is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connect {
    /// By the container's attach stream.
    #[default]
    Attach,
    /// By a port published on the loopback interface of the daemon's host, which
    /// must be this host; a token guards it.
    Port,
}
