//! What does not fit, where, and why.

use std::fmt;

use serde_json::Value;

use crate::number::MAX_INTEGER;
use crate::pointer::Pointer;
use crate::prop::{Prop, Shape};

/// How many characters of a string or a number an error shows.
const SHOWN: usize = 48;

/// A value that does not fit its prop.
///
/// # Examples
///
/// ```
/// use serde_json::json;
/// use veritech_client::{Expected, Found, Mapping, Pointer, Prop};
///
/// let ports = Prop::array(Prop::integer());
/// let given = json!([80, "https", true]);
/// let errors = Mapping::default()
///     .map_value(&ports, &Pointer::root(), Some(&given))
///     .expect_err("two are no integers");
/// let first = errors.errors.first().expect("there are two");
/// assert_eq!(first.pointer.to_string(), "/1");
/// assert_eq!(first.expected, Expected::Integer);
/// assert_eq!(first.found, Found::String("https".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingError {
    /// Where it is.
    pub pointer: Pointer,
    /// What was expected there.
    pub expected: Expected,
    /// What is there.
    pub found: Found,
}

/// All that does not fit, in the order of the pointers. Nothing was mapped.
///
/// # Examples
///
/// ```
/// use serde_json::json;
/// use veritech_client::{Mapping, Pointer, Prop};
///
/// let ports = Prop::array(Prop::integer());
/// let given = json!([80, "https", true]);
/// let errors = Mapping::default()
///     .map_value(&ports, &Pointer::root(), Some(&given))
///     .expect_err("two are no integers");
/// assert_eq!((errors.errors.len(), errors.left_out), (2, 0));
/// assert_eq!(
///     errors.to_string(),
///     "`/1`: expected an integer, found the string \"https\"; \
///      `/2`: expected an integer, found true",
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingErrors {
    /// The errors, at most as many as the limits allow.
    pub errors: Vec<MappingError>,
    /// How many more there are.
    pub left_out: usize,
}

/// What was expected in a place.
///
/// # Examples
///
/// ```
/// use veritech_client::Expected;
///
/// assert_eq!(Expected::Undeclared.to_string(), "no property of that name");
/// assert_eq!(Expected::Depth(100).to_string(), "JSON nested at most 100 levels deep");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// A string.
    String,
    /// An integer.
    Integer,
    /// A number without a fraction, within ±9007199254740991.
    WholeNumber,
    /// A number.
    Number,
    /// A boolean.
    Boolean,
    /// An object, for an object or a map.
    Object,
    /// An array.
    Array,
    /// Any JSON value.
    AnyValue,
    /// Nothing: no property of that name is declared.
    Undeclared,
    /// A number that a double can hold.
    Double,
    /// Text without halves of surrogate pairs.
    UnicodeText,
    /// JSON text of at most so many bytes.
    Bytes(usize),
    /// At most so many levels of arrays and objects inside each other.
    Depth(usize),
    /// At most so many values.
    Nodes(usize),
}

/// What is in a place instead.
///
/// # Examples
///
/// ```
/// use veritech_client::Found;
///
/// assert_eq!(Found::Number("7".to_owned()).to_string(), "the number 7");
/// assert_eq!(Found::Nothing.to_string(), "nothing");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// There is no value.
    Nothing,
    /// `null`.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number, the beginning of its text.
    Number(String),
    /// A string, the beginning of it.
    String(String),
    /// An array.
    Array,
    /// An object.
    Object,
    /// A string with half of a surrogate pair.
    LoneSurrogate,
    /// A name with half of a surrogate pair.
    LoneSurrogateInName,
    /// So many bytes.
    Bytes(usize),
    /// More than the limit.
    More,
}

impl Expected {
    /// Returns what a prop expects.
    pub(super) fn by(prop: &Prop) -> Self {
        match prop.shape() {
            Shape::String => Self::String,
            Shape::Integer => Self::Integer,
            Shape::Number => Self::Number,
            Shape::Boolean => Self::Boolean,
            Shape::Object(_) | Shape::Map(_) => Self::Object,
            Shape::Array(_) => Self::Array,
            Shape::Json => Self::AnyValue,
        }
    }
}

impl Found {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(boolean) => Self::Boolean(*boolean),
            Value::Number(number) => Self::Number(shortened(&number.to_string())),
            Value::String(text) => Self::String(shortened(text)),
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

/// Returns the beginning of a text that may be long.
pub(crate) fn shortened(text: &str) -> String {
    beginning(text, SHOWN)
}

/// Returns so many characters of a text at most.
pub(crate) fn beginning(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => f.write_str("a string"),
            Self::Integer => f.write_str("an integer"),
            Self::WholeNumber => write!(f, "a whole number within ±{MAX_INTEGER}"),
            Self::Number => f.write_str("a number"),
            Self::Boolean => f.write_str("a boolean"),
            Self::Object => f.write_str("an object"),
            Self::Array => f.write_str("an array"),
            Self::AnyValue => f.write_str("any JSON value"),
            Self::Undeclared => f.write_str("no property of that name"),
            Self::Double => f.write_str("a number that a double can hold"),
            Self::UnicodeText => f.write_str("Unicode text"),
            Self::Bytes(limit) => write!(f, "JSON of at most {limit} bytes"),
            Self::Depth(limit) => write!(f, "JSON nested at most {limit} levels deep"),
            Self::Nodes(limit) => write!(f, "JSON of at most {limit} values"),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Null => f.write_str("null"),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
            Self::Number(text) => write!(f, "the number {text}"),
            Self::String(text) => write!(f, "the string {text:?}"),
            Self::Array => f.write_str("an array"),
            Self::Object => f.write_str("an object"),
            Self::LoneSurrogate => f.write_str("text with half of a surrogate pair"),
            Self::LoneSurrogateInName => f.write_str("a name with half of a surrogate pair"),
            Self::Bytes(bytes) => write!(f, "{bytes}"),
            Self::More => f.write_str("more"),
        }
    }
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pointer,
            expected,
            found,
        } = self;
        write!(f, "{}expected {expected}, found {found}", pointer.label())
    }
}

impl std::error::Error for MappingError {}

impl fmt::Display for MappingErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{error}")?;
        }
        match self.left_out {
            0 => Ok(()),
            left_out => write!(f, "; and {left_out} more"),
        }
    }
}

impl std::error::Error for MappingErrors {}
