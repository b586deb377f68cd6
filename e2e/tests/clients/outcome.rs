//! How a call ended, as a driver tells it.

use serde::Deserialize;
use serde_json::Value;

/// How a call ended.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcome {
    pub(crate) outcome: End,
    pub(crate) id: String,
    pub(crate) attempts: u32,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum End {
    Success {
        #[serde(default, deserialize_with = "present")]
        value: Option<Value>,
        #[serde(default)]
        unset: bool,
    },
    Failure {
        failure: Value,
        found_by: String,
    },
}

impl Outcome {
    /// Returns the value; panics if there is none.
    pub(crate) fn value(self) -> Value {
        match self.outcome {
            End::Success {
                value: Some(value),
                unset: false,
            } => value,
            other => panic!("no value: {other:?}"),
        }
    }

    /// Whether nothing was returned.
    pub(crate) fn is_unset(&self) -> bool {
        matches!(
            self.outcome,
            End::Success {
                value: None,
                unset: true,
            }
        )
    }

    /// Returns the failure; panics unless it is this one, found by them.
    pub(crate) fn failure(&self, code: &str, found_by: &str) -> &Value {
        match &self.outcome {
            End::Failure {
                failure,
                found_by: finder,
            } if failure["code"] == code && finder == found_by => failure,
            other => panic!("not `{code}`, found by the {found_by}: {other:?}"),
        }
    }
}

/// Keeps `null` apart from nothing.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
