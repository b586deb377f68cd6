//! The keyword `type`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::json_schema::ALL_TYPES;
use crate::mapping::shortened;

/// What a schema's values are, apart from `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Object,
    Array,
    /// Anything, `null` too.
    Any,
}

/// What a schema's values are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Types {
    pub(super) r#type: Type,
    pub(super) allow_null: bool,
}

impl Types {
    /// Reads the keyword's value, or says why no prop is of these types.
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let names = match value {
            Value::String(name) => Some(BTreeSet::from([name.as_str()])),
            Value::Array(names) => names.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let mut names = names.ok_or("is no name of a type, and no list of names")?;
        for name in &names {
            if !ALL_TYPES.contains(name) && *name != "integer" {
                return Err(format!("there is no type {:?}", shortened(name)));
            }
        }
        if names.contains("number") {
            names.remove("integer");
        }
        let allow_null = names.remove("null");
        let r#type = match Vec::from_iter(names).as_slice() {
            [] => return Err("no prop is always `null`: write another type".to_owned()),
            ["string"] => Type::String,
            ["integer"] => Type::Integer,
            ["number"] => Type::Number,
            ["boolean"] => Type::Boolean,
            ["object"] => Type::Object,
            ["array"] => Type::Array,
            several if several.len() == ALL_TYPES.len() - 1 && allow_null => Type::Any,
            _ => {
                let reason = "no prop is of several types: write one, with `null` if it is optional, or `true` for any JSON value";
                return Err(reason.to_owned());
            }
        };
        Ok(Self { r#type, allow_null })
    }
}
