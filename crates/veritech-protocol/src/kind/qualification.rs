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

impl Qualification {
    /// Reads what a qualification returned; `None` is nothing.
    ///
    /// # Errors
    ///
    /// Returns what is wrong and where.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_protocol::RawValue;
    /// use veritech_protocol::kind::qualification::{Qualification, Verdict};
    ///
    /// let json = r#"{"result":"failure","message":"port 22 is open"}"#;
    /// let returned = RawValue::from_string(json.to_owned())?;
    /// let judged = Qualification::read(Some(&returned))?;
    /// assert_eq!(judged.result, Verdict::Failure);
    /// assert!(!judged.is_success());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(returned: Option<&RawValue>) -> Result<Self, InvalidResult> {
        let qualification: Self = typed(returned)?;
        let Self { result, message } = &qualification;
        match result {
            Verdict::Success => {}
            Verdict::Warning | Verdict::Failure | Verdict::Unknown => {
                message_required(message.as_deref(), "unless the result is success")?;
            }
        }
        Ok(qualification)
    }

    /// Returns whether the judgement is success, and no less.
    pub fn is_success(&self) -> bool {
        self.result == Verdict::Success
    }
}
