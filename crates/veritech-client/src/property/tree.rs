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
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyTree {
    schema: Schema,
    root: PropertyValue,
}

/// A value for a property that a tree does not have, or has otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the schema has no place `{}` for this value", pointer.abbreviated())]
pub struct Misplaced {
    /// Where the value was to be.
    pub pointer: Pointer,
}

impl PropertyTree {
    /// Returns the tree in which nothing is set: if the schema is of an object,
    /// every property that it declares is there and unset.
    pub fn unset(schema: &Schema) -> Self {
        let root = match schema.prop().shape() {
            Shape::Object(_) => empty_object(schema.prop(), Pointer::root()),
            _ => PropertyValue {
                pointer: Pointer::root(),
                content: None,
            },
        };
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

    /// Returns this tree with another value of one of its properties, which is put
    /// where its pointer says. Objects that it lies in are set if they are not; a map
    /// gets an entry if it has none of that key.
    ///
    /// # Errors
    ///
    /// Returns an error if the schema declares no such property, if the value is not
    /// as it is declared, or if an array has no such element.
    pub fn replaced(mut self, value: PropertyValue) -> Result<Self, Misplaced> {
        self.replace(value).map(|()| self)
    }

    /// Does what [`replaced`](Self::replaced) does, in place.
    pub(crate) fn replace(&mut self, value: PropertyValue) -> Result<(), Misplaced> {
        let misplaced = Misplaced {
            pointer: value.pointer.clone(),
        };
        let mut prop = self.schema.prop();
        let mut place = &mut self.root;
        for token in value.pointer.tokens() {
            (prop, place) = step(prop, place, token).ok_or_else(|| misplaced.clone())?;
        }
        if !value.is_as_declared(prop) {
            return Err(misplaced);
        }
        *place = value;
        Ok(())
    }

    /// Returns where `new` differs from this tree, in the order of the pointers.
    ///
    /// Objects, maps and arrays are compared by what lies in them: only the smallest
    /// places that changed are named. What was unset as a whole, or is unset now, is
    /// one change; so is an array of which an unset element came or went.
    pub fn diff<'a>(&'a self, new: &'a Self) -> Vec<Change<'a>> {
        self.root.diff(&new.root)
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

/// Goes one step down, and makes what is missing on the way.
fn step<'a, 'b>(
    prop: &'a Prop,
    place: &'b mut PropertyValue,
    token: &str,
) -> Option<(&'a Prop, &'b mut PropertyValue)> {
    let below = prop.child(token)?;
    if !place.is_set() {
        *place = match prop.shape() {
            Shape::Object(_) => empty_object(prop, place.pointer.clone()),
            Shape::Map(_) => PropertyValue {
                pointer: place.pointer.clone(),
                content: Some(Content::Map(BTreeMap::new())),
            },
            _ => return None,
        };
    }
    let pointer = &place.pointer;
    let place = match place.content.as_mut()? {
        Content::Object(members) => members.get_mut(token)?,
        Content::Map(entries) => entries
            .entry(token.to_owned())
            .or_insert_with(|| PropertyValue {
                pointer: pointer.child(token),
                content: None,
            }),
        Content::Array(elements) => elements.get_mut(pointer::index(token)?)?,
        _ => return None,
    };
    Some((below, place))
}

/// Returns the object of a prop with all that it declares there and unset.
fn empty_object(prop: &Prop, pointer: Pointer) -> PropertyValue {
    let members = match prop.shape() {
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
    };
    PropertyValue {
        pointer,
        content: Some(Content::Object(members)),
    }
}
