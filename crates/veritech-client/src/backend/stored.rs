//! How a backend is written: one flat object that says its kind.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use veritech_protocol::Language;

use super::{FunctionBackend, ResolverBackend};

/// A [`ResolverBackend`] as it is written. A function in JavaScript or Python says so
/// by its kind and by nothing else.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Stored {
    String {
        value: String,
    },
    Integer {
        value: i64,
    },
    Number {
        value: f64,
    },
    Boolean {
        value: bool,
    },
    Array {
        value: Vec<Value>,
    },
    Object {
        value: Map<String, Value>,
    },
    /// With braces, since serde takes unknown members for a unit.
    Unset {},
    Json {
        value: Value,
    },
    Javascript(Box<FunctionBackend>),
    Python(Box<FunctionBackend>),
    Function(Box<FunctionBackend>),
}

/// A kind that implies a language, with another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the kind `{kind}` implies its `language`, and this says another; its kind would be `function`"
)]
pub(super) struct ContradictoryLanguage {
    kind: &'static str,
}

impl TryFrom<Stored> for ResolverBackend {
    type Error = ContradictoryLanguage;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        Ok(match stored {
            Stored::String { value } => Self::String { value },
            Stored::Integer { value } => Self::Integer { value },
            Stored::Number { value } => Self::Number { value },
            Stored::Boolean { value } => Self::Boolean { value },
            Stored::Array { value } => Self::Array { value },
            Stored::Object { value } => Self::Object { value },
            Stored::Unset {} => Self::Unset,
            Stored::Json { value } => Self::Json { value },
            Stored::Javascript(function) => {
                Self::Function(written_in(Language::JavaScript, function)?)
            }
            Stored::Python(function) => Self::Function(written_in(Language::Python, function)?),
            Stored::Function(function) => Self::Function(function),
        })
    }
}

impl From<ResolverBackend> for Stored {
    fn from(backend: ResolverBackend) -> Self {
        match backend {
            ResolverBackend::String { value } => Self::String { value },
            ResolverBackend::Integer { value } => Self::Integer { value },
            ResolverBackend::Number { value } => Self::Number { value },
            ResolverBackend::Boolean { value } => Self::Boolean { value },
            ResolverBackend::Array { value } => Self::Array { value },
            ResolverBackend::Object { value } => Self::Object { value },
            ResolverBackend::Unset => Self::Unset {},
            ResolverBackend::Json { value } => Self::Json { value },
            ResolverBackend::Function(mut function) => match function.language {
                Some(Language::JavaScript) => {
                    function.language = None;
                    Self::Javascript(function)
                }
                Some(Language::Python) => {
                    function.language = None;
                    Self::Python(function)
                }
                Some(Language::TypeScript) | None => Self::Function(function),
            },
        }
    }
}

fn written_in(
    language: Language,
    mut function: Box<FunctionBackend>,
) -> Result<Box<FunctionBackend>, ContradictoryLanguage> {
    if function.language.is_some_and(|said| said != language) {
        return Err(ContradictoryLanguage {
            kind: language.name(),
        });
    }
    function.language = Some(language);
    Ok(function)
}
