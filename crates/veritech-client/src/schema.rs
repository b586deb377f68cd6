//! Schemas: props that have been checked.

mod bounds;
mod form;

use std::sync::Arc;

use crate::pointer::Pointer;
use crate::prop::Prop;

/// What the properties of one thing may be: a [`Prop`] that is known to be within
/// bounds. Cloning is cheap.
///
/// # Examples
///
/// ```
/// use veritech_client::{Prop, Schema};
///
/// let schema = Schema::try_new(Prop::object().prop("name", Prop::string().required()))?;
/// let same = Schema::from_json_schema(&schema.to_json_schema()).expect("it was exported");
/// assert_eq!(same, schema);
/// # Ok::<(), veritech_client::InvalidSchema>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    prop: Arc<Prop>,
}

/// A prop or a text that is no schema.
///
/// # Examples
///
/// ```
/// use veritech_client::Schema;
///
/// let text = r#"{"type": "array", "items": {"type": "text"}}"#;
/// let error = Schema::from_json(text).expect_err("no such type");
/// assert_eq!(error.place.to_string(), "/items/type");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", place.label())]
pub struct InvalidSchema {
    /// Where the fault is in the schema's own JSON.
    pub place: Pointer,
    /// What it is.
    pub reason: SchemaFault,
}

/// Why something is no schema.
///
/// # Examples
///
/// ```
/// use veritech_client::{Prop, Schema, SchemaFault};
///
/// let long = "n".repeat(300);
/// let error = Schema::try_new(Prop::object().prop(long, Prop::json())).expect_err("too long");
/// assert_eq!(error.reason, SchemaFault::TooLong { bytes: 300, limit: Schema::MAX_NAME_BYTES });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaFault {
    /// Props lie too deep inside each other.
    #[error("lies too deep: {limit} levels are allowed")]
    TooDeep {
        /// The most levels that are allowed.
        limit: usize,
    },

    /// There are too many props.
    #[error("is one prop too many: {limit} are allowed")]
    TooManyProps {
        /// The most that are allowed.
        limit: usize,
    },

    /// A name or a documentation is too long.
    #[error("is {bytes} bytes long: {limit} are allowed")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The most that is allowed.
        limit: usize,
    },

    /// The names and documentation are too long together.
    #[error("is too much: all names and documentation may have {limit} bytes together")]
    TooMuchText {
        /// The most that is allowed.
        limit: usize,
    },

    /// Something has named props but is no object.
    #[error("is no object, and has no prop {name:?}")]
    NotAnObject {
        /// One name.
        name: String,
    },

    /// The text is not the JSON of a schema.
    #[error("{reason}")]
    NotASchema {
        /// Why not.
        reason: String,
    },
}

impl Schema {
    /// How deep props may lie inside each other; a prop by itself is one level.
    pub const MAX_DEPTH: usize = 32;

    /// How many props there may be.
    pub const MAX_PROPS: usize = 10_000;

    /// How long a name may be, in bytes.
    pub const MAX_NAME_BYTES: usize = 256;

    /// How long the documentation of a prop may be, in bytes.
    pub const MAX_DOCUMENTATION_BYTES: usize = 8 << 10;

    /// How long all names and documentation may be together, in bytes.
    pub const MAX_TEXT_BYTES: usize = 1 << 20;

    /// How long the JSON of a schema may be, in bytes; more than any schema needs.
    pub const MAX_JSON_BYTES: usize = 8 << 20;

    /// Returns a schema of this prop.
    ///
    /// # Errors
    ///
    /// Returns which bound the prop exceeds, and where.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, Schema};
    ///
    /// let schema = Schema::try_new(Prop::map(Prop::string()))?;
    /// # Ok::<(), veritech_client::InvalidSchema>(())
    /// ```
    pub fn try_new(prop: Prop) -> Result<Self, InvalidSchema> {
        bounds::check(&prop)?;
        Ok(Self {
            prop: Arc::new(prop),
        })
    }

    /// Reads a schema from its JSON.
    ///
    /// A prop is an object with its `type` (`string`, `integer`, `number`, `boolean`,
    /// `object`, `array`, `map` or `json`), and if wanted `required` and
    /// `documentation`; an object has `props` by name, an array `items`, a map
    /// `values`.
    ///
    /// # Errors
    ///
    /// Returns where the text is no schema, and why.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, Schema};
    ///
    /// let schema = Schema::from_json(
    ///     r#"{"type": "object", "props": {"name": {"type": "string", "required": true}}}"#,
    /// )?;
    /// let prop = Prop::object().prop("name", Prop::string().required());
    /// assert_eq!(schema, Schema::try_new(prop)?);
    /// # Ok::<(), veritech_client::InvalidSchema>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Self, InvalidSchema> {
        form::read(text)
    }

    /// Returns the prop of the whole.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, Schema};
    ///
    /// let schema = Schema::try_new(Prop::string())?;
    /// assert_eq!(schema.prop(), &Prop::string());
    /// # Ok::<(), veritech_client::InvalidSchema>(())
    /// ```
    pub fn prop(&self) -> &Prop {
        &self.prop
    }

    /// Returns the prop that governs a place: a member of an object, any key of a
    /// map, or any index of an array.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, Schema};
    ///
    /// let schema = Schema::try_new(Prop::object().prop("ports", Prop::array(Prop::integer())))?;
    /// assert_eq!(schema.at(&"/ports/0".parse()?), Some(&Prop::integer()));
    /// assert_eq!(schema.at(&"/hosts".parse()?), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn at(&self, pointer: &Pointer) -> Option<&Prop> {
        let tokens = pointer.tokens();
        tokens
            .into_iter()
            .try_fold(self.prop(), |prop, token| prop.child(token))
    }
}

impl TryFrom<Prop> for Schema {
    type Error = InvalidSchema;

    fn try_from(prop: Prop) -> Result<Self, Self::Error> {
        Self::try_new(prop)
    }
}

#[cfg(test)]
mod tests;
