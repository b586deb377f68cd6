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
        check_egress(config, engine).map_err(refusal)?;
    }
    let image = request.validate().map_err(refusal)?;
    let terms = config.bounds.grant(&request).map_err(refusal)?;
    let recognised = check_allowed(config, &image, request.kind)
        .and_then(|()| engine.recognise(image.image(), image.tag()));
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

/// Refuses a network that is not to be had.
fn check_egress<E: Engine>(config: &Config, engine: &E) -> Result<(), RequestError> {
    let refused = |reason| Err(RequestError::field("network", reason));
    if !config.allow_egress {
        return refused("is `egress`, which the configuration does not allow".to_owned());
    }
    if !engine.offers(sandbox::Network::Egress) {
        let engine = engine.kind();
        return refused(format!(
            "is `egress`, which the {engine} engine does not offer here"
        ));
    }
    Ok(())
}

/// Refuses an image that the configuration does not name for this kind.
fn check_allowed(config: &Config, image: &ImageReference, kind: Kind) -> Result<(), PrepareError> {
    let allowed = config.allowed_images.iter().any(|allowed| {
        allowed.pattern.fits(image.image(), image.tag())
            && allowed
                .kinds
                .as_ref()
                .is_none_or(|kinds| kinds.contains(&kind))
    });
    if allowed {
        return Ok(());
    }
    Err(PrepareError::Unsupported {
        image: image.to_string(),
        reason: format!("the dispatcher's configuration does not allow it for {kind}"),
    })
}

/// Refuses a language that an image's runner does not execute.
pub(super) fn check_language(
    language: Option<Language>,
    known: &[String],
    image: &ImageReference,
) -> Result<(), RequestError> {
    match language {
        // Where it is not known, the runner decides.
        Some(language)
            if !known.is_empty() && !known.iter().any(|known| known == language.name()) =>
        {
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
        PrepareError::EngineUnavailable { .. } => FailureCode::SandboxStartFailed,
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
