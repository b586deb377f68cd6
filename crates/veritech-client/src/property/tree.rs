//! The properties of one thing, as its schema declares them.

mod placing;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Content, Mismatch, PropertyValue};
use crate::pointer::Pointer;
use crate::prop::{Prop, Shape};
use crate::schema::Schema;

/// The properties of one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyTree {
    schema: Schema,
    root: PropertyValue,
}

impl PropertyTree {
    /// Returns the tree in which nothing is set: if the schema is of an object,
    /// every property that it declares is there and unset.
    pub fn unset(schema: &Schema) -> Self {
        let pointer = Pointer::root();
        let content = match schema.prop().shape() {
            Shape::Object(_) => Some(Content::Object(empty_object(schema.prop(), &pointer))),
            _ => None,
        };
        let root = PropertyValue { pointer, content };
        Self::new(schema.clone(), root)
    }

    pub(crate) fn new(schema: Schema, root: PropertyValue) -> Self {
        Self { schema, root }
    }

    /// Returns what its properties may be.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns the whole.
    pub fn root(&self) -> &PropertyValue {
        &self.root
    }

    /// Returns the property at a JSON Pointer such as `/network/ports/0`; see
    /// [`PropertyValue::get`].
    pub fn get(&self, pointer: &str) -> Option<&PropertyValue> {
        self.root.get(pointer)
    }

    /// Reads the whole as a `T`; see [`PropertyValue::deserialize`].
    ///
    /// # Errors
    ///
    /// Returns where the value does not fit, and why.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Mismatch> {
        self.root.deserialize()
    }

    /// Returns the whole as JSON; see [`PropertyValue::to_json`].
    pub fn to_json(&self) -> Value {
        self.root.to_json()
    }
}

impl Serialize for PropertyTree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.root.serialize(serializer)
    }
}

/// Returns all that an object's prop declares, unset.
fn empty_object(prop: &Prop, pointer: &Pointer) -> BTreeMap<String, PropertyValue> {
    match prop.shape() {
        Shape::Object(props) => props
            .keys()
            .map(|name| {
                let member = PropertyValue {
                    pointer: pointer.child(name),
                    content: None,
                };
                (name.clone(), member)
            })
            .collect(),
        _ => BTreeMap::new(),
    }
}
