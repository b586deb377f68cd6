//! `qualification`: a judgement.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{InvalidResult, message_required, typed};

/// What a qualification returns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Qualification {
    /// The judgement.
    pub result: Verdict,
    /// Why; required unless the judgement is success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The judgement of a [`Qualification`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Verdict {
    /// It is as it should be.
    Success,
    /// It works but should be looked at.
    Warning,
    /// It is not as it should be.
    Failure,
    /// It cannot be told.
    Unknown,
}

pub(super) fn check(value: &RawValue) -> Result<(), InvalidResult> {
    let Qualification { result, message } = typed(value)?;
    match result {
        Verdict::Success => Ok(()),
        Verdict::Warning | Verdict::Failure | Verdict::Unknown => {
            message_required(message.as_deref(), "unless the result is success")
        }
    }
}
