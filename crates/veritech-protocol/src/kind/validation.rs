//! `validation`: valid or not.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{InvalidResult, message_required, typed};

/// What a validation returns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Validation {
    /// Whether it is valid.
    pub valid: bool,
    /// Why not; required when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

pub(super) fn check(value: &RawValue) -> Result<(), InvalidResult> {
    let Validation { valid, message } = typed(value)?;
    if valid {
        return Ok(());
    }
    message_required(message.as_deref(), "when valid is false")
}
