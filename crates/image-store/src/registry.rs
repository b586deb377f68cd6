//! Talking to a registry: the pull half of the OCI distribution protocol.
//!
//! Every answer is read up to a limit, and nothing is believed because of whom it
//! came from: whoever asks checks digests. Credentials are shown to the registry
//! and to the token service that it names, and never over plain HTTP unless the
//! registry itself is spoken to that way.

mod authorization;

use std::error::Error;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Response, StatusCode, Url};
use sandbox::RegistryReference;

use crate::config::StoreConfig;
use crate::credentials::Credentials;
use crate::digest::Digest;
use crate::error::PullError;
use crate::manifest::{ACCEPTED, MAX_DOCUMENT_BYTES};
use crate::spelling::is_plain;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long a registry may be silent within an answer.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: usize = 5;
/// How much of an error page is read, for the log.
const MAX_ERROR_BYTES: u64 = 1024;

/// Where the default registry serves images.
const DOCKER_HUB: &str = "registry-1.docker.io";

const USER_AGENT: &str = concat!("veritech/", env!("CARGO_PKG_VERSION"));

/// One repository of a registry, for the length of a pull.
pub(crate) struct Registry {
    client: Client,
    /// Up to and including the repository.
    base: String,
    name: String,
    transport: Transport,
    credentials: Credentials,
    authorization: Option<HeaderValue>,
}

/// How a registry is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Tls,
    Plain,
}

/// A registry answered with something else than what was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the registry answered {status}: {text}")]
struct Answer {
    status: StatusCode,
    /// Its beginning, escaped.
    text: String,
}

impl Registry {
    /// Prepares to talk to the registry of `reference`. Nothing is sent yet.
    pub(crate) fn new(
        reference: &RegistryReference,
        config: &StoreConfig,
        credentials: Credentials,
    ) -> Result<Self, PullError> {
        if !is_plain(reference) {
            return Err(PullError::Unsupported(
                "its name has characters that names of images do not have".to_owned(),
            ));
        }
        let name = reference.registry();
        let plain =
            reference.is_loopback() || config.insecure_registries.iter().any(|one| one == name);
        let (transport, scheme) = if plain {
            (Transport::Plain, "http")
        } else {
            (Transport::Tls, "https")
        };
        let client = client(reference, transport).map_err(|source| PullError::Registry {
            registry: name.to_owned(),
            what: "anything",
            problem: "could not be talked to",
            source: source.into(),
        })?;
        let host = match name {
            "docker.io" | "index.docker.io" => DOCKER_HUB,
            other => other,
        };
        Ok(Self {
            client,
            base: format!("{scheme}://{host}/v2/{}", reference.repository()),
            name: name.to_owned(),
            transport,
            credentials,
            authorization: None,
        })
    }

    /// Returns a manifest or index by its tag or digest, unchecked.
    pub(crate) async fn manifest(&mut self, name: &str) -> Result<Vec<u8>, PullError> {
        let what = "a manifest";
        let mut response = self.get(&format!("manifests/{name}"), what).await?;
        let body = body(&mut response, MAX_DOCUMENT_BYTES).await;
        body.map_err(|error| self.broken(what, error))?
            .ok_or(PullError::TooLarge {
                what: "its manifest is",
                limit: format!("{MAX_DOCUMENT_BYTES} bytes"),
            })
    }

    /// Begins to fetch a blob.
    pub(crate) async fn blob(&mut self, digest: &Digest) -> Result<Blob<'_>, PullError> {
        let response = self.get(&format!("blobs/{digest}"), "a layer").await?;
        Ok(Blob {
            registry: self,
            response,
        })
    }

    /// Sends a request, with what the registry demands to let us in.
    async fn get(&mut self, path: &str, what: &'static str) -> Result<Response, PullError> {
        let url = format!("{}/{path}", self.base);
        let mut response = self.send(&url, what).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            // Also when a token has run out in the middle of a long pull.
            self.authorize(&response).await?;
            response = self.send(&url, what).await?;
        }
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refused(response, what).await)
    }

    async fn send(&self, url: &str, what: &'static str) -> Result<Response, PullError> {
        let mut request = self.client.get(url).header(ACCEPT, ACCEPTED);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        request
            .send()
            .await
            .map_err(|error| self.broken(what, error))
    }

    /// Says what an answer other than success means.
    async fn refused(&self, mut response: Response, what: &'static str) -> PullError {
        let status = response.status();
        let text = match body(&mut response, MAX_ERROR_BYTES).await {
            Ok(Some(text)) => text.escape_ascii().to_string(),
            Ok(None) | Err(_) => String::new(),
        };
        let registry = self.name.clone();
        let source = Box::new(Answer { status, text });
        match status {
            StatusCode::NOT_FOUND => PullError::NotFound { registry, source },
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => self.denied(source),
            StatusCode::TOO_MANY_REQUESTS => PullError::Registry {
                registry,
                what,
                problem: "allows no more requests for now",
                source,
            },
            _ => PullError::Registry {
                registry,
                what,
                problem: "answered with an error",
                source,
            },
        }
    }

    fn denied(&self, source: Box<dyn Error + Send + Sync>) -> PullError {
        PullError::Denied {
            registry: self.name.clone(),
            advice: match self.credentials {
                Credentials::Anonymous => {
                    "there are no credentials for it in Docker's configuration, or no such image"
                }
                Credentials::Password { .. } | Credentials::IdentityToken(_) => {
                    "the credentials in Docker's configuration do not suffice"
                }
            },
            source,
        }
    }

    fn broken(&self, what: &'static str, error: reqwest::Error) -> PullError {
        PullError::Registry {
            registry: self.name.clone(),
            what,
            problem: if error.is_timeout() {
                "did not answer in time"
            } else if error.is_connect() {
                "could not be reached"
            } else {
                "broke off or did not speak HTTP"
            },
            source: error.without_url().into(),
        }
    }
}

/// A blob that is being fetched.
pub(crate) struct Blob<'a> {
    registry: &'a Registry,
    response: Response,
}

impl Blob<'_> {
    /// Returns the next bytes, or nothing at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, PullError> {
        let next = self.response.chunk().await;
        next.map_err(|error| self.registry.broken("a layer", error))
    }
}

/// Reads a body of up to `limit` bytes; nothing if there are more.
async fn body(response: &mut Response, limit: u64) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await? {
        body.extend_from_slice(&bytes);
        if body.len() as u64 > limit {
            return Ok(None);
        }
    }
    Ok(Some(body))
}

fn client(reference: &RegistryReference, transport: Transport) -> reqwest::Result<Client> {
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_LIMIT)
        .read_timeout(SILENCE_LIMIT)
        .redirect(Policy::custom(move |attempt| redirect(attempt, transport)));
    if reference.is_loopback() {
        // A proxy's loopback is not ours.
        builder = builder.no_proxy();
    }
    if transport == Transport::Plain {
        // It must not need certificates on the host.
        builder = builder.tls_certs_only([]);
    }
    builder.build()
}

fn redirect(attempt: Attempt<'_>, transport: Transport) -> reqwest::redirect::Action {
    if attempt.previous().len() > MAX_REDIRECTS {
        attempt.error("too many redirects")
    } else if !trusted(attempt.url(), transport) {
        attempt.error("a redirect away from TLS")
    } else {
        attempt.follow()
    }
}

/// Whether a URL that a registry names may be asked.
fn trusted(url: &Url, transport: Transport) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => transport == Transport::Plain,
        _ => false,
    }
}
