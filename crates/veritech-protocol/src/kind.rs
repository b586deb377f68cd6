//! The kinds of functions, and what each must return.
//!
//! A kind is a result shape. Adding one is a module here, a line in the table
//! below, and its tests.

pub mod action;
pub mod code_generation;
pub mod qualification;
pub mod resolver;
pub mod validation;

use std::fmt;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use self::action::Action;
use self::code_generation::CodeGeneration;
use self::qualification::Qualification;
pub use self::resolver::ResponseType;
use self::validation::Validation;

/// What a function is for, and so what it must return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Kind {
    /// Computes any JSON value of a declared type.
    Resolver,
    /// Judges something: success, warning, failure or unknown.
    Qualification,
    /// Says whether something is valid.
    Validation,
    /// Writes code.
    CodeGeneration,
    /// Does something.
    Action,
}

/// A value that is not what its kind demands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct InvalidResult {
    /// The offending member as a JSON Pointer (RFC 6901); empty for the whole.
    pub path: String,
    /// What was expected there, and what was found.
    pub problem: String,
}

/// A name that is not a [`Kind`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of resolver, qualification, validation, code_generation, action")]
pub struct UnknownKind;

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Resolver,
        Self::Qualification,
        Self::Validation,
        Self::CodeGeneration,
        Self::Action,
    ];

    /// Returns the kind's name in requests and subjects.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resolver => "resolver",
            Self::Qualification => "qualification",
            Self::Validation => "validation",
            Self::CodeGeneration => "code_generation",
            Self::Action => "action",
        }
    }

    /// Checks a returned value, or with `None` that nothing was returned.
    ///
    /// # Errors
    ///
    /// Returns what is wrong and where.
    pub fn check(
        self,
        response_type: ResponseType,
        value: Option<&RawValue>,
    ) -> Result<(), InvalidResult> {
        match self {
            Self::Resolver => resolver::check(response_type, value),
            Self::Qualification => Qualification::read(value).map(drop),
            Self::Validation => Validation::read(value).map(drop),
            Self::CodeGeneration => CodeGeneration::read(value).map(drop),
            Self::Action => Action::read(value).map(drop),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        let named = Self::ALL.into_iter().find(|kind| kind.name() == name);
        named.ok_or(UnknownKind)
    }
}

/// Reads a kind's typed result; `None` is what returned nothing.
fn typed<T: DeserializeOwned>(value: Option<&RawValue>) -> Result<T, InvalidResult> {
    let value = value.ok_or_else(|| InvalidResult {
        path: String::new(),
        problem: "the function must return an object, it returned nothing".to_owned(),
    })?;
    let mut deserializer = serde_json::Deserializer::from_str(value.get());
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| InvalidResult {
        path: pointer(error.path()),
        problem: without_position(&error.inner().to_string()),
    })
}

/// Refuses a missing or empty message.
fn message_required(message: Option<&str>, when: &str) -> Result<(), InvalidResult> {
    match message {
        Some(message) if !message.is_empty() => Ok(()),
        Some(_) | None => Err(InvalidResult {
            path: "/message".to_owned(),
            problem: format!("a message is required {when}"),
        }),
    }
}

/// Writes a path as a JSON Pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;

    let mut pointer = String::new();
    for segment in path {
        pointer.push('/');
        match segment {
            Segment::Seq { index } => pointer.push_str(&index.to_string()),
            Segment::Map { key } => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => pointer.push_str(variant),
            Segment::Unknown => pointer.push('?'),
        }
    }
    pointer
}

/// Drops the position from a parser's message: it counts in text that the
/// function's author never saw.
pub(crate) fn without_position(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message.get(..end).unwrap_or(message).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, json: &str) -> Result<(), InvalidResult> {
        let value = RawValue::from_string(json.to_owned()).expect("JSON");
        kind.check(ResponseType::Any, Some(&value))
    }

    #[test]
    fn each_kind_takes_its_own_shape() {
        for (kind, json) in [
            (Kind::Resolver, "null"),
            (Kind::Qualification, r#"{"result":"success"}"#),
            (
                Kind::Qualification,
                r#"{"result":"failure","message":"port is open"}"#,
            ),
            (Kind::Validation, r#"{"valid":true}"#),
            (Kind::Validation, r#"{"valid":false,"message":"too long"}"#),
            (Kind::CodeGeneration, r#"{"format":"yaml","code":"a: 1"}"#),
            (Kind::Action, r#"{"status":"ok","payload":[1]}"#),
            (Kind::Action, r#"{"status":"error","message":"no"}"#),
        ] {
            check(kind, json).unwrap_or_else(|error| panic!("{kind} {json}: {error:?}"));
        }
    }

    #[test]
    fn anything_else_is_named_with_its_place() {
        for (kind, json, path) in [
            (Kind::Qualification, r#"{"result":"failure"}"#, "/message"),
            (Kind::Qualification, r#"{"result":"fine"}"#, "/result"),
            (
                Kind::Qualification,
                r#"{"result":"success","extra":1}"#,
                "/extra",
            ),
            (Kind::Qualification, "[]", ""),
            (Kind::Validation, r#"{"valid":false}"#, "/message"),
            (Kind::Validation, r#"{"valid":"yes"}"#, "/valid"),
            (Kind::CodeGeneration, r#"{"format":"yaml"}"#, ""),
            (Kind::Action, r#"{"status":"ok","message":"x"}"#, "/message"),
            (Kind::Action, r#"{"status":"warning"}"#, "/message"),
        ] {
            let error = check(kind, json).expect_err(json);
            assert_eq!(error.path, path, "{kind} {json}: {error:?}");
        }
    }

    #[test]
    fn only_a_resolver_may_return_nothing() {
        for kind in Kind::ALL {
            let nothing = kind.check(ResponseType::Any, None);
            assert_eq!(nothing.is_ok(), kind == Kind::Resolver, "{kind}");
        }
    }
}
