//! The values of literals.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::ResolverBackend;
use crate::number::MAX_INTEGER;

/// A number that is no property's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvalidNumber {
    pub(crate) expected: &'static str,
    pub(crate) found: String,
}

impl ResolverBackend {
    /// Returns the value, if it is a literal that has one.
    pub(crate) fn literal(&self) -> Option<Result<Value, InvalidNumber>> {
        match self {
            Self::String { value } => Some(Ok(value.as_str().into())),
            Self::Integer { value } if value.unsigned_abs() > MAX_INTEGER.unsigned_abs() => {
                Some(Err(InvalidNumber {
                    expected: "a whole number within ±(2^53 − 1)",
                    found: value.to_string(),
                }))
            }
            Self::Integer { value } => Some(Ok((*value).into())),
            Self::Number { value } => {
                let number = Number::from_f64(*value).ok_or_else(|| InvalidNumber {
                    expected: "a finite number",
                    found: value.to_string(),
                });
                Some(number.map(Value::Number))
            }
            Self::Boolean { value } => Some(Ok((*value).into())),
            Self::Array { value } => Some(Ok(Value::Array(value.clone()))),
            Self::Object { value } => Some(Ok(Value::Object(value.clone()))),
            Self::Unset | Self::Json { .. } | Self::Function(_) => None,
        }
    }

    /// Returns the value, unless it is up to a function or there is none.
    pub(crate) fn given(&self) -> Option<Cow<'_, Value>> {
        match self {
            Self::Json { value } => Some(Cow::Borrowed(value)),
            other => other.literal()?.ok().map(Cow::Owned),
        }
    }
}
