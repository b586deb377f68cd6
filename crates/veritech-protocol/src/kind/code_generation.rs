//! `code_generation`: code in some format.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{InvalidResult, typed};

/// What a code generation returns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeGeneration {
    /// The language or format of the code, such as `yaml`.
    pub format: String,
    /// The code.
    pub code: String,
}

impl CodeGeneration {
    /// Reads what a code generation returned; `None` is nothing.
    ///
    /// # Errors
    ///
    /// Returns what is wrong and where.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_protocol::RawValue;
    /// use veritech_protocol::kind::code_generation::CodeGeneration;
    ///
    /// let json = r#"{"format":"yaml","code":"replicas: 3"}"#;
    /// let returned = RawValue::from_string(json.to_owned())?;
    /// assert_eq!(CodeGeneration::read(Some(&returned))?.code, "replicas: 3");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(returned: Option<&RawValue>) -> Result<Self, InvalidResult> {
        typed(returned)
    }
}
