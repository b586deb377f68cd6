//! What a caller asks for.
//!
//! ```text
//!   bytes ──bounded──▶ text ──parse──▶ RawRequest ──check──▶ RemoteFunctionRequest
//! ```

mod error;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::id::ExecutionId;
use crate::image::ImageReference;
use crate::json;
use crate::kind::{Kind, ResponseType};

pub use self::error::RequestError;
use self::error::parse_error;

/// The deepest nesting of a request.
pub const MAX_REQUEST_DEPTH: usize = 132;

/// The longest name of a handler, in bytes.
pub const MAX_HANDLER_BYTES: usize = 256;

/// The most variables in `env`.
pub const MAX_ENV_VARIABLES: usize = 256;

/// The longest name of a variable in `env`, in bytes.
pub const MAX_ENV_NAME_BYTES: usize = 256;

/// A function to execute: its kind, code, inputs, and the image to run it in.
///
/// # Examples
///
/// ```
/// use veritech_protocol::{Kind, RemoteFunctionRequest};
///
/// let request = RemoteFunctionRequest::new(
///     Kind::Resolver,
///     "builtin/quickjs",
///     "export default ({ name }) => `Hello, ${name}!`",
/// );
/// let text = request.encode()?;
/// let back = RemoteFunctionRequest::decode(text.as_bytes(), 1 << 20)?;
/// assert_eq!(back.container_tag, "latest");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct RemoteFunctionRequest {
    /// What the function is for; equals the last token of the subject.
    pub kind: Kind,
    /// The OCI name of the image to run it in.
    pub container_image: String,
    /// The image's tag, or digest `sha256:…`.
    #[cfg_attr(feature = "schema", schemars(default = "latest"))]
    pub container_tag: String,
    /// The function's source.
    pub code: String,
    /// Names the execution; the dispatcher draws one if it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ExecutionId>,
    /// The language of the source; the image's own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The export to call; the default one if absent (Python: `handler`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// The handler's first argument: any JSON.
    #[cfg_attr(feature = "schema", schemars(default = "empty_object"))]
    pub inputs: Box<RawValue>,
    /// The type that a resolver's value must have.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub response_type: ResponseType,
    /// How long the function may run, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// How long the request may wait for a sandbox, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_timeout_ms: Option<u64>,
    /// What the function may use.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub limits: RequestedLimits,
    /// What the function can reach.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub network: Network,
    /// Variables to set inside the language before the code loads.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub env: BTreeMap<String, String>,
    /// Which events the mailbox gets.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub replies: Replies,
    /// What happens when nobody reads the mailbox any more.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub on_caller_lost: OnCallerLost,
}

/// The language of a function's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Language {
    /// JavaScript, as an ES module.
    #[serde(rename = "javascript")]
    JavaScript,
    /// TypeScript, as an ES module; types are stripped, not checked.
    #[serde(rename = "typescript")]
    TypeScript,
    /// Python 3.
    Python,
}

impl Language {
    /// Returns the language's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::Python => "python",
        }
    }
}

/// What a function may use. Each limit that is absent has a configured default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestedLimits {
    /// Memory of everything in the sandbox, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Processors, such as `0.5` or `2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
    /// Processor time, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_time_ms: Option<u64>,
    /// Processes and threads at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<u32>,
    /// Bytes of scratch files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_bytes: Option<u64>,
    /// Bytes of output; more is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_bytes: Option<u64>,
    /// Bytes of the value's JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_bytes: Option<u64>,
}

/// What a function can reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Network {
    /// Nothing.
    #[default]
    None,
    /// The outside, where configuration and engine allow it.
    Egress,
}

/// Which events the mailbox gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Replies {
    /// Every event.
    #[default]
    Events,
    /// The result alone, in one message.
    Result,
}

/// What happens when nobody reads the mailbox any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum OnCallerLost {
    /// The execution goes on.
    #[default]
    Finish,
    /// The execution is cancelled.
    Cancel,
}

/// The shape on the wire, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRequest {
    kind: String,
    container_image: String,
    #[serde(default = "latest")]
    container_tag: String,
    code: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    language: Option<Language>,
    #[serde(default)]
    handler: Option<String>,
    #[serde(default = "empty_object")]
    inputs: Box<RawValue>,
    #[serde(default)]
    response_type: ResponseType,
    #[serde(default)]
    timeout_ms: Option<u64>,
    #[serde(default)]
    queue_timeout_ms: Option<u64>,
    #[serde(default, deserialize_with = "json::object")]
    limits: RequestedLimits,
    #[serde(default)]
    network: Network,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    replies: Replies,
    #[serde(default)]
    on_caller_lost: OnCallerLost,
}

fn latest() -> String {
    "latest".to_owned()
}

fn empty_object() -> Box<RawValue> {
    serde_json::value::to_raw_value(&serde_json::Map::new())
        .expect("invariant: an empty object is JSON")
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl RemoteFunctionRequest {
    /// Returns a request with the defaults for all that is optional.
    pub fn new(kind: Kind, container_image: impl Into<String>, code: impl Into<String>) -> Self {
        Self {
            kind,
            container_image: container_image.into(),
            container_tag: latest(),
            code: code.into(),
            id: None,
            language: None,
            handler: None,
            inputs: empty_object(),
            response_type: ResponseType::default(),
            timeout_ms: None,
            queue_timeout_ms: None,
            limits: RequestedLimits::default(),
            network: Network::default(),
            env: BTreeMap::new(),
            replies: Replies::default(),
            on_caller_lost: OnCallerLost::default(),
        }
    }

    /// Writes the request as JSON text.
    ///
    /// # Errors
    ///
    /// Returns an error if a number of processors is not finite.
    pub fn encode(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// Reads and checks a request of at most `max_bytes`.
    ///
    /// # Errors
    ///
    /// Returns what is wrong: the field, what it must be, the limit.
    pub fn decode(bytes: &[u8], max_bytes: usize) -> Result<Self, RequestError> {
        let text = json::bounded(bytes, max_bytes, MAX_REQUEST_DEPTH)
            .map_err(RequestError::OutOfBounds)?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
        let raw: RawRequest = json::object(tracked)
            .map_err(|error| parse_error(&track.path().to_string(), &error))?;
        deserializer
            .end()
            .map_err(|error| parse_error(".", &error))?;
        Self::try_from(raw)
    }

    /// Finds the id in a request that [`decode`](Self::decode) refused, so that
    /// the refusal can name it.
    pub fn salvage_id(bytes: &[u8], max_bytes: usize) -> Option<ExecutionId> {
        #[derive(Deserialize)]
        struct OnlyId {
            id: ExecutionId,
        }
        let text = json::bounded(bytes, max_bytes, MAX_REQUEST_DEPTH).ok()?;
        serde_json::from_str::<OnlyId>(text)
            .ok()
            .map(|only| only.id)
    }

    /// Checks everything that does not depend on configuration.
    ///
    /// # Errors
    ///
    /// Returns the first field that is wrong.
    pub fn validate(&self) -> Result<ImageReference, RequestError> {
        let image = ImageReference::try_new(&self.container_image, &self.container_tag)
            .map_err(|error| RequestError::field(error.field(), error.to_string()))?;
        if let Some(handler) = &self.handler
            && (handler.is_empty() || handler.len() > MAX_HANDLER_BYTES || handler.contains('\0'))
        {
            return Err(RequestError::field(
                "handler",
                format!("must be the name of an export, 1 to {MAX_HANDLER_BYTES} bytes long"),
            ));
        }
        if self.kind != Kind::Resolver && self.response_type != ResponseType::Any {
            return Err(RequestError::field(
                "response_type",
                format!("is for resolvers only, this is a {}", self.kind),
            ));
        }
        if self
            .limits
            .cpus
            .is_some_and(|cpus| !cpus.is_finite() || cpus <= 0.0)
        {
            return Err(RequestError::field(
                "limits.cpus",
                "must be a number over 0",
            ));
        }
        self.validate_env()?;
        Ok(image)
    }

    fn validate_env(&self) -> Result<(), RequestError> {
        if self.env.len() > MAX_ENV_VARIABLES {
            return Err(RequestError::field(
                "env",
                format!(
                    "must have at most {MAX_ENV_VARIABLES} variables, got {}",
                    self.env.len()
                ),
            ));
        }
        for (name, value) in &self.env {
            let named =
                !name.is_empty() && name.len() <= MAX_ENV_NAME_BYTES && !name.contains(['=', '\0']);
            if !named {
                return Err(RequestError::field(
                    "env",
                    format!("must have names of 1 to {MAX_ENV_NAME_BYTES} bytes without `=`"),
                ));
            }
            if value.contains('\0') {
                return Err(RequestError::field(
                    format!("env.{name}"),
                    "must not hold a NUL character",
                ));
            }
        }
        Ok(())
    }
}

impl TryFrom<RawRequest> for RemoteFunctionRequest {
    type Error = RequestError;

    fn try_from(raw: RawRequest) -> Result<Self, RequestError> {
        let RawRequest {
            kind,
            container_image,
            container_tag,
            code,
            id,
            language,
            handler,
            inputs,
            response_type,
            timeout_ms,
            queue_timeout_ms,
            limits,
            network,
            env,
            replies,
            on_caller_lost,
        } = raw;
        let kind = kind
            .parse::<Kind>()
            .map_err(|_| RequestError::unsupported_kind(&kind))?;
        let id = id
            .map(ExecutionId::try_from)
            .transpose()
            .map_err(|error| RequestError::field("id", error.to_string()))?;
        let request = Self {
            kind,
            container_image,
            container_tag,
            code,
            id,
            language,
            handler,
            inputs,
            response_type,
            timeout_ms,
            queue_timeout_ms,
            limits,
            network,
            env,
            replies,
            on_caller_lost,
        };
        request.validate()?;
        Ok(request)
    }
}

#[cfg(test)]
mod tests;
