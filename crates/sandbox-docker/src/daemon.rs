//! The daemon: one client, and a deadline for everything that is asked of it.

use std::sync::Arc;
use std::time::Duration;

use bollard::errors::Error as ApiError;
use bollard::{API_DEFAULT_VERSION, Docker};
use sandbox::{EngineKind, LaunchError};
use tokio::time;

/// Where the daemon is unless anybody says otherwise.
const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";

/// Longer than any deadline of ours, so that those decide.
const CLIENT_SECONDS: u64 = 24 * 60 * 60;

/// A client of the daemon. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Daemon {
    docker: Docker,
    host: String,
    deadline: Duration,
}

/// The daemon did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DaemonError {
    /// It is not there, or went away meanwhile.
    #[error("the Docker daemon at {host} cannot be reached to {what}")]
    Gone {
        what: &'static str,
        host: String,
        #[source]
        source: Box<ApiError>,
    },

    /// It did not answer.
    #[error("the Docker daemon did not {what} within {waited:?}")]
    Late {
        what: &'static str,
        waited: Duration,
    },

    /// It answered that it will not, or cannot.
    #[error("the Docker daemon failed to {what}: {message}")]
    Refused {
        what: &'static str,
        status: u16,
        message: String,
    },
}

impl DaemonError {
    /// Returns whether the daemon says that there is no such thing.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Returns whether the daemon says that something is in the way.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { status: 409, .. })
    }

    /// Returns in words for a caller that the daemon is not there, if it is not.
    pub(crate) fn why_gone(&self) -> Option<&'static str> {
        match self {
            Self::Gone { .. } => Some("its daemon cannot be reached"),
            Self::Late { .. } => Some("its daemon does not answer"),
            Self::Refused { .. } => None,
        }
    }

    /// Returns what the daemon was asked to do.
    fn step(&self) -> &'static str {
        match self {
            Self::Gone { what, .. } | Self::Late { what, .. } | Self::Refused { what, .. } => what,
        }
    }

    /// Returns the error of a launch that failed for this.
    pub(crate) fn into_launch_error(self) -> LaunchError {
        if let Some(reason) = self.why_gone() {
            return LaunchError::EngineUnavailable {
                engine: EngineKind::Docker,
                reason: reason.to_owned(),
                source: Some(Arc::new(self)),
            };
        }
        LaunchError::Setup {
            step: self.step().to_owned(),
            source: std::io::Error::other(self),
        }
    }
}

impl Daemon {
    /// Returns a client of the daemon at `host`, which need not be there yet.
    pub(crate) fn at(host: Option<&str>, deadline: Duration) -> Result<Self, DaemonError> {
        let host = match host {
            Some(host) => host.to_owned(),
            None => std::env::var("DOCKER_HOST")
                .ok()
                .filter(|host| !host.is_empty())
                .unwrap_or_else(|| DEFAULT_HOST.to_owned()),
        };
        let connected = if host.starts_with("unix://") {
            Docker::connect_with_unix(&host, CLIENT_SECONDS, API_DEFAULT_VERSION)
        } else if host.starts_with("tcp://") || host.starts_with("http://") {
            Docker::connect_with_http(&host, CLIENT_SECONDS, API_DEFAULT_VERSION)
        } else {
            Err(ApiError::UnsupportedURISchemeError { uri: host.clone() })
        };
        match connected {
            Ok(docker) => Ok(Self {
                docker: docker.with_request_modifier(with_url_safe_credentials),
                host,
                deadline,
            }),
            Err(source) => Err(DaemonError::Gone {
                what: "connect",
                host,
                source: Box::new(source),
            }),
        }
    }

    /// Agrees with the daemon on a version of its interface.
    pub(crate) async fn greet(&self) -> Result<(), DaemonError> {
        // The version is shared by all clones, and only ever lowered.
        let negotiated = self.docker.clone().negotiate_version();
        self.ask("agree on a version", negotiated).await.map(drop)
    }

    /// Returns whether the daemon may run on this host.
    pub(crate) fn may_be_local(&self) -> bool {
        self.host.starts_with("unix://")
    }

    /// Returns where it is.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Returns the client, whose calls are to be passed to [`ask`](Self::ask).
    pub(crate) fn api(&self) -> &Docker {
        &self.docker
    }

    /// Awaits an answer within the deadline; `what` completes "failed to …".
    pub(crate) async fn ask<T>(
        &self,
        what: &'static str,
        answer: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, DaemonError> {
        self.ask_within(self.deadline, what, answer).await
    }

    /// Awaits an answer that may take its time.
    pub(crate) async fn ask_within<T>(
        &self,
        waited: Duration,
        what: &'static str,
        answer: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, DaemonError> {
        match time::timeout(waited, answer).await {
            Ok(answered) => answered.map_err(|error| self.explain(what, error)),
            Err(_) => Err(DaemonError::Late { what, waited }),
        }
    }

    /// Says what an error of the client means.
    pub(crate) fn explain(&self, what: &'static str, error: ApiError) -> DaemonError {
        match error {
            ApiError::DockerResponseServerError {
                status_code,
                message,
            } => DaemonError::Refused {
                what,
                status: status_code,
                message,
            },
            ApiError::DockerStreamError { error } => DaemonError::Refused {
                what,
                status: 500,
                message: error,
            },
            source => DaemonError::Gone {
                what,
                host: self.host.clone(),
                source: Box::new(source),
            },
        }
    }
}

/// Spells credentials as the daemon reads them.
///
/// The client encodes them in the alphabet of RFC 4648, section 4, the daemon
/// decodes that of section 5; they differ in two letters.
fn with_url_safe_credentials(mut request: bollard::BollardRequest) -> bollard::BollardRequest {
    let headers = request.headers_mut();
    if let Some(value) = headers.get_mut("X-Registry-Auth")
        && let Ok(text) = value.to_str()
        && let Ok(mut spelt) = text.replace('+', "-").replace('/', "_").parse()
    {
        std::mem::swap(value, &mut spelt);
        value.set_sensitive(true);
    }
    request
}
