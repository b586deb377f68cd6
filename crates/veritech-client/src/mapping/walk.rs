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

/// Maps a value, or finds all that does not fit.
pub(super) fn walk(
    prop: &Prop,
    base: &Pointer,
    json: Option<&Value>,
    unreadable: Unreadable,
    limits: &MappingLimits,
) -> Result<PropertyValue, MappingErrors> {
    let mut walk = Walk {
        errors: MappingErrors::default(),
        max_errors: limits.errors.max(1),
        unreadable,
    };
    let mapped = walk.value(prop, base.clone(), json);
    let mut found = walk.errors;
    if found.errors.is_empty() {
        return Ok(mapped);
    }
    found
        .errors
        .sort_by(|one, other| one.pointer.cmp(&other.pointer));
    Err(found)
}

struct Walk {
    errors: MappingErrors,
    max_errors: usize,
    unreadable: Unreadable,
}

impl Walk {
    fn value(&mut self, prop: &Prop, pointer: Pointer, json: Option<&Value>) -> PropertyValue {
        if self.is_unreadable(prop, &pointer) {
            return PropertyValue::unset(pointer);
        }
        let content = match (json, prop.shape()) {
            (Some(value), Shape::Json) => Some(Content::Json(normalised(value))),
            (None | Some(Value::Null), _) => {
                if prop.is_required() {
                    let found = json.map_or(Found::Nothing, Found::of);
                    self.fail(&pointer, Expected::by(prop), found);
                }
                None
            }
            (Some(value), shape) => self.content(prop, shape, &pointer, value),
        };
        PropertyValue { pointer, content }
    }

    /// Notes what could not be read in a place that is told as a whole.
    fn is_unreadable(&mut self, prop: &Prop, pointer: &Pointer) -> bool {
        if self.unreadable.is_empty() {
            return false;
        }
        let found: Vec<_> = match prop.shape() {
            Shape::Json => {
                let from_here = self.unreadable.range(pointer..);
                from_here
                    .take_while(|(place, _)| pointer.is_prefix_of(place))
                    .map(|(place, found)| (place.clone(), found.clone()))
                    .collect()
            }
            _ => {
                let found = self.unreadable.get(pointer).cloned();
                found
                    .map(|found| (pointer.clone(), found))
                    .into_iter()
                    .collect()
            }
        };
        for (place, found) in &found {
            let expected = match (prop.shape(), found) {
                (Shape::String | Shape::Json, Found::LoneSurrogate)
                | (_, Found::LoneSurrogateInName) => Expected::UnicodeText,
                (Shape::Number | Shape::Json, Found::Number(_)) => Expected::Double,
                (Shape::Integer, Found::Number(_)) => Expected::WholeNumber,
                _ => Expected::by(prop),
            };
            self.fail(place, expected, found.clone());
        }
        !found.is_empty()
    }

    fn content(
        &mut self,
        prop: &Prop,
        shape: &Shape,
        pointer: &Pointer,
        value: &Value,
    ) -> Option<Content> {
        let content = match (shape, value) {
            (Shape::String, Value::String(text)) => Content::String(text.clone()),
            (Shape::Boolean, Value::Bool(boolean)) => Content::Boolean(*boolean),
            (Shape::Integer, Value::Number(number)) => {
                let Some(integer) = number::to_integer(number) else {
                    self.fail(pointer, Expected::WholeNumber, Found::of(value));
                    return None;
                };
                Content::Integer(integer)
            }
            (Shape::Number, Value::Number(number)) => Content::Number(number::to_finite(number)?),
            (Shape::Object(props), Value::Object(members)) => {
                Content::Object(self.object(props, pointer, members))
            }
            (Shape::Array(item), Value::Array(elements)) => {
                let elements = elements.iter().enumerate();
                Content::Array(
                    elements
                        .map(|(index, element)| {
                            self.value(item, pointer.element(index), Some(element))
                        })
                        .collect(),
                )
            }
            (Shape::Map(values), Value::Object(entries)) => {
                let entries = entries.iter().map(|(key, entry)| {
                    let entry = self.value(values, pointer.child(key), Some(entry));
                    (key.clone(), entry)
                });
                Content::Map(entries.filter(|(_, entry)| entry.is_set()).collect())
            }
            _ => {
                self.fail(pointer, Expected::by(prop), Found::of(value));
                return None;
            }
        };
        Some(content)
    }

    fn object(
        &mut self,
        props: &BTreeMap<String, Prop>,
        pointer: &Pointer,
        members: &Map<String, Value>,
    ) -> BTreeMap<String, PropertyValue> {
        for (name, member) in members {
            if !props.contains_key(name) {
                let pointer = pointer.child(name);
                let unreadable = self.unreadable.get(&pointer).cloned();
                let found = unreadable.unwrap_or_else(|| Found::of(member));
                self.fail(&pointer, Expected::Undeclared, found);
            }
        }
        let declared = props.iter().map(|(name, prop)| {
            let member = self.value(prop, pointer.child(name), members.get(name));
            (name.clone(), member)
        });
        declared.collect()
    }

    fn fail(&mut self, pointer: &Pointer, expected: Expected, found: Found) {
        if self.errors.errors.len() < self.max_errors {
            self.errors.errors.push(MappingError {
                pointer: pointer.clone(),
                expected,
                found,
            });
        } else {
            self.errors.left_out = self.errors.left_out.saturating_add(1);
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
