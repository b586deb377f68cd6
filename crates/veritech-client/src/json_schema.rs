//! Schemas as JSON Schema (draft 2020-12), and what of it maps onto props.
//!
//! ```text
//!   Prop                        JSON Schema
//!   optional                    "type": ["string", "null"], since null counts as unset
//!   required                    "type": "string", and listed in `required` as a member
//!   Object                      `properties` with `additionalProperties: false`
//!   Map                         `additionalProperties: {…}` without `properties`
//!   Array                       `items: {…}`
//!   Integer                     `minimum` and `maximum` of ±9007199254740991
//!   Json                        the list of all types, or `true`
//!   documentation               `description`
//! ```
//!
//! A JSON Schema that is exported has, for every value, the verdict that mapping
//! has; one that is imported has been read exactly, or is refused.

mod export;
mod import;

use std::fmt;

use serde_json::Value;

use crate::pointer::Pointer;
use crate::schema::Schema;

/// The dialect that is written, and read.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Says that a property of any JSON value must be set where `required` cannot say
/// it: in the root. Verdicts on values do not depend on it.
const MUST_BE_SET: &str = "x-veritech-required";

/// The name of each type in JSON Schema but `integer`, which `number` includes.
const ALL_TYPES: [&str; 6] = ["null", "boolean", "number", "string", "array", "object"];

/// All of a JSON Schema that does not map onto props, in the order of the document.
///
/// # Examples
///
/// ```
/// use serde_json::json;
/// use veritech_client::Schema;
///
/// let error = Schema::from_json_schema(&json!({ "type": "string", "minLength": 1, "pattern": "^a" }))
///     .expect_err("no prop has a length or a pattern");
/// let places: Vec<_> = error.unmapped.iter().map(|one| one.pointer.to_string()).collect();
/// assert_eq!(places, ["/minLength", "/pattern"]);
/// assert_eq!(error.left_out, 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnmappedSchema {
    /// What does not, at most [`MAX_LISTED`](Self::MAX_LISTED).
    pub unmapped: Vec<Unmapped>,
    /// How much more does not.
    pub left_out: usize,
}

/// Something in a JSON Schema that does not map onto props.
///
/// # Examples
///
/// ```
/// use serde_json::json;
/// use veritech_client::Schema;
///
/// let error = Schema::from_json_schema(&json!({ "type": "string", "pattern": "^a" }))
///     .expect_err("no prop has a pattern");
/// let first = error.unmapped.first().expect("there is one");
/// assert_eq!(first.pointer.to_string(), "/pattern");
/// println!("{}", first.reason);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", pointer.label())]
pub struct Unmapped {
    /// Where it is in the JSON Schema.
    pub pointer: Pointer,
    /// Why it does not, and what to write instead.
    pub reason: String,
}

impl UnmappedSchema {
    /// How much is listed.
    pub const MAX_LISTED: usize = 100;
}

impl Schema {
    /// Returns this schema as JSON Schema of draft 2020-12, whose verdict on every
    /// value is that of mapping.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Prop, Schema};
    ///
    /// let schema = Schema::try_new(Prop::map(Prop::string().required()).required())?;
    /// assert_eq!(
    ///     schema.to_json_schema(),
    ///     json!({
    ///         "$schema": "https://json-schema.org/draft/2020-12/schema",
    ///         "type": "object",
    ///         "additionalProperties": { "type": "string" },
    ///     }),
    /// );
    /// # Ok::<(), veritech_client::InvalidSchema>(())
    /// ```
    pub fn to_json_schema(&self) -> Value {
        export::export(self)
    }

    /// Reads a schema from JSON Schema of draft 2020-12.
    ///
    /// Every schema in it must say its `type`, and that of an object
    /// `additionalProperties`: `false`, or the schema of all values. What changes no
    /// verdict is left out, but for the `description` (or else the `title`), which
    /// becomes the documentation.
    ///
    /// # Errors
    ///
    /// Returns all that does not map exactly, each with what to write instead.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::Schema;
    ///
    /// let error = Schema::from_json_schema(&json!({
    ///     "type": "object",
    ///     "properties": { "name": { "type": ["string", "null"], "minLength": 1 } },
    ///     "additionalProperties": false,
    /// }))
    /// .expect_err("no prop has a length");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`/properties/name/minLength`: no prop can say this: remove it",
    /// );
    /// ```
    pub fn from_json_schema(json_schema: &Value) -> Result<Self, UnmappedSchema> {
        import::import(json_schema)
    }
}

impl fmt::Display for UnmappedSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, unmapped) in self.unmapped.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{unmapped}")?;
        }
        match self.left_out {
            0 => Ok(()),
            left_out => write!(f, "; and {left_out} more"),
        }
    }
}

impl std::error::Error for UnmappedSchema {}
