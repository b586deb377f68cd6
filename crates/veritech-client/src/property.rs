//! Properties: typed values, each of which knows its place.
//!
//! [`Mapping`](crate::Mapping) is what makes them of JSON.

mod diff;
mod lookup;
mod tree;

use std::collections::BTreeMap;
use std::iter;

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::number;
use crate::pointer::{self, Pointer};
use crate::prop::{Prop, Shape};

pub use self::diff::{Change, How};
pub use self::tree::{Misplaced, PropertyTree};

/// The value of one property, with everything that lies in it.
///
/// # Examples
///
/// ```
/// use serde_json::json;
/// use veritech_client::{Mapping, Pointer, Prop};
///
/// let prop = Prop::object()
///     .prop("name", Prop::string())
///     .prop("ports", Prop::array(Prop::integer()));
/// let given = json!({ "ports": [80, 443] });
/// let value = Mapping::default().map_value(&prop, &Pointer::root(), Some(&given))?;
///
/// let port = value.get("/ports/1").ok_or("no second port")?;
/// assert_eq!(port.as_i64(), Some(443));
/// assert_eq!(port.pointer().to_string(), "/ports/1");
/// assert!(value.get("/name").is_some_and(|name| !name.is_set()));
/// assert_eq!(value.to_json(), given);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyValue {
    pub(crate) pointer: Pointer,
    pub(crate) content: Option<Content>,
}

/// What a property that is set holds.
///
/// # Examples
///
/// ```
/// use serde_json::json;
/// use veritech_client::{Content, Mapping, Pointer, Prop};
///
/// let value = Mapping::default().map_value(&Prop::integer(), &Pointer::root(), Some(&json!(443)))?;
/// assert!(matches!(value.content(), Some(Content::Integer(443))));
/// # Ok::<(), veritech_client::MappingErrors>(())
/// ```
#[derive(Clone, Debug)]
pub enum Content {
    /// Text.
    String(String),
    /// A whole number within ±9007199254740991.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// Every property that the schema declares, set or unset, by name.
    Object(BTreeMap<String, PropertyValue>),
    /// The elements in order; an optional one may be unset.
    Array(Vec<PropertyValue>),
    /// The entries that are set, by key.
    Map(BTreeMap<String, PropertyValue>),
    /// Any JSON value, its numbers normalised: whole ones within ±9007199254740991
    /// are integers, all others doubles.
    Json(Value),
}

/// A value that is not of the wanted type.
///
/// # Examples
///
/// ```
/// use std::collections::HashMap;
///
/// use serde_json::json;
/// use veritech_client::{Mapping, Pointer, Prop};
///
/// let value = Mapping::default().map_value(&Prop::object().prop("port", Prop::integer()), &Pointer::root(), Some(&json!({ "port": 70_000 })))?;
/// let ports = value.deserialize::<HashMap<String, u16>>();
/// assert_eq!(ports.expect_err("no u16").pointer.to_string(), "/port");
/// # Ok::<(), veritech_client::MappingErrors>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{}the value is not of the wanted type", pointer.label())]
pub struct Mismatch {
    /// Where it is, as exactly as is known.
    pub pointer: Pointer,
    /// What does not fit.
    #[source]
    pub source: serde_json::Error,
}

impl PropertyValue {
    /// Returns the property in a place, unset.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::PropertyValue;
    ///
    /// let port = PropertyValue::unset("/port".parse()?);
    /// assert!(!port.is_set());
    /// # Ok::<(), veritech_client::InvalidPointer>(())
    /// ```
    pub fn unset(pointer: Pointer) -> Self {
        Self {
            pointer,
            content: None,
        }
    }

    /// Returns where it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::array(Prop::integer()), &Pointer::root(), Some(&json!([80, 443])))?;
    /// let last = value.get("/1").map(|port| port.pointer().to_string());
    /// assert_eq!(last.as_deref(), Some("/1"));
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    /// Returns whether it has a value.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::object().prop("name", Prop::string()), &Pointer::root(), Some(&json!({})))?;
    /// assert!(value.is_set());
    /// assert!(value.get("/name").is_some_and(|name| !name.is_set()));
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn is_set(&self) -> bool {
        self.content.is_some()
    }

    /// Returns what it holds, if it is set.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Content, Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::boolean(), &Pointer::root(), Some(&json!(true)))?;
    /// assert_eq!(value.content(), Some(&Content::Boolean(true)));
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn content(&self) -> Option<&Content> {
        self.content.as_ref()
    }

    /// Returns the text of a string.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::string(), &Pointer::root(), Some(&json!("lan")))?;
    /// assert_eq!(value.as_str(), Some("lan"));
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn as_str(&self) -> Option<&str> {
        match &self.content {
            Some(Content::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns the value of an integer.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::integer(), &Pointer::root(), Some(&json!(443.0)))?;
    /// assert_eq!(value.as_i64(), Some(443));
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn as_i64(&self) -> Option<i64> {
        match self.content {
            Some(Content::Integer(integer)) => Some(integer),
            _ => None,
        }
    }

    /// Returns the value of a number or an integer.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::number(), &Pointer::root(), Some(&json!(0.5)))?;
    /// assert_eq!(value.as_f64(), Some(0.5));
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn as_f64(&self) -> Option<f64> {
        match self.content {
            Some(Content::Number(number)) => Some(number),
            Some(Content::Integer(integer)) => Some(number::to_double(integer)),
            _ => None,
        }
    }

    /// Returns the value of a boolean.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::boolean(), &Pointer::root(), Some(&json!(false)))?;
    /// assert_eq!(value.as_bool(), Some(false));
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn as_bool(&self) -> Option<bool> {
        match self.content {
            Some(Content::Boolean(boolean)) => Some(boolean),
            _ => None,
        }
    }

    /// Returns the value of a `Json` property.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::json(), &Pointer::root(), Some(&json!(null)))?;
    /// assert!(value.as_json().is_some_and(|json| json.is_null()));
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn as_json(&self) -> Option<&Value> {
        match &self.content {
            Some(Content::Json(value)) => Some(value),
            _ => None,
        }
    }

    /// Returns the property at a JSON Pointer that starts here, such as
    /// `/network/ports/0`; nothing if there is none. What lies within the value of
    /// a `Json` property is no property.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::map(Prop::string()), &Pointer::root(), Some(&json!({ "a/b": "both" })))?;
    /// let both = value.get("/a~1b").and_then(|both| both.as_str());
    /// assert_eq!(both, Some("both"));
    /// assert!(value.get("/c").is_none());
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn get(&self, relative: &str) -> Option<&Self> {
        if relative.is_empty() {
            return Some(self);
        }
        relative
            .strip_prefix('/')?
            .split('/')
            .try_fold(self, |place, token| {
                place.child(&pointer::unescape(token).ok()?)
            })
    }

    /// Returns the properties that lie directly in this one: declared ones by name,
    /// elements in order, or entries by key.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::array(Prop::integer()), &Pointer::root(), Some(&json!([80, 443])))?;
    /// let ports: Vec<_> = value.children().filter_map(|port| port.as_i64()).collect();
    /// assert_eq!(ports, [80, 443]);
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn children(&self) -> impl Iterator<Item = &Self> {
        let (named, listed) = match &self.content {
            Some(Content::Object(members) | Content::Map(members)) => (Some(members), None),
            Some(Content::Array(elements)) => (None, Some(elements)),
            _ => (None, None),
        };
        let named = named.into_iter().flat_map(BTreeMap::values);
        iter::chain(named, listed.into_iter().flatten())
    }

    /// Returns where `new` differs from this value of the same property: see
    /// [`PropertyTree::diff`].
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop, PropertyValue};
    ///
    /// let value = Mapping::default().map_value(&Prop::integer(), &Pointer::root(), Some(&json!(80)))?;
    /// let unset = PropertyValue::unset(Pointer::root());
    /// assert_eq!(unset.diff(&value).len(), 1);
    /// assert!(value.diff(&value).is_empty());
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn diff<'a>(&'a self, new: &'a Self) -> Vec<Change<'a>> {
        let mut changes = Vec::new();
        diff::diff(self, new, &mut changes);
        changes
    }

    /// Returns whether it is what mapping could make of the prop.
    fn is_as_declared(&self, prop: &Prop) -> bool {
        match (&self.content, prop.shape()) {
            (None, _) => !prop.is_required(),
            (Some(Content::String(_)), Shape::String)
            | (Some(Content::Integer(_)), Shape::Integer)
            | (Some(Content::Number(_)), Shape::Number)
            | (Some(Content::Boolean(_)), Shape::Boolean)
            | (Some(Content::Json(_)), Shape::Json) => true,
            (Some(Content::Object(members)), Shape::Object(props)) => {
                let mut pairs = iter::zip(members, props);
                members.len() == props.len()
                    && pairs.all(|((name, member), (declared, prop))| {
                        name == declared && member.is_as_declared(prop)
                    })
            }
            (Some(Content::Array(elements)), Shape::Array(item)) => {
                elements.iter().all(|element| element.is_as_declared(item))
            }
            (Some(Content::Map(entries)), Shape::Map(values)) => {
                entries.values().all(|entry| entry.is_as_declared(values))
            }
            _ => false,
        }
    }

    fn child(&self, token: &str) -> Option<&Self> {
        match self.content.as_ref()? {
            Content::Object(members) | Content::Map(members) => members.get(token),
            Content::Array(elements) => elements.get(pointer::index(token)?),
            _ => None,
        }
    }

    /// Returns the value as JSON: unset members are left out, and what is unset by
    /// itself or as an element is `null`.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::object().prop("a", Prop::string()).prop("b", Prop::string()), &Pointer::root(), Some(&json!({ "a": null, "b": "" })))?;
    /// assert_eq!(value.to_json(), json!({ "b": "" }));
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn to_json(&self) -> Value {
        let members = |members: &BTreeMap<String, Self>| {
            let set = members.iter().filter(|(_, member)| member.is_set());
            set.map(|(name, member)| (name.clone(), member.to_json()))
                .collect()
        };
        match &self.content {
            None => Value::Null,
            Some(Content::String(text)) => text.as_str().into(),
            Some(Content::Integer(integer)) => (*integer).into(),
            Some(Content::Number(number)) => number::to_json(*number),
            Some(Content::Boolean(boolean)) => (*boolean).into(),
            Some(Content::Object(named) | Content::Map(named)) => Value::Object(members(named)),
            Some(Content::Array(elements)) => elements.iter().map(Self::to_json).collect(),
            Some(Content::Json(value)) => value.clone(),
        }
    }

    /// Reads the value as a `T`; what is unset is missing or `null`.
    ///
    /// # Errors
    ///
    /// Returns where the value does not fit, and why.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::array(Prop::integer()), &Pointer::root(), Some(&json!([80, null])))?;
    /// let ports: Vec<Option<u16>> = value.deserialize().expect("ports");
    /// assert_eq!(ports, [Some(80), None]);
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Mismatch> {
        serde_path_to_error::deserialize(self.to_json()).map_err(|error| Mismatch {
            pointer: self.pointer.join(&pointer::of_path(error.path())),
            source: error.into_inner(),
        })
    }
}

/// Without the pointers of what lies inside: they follow from where they lie, and their
/// beginning, which may be long, would be compared for each.
impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::String(one), Self::String(other)) => one == other,
            (Self::Integer(one), Self::Integer(other)) => one == other,
            (Self::Number(one), Self::Number(other)) => one == other,
            (Self::Boolean(one), Self::Boolean(other)) => one == other,
            (Self::Json(one), Self::Json(other)) => one == other,
            (Self::Object(one), Self::Object(other)) | (Self::Map(one), Self::Map(other)) => {
                one.keys().eq(other.keys())
                    && one
                        .values()
                        .map(PropertyValue::content)
                        .eq(other.values().map(PropertyValue::content))
            }
            (Self::Array(one), Self::Array(other)) => one
                .iter()
                .map(PropertyValue::content)
                .eq(other.iter().map(PropertyValue::content)),
            _ => false,
        }
    }
}

impl Serialize for PropertyValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

#[cfg(test)]
mod tests;
