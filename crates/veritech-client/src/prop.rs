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
///
/// # Examples
///
/// ```
/// use veritech_client::{Prop, Shape};
///
/// fn names(prop: &Prop) -> Vec<&str> {
///     match prop.shape() {
///         Shape::Object(props) => props.keys().map(String::as_str).collect(),
///         _ => Vec::new(),
///     }
/// }
///
/// let server = Prop::object().prop("name", Prop::string()).prop("cores", Prop::integer());
/// assert_eq!(names(&server), ["cores", "name"]);
/// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, Shape};
    ///
    /// assert_eq!(Prop::string().shape(), &Shape::String);
    /// ```
    pub fn string() -> Self {
        Self::new(Shape::String)
    }

    /// Returns an optional whole number.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, Shape};
    ///
    /// assert_eq!(Prop::integer().shape(), &Shape::Integer);
    /// ```
    pub fn integer() -> Self {
        Self::new(Shape::Integer)
    }

    /// Returns an optional number.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, Shape};
    ///
    /// assert_eq!(Prop::number().shape(), &Shape::Number);
    /// ```
    pub fn number() -> Self {
        Self::new(Shape::Number)
    }

    /// Returns an optional boolean.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, Shape};
    ///
    /// assert_eq!(Prop::boolean().shape(), &Shape::Boolean);
    /// ```
    pub fn boolean() -> Self {
        Self::new(Shape::Boolean)
    }

    /// Returns an optional object without properties; see [`prop`](Self::prop).
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Prop;
    ///
    /// let point = Prop::object().prop("x", Prop::number()).prop("y", Prop::number());
    /// ```
    pub fn object() -> Self {
        Self::new(Shape::Object(BTreeMap::new()))
    }

    /// Returns an optional array whose elements are all as `item` says.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Prop;
    ///
    /// let ports = Prop::array(Prop::integer().required());
    /// ```
    pub fn array(item: Self) -> Self {
        Self::new(Shape::Array(Box::new(item)))
    }

    /// Returns an optional map whose values are all as `values` says.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Prop;
    ///
    /// let labels = Prop::map(Prop::string());
    /// ```
    pub fn map(values: Self) -> Self {
        Self::new(Shape::Map(Box::new(values)))
    }

    /// Returns an optional property that may be any JSON value.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Prop;
    ///
    /// let annotations = Prop::json().documented("Whatever other tools keep here.");
    /// ```
    pub fn json() -> Self {
        Self::new(Shape::Json)
    }

    /// Returns an optional prop of this shape.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, Shape};
    ///
    /// assert_eq!(Prop::new(Shape::Boolean), Prop::boolean());
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, Schema};
    ///
    /// let server = Prop::object().prop("name", Prop::string()).prop("cores", Prop::integer());
    /// assert!(Schema::try_new(server).is_ok());
    ///
    /// let error = Schema::try_new(Prop::string().prop("name", Prop::string()));
    /// assert!(error.is_err());
    /// ```
    #[must_use]
    pub fn prop(mut self, name: impl Into<String>, prop: Self) -> Self {
        match &mut self.shape {
            Shape::Object(props) => drop(props.insert(name.into(), prop)),
            _ => self.stray = Some(name.into()),
        }
        self
    }

    /// Returns this prop as one that must be set.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Prop;
    ///
    /// assert!(Prop::string().required().is_required());
    /// ```
    #[must_use]
    pub fn required(self) -> Self {
        Self {
            is_required: true,
            ..self
        }
    }

    /// Returns this prop as one that may be left unset.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Prop;
    ///
    /// let name = Prop::string().required();
    /// assert!(!name.optional().is_required());
    /// ```
    #[must_use]
    pub fn optional(self) -> Self {
        Self {
            is_required: false,
            ..self
        }
    }

    /// Returns this prop with a text that says what it is for.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Prop;
    ///
    /// let port = Prop::integer().documented("Where it listens.");
    /// assert_eq!(port.documentation(), Some("Where it listens."));
    /// ```
    #[must_use]
    pub fn documented(self, documentation: impl Into<String>) -> Self {
        Self {
            documentation: Some(documentation.into()),
            ..self
        }
    }

    /// Returns what shape its values have.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, Shape};
    ///
    /// let ports = Prop::array(Prop::integer());
    /// assert_eq!(ports.shape(), &Shape::Array(Box::new(Prop::integer())));
    /// ```
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Returns whether it must be set.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Prop;
    ///
    /// assert!(!Prop::string().is_required());
    /// ```
    pub fn is_required(&self) -> bool {
        self.is_required
    }

    /// Returns what it is for.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Prop;
    ///
    /// assert_eq!(Prop::string().documentation(), None);
    /// ```
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
