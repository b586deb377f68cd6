//! `action`: something done, and how it went.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{InvalidResult, message_required, typed};

/// What an action returns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Action {
    /// How it went.
    pub status: Status,
    /// Whatever the action has to say to the program that called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Value>,
    /// What was not as it should be; required unless it went well, and then forbidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// How an [`Action`] went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Status {
    /// Well.
    Ok,
    /// Done, but something should be looked at.
    Warning,
    /// Not done.
    Error,
}

pub(super) fn check(value: &RawValue) -> Result<(), InvalidResult> {
    let Action {
        status, message, ..
    } = typed(value)?;
    match status {
        Status::Ok if message.is_some() => Err(InvalidResult {
            path: "/message".to_owned(),
            problem: "a message is forbidden when the status is ok".to_owned(),
        }),
        Status::Ok => Ok(()),
        Status::Warning | Status::Error => {
            message_required(message.as_deref(), "unless the status is ok")
        }
    }
}
