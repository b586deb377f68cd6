//! From props to JSON Schema.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{ALL_TYPES, DIALECT, MUST_BE_SET};
use crate::number::MAX_INTEGER;
use crate::prop::{Prop, Shape};
use crate::schema::Schema;

/// Where a prop is: what says there that it is required.
#[derive(Clone, Copy)]
enum Position {
    /// A member of an object, which lists it.
    Member,
    /// The root, an element or an entry.
    Elsewhere,
}

/// Returns a schema as JSON Schema.
pub(super) fn export(schema: &Schema) -> Value {
    let mut root = of_prop(schema.prop(), Position::Elsewhere);
    root.insert("$schema".to_owned(), DIALECT.into());
    Value::Object(root)
}

fn of_prop(prop: &Prop, position: Position) -> Map<String, Value> {
    let mut keywords = Map::new();
    let mut say = |keyword: &str, value: Value| keywords.insert(keyword.to_owned(), value);
    if let Some(documentation) = prop.documentation() {
        say("description", documentation.into());
    }
    let name = match prop.shape() {
        Shape::String => "string",
        Shape::Number => "number",
        Shape::Boolean => "boolean",
        Shape::Integer => {
            say("minimum", (-MAX_INTEGER).into());
            say("maximum", MAX_INTEGER.into());
            "integer"
        }
        Shape::Object(props) => {
            say("properties", members(props));
            let required = props.iter().filter(|(_, prop)| prop.is_required());
            let required: Vec<_> = required.map(|(name, _)| name.as_str()).collect();
            if !required.is_empty() {
                say("required", required.into());
            }
            say("additionalProperties", false.into());
            "object"
        }
        Shape::Map(values) => {
            say("additionalProperties", elsewhere(values));
            "object"
        }
        Shape::Array(item) => {
            say("items", elsewhere(item));
            "array"
        }
        Shape::Json => {
            if prop.is_required() && matches!(position, Position::Elsewhere) {
                say(MUST_BE_SET, true.into());
            }
            say("type", json!(ALL_TYPES));
            return keywords;
        }
    };
    let r#type = if prop.is_required() {
        name.into()
    } else {
        json!([name, "null"])
    };
    say("type", r#type);
    keywords
}

fn members(props: &BTreeMap<String, Prop>) -> Value {
    let members = props.iter().map(|(name, prop)| {
        let member = of_prop(prop, Position::Member);
        (name.clone(), Value::Object(member))
    });
    Value::Object(members.collect())
}

fn elsewhere(prop: &Prop) -> Value {
    Value::Object(of_prop(prop, Position::Elsewhere))
}
