//! A value and a prop, gone through side by side.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::{Expected, Found, MappingError, MappingErrors};
use crate::number;
use crate::pointer::Pointer;
use crate::prop::{Prop, Shape};
use crate::property::{Content, PropertyValue};

/// Maps a value, or finds all that does not fit.
pub(super) fn walk(
    prop: &Prop,
    base: &Pointer,
    json: Option<&Value>,
    max_errors: usize,
) -> Result<PropertyValue, MappingErrors> {
    let mut walk = Walk {
        errors: MappingErrors::default(),
        max_errors,
    };
    let mapped = walk.value(prop, base.clone(), json);
    if walk.errors == MappingErrors::default() {
        Ok(mapped)
    } else {
        Err(walk.errors)
    }
}

struct Walk {
    errors: MappingErrors,
    max_errors: usize,
}

impl Walk {
    fn value(&mut self, prop: &Prop, pointer: Pointer, json: Option<&Value>) -> PropertyValue {
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
                self.fail(&pointer, Expected::Undeclared, Found::of(member));
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
