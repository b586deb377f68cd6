//! From JSON Schema to props.

mod place;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use self::place::{Place, Role, in_json_schema};
use self::types::{Type, Types};
use super::{DIALECT, MUST_BE_SET, Unmapped, UnmappedSchema};
use crate::number::{self, MAX_INTEGER};
use crate::pointer::Pointer;
use crate::prop::{Prop, Shape};
use crate::schema::{Schema, SchemaFault};

/// Keywords that change no verdict, as long as nothing refers to them.
const ANNOTATIONS: [&str; 14] = [
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];

/// Reads a schema, or finds all that does not map.
pub(super) fn import(json_schema: &Value) -> Result<Schema, UnmappedSchema> {
    let mut import = Import::default();
    let prop = import.prop(&Place::root(), json_schema);
    if import.found.unmapped.is_empty() {
        match Schema::try_new(prop) {
            Ok(schema) => return Ok(schema),
            Err(invalid) => {
                import.refuse(in_json_schema(&invalid.place), invalid.reason.to_string());
            }
        }
    }
    import
        .found
        .unmapped
        .sort_by(|one, other| one.pointer.cmp(&other.pointer));
    Err(import.found)
}

/// What a schema says of what lies in its values.
struct Inside {
    members: BTreeMap<String, Prop>,
    each_member: Option<EachMember>,
    each_element: Option<Prop>,
}

/// What `additionalProperties` says.
enum EachMember {
    Forbidden,
    As(Prop),
}

#[derive(Default)]
struct Import {
    found: UnmappedSchema,
}

impl Import {
    /// Reads the schema in a place. What does not map is noted, and something else
    /// returned in its place, so that all of it is found.
    fn prop(&mut self, place: &Place, schema: &Value) -> Prop {
        if place.depth > Schema::MAX_DEPTH {
            let limit = Schema::MAX_DEPTH;
            let reason = SchemaFault::TooDeep { limit };
            self.refuse(place.pointer.clone(), reason.to_string());
            return Prop::json();
        }
        let refusal = match schema {
            Value::Object(keywords) => return self.keywords(place, keywords),
            Value::Bool(true) => return place.any(false),
            Value::Bool(false) => "no prop is never valid: remove it",
            _ => "is no schema: write an object, or `true` for any JSON value",
        };
        self.refuse(place.pointer.clone(), refusal);
        Prop::json()
    }

    fn keywords(&mut self, place: &Place, keywords: &Map<String, Value>) -> Prop {
        let types = self.types(place, keywords);
        for (keyword, value) in keywords {
            self.keyword(place, types.as_ref(), keyword, value);
        }
        let inside = self.inside(place, keywords);
        let prop = match types {
            Some(types) => self.typed(place, keywords, &types, inside),
            None => Prop::json(),
        };
        let documentation = self.text(place, keywords, "title");
        match self.text(place, keywords, "description").or(documentation) {
            Some(documentation) => prop.documented(documentation),
            None => prop,
        }
    }

    fn types(&mut self, place: &Place, keywords: &Map<String, Value>) -> Option<Types> {
        let Some(value) = keywords.get("type") else {
            let reason = "`type` is missing: write it, or `true` for any JSON value";
            self.refuse(place.pointer.clone(), reason);
            return None;
        };
        match Types::read(value) {
            Ok(types) => Some(types),
            Err(reason) => {
                self.refuse(place.pointer.child("type"), reason);
                None
            }
        }
    }

    /// Notes a keyword that a prop of these types cannot say.
    fn keyword(&mut self, place: &Place, types: Option<&Types>, keyword: &str, value: &Value) {
        let is_of = |of: Type| types.is_none_or(|types| types.r#type == of);
        let is_mapped = match keyword {
            "type" => true,
            "properties" | "required" | "additionalProperties" => is_of(Type::Object),
            "items" => is_of(Type::Array),
            "minimum" => is_of(Type::Integer) && is_number(value, -MAX_INTEGER),
            "maximum" => is_of(Type::Integer) && is_number(value, MAX_INTEGER),
            MUST_BE_SET => is_of(Type::Any) && !place.is_member() && *value == Value::Bool(true),
            "$schema" => place.role == Role::Root && value.as_str() == Some(DIALECT),
            other => ANNOTATIONS.contains(&other),
        };
        if !is_mapped {
            let reason = match keyword {
                "$schema" => "only draft 2020-12 is read, and the root alone names it",
                "minimum" | "maximum" if is_of(Type::Integer) => {
                    "no prop can say this: remove it (an integer is within ±9007199254740991)"
                }
                _ => "no prop can say this: remove it",
            };
            self.refuse(place.pointer.child(keyword), reason);
        }
    }

    fn inside(&mut self, place: &Place, keywords: &Map<String, Value>) -> Inside {
        let each = |keyword: &str| place.below(place.pointer.child(keyword), Role::Each);
        Inside {
            members: self.members(place, keywords),
            each_member: keywords
                .get("additionalProperties")
                .map(|schema| match schema {
                    Value::Bool(false) => EachMember::Forbidden,
                    schema => EachMember::As(self.prop(&each("additionalProperties"), schema)),
                }),
            each_element: keywords
                .get("items")
                .map(|schema| self.prop(&each("items"), schema)),
        }
    }

    fn members(&mut self, place: &Place, keywords: &Map<String, Value>) -> BTreeMap<String, Prop> {
        let listed = self.listed(place, keywords);
        let pointer = place.pointer.child("properties");
        let schemas = match keywords.get("properties") {
            None => return BTreeMap::new(),
            Some(Value::Object(schemas)) => schemas,
            Some(_) => {
                self.refuse(pointer, "is no object of schemas by name");
                return BTreeMap::new();
            }
        };
        let members = schemas.iter().map(|(name, schema)| {
            let is_listed = listed.contains(name.as_str());
            let member = place.below(pointer.child(name), Role::Member { is_listed });
            (name.clone(), self.prop(&member, schema))
        });
        members.collect()
    }

    /// Returns the names that an object requires.
    fn listed<'a>(&mut self, place: &Place, keywords: &'a Map<String, Value>) -> BTreeSet<&'a str> {
        let names = match keywords.get("required") {
            None => return BTreeSet::new(),
            Some(Value::Array(names)) => names.iter().map(Value::as_str).collect(),
            Some(_) => None,
        };
        names.unwrap_or_else(|| {
            self.refuse(place.pointer.child("required"), "is no list of names");
            BTreeSet::new()
        })
    }

    /// Returns the prop of these types, whatever else is said of them.
    fn typed(
        &mut self,
        place: &Place,
        keywords: &Map<String, Value>,
        types: &Types,
        inside: Inside,
    ) -> Prop {
        let shape = match types.r#type {
            Type::Any => return place.any(keywords.contains_key(MUST_BE_SET)),
            Type::String => Shape::String,
            Type::Integer => Shape::Integer,
            Type::Number => Shape::Number,
            Type::Boolean => Shape::Boolean,
            Type::Array => Shape::Array(Box::new(inside.each_element.unwrap_or_else(Prop::json))),
            Type::Object => self.object(place, keywords, inside),
        };
        self.check_presence(place, types);
        let prop = Prop::new(shape);
        if types.allow_null {
            prop
        } else {
            prop.required()
        }
    }

    /// Notes a member that may be missing but not `null`, or the other way round.
    fn check_presence(&mut self, place: &Place, types: &Types) {
        let reason = match place.role {
            Role::Member { is_listed: true } if types.allow_null => {
                "`required` lists it, yet `null` counts as unset: remove `null` here, or the name there"
            }
            Role::Member { is_listed: false } if !types.allow_null => {
                "`required` does not list it, yet `null` counts as unset: add `null` here, or the name there"
            }
            Role::Member { .. } | Role::Root | Role::Each => return,
        };
        self.refuse(place.pointer.child("type"), reason);
    }

    fn object(&mut self, place: &Place, keywords: &Map<String, Value>, inside: Inside) -> Shape {
        let names = keywords.get("required").and_then(Value::as_array);
        let names = names.map(Vec::as_slice).unwrap_or_default();
        match inside.each_member {
            Some(EachMember::Forbidden) => {
                for (index, name) in names.iter().enumerate() {
                    if name
                        .as_str()
                        .is_some_and(|name| !inside.members.contains_key(name))
                    {
                        let pointer = place.pointer.child("required").element(index);
                        self.refuse(
                            pointer,
                            "is not among `properties`: add it there, or remove it here",
                        );
                    }
                }
                Shape::Object(inside.members)
            }
            Some(EachMember::As(values)) => {
                if !inside.members.is_empty() {
                    let reason = "a map has no names of its own: remove it, or write `additionalProperties: false`";
                    self.refuse(place.pointer.child("properties"), reason);
                }
                if !names.is_empty() {
                    let reason = "a map requires no keys: remove it";
                    self.refuse(place.pointer.child("required"), reason);
                }
                Shape::Map(Box::new(values))
            }
            None => {
                let reason = "`additionalProperties` is missing: write `false`, or for a map the schema of all values";
                self.refuse(place.pointer.clone(), reason);
                Shape::Object(inside.members)
            }
        }
    }

    fn text(
        &mut self,
        place: &Place,
        keywords: &Map<String, Value>,
        keyword: &str,
    ) -> Option<String> {
        let value = keywords.get(keyword)?;
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.refuse(place.pointer.child(keyword), "is no text");
        }
        text
    }

    fn refuse(&mut self, pointer: Pointer, reason: impl Into<String>) {
        if self.found.unmapped.len() < UnmappedSchema::MAX_LISTED {
            self.found.unmapped.push(Unmapped {
                pointer,
                reason: reason.into(),
            });
        } else {
            self.found.left_out = self.found.left_out.saturating_add(1);
        }
    }
}

fn is_number(value: &Value, number: i64) -> bool {
    let Value::Number(value) = value else {
        return false;
    };
    number::to_integer(value) == Some(number)
}

#[cfg(test)]
mod tests;
