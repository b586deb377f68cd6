//! Props: what a property may be.

use std::collections::BTreeMap;

use crate::pointer;

/// What one property may be: its shape, whether it must be set, and what it is for.
///
/// A prop is optional until [`required`](Self::required) is called. It is checked
/// as a whole when a [`Schema`](crate::Schema) is made of it.
///
/// # Examples
///
/// ```
/// use veritech_client::{Prop, Schema};
///
/// let server = Prop::object()
///     .prop("name", Prop::string().required().documented("As it is in DNS."))
///     .prop("ports", Prop::array(Prop::integer().required()))
///     .prop("labels", Prop::map(Prop::string()));
/// let schema = Schema::try_new(server)?;
/// # Ok::<(), veritech_client::InvalidSchema>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prop {
    shape: Shape,
    is_required: bool,
    documentation: Option<String>,
    /// The name of a property that was given to what is no object.
    stray: Option<String>,
}

/// The shape of a property's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    String,
    /// A whole number within ±9007199254740991, which is ±(2^53−1).
    Integer,
    /// A number that a double can hold.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A fixed set of properties, each with its name.
    Object(BTreeMap<String, Prop>),
    /// Any number of properties of one kind, in order.
    Array(Box<Prop>),
    /// Any number of properties of one kind, each with a key of its own.
    Map(Box<Prop>),
    /// Any JSON value; `null` is one too.
    Json,
}

impl Prop {
    /// Returns an optional string.
    pub fn string() -> Self {
        Self::new(Shape::String)
    }

    /// Returns an optional whole number.
    pub fn integer() -> Self {
        Self::new(Shape::Integer)
    }

    /// Returns an optional number.
    pub fn number() -> Self {
        Self::new(Shape::Number)
    }

    /// Returns an optional boolean.
    pub fn boolean() -> Self {
        Self::new(Shape::Boolean)
    }

    /// Returns an optional object without properties; see [`prop`](Self::prop).
    pub fn object() -> Self {
        Self::new(Shape::Object(BTreeMap::new()))
    }

    /// Returns an optional array whose elements are all as `item` says.
    pub fn array(item: Self) -> Self {
        Self::new(Shape::Array(Box::new(item)))
    }

    /// Returns an optional map whose values are all as `values` says.
    pub fn map(values: Self) -> Self {
        Self::new(Shape::Map(Box::new(values)))
    }

    /// Returns an optional property that may be any JSON value.
    pub fn json() -> Self {
        Self::new(Shape::Json)
    }

    /// Returns an optional prop of this shape.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            is_required: false,
            documentation: None,
            stray: None,
        }
    }

    /// Returns this object with one more property, in place of one of that name. No
    /// schema can be made of it if it is no object.
    #[must_use]
    pub fn prop(mut self, name: impl Into<String>, prop: Self) -> Self {
        match &mut self.shape {
            Shape::Object(props) => drop(props.insert(name.into(), prop)),
            _ => self.stray = Some(name.into()),
        }
        self
    }

    /// Returns this prop as one that must be set.
    #[must_use]
    pub fn required(self) -> Self {
        Self {
            is_required: true,
            ..self
        }
    }

    /// Returns this prop as one that may be left unset.
    #[must_use]
    pub fn optional(self) -> Self {
        Self {
            is_required: false,
            ..self
        }
    }

    /// Returns this prop with a text that says what it is for.
    #[must_use]
    pub fn documented(self, documentation: impl Into<String>) -> Self {
        Self {
            documentation: Some(documentation.into()),
            ..self
        }
    }

    /// Returns what shape its values have.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Returns whether it must be set.
    pub fn is_required(&self) -> bool {
        self.is_required
    }

    /// Returns what it is for.
    pub fn documentation(&self) -> Option<&str> {
        self.documentation.as_deref()
    }

    /// Returns the name of a property that was given to it though it is no object.
    pub(crate) fn stray(&self) -> Option<&str> {
        self.stray.as_deref()
    }

    /// Returns the prop that governs a member, entry or element, if there can be one
    /// of that name.
    pub(crate) fn child(&self, token: &str) -> Option<&Self> {
        match &self.shape {
            Shape::Object(props) => props.get(token),
            Shape::Map(values) => Some(values),
            Shape::Array(item) => pointer::is_index(token).then_some(item),
            Shape::String | Shape::Integer | Shape::Number | Shape::Boolean | Shape::Json => None,
        }
    }
}
