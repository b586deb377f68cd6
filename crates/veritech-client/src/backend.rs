//! Resolver backends: what gives a property its value.
//!
//! ```text
//!  literal: String, Integer, …, Unset ─┐ refused when bound, if it cannot fit
//!  Json ───────────────────────────────┼──▶ JSON value ──mapping──▶ properties
//!  Function ──▶ dispatcher ──▶ value ──┘
//! ```
//!
//! A backend is data: an application stores it beside the property, as JSON.

mod function;
mod literal;
mod stored;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::function::{FunctionBackend, Input};
pub(crate) use self::literal::InvalidNumber;
use self::stored::Stored;

/// What gives a property its value.
///
/// As JSON it is an object that says its `kind`:
///
/// ```
/// use veritech_client::ResolverBackend;
///
/// let stored = r#"{
///     "kind": "javascript",
///     "container_image": "builtin/quickjs",
///     "code": "export default ({ port }) => [port, port + 1]",
///     "inputs": { "port": { "value": 8080 } }
/// }"#;
/// let backend: ResolverBackend = serde_json::from_str(stored)?;
/// assert_eq!(backend.kind(), "javascript");
///
/// let literal: ResolverBackend = serde_json::from_str(r#"{"kind": "integer", "value": 8080}"#)?;
/// assert_eq!(literal, ResolverBackend::Integer { value: 8080 });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub enum ResolverBackend {
    /// A string.
    String {
        /// The string.
        value: String,
    },
    /// A whole number within ±(2^53 − 1).
    Integer {
        /// The number.
        value: i64,
    },
    /// A finite number.
    Number {
        /// The number.
        value: f64,
    },
    /// `true` or `false`.
    Boolean {
        /// Which of them.
        value: bool,
    },
    /// An array, its elements given.
    Array {
        /// The elements.
        value: Vec<Value>,
    },
    /// An object or a map, its members given.
    Object {
        /// The members.
        value: Map<String, Value>,
    },
    /// No value.
    Unset,
    /// A JSON value, of which nobody knows whether it fits until it is resolved.
    Json {
        /// The value.
        value: Value,
    },
    /// Whatever a function returns.
    Function(Box<FunctionBackend>),
}

impl ResolverBackend {
    /// Returns a function in JavaScript, with the name of an OCI image to run it in.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::ResolverBackend;
    ///
    /// let backend = ResolverBackend::javascript(
    ///     "builtin/quickjs",
    ///     "export default () => ({ cores: 8 })",
    /// );
    /// assert_eq!(backend.kind(), "javascript");
    /// ```
    pub fn javascript(container_image: impl Into<String>, code: impl Into<String>) -> Self {
        FunctionBackend::javascript(container_image, code).into()
    }

    /// Returns a function in Python, with the name of an OCI image to run it in.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::ResolverBackend;
    ///
    /// let backend = ResolverBackend::python("registry.example/python", "handler = lambda inputs, context: 8");
    /// assert_eq!(backend.kind(), "python");
    /// ```
    pub fn python(container_image: impl Into<String>, code: impl Into<String>) -> Self {
        FunctionBackend::python(container_image, code).into()
    }

    /// Returns a JSON value of whatever can be written as one.
    ///
    /// # Errors
    ///
    /// Returns an error for what JSON has no way to write, such as a map whose keys
    /// are no strings.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::ResolverBackend;
    ///
    /// let backend = ResolverBackend::json(&[80, 443])?;
    /// assert_eq!(backend, ResolverBackend::Json { value: [80, 443].into() });
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn json(value: &impl Serialize) -> serde_json::Result<Self> {
        serde_json::to_value(value).map(|value| Self::Json { value })
    }

    /// Returns what its JSON form says as `kind`.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::ResolverBackend;
    ///
    /// assert_eq!(ResolverBackend::Unset.kind(), "unset");
    /// ```
    pub fn kind(&self) -> &'static str {
        match self {
            Self::String { .. } => "string",
            Self::Integer { .. } => "integer",
            Self::Number { .. } => "number",
            Self::Boolean { .. } => "boolean",
            Self::Array { .. } => "array",
            Self::Object { .. } => "object",
            Self::Unset => "unset",
            Self::Json { .. } => "json",
            Self::Function(function) => function.kind(),
        }
    }

    /// Returns the function, if it is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::ResolverBackend;
    ///
    /// let backend = ResolverBackend::javascript("builtin/quickjs", "export default () => 1");
    /// assert_eq!(backend.function().map(|function| function.container_image.as_str()), Some("builtin/quickjs"));
    /// assert_eq!(ResolverBackend::Unset.function(), None);
    /// ```
    pub fn function(&self) -> Option<&FunctionBackend> {
        match self {
            Self::Function(function) => Some(function),
            Self::String { .. }
            | Self::Integer { .. }
            | Self::Number { .. }
            | Self::Boolean { .. }
            | Self::Array { .. }
            | Self::Object { .. }
            | Self::Unset
            | Self::Json { .. } => None,
        }
    }
}

impl From<FunctionBackend> for ResolverBackend {
    fn from(function: FunctionBackend) -> Self {
        Self::Function(Box::new(function))
    }
}

#[cfg(test)]
mod tests;
