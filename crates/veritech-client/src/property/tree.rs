//! The properties of one thing, as its schema declares them.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Change, Content, Mismatch, PropertyValue};
use crate::pointer::{self, Pointer};
use crate::prop::{Prop, Shape};
use crate::schema::Schema;

/// The properties of one thing.
///
/// # Examples
///
/// ```
/// use serde_json::json;
/// use veritech_client::{Mapping, Prop, PropertyTree, Schema};
///
/// let schema = Schema::try_new(Prop::object().prop("port", Prop::integer()))?;
/// let port = Mapping::default().map_value(
///     &Prop::integer(),
///     &"/port".parse()?,
///     Some(&json!(443)),
/// )?;
/// let tree = PropertyTree::unset(&schema).replaced(port)?;
/// assert_eq!(tree.get("/port").and_then(|port| port.as_i64()), Some(443));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyTree {
    schema: Schema,
    root: PropertyValue,
}

/// A value for a property that a tree does not have, or has otherwise.
///
/// # Examples
///
/// ```
/// use veritech_client::{Prop, PropertyTree, PropertyValue, Schema};
///
/// let tree = PropertyTree::unset(&Schema::try_new(Prop::object())?);
/// let stray = PropertyValue::unset("/stray".parse()?);
/// let error = tree.replaced(stray).expect_err("no such prop");
/// assert_eq!(error.pointer.to_string(), "/stray");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the schema has no place `{}` for this value", pointer.abbreviated())]
pub struct Misplaced {
    /// Where the value was to be.
    pub pointer: Pointer,
}

impl PropertyTree {
    /// Returns the tree in which nothing is set: if the schema is of an object,
    /// every property that it declares is there and unset.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, PropertyTree, Schema};
    ///
    /// let schema = Schema::try_new(Prop::object().prop("port", Prop::integer()))?;
    /// let tree = PropertyTree::unset(&schema);
    /// assert!(tree.get("/port").is_some_and(|port| !port.is_set()));
    /// # Ok::<(), veritech_client::InvalidSchema>(())
    /// ```
    pub fn unset(schema: &Schema) -> Self {
        let root = match schema.prop().shape() {
            Shape::Object(_) => empty(schema.prop(), Pointer::root()),
            _ => None,
        };
        let root = root.unwrap_or_else(|| PropertyValue::unset(Pointer::root()));
        Self::new(schema.clone(), root)
    }

    pub(crate) fn new(schema: Schema, root: PropertyValue) -> Self {
        Self { schema, root }
    }

    /// Returns what its properties may be.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, PropertyTree, Schema};
    ///
    /// let schema = Schema::try_new(Prop::string())?;
    /// assert_eq!(PropertyTree::unset(&schema).schema(), &schema);
    /// # Ok::<(), veritech_client::InvalidSchema>(())
    /// ```
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns the whole.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Prop, PropertyTree, Schema};
    ///
    /// let tree = PropertyTree::unset(&Schema::try_new(Prop::string())?);
    /// assert!(!tree.root().is_set());
    /// # Ok::<(), veritech_client::InvalidSchema>(())
    /// ```
    pub fn root(&self) -> &PropertyValue {
        &self.root
    }

    /// Returns the property at a JSON Pointer such as `/network/ports/0`; see
    /// [`PropertyValue::get`].
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Prop, PropertyTree, Schema};
    ///
    /// let schema = Schema::try_new(Prop::object().prop("port", Prop::integer()))?;
    /// let port = Mapping::default().map_value(
    ///     &Prop::integer(),
    ///     &"/port".parse()?,
    ///     Some(&json!(443)),
    /// )?;
    /// let tree = PropertyTree::unset(&schema).replaced(port)?;
    /// assert_eq!(tree.get("/port").and_then(|port| port.as_i64()), Some(443));
    /// assert!(tree.get("/host").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get(&self, pointer: &str) -> Option<&PropertyValue> {
        self.root.get(pointer)
    }

    /// Returns this tree with another value of one of its properties, which is put
    /// where its pointer says.
    ///
    /// Objects and maps that it lies in are set if they are not, unless the value is
    /// unset itself.
    ///
    /// # Errors
    ///
    /// Returns an error if the schema declares no such property, if the value is not
    /// as it is declared, or if an array has no such element.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop, PropertyTree, Schema};
    ///
    /// let network = Prop::object().prop("name", Prop::string());
    /// let schema = Schema::try_new(Prop::object().prop("network", network))?;
    ///
    /// let pointer: Pointer = "/network/name".parse()?;
    /// let prop = schema.at(&pointer).ok_or("no such prop")?;
    /// let name = Mapping::default().map_value(prop, &pointer, Some(&json!("lan")))?;
    /// let tree = PropertyTree::unset(&schema).replaced(name)?;
    /// assert_eq!(tree.to_json(), json!({ "network": { "name": "lan" } }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replaced(mut self, value: PropertyValue) -> Result<Self, Misplaced> {
        self.replace(value).map(|()| self)
    }

    /// Does what [`replaced`](Self::replaced) does, in place.
    pub(crate) fn replace(&mut self, value: PropertyValue) -> Result<(), Misplaced> {
        let pointer = value.pointer.clone();
        let prop = self.schema.at(&pointer);
        if !prop.is_some_and(|prop| value.is_as_declared(prop)) {
            return Err(Misplaced { pointer });
        }
        let put = put(self.schema.prop(), &mut self.root, &pointer.tokens(), value);
        put.ok_or_else(|| Misplaced {
            pointer: pointer.clone(),
        })
    }

    /// Returns where `new` differs from this tree, in the order of the properties.
    ///
    /// Objects, maps and arrays are compared by what lies in them: only the smallest
    /// places that changed are named. What was unset as a whole, or is unset now, is
    /// one change; so is an array of which an unset element came or went.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Prop, PropertyTree, Schema};
    ///
    /// let schema = Schema::try_new(Prop::object().prop("port", Prop::integer()))?;
    /// let port = Mapping::default().map_value(
    ///     &Prop::integer(),
    ///     &"/port".parse()?,
    ///     Some(&json!(443)),
    /// )?;
    /// let tree = PropertyTree::unset(&schema).replaced(port)?;
    /// let before = PropertyTree::unset(&schema);
    /// let changes = before.diff(&tree);
    /// assert_eq!(changes.len(), 1);
    /// assert!(changes.iter().all(|change| change.pointer.to_string() == "/port"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn diff<'a>(&'a self, new: &'a Self) -> Vec<Change<'a>> {
        self.root.diff(&new.root)
    }

    /// Reads the whole as a `T`; see [`PropertyValue::deserialize`].
    ///
    /// # Errors
    ///
    /// Returns where the value does not fit, and why.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Prop, PropertyTree, Schema};
    ///
    /// let schema = Schema::try_new(Prop::object().prop("port", Prop::integer()))?;
    /// let port = Mapping::default().map_value(
    ///     &Prop::integer(),
    ///     &"/port".parse()?,
    ///     Some(&json!(443)),
    /// )?;
    /// let tree = PropertyTree::unset(&schema).replaced(port)?;
    /// let ports: HashMap<String, u16> = tree.deserialize()?;
    /// assert_eq!(ports.get("port"), Some(&443));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Mismatch> {
        self.root.deserialize()
    }

    /// Returns the whole as JSON; see [`PropertyValue::to_json`].
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Prop, PropertyTree, Schema};
    ///
    /// let schema = Schema::try_new(Prop::object().prop("port", Prop::integer()))?;
    /// let port = Mapping::default().map_value(
    ///     &Prop::integer(),
    ///     &"/port".parse()?,
    ///     Some(&json!(443)),
    /// )?;
    /// let tree = PropertyTree::unset(&schema).replaced(port)?;
    /// assert_eq!(tree.to_json(), json!({ "port": 443 }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_json(&self) -> Value {
        self.root.to_json()
    }
}

impl Serialize for PropertyTree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.root.serialize(serializer)
    }
}

/// Puts a value where `tokens` lead to, and makes what is missing on the way; not for
/// an unset value, which changes nothing in what is unset.
fn put(
    prop: &Prop,
    place: &mut PropertyValue,
    tokens: &[&str],
    value: PropertyValue,
) -> Option<()> {
    let Some((token, rest)) = tokens.split_first() else {
        *place = value;
        return Some(());
    };
    if !place.is_set() {
        if !value.is_set() {
            return Some(());
        }
        *place = empty(prop, place.pointer.clone())?;
    }
    let prop = prop.child(token)?;
    match place.content.as_mut()? {
        Content::Object(members) => put(prop, members.get_mut(*token)?, rest, value),
        Content::Array(elements) => {
            let element = elements.get_mut(pointer::index(token)?)?;
            put(prop, element, rest, value)
        }
        Content::Map(entries) => {
            let mut entry = entries
                .remove(*token)
                .unwrap_or_else(|| PropertyValue::unset(place.pointer.child(token)));
            put(prop, &mut entry, rest, value)?;
            // A map has no unset entries.
            if entry.is_set() {
                entries.insert((*token).to_owned(), entry);
            }
            Some(())
        }
        _ => None,
    }
}

/// Returns the object with all that it declares there and unset, or the map without
/// entries.
fn empty(prop: &Prop, pointer: Pointer) -> Option<PropertyValue> {
    let content = match prop.shape() {
        Shape::Object(props) => {
            let members = props.keys().map(|name| {
                let member = PropertyValue::unset(pointer.child(name));
                (name.clone(), member)
            });
            Content::Object(members.collect())
        }
        Shape::Map(_) => Content::Map(BTreeMap::new()),
        _ => return None,
    };
    Some(PropertyValue {
        pointer,
        content: Some(content),
    })
}
