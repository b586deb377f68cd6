//! The credentials for a registry, from Docker's configuration file or the helper
//! that it names.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use docker_credential::{CredentialRetrievalError, DockerCredential};
use tokio::sync::Semaphore;
use tokio::{task, time};

/// The key of the default registry in Docker's configuration.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";

/// How long a helper may take: some ask a service.
const HELPER_LIMIT: Duration = Duration::from_secs(20);

/// How much of a configuration file is read.
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// How many look-ups there are at once. A helper cannot be ended from here, so
/// this is also how many threads helpers that hang can hold.
static LOOK_UPS: Semaphore = Semaphore::const_new(4);

/// What a registry is shown to be given its images.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Nothing.
    Anonymous,
    /// A user name and a password.
    Password {
        /// The user name.
        username: String,
        /// The password, or a token in its place.
        password: String,
    },
    /// A token that stands for a user.
    IdentityToken(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "Anonymous",
            Self::Password { .. } => "Password([redacted])",
            Self::IdentityToken(_) => "IdentityToken([redacted])",
        })
    }
}

/// An error getting the credentials for a registry. It has no secret in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// Docker's configuration file cannot be read.
    #[error("Docker's configuration file cannot be read")]
    Unreadable(#[source] io::Error),

    /// Docker's configuration file is not what it should be.
    #[error("Docker's configuration file is malformed: {0}")]
    Malformed(&'static str),

    /// The helper that the configuration names failed.
    #[error("the credential helper {0}")]
    Helper(&'static str),

    /// The helper took too long.
    #[error("the credential helper did not answer within {0:?}")]
    TimedOut(Duration),
}

/// Returns the credentials for `registry` from the configuration of whoever runs
/// this: `$DOCKER_CONFIG/config.json`, or `.docker/config.json` in the home
/// directory. Without any, they are [`Credentials::Anonymous`].
///
/// # Cancellation
///
/// Safe to drop; a helper that was asked runs to its end.
///
/// # Errors
///
/// Returns a [`CredentialsError`] if there is a configuration that cannot be
/// used, or if a helper fails.
pub async fn for_registry(registry: &str) -> Result<Credentials, CredentialsError> {
    match environment_directory() {
        Some(directory) => for_registry_in(&directory, registry).await,
        None => Ok(Credentials::Anonymous),
    }
}

/// Returns the credentials for `registry` from `config.json` in `directory`, as
/// [`for_registry`] does.
///
/// # Cancellation
///
/// Safe to drop; a helper that was asked runs to its end.
///
/// # Errors
///
/// As for [`for_registry`].
pub async fn for_registry_in(
    directory: &Path,
    registry: &str,
) -> Result<Credentials, CredentialsError> {
    let path = directory.join("config.json");
    let key = match registry {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => DOCKER_HUB_KEY,
        other => other,
    }
    .to_owned();
    let look_up = async {
        let permit = LOOK_UPS.acquire().await;
        // Files and helpers block, and a helper may do so for long.
        let found = task::spawn_blocking(move || {
            let found = look_up(&path, &key);
            drop(permit);
            found
        });
        found
            .await
            .unwrap_or(Err(CredentialsError::Helper("could not be asked")))
    };
    time::timeout(HELPER_LIMIT, look_up)
        .await
        .unwrap_or(Err(CredentialsError::TimedOut(HELPER_LIMIT)))
}

fn environment_directory() -> Option<PathBuf> {
    std::env::var_os("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".docker")))
}

fn look_up(path: &Path, key: &str) -> Result<Credentials, CredentialsError> {
    let file = match File::open(path) {
        Ok(file) => file.take(MAX_CONFIG_BYTES),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Credentials::Anonymous),
        Err(error) => return Err(CredentialsError::Unreadable(error)),
    };
    match docker_credential::get_credential_from_reader(BufReader::new(file), key) {
        Ok(DockerCredential::UsernamePassword(username, password)) => {
            Ok(Credentials::Password { username, password })
        }
        Ok(DockerCredential::IdentityToken(token)) => Ok(Credentials::IdentityToken(token)),
        Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(Credentials::Anonymous),
        // Helpers say on standard output that they know nothing of a registry. What
        // else they print may be anything and is not passed on.
        Err(CredentialRetrievalError::HelperFailure { stdout, .. })
            if stdout.contains("credentials not found") =>
        {
            Ok(Credentials::Anonymous)
        }
        Err(CredentialRetrievalError::HelperFailure { .. }) => {
            Err(CredentialsError::Helper("failed"))
        }
        Err(CredentialRetrievalError::HelperCommunicationError) => {
            Err(CredentialsError::Helper("could not be started"))
        }
        Err(CredentialRetrievalError::MalformedHelperResponse) => {
            Err(CredentialsError::Helper("answered with something else"))
        }
        Err(CredentialRetrievalError::CredentialDecodingError) => {
            Err(CredentialsError::Malformed("an `auth` cannot be decoded"))
        }
        Err(CredentialRetrievalError::CredentialMismatchError) => Err(CredentialsError::Malformed(
            "an `auth` does not match its user name and password",
        )),
        Err(
            CredentialRetrievalError::ConfigReadError | CredentialRetrievalError::ConfigNotFound,
        ) => Err(CredentialsError::Malformed(
            "it is not the JSON it should be",
        )),
    }
}
