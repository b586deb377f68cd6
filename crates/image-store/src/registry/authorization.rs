//! What a registry demands before it gives anything: a password, or a token that
//! another service gives for one.

use http_auth::ChallengeRef;
use reqwest::header::{HeaderValue, WWW_AUTHENTICATE};
use reqwest::{RequestBuilder, Response, Url};
use serde::Deserialize;

use super::{Registry, body, trusted};
use crate::credentials::Credentials;
use crate::error::PullError;

/// The largest answer of a token service that is read.
const MAX_TOKEN_BYTES: u64 = 1 << 20;

const WHAT: &str = "permission";

/// Who asks for a token, to a service that wants to know.
const CLIENT_ID: &str = "veritech";

/// What a token service answers: one of the two, by which protocol it speaks.
#[derive(Deserialize)]
struct Granted {
    token: Option<String>,
    access_token: Option<String>,
}

/// A registry demands something that cannot be given.
#[derive(Debug, thiserror::Error)]
enum Demand {
    #[error("it demands nothing that is understood")]
    Unknown,
    #[error("its token service is not at a URL that may be asked")]
    Service,
    #[error("its token service answered {0}")]
    Refused(reqwest::StatusCode),
    #[error("its token service did not answer with a token")]
    NoToken,
}

impl Registry {
    /// Does what a registry that answered "unauthorized" demands.
    pub(super) async fn authorize(&mut self, response: &Response) -> Result<(), PullError> {
        let headers = response.headers().get_all(WWW_AUTHENTICATE);
        let demands: Vec<&str> = headers
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let challenges: Vec<ChallengeRef<'_>> = demands
            .iter()
            .filter_map(|demand| http_auth::parse_challenges(demand).ok())
            .flatten()
            .collect();
        let find = |scheme: &str| {
            challenges
                .iter()
                .find(|challenge| challenge.scheme.eq_ignore_ascii_case(scheme))
        };
        let mut authorization = if let Some(challenge) = find("Bearer") {
            format!("Bearer {}", self.token(challenge).await?)
        } else if find("Basic").is_some()
            && let Credentials::Password { username, password } = &self.credentials
        {
            http_auth::basic::encode_credentials(username, password)
        } else {
            return Err(self.denied(Box::new(Demand::Unknown)));
        }
        .parse::<HeaderValue>()
        .map_err(|error| self.denied(error.into()))?;
        authorization.set_sensitive(true);
        self.authorization = Some(authorization);
        Ok(())
    }

    /// Asks the token service that a challenge names.
    async fn token(&self, challenge: &ChallengeRef<'_>) -> Result<String, PullError> {
        let parameter = |name: &str| {
            challenge
                .params
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.to_unescaped())
        };
        let realm = parameter("realm")
            .and_then(|realm| Url::parse(&realm).ok())
            .filter(|realm| trusted(realm, self.transport))
            .ok_or_else(|| self.denied(Box::new(Demand::Service)))?;
        let mut query = Vec::new();
        if let Some(service) = parameter("service") {
            query.push(("service", service));
        }
        if let Some(scope) = parameter("scope") {
            query.push(("scope", scope));
        }
        let mut response = self
            .token_request(realm, query)
            .send()
            .await
            .map_err(|error| self.broken(WHAT, error))?;
        if !response.status().is_success() {
            return Err(self.denied(Box::new(Demand::Refused(response.status()))));
        }
        let answer = body(&mut response, MAX_TOKEN_BYTES)
            .await
            .map_err(|error| self.broken(WHAT, error))?
            .unwrap_or_default();
        serde_json::from_slice::<Granted>(&answer)
            .ok()
            .and_then(|granted| granted.token.or(granted.access_token))
            .ok_or_else(|| self.denied(Box::new(Demand::NoToken)))
    }

    fn token_request(&self, realm: Url, mut query: Vec<(&str, String)>) -> RequestBuilder {
        match &self.credentials {
            Credentials::Anonymous => self.client.get(realm).query(&query),
            Credentials::Password { username, password } => self
                .client
                .get(realm)
                .query(&query)
                .basic_auth(username, Some(password)),
            Credentials::IdentityToken(token) => {
                query.push(("grant_type", "refresh_token".to_owned()));
                query.push(("client_id", CLIENT_ID.to_owned()));
                query.push(("refresh_token", token.clone()));
                self.client.post(realm).form(&query)
            }
        }
    }
}
