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

pub(super) fn check(value: &RawValue) -> Result<(), InvalidResult> {
    typed::<CodeGeneration>(value).map(drop)
}
