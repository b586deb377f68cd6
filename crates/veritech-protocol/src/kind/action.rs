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

impl Action {
    /// Reads what an action returned; `None` is nothing.
    ///
    /// # Errors
    ///
    /// Returns what is wrong and where.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_protocol::RawValue;
    /// use veritech_protocol::kind::action::Action;
    ///
    /// let json = r#"{"status":"ok","payload":{"restarted":2}}"#;
    /// let returned = RawValue::from_string(json.to_owned())?;
    /// assert!(Action::read(Some(&returned))?.is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(returned: Option<&RawValue>) -> Result<Self, InvalidResult> {
        let action: Self = typed(returned)?;
        match action.status {
            Status::Ok if action.message.is_some() => Err(InvalidResult {
                path: "/message".to_owned(),
                problem: "a message is forbidden when the status is ok".to_owned(),
            }),
            Status::Ok => Ok(action),
            Status::Warning | Status::Error => {
                message_required(action.message.as_deref(), "unless the status is ok")?;
                Ok(action)
            }
        }
    }

    /// Returns whether the action went well, and no less.
    pub fn is_ok(&self) -> bool {
        self.status == Status::Ok
    }
}
