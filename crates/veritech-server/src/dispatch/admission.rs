//! Decides whether a request is taken, before anything is done for it.

use sandbox::{Engine, PrepareError};
use veritech_protocol::{
    ExecutionId, Failure, FailureCode, ImageReference, Kind, Language, Network,
    RemoteFunctionRequest, Replies, RequestError, Terms,
};

use super::Received;
use crate::config::Config;

/// A request that is taken.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) id: ExecutionId,
    pub(super) request: RemoteFunctionRequest,
    pub(super) image: ImageReference,
    pub(super) terms: Terms,
}

/// A request that is not, with what can be said of it.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) id: Option<ExecutionId>,
    pub(super) replies: Replies,
    pub(super) failure: Failure,
}

/// Reads a request and holds it against the configuration and the engine.
pub(super) fn admit<E: Engine>(
    received: &Received,
    config: &Config,
    engine: &E,
) -> Result<Admitted, Refusal> {
    let Received { kind, payload, .. } = received;
    let subject_kind = kind
        .as_deref()
        .map(|token| token.parse::<Kind>().map_err(|_| token))
        .transpose()
        .map_err(RequestError::unsupported_kind);
    let read = subject_kind.and_then(|subject_kind| {
        let request = RemoteFunctionRequest::decode(payload, config.max_request_bytes)?;
        Ok((subject_kind, request))
    });
    let (subject_kind, request) = read.map_err(|error| Refusal {
        id: RemoteFunctionRequest::salvage_id(payload, config.max_request_bytes),
        replies: Replies::default(),
        failure: error.into(),
    })?;

    let refusal = |error: RequestError| Refusal {
        id: request.id.clone(),
        replies: request.replies,
        failure: error.into(),
    };
    if let Some(subject_kind) = subject_kind
        && subject_kind != request.kind
    {
        return Err(refusal(RequestError::field(
            "kind",
            format!("is {}, but the subject says {subject_kind}", request.kind),
        )));
    }
    if request.network == Network::Egress {
        return Err(refusal(RequestError::field(
            "network",
            format!(
                "is `egress`, which the {} engine does not offer",
                engine.kind()
            ),
        )));
    }
    let image = request.validate().map_err(refusal)?;
    let terms = config.bounds.grant(&request).map_err(refusal)?;
    let recognised = engine.recognise(image.image(), image.tag());
    let languages = recognised.map_err(|error| Refusal {
        id: request.id.clone(),
        replies: request.replies,
        failure: image_failure(&error, &image),
    })?;
    if let Some(languages) = languages {
        check_language(request.language, &languages, &image).map_err(refusal)?;
    }
    let id = request.id.clone().unwrap_or_else(draw_id);
    Ok(Admitted {
        id,
        request,
        image,
        terms,
    })
}

/// Refuses a language that an image's runner does not execute.
pub(super) fn check_language(
    language: Option<Language>,
    known: &[String],
    image: &ImageReference,
) -> Result<(), RequestError> {
    match language {
        Some(language) if !known.iter().any(|known| known == language.name()) => {
            Err(RequestError::field(
                "language",
                format!(
                    "is {}, but `{image}` runs {} only",
                    language.name(),
                    known.join(", ")
                ),
            ))
        }
        Some(_) | None => Ok(()),
    }
}

/// The failure of a request whose image is not to be had.
pub(super) fn image_failure(error: &PrepareError, image: &ImageReference) -> Failure {
    let code = match error {
        PrepareError::Unsupported { .. } => FailureCode::UnsupportedImage,
        _ => FailureCode::ImagePullFailed,
    };
    Failure::new(code, error.to_string()).with("image", image.to_string())
}

fn draw_id() -> ExecutionId {
    uuid::Uuid::new_v4()
        .to_string()
        .parse()
        .expect("invariant: a UUID is an execution id")
}
