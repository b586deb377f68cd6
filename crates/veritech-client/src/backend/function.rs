//! The backend that calls a function.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use veritech_protocol::{
    Kind, Language, Network, OnCallerLost, RawValue, RemoteFunctionRequest, RequestedLimits,
};

use crate::pointer::Pointer;

/// A function that gives a property its value: a resolver, and what it is called with.
///
/// Its handler gets an object with one member for each of its inputs.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use veritech_client::{FunctionBackend, ResolverBackend};
///
/// let url = FunctionBackend::javascript(
///     "builtin/quickjs",
///     "export default ({ host, port }) => `https://${host}:${port}/`",
/// )
/// .input("port", 8443)
/// .input_from("host", "/network/host".parse()?)
/// .timeout(Duration::from_secs(2));
/// let backend = ResolverBackend::from(url);
/// # Ok::<(), veritech_client::InvalidPointer>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionBackend {
    /// The OCI name of the image to run it in.
    pub container_image: String,
    /// The image's tag, or digest `sha256:…`.
    #[serde(default = "latest")]
    pub container_tag: String,
    /// The function's source.
    pub code: String,
    /// The language of the source; the image's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The export to call; the default one if absent (Python: `handler`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// The members of the handler's first argument.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, Input>,
    /// How long the function may run, in milliseconds; the dispatcher's default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// How long the request may wait for a sandbox, in milliseconds; likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_timeout_ms: Option<u64>,
    /// What the function may use; what is absent has a default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub limits: RequestedLimits,
    /// What the function can reach.
    #[serde(default, skip_serializing_if = "is_default")]
    pub network: Network,
    /// Variables to set inside the language before the code loads.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

/// Where a member of a function's inputs comes from.
///
/// As JSON it is `{"value": …}` or `{"prop": "/a/pointer"}`.
///
/// # Examples
///
/// ```
/// use veritech_client::Input;
///
/// let always: Input = serde_json::from_str(r#"{"value": 8080}"#)?;
/// assert_eq!(always, Input::Value(8080.into()));
/// let other: Input = serde_json::from_str(r#"{"prop": "/network/host"}"#)?;
/// assert!(matches!(other, Input::Prop(prop) if prop.to_string() == "/network/host"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// Always this value.
    Value(Value),
    /// The value of another prop, or of a place in it. While that is not set, the
    /// member is left out.
    Prop(Pointer),
}

impl FunctionBackend {
    /// Returns a function in JavaScript.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::FunctionBackend;
    ///
    /// let function = FunctionBackend::javascript("builtin/quickjs", "export default () => 8");
    /// assert!(function.inputs.is_empty());
    /// ```
    pub fn javascript(container_image: impl Into<String>, code: impl Into<String>) -> Self {
        Self {
            language: Some(Language::JavaScript),
            ..Self::new(container_image, code)
        }
    }

    /// Returns a function in Python.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::FunctionBackend;
    ///
    /// let code = "def handler(inputs, context):\n    return 8\n";
    /// let function = FunctionBackend::python("registry.example/python", code);
    /// ```
    pub fn python(container_image: impl Into<String>, code: impl Into<String>) -> Self {
        Self {
            language: Some(Language::Python),
            ..Self::new(container_image, code)
        }
    }

    /// Returns a function in the image's own language.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::FunctionBackend;
    ///
    /// let function = FunctionBackend::new("registry.example/ruby", "def handler(inputs, context) = 8");
    /// assert_eq!(function.container_tag, "latest");
    /// ```
    pub fn new(container_image: impl Into<String>, code: impl Into<String>) -> Self {
        Self {
            container_image: container_image.into(),
            container_tag: latest(),
            code: code.into(),
            language: None,
            handler: None,
            inputs: BTreeMap::new(),
            timeout_ms: None,
            queue_timeout_ms: None,
            limits: RequestedLimits::default(),
            network: Network::default(),
            env: BTreeMap::new(),
        }
    }

    /// Sets the image's tag, or its digest `sha256:…`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use veritech_client::FunctionBackend;
    /// let function = FunctionBackend::javascript("registry.example/node", "").tag("24");
    /// assert_eq!(function.container_tag, "24");
    /// ```
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.container_tag = tag.into();
        self
    }

    /// Names the export to call.
    ///
    /// # Examples
    ///
    /// ```
    /// # use veritech_client::FunctionBackend;
    /// let function = FunctionBackend::javascript("builtin/quickjs", "export const cores = () => 8")
    ///     .handler("cores");
    /// ```
    #[must_use]
    pub fn handler(mut self, handler: impl Into<String>) -> Self {
        self.handler = Some(handler.into());
        self
    }

    /// Adds an input that is always the same.
    ///
    /// # Examples
    ///
    /// ```
    /// # use veritech_client::FunctionBackend;
    /// let function = FunctionBackend::javascript("builtin/quickjs", "export default ({ n }) => n")
    ///     .input("n", 3);
    /// ```
    #[must_use]
    pub fn input(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.inputs.insert(name.into(), Input::Value(value.into()));
        self
    }

    /// Adds an input that is the value of another prop: one of the same set of
    /// [`Bindings`](crate::Bindings).
    ///
    /// # Examples
    ///
    /// ```
    /// # use veritech_client::FunctionBackend;
    /// let function = FunctionBackend::javascript("builtin/quickjs", "export default ({ n }) => n")
    ///     .input_from("n", "/network/ports/0".parse()?);
    /// # Ok::<(), veritech_client::InvalidPointer>(())
    /// ```
    #[must_use]
    pub fn input_from(mut self, name: impl Into<String>, prop: Pointer) -> Self {
        self.inputs.insert(name.into(), Input::Prop(prop));
        self
    }

    /// Sets how long the function may run; whole milliseconds, rounded up.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use veritech_client::FunctionBackend;
    /// let function = FunctionBackend::javascript("builtin/quickjs", "")
    ///     .timeout(Duration::from_secs(2));
    /// assert_eq!(function.timeout_ms, Some(2000));
    /// ```
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        let ms = timeout.as_nanos().div_ceil(1_000_000);
        self.timeout_ms = Some(u64::try_from(ms).unwrap_or(u64::MAX));
        self
    }

    /// Returns what it is called in its JSON form.
    pub(super) fn kind(&self) -> &'static str {
        match self.language {
            Some(Language::JavaScript) => "javascript",
            Some(Language::Python) => "python",
            Some(Language::TypeScript) | None => "function",
        }
    }

    /// Returns the request that calls it, with these inputs.
    ///
    /// The response type is left open: what `null` and numbers mean is decided where
    /// the value is mapped, for every backend alike. Nobody but this caller wants the
    /// value, so the execution ends with it.
    pub(crate) fn request(&self, inputs: Box<RawValue>) -> RemoteFunctionRequest {
        let code = self.code.clone();
        RemoteFunctionRequest {
            container_tag: self.container_tag.clone(),
            language: self.language,
            handler: self.handler.clone(),
            inputs,
            timeout_ms: self.timeout_ms,
            queue_timeout_ms: self.queue_timeout_ms,
            limits: self.limits.clone(),
            network: self.network,
            env: self.env.clone(),
            on_caller_lost: OnCallerLost::Cancel,
            ..RemoteFunctionRequest::new(Kind::Resolver, &self.container_image, code)
        }
    }

    /// Returns the inputs that are values of other props: their names and places.
    pub(crate) fn inputs_from_props(&self) -> impl Iterator<Item = (&str, &Pointer)> {
        self.inputs.iter().filter_map(|(name, input)| match input {
            Input::Prop(prop) => Some((name.as_str(), prop)),
            Input::Value(_) => None,
        })
    }
}

fn latest() -> String {
    "latest".to_owned()
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
