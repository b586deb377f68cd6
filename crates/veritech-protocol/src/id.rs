//! The name of one execution.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Names one execution: 1 to 128 of `A-Z`, `a-z`, `0-9`, `_` and `-`.
///
/// It is a capability: whoever knows it may cancel the execution. Draw it at
/// random.
///
/// # Examples
///
/// ```
/// use veritech_protocol::ExecutionId;
///
/// let id: ExecutionId = "order-17".parse()?;
/// assert_eq!(id.as_str(), "order-17");
/// assert!("no spaces".parse::<ExecutionId>().is_err());
/// # Ok::<(), veritech_protocol::InvalidExecutionId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExecutionId(
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^[A-Za-z0-9_-]{1,128}$"))
    )]
    String,
);

/// A string that is no [`ExecutionId`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {max} of `A-Z`, `a-z`, `0-9`, `_` and `-`", max = ExecutionId::MAX_BYTES)]
pub struct InvalidExecutionId;

impl ExecutionId {
    /// The longest id, in bytes.
    pub const MAX_BYTES: usize = 128;

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExecutionId {
    type Err = InvalidExecutionId;

    fn from_str(text: &str) -> Result<Self, InvalidExecutionId> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for ExecutionId {
    type Error = InvalidExecutionId;

    fn try_from(text: String) -> Result<Self, InvalidExecutionId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if text.is_empty() || text.len() > Self::MAX_BYTES || !text.bytes().all(allowed) {
            return Err(InvalidExecutionId);
        }
        Ok(Self(text))
    }
}

impl From<ExecutionId> for String {
    fn from(id: ExecutionId) -> Self {
        id.0
    }
}

impl fmt::Display for ExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_widen_a_subject_are_refused() {
        for text in ["", "a.b", "a>", "*", "a b", "ä", &"x".repeat(129)] {
            assert_eq!(
                text.parse::<ExecutionId>(),
                Err(InvalidExecutionId),
                "{text:?}"
            );
        }
    }
}
