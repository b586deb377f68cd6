//! Why a request is refused before anything starts.

use crate::failure::{Failure, FailureCode, truncate};
use crate::json::OutOfBounds;
use crate::kind::{Kind, without_position};

/// A request that is refused before anything starts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The whole of it is too large, too deep, or not UTF-8.
    #[error("the request {0}")]
    OutOfBounds(OutOfBounds),

    /// It is not a JSON object of the right shape.
    #[error("the request is malformed: {problem} (line {line}, column {column})")]
    Malformed {
        /// What the parser says.
        problem: String,
        /// Where, counted from 1.
        line: usize,
        /// Where, counted from 1.
        column: usize,
    },

    /// One field is wrong.
    #[error("`{field}` {problem}")]
    Field {
        /// The field, as a path such as `limits.memory_bytes`.
        field: String,
        /// What it must be.
        problem: String,
    },

    /// There is no such kind.
    #[error("`{kind}` is no kind of function; there are {known}", known = kinds())]
    UnsupportedKind {
        /// What was asked for, cut to a sensible length.
        kind: String,
    },
}

impl RequestError {
    /// Returns an error in one field.
    pub fn field(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Field {
            field: field.into(),
            problem: problem.into(),
        }
    }

    /// Returns an error that names a kind which there is not.
    pub fn unsupported_kind(kind: &str) -> Self {
        let mut kind = kind.to_owned();
        truncate(&mut kind, 64);
        Self::UnsupportedKind { kind }
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        let message = error.to_string();
        match error {
            RequestError::OutOfBounds(OutOfBounds::TooLarge { bytes, limit }) => {
                Self::new(FailureCode::InvalidRequest, message)
                    .with("bytes", bytes)
                    .with("limit", limit)
            }
            RequestError::OutOfBounds(OutOfBounds::TooDeep { limit }) => {
                Self::new(FailureCode::InvalidRequest, message).with("limit", limit)
            }
            RequestError::OutOfBounds(OutOfBounds::NotUtf8 { .. }) => {
                Self::new(FailureCode::InvalidRequest, message)
            }
            RequestError::Malformed { line, column, .. } => {
                Self::new(FailureCode::InvalidRequest, message)
                    .with("line", line)
                    .with("column", column)
            }
            RequestError::Field { field, .. } => {
                Self::new(FailureCode::InvalidRequest, message).with("field", field)
            }
            RequestError::UnsupportedKind { kind } => {
                Self::new(FailureCode::UnsupportedKind, message).with("kind", kind)
            }
        }
    }
}

fn kinds() -> String {
    Kind::ALL.map(Kind::name).join(", ")
}

/// Tells a wrong field from text that is no request at all.
pub(super) fn parse_error(path: &str, error: &serde_json::Error) -> RequestError {
    let problem = without_position(&error.to_string());
    if path == "." || !error.is_data() {
        RequestError::Malformed {
            problem,
            line: error.line(),
            column: error.column(),
        }
    } else {
        RequestError::field(path, format!("is wrong: {problem}"))
    }
}
