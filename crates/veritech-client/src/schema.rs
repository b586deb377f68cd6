//! Schemas: props that have been checked.

mod form;

use std::sync::Arc;

use crate::pointer::Pointer;
use crate::prop::{Prop, Shape};

/// What the properties of one thing may be: a [`Prop`] that is known to be within
/// bounds. Cloning is cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    prop: Arc<Prop>,
}

/// A prop or a text that is no schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSchema {
    /// Props lie too deep inside each other.
    #[error("`{}` is nested more than {limit} levels deep", place.abbreviated())]
    TooDeep {
        /// The prop that is too deep.
        place: Pointer,
        /// The most levels that are allowed.
        limit: usize,
    },

    /// The text is not the JSON of a schema.
    #[error("`{}` is no schema: {reason}", place.abbreviated())]
    NotASchema {
        /// Where it is not, as exactly as is known.
        place: Pointer,
        /// Why.
        reason: String,
    },

    /// Something has named props but is no object.
    #[error("`{}` is no object, and has no prop `{name}`", place.abbreviated())]
    NotAnObject {
        /// The prop that is no object.
        place: Pointer,
        /// The first name.
        name: String,
    },
}

impl Schema {
    /// How deep props may lie inside each other; a prop by itself is one level.
    pub const MAX_DEPTH: usize = 32;

    /// Returns a schema of this prop.
    ///
    /// # Errors
    ///
    /// Returns which bound the prop exceeds, and where.
    pub fn try_new(prop: Prop) -> Result<Self, InvalidSchema> {
        check(&prop, &Pointer::root(), 1)?;
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
    pub fn prop(&self) -> &Prop {
        &self.prop
    }

    /// Returns the prop that governs a place: a member of an object, any key of a
    /// map, or any index of an array.
    pub fn at(&self, pointer: &Pointer) -> Option<&Prop> {
        let tokens = pointer.tokens();
        tokens
            .into_iter()
            .try_fold(self.prop(), |prop, token| prop.child(token))
    }
}

fn check(prop: &Prop, place: &Pointer, depth: usize) -> Result<(), InvalidSchema> {
    if depth > Schema::MAX_DEPTH {
        return Err(InvalidSchema::TooDeep {
            place: place.clone(),
            limit: Schema::MAX_DEPTH,
        });
    }
    if let Some(name) = prop.stray() {
        return Err(InvalidSchema::NotAnObject {
            place: place.clone(),
            name: name.to_owned(),
        });
    }
    let below = depth.saturating_add(1);
    match prop.shape() {
        Shape::Object(props) => props
            .iter()
            .try_for_each(|(name, prop)| check(prop, &place.child("props").child(name), below)),
        Shape::Array(item) => check(item, &place.child("items"), below),
        Shape::Map(values) => check(values, &place.child("values"), below),
        Shape::String | Shape::Integer | Shape::Number | Shape::Boolean | Shape::Json => Ok(()),
    }
}

impl TryFrom<Prop> for Schema {
    type Error = InvalidSchema;

    fn try_from(prop: Prop) -> Result<Self, Self::Error> {
        Self::try_new(prop)
    }
}
