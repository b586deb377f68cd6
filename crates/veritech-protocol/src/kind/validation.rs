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

impl Validation {
    /// Reads what a validation returned; `None` is nothing.
    ///
    /// # Errors
    ///
    /// Returns what is wrong and where.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_protocol::RawValue;
    /// use veritech_protocol::kind::validation::Validation;
    ///
    /// let returned = RawValue::from_string(r#"{"valid":false}"#.to_owned())?;
    /// let error = Validation::read(Some(&returned)).expect_err("does not say why");
    /// assert_eq!(error.path, "/message");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(returned: Option<&RawValue>) -> Result<Self, InvalidResult> {
        let validation: Self = typed(returned)?;
        if !validation.valid {
            message_required(validation.message.as_deref(), "when valid is false")?;
        }
        Ok(validation)
    }
}
