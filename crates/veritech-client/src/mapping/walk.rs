//! A value and a prop, gone through side by side.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::{Expected, Found, MappingError, MappingErrors};
use super::limits::MappingLimits;
use super::read::Unreadable;
use crate::number;
use crate::pointer::Pointer;
use crate::prop::{Prop, Shape};
use crate::property::{Content, PropertyValue};

/// What is given for a property.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) value: Option<&'a Value>,
    /// What of it could not be read.
    pub(super) unreadable: Option<&'a Unreadable>,
}

/// Maps a value that is within the limits, or finds all that does not fit.
pub(super) fn walk(
    prop: &Prop,
    base: &Pointer,
    given: Given<'_>,
    limits: &MappingLimits,
) -> Result<PropertyValue, MappingErrors> {
    let mut walk = Walk {
        found: MappingErrors::default(),
        max_errors: limits.errors.max(1),
    };
    let mapped = walk.value(prop, base.clone(), given);
    let mut found = walk.found;
    if found.errors.is_empty() {
        return Ok(mapped);
    }
    found
        .errors
        .sort_by(|one, other| one.pointer.cmp(&other.pointer));
    Err(found)
}

struct Walk {
    found: MappingErrors,
    max_errors: usize,
}

impl Walk {
    fn value(&mut self, prop: &Prop, pointer: Pointer, given: Given<'_>) -> PropertyValue {
        let content = match (given.value, prop.shape()) {
            _ if self.is_unreadable(prop, &pointer, given) => None,
            (Some(value), Shape::Json) => Some(Content::Json(normalised(value))),
            (None | Some(Value::Null), _) => {
                if prop.is_required() {
                    let found = given.value.map_or(Found::Nothing, Found::of);
                    self.fail(&pointer, Expected::by(prop), found);
                }
                None
            }
            (Some(value), _) => self.content(prop, &pointer, value, given),
        };
        PropertyValue { pointer, content }
    }

    /// Returns what a value that is not `null` makes of a property.
    fn content(
        &mut self,
        prop: &Prop,
        pointer: &Pointer,
        value: &Value,
        given: Given<'_>,
    ) -> Option<Content> {
        let expected = match (prop.shape(), value) {
            (Shape::String, Value::String(text)) => return Some(Content::String(text.clone())),
            (Shape::Boolean, Value::Bool(boolean)) => return Some(Content::Boolean(*boolean)),
            (Shape::Integer, Value::Number(number)) => match number::to_integer(number) {
                Some(integer) => return Some(Content::Integer(integer)),
                None => Expected::WholeNumber,
            },
            (Shape::Number, Value::Number(number)) => match number::to_finite(number) {
                Some(number) => return Some(Content::Number(number)),
                None => Expected::Double,
            },
            (Shape::Object(props), Value::Object(members)) => {
                self.refuse_undeclared(props, pointer, members, given);
                let members = props.iter().map(|(name, prop)| {
                    let member = given.child(name, members.get(name));
                    (name.clone(), self.value(prop, pointer.child(name), member))
                });
                return Some(Content::Object(members.collect()));
            }
            (Shape::Map(values), Value::Object(entries)) => {
                let entries = entries.iter().map(|(key, entry)| {
                    let entry = given.child(key, Some(entry));
                    (key.clone(), self.value(values, pointer.child(key), entry))
                });
                let set = entries.filter(|(_, entry)| entry.is_set());
                return Some(Content::Map(set.collect()));
            }
            (Shape::Array(item), Value::Array(elements)) => {
                let elements = elements.iter().enumerate().map(|(index, element)| {
                    let index = index.to_string();
                    let element = given.child(&index, Some(element));
                    self.value(item, pointer.child(&index), element)
                });
                return Some(Content::Array(elements.collect()));
            }
            _ => Expected::by(prop),
        };
        self.fail(pointer, expected, Found::of(value));
        None
    }

    fn refuse_undeclared(
        &mut self,
        props: &BTreeMap<String, Prop>,
        pointer: &Pointer,
        members: &Map<String, Value>,
        given: Given<'_>,
    ) {
        for (name, member) in members {
            if !props.contains_key(name) {
                let unreadable = given.child(name, None).unreadable;
                let found = unreadable.and_then(|unreadable| unreadable.here.clone());
                let found = found.unwrap_or_else(|| Found::of(member));
                self.fail(&pointer.child(name), Expected::Undeclared, found);
            }
        }
    }

    /// Returns whether the value could not be read, and notes where: in a value of
    /// any JSON, everywhere inside it.
    fn is_unreadable(&mut self, prop: &Prop, pointer: &Pointer, given: Given<'_>) -> bool {
        let Some(unreadable) = given.unreadable else {
            return false;
        };
        let mut fail = |place: &Pointer, found: &Found| {
            let expected = match (prop.shape(), found) {
                (Shape::String | Shape::Json, Found::LoneSurrogate)
                | (_, Found::LoneSurrogateInName) => Expected::UnicodeText,
                (Shape::Number | Shape::Json, Found::Number(_)) => Expected::Double,
                (Shape::Integer, Found::Number(_)) => Expected::WholeNumber,
                _ => Expected::by(prop),
            };
            self.fail(place, expected, found.clone());
        };
        match (prop.shape(), &unreadable.here) {
            (Shape::Json, _) => unreadable.for_each(pointer, &mut fail),
            (_, Some(found)) => fail(pointer, found),
            (_, None) => return false,
        }
        true
    }

    fn fail(&mut self, pointer: &Pointer, expected: Expected, found: Found) {
        if self.found.errors.len() < self.max_errors {
            self.found.errors.push(MappingError {
                pointer: pointer.clone(),
                expected,
                found,
            });
        } else {
            self.found.left_out = self.found.left_out.saturating_add(1);
        }
    }
}

impl<'a> Given<'a> {
    /// Returns what is given for a member or element.
    fn child(self, token: &str, value: Option<&'a Value>) -> Self {
        let unreadable = self.unreadable;
        Self {
            value,
            unreadable: unreadable.and_then(|unreadable| unreadable.child(token)),
        }
    }
}

/// Returns a value with its numbers by value alone.
fn normalised(value: &Value) -> Value {
    match value {
        Value::Number(number) => number::normalised(number),
        Value::Array(elements) => elements.iter().map(normalised).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), normalised(member)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}
