//! `resolver`: any JSON value of a declared type, or nothing.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::InvalidResult;

/// The type that a resolver's value must have.
///
/// `null` fits [`Any`](Self::Any) only; a value that is not set fits every type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ResponseType {
    /// Any JSON.
    #[default]
    Any,
    /// A string.
    String,
    /// A whole number within ±(2^53 − 1), however it is spelt: `1`, `1.0`, `1e0`.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An object.
    Object,
    /// An array.
    Array,
}

/// The largest magnitude that a JavaScript number holds without gaps.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

impl ResponseType {
    /// Returns the type's name in requests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
        }
    }
}

pub(super) fn check(
    response_type: ResponseType,
    value: Option<&RawValue>,
) -> Result<(), InvalidResult> {
    let Some(value) = value else {
        return Ok(());
    };
    let found = found(value.get());
    let fits = match response_type {
        ResponseType::Any => true,
        ResponseType::Number => matches!(found, "number" | "integer"),
        ResponseType::String
        | ResponseType::Integer
        | ResponseType::Boolean
        | ResponseType::Object
        | ResponseType::Array => found == response_type.name(),
    };
    if fits {
        return Ok(());
    }
    Err(InvalidResult {
        path: String::new(),
        problem: format!(
            "the declared response_type is {}, the function returned {found}",
            response_type.name()
        ),
    })
}

/// Names the type of JSON text.
fn found(json: &str) -> &'static str {
    match json.trim_start().bytes().next() {
        Some(b'"') => "string",
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b't' | b'f') => "boolean",
        Some(b'n') => "null",
        Some(_) | None => {
            let number = json.trim().parse::<f64>().unwrap_or(f64::NAN);
            if number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER {
                "integer"
            } else {
                "number"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(response_type: ResponseType, json: &str) -> bool {
        let value = RawValue::from_string(json.to_owned()).expect("JSON");
        check(response_type, Some(&value)).is_ok()
    }

    #[test]
    fn numbers_count_by_value() {
        for json in ["1", "1.0", "1e0", "-0", "9007199254740991"] {
            assert!(fits(ResponseType::Integer, json), "{json}");
        }
        for json in ["1.5", "9007199254740993", "1e400"] {
            assert!(!fits(ResponseType::Integer, json), "{json}");
            assert!(fits(ResponseType::Number, json), "{json}");
        }
    }

    #[test]
    fn null_fits_any_only_and_unset_fits_all() {
        assert!(fits(ResponseType::Any, "null"));
        assert!(!fits(ResponseType::String, "null"));
        assert_eq!(check(ResponseType::Object, None), Ok(()));
    }
}
