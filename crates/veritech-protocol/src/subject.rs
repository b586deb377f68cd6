//! The NATS subjects that callers and dispatchers meet on.

use crate::id::ExecutionId;
use crate::kind::Kind;

/// The queue group of which one member takes each request.
pub const QUEUE_GROUP: &str = "veritech_dispatch";

/// The name of the service in `$SRV` discovery (NATS ADR-32).
pub const SERVICE_NAME: &str = "veritech";

/// Subjects under an optional prefix.
///
/// # Examples
///
/// ```
/// use veritech_protocol::{Kind, Subjects};
///
/// let subjects = Subjects::try_new("staging")?;
/// assert_eq!(subjects.function(Kind::Resolver), "staging.veritech.function.resolver");
/// # Ok::<(), veritech_protocol::InvalidPrefix>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    /// Empty, or ends with a dot.
    prefix: String,
}

/// A string that cannot start a subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be tokens of `A-Z`, `a-z`, `0-9`, `_` and `-`, separated by dots, of at most 128 bytes"
)]
pub struct InvalidPrefix;

impl Subjects {
    /// Returns the subjects under `prefix`; an empty one means none.
    ///
    /// # Errors
    ///
    /// Returns an error if `prefix` could not be published to, or could be
    /// subscribed to as more than itself.
    pub fn try_new(prefix: &str) -> Result<Self, InvalidPrefix> {
        if prefix.is_empty() {
            return Ok(Self::default());
        }
        let token = |token: &str| {
            !token.is_empty()
                && token
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        };
        if prefix.len() > 128 || !prefix.split('.').all(token) {
            return Err(InvalidPrefix);
        }
        Ok(Self {
            prefix: format!("{prefix}."),
        })
    }

    /// The subject of requests of one kind.
    pub fn function(&self, kind: Kind) -> String {
        format!("{}veritech.function.{kind}", self.prefix)
    }

    /// The subject that requests of every kind match.
    pub fn functions(&self) -> String {
        format!("{}veritech.function.>", self.prefix)
    }

    /// The part of a request's subject that names its kind, if it has one.
    pub fn kind_of<'a>(&self, subject: &'a str) -> Option<&'a str> {
        subject
            .strip_prefix(self.prefix.as_str())?
            .strip_prefix("veritech.function.")
    }

    /// The subject that cancels one execution.
    pub fn cancel(&self, id: &ExecutionId) -> String {
        format!("{}veritech.control.cancel.{id}", self.prefix)
    }

    /// The subject that every cancellation matches.
    pub fn cancellations(&self) -> String {
        format!("{}veritech.control.cancel.*", self.prefix)
    }

    /// The id that a cancellation's subject names, if it is one.
    pub fn cancelled_id(&self, subject: &str) -> Option<ExecutionId> {
        subject
            .strip_prefix(self.prefix.as_str())?
            .strip_prefix("veritech.control.cancel.")?
            .parse()
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_cannot_widen_a_subscription() {
        for prefix in [">", "*", "a.>", "a.", ".a", "a..b", "a b", "$SRV"] {
            assert_eq!(Subjects::try_new(prefix), Err(InvalidPrefix), "{prefix:?}");
        }
    }

    #[test]
    fn what_is_published_is_recognised() {
        let subjects = Subjects::try_new("a.b").expect("valid");
        let id: ExecutionId = "x-1".parse().expect("valid");

        assert_eq!(
            subjects.kind_of(&subjects.function(Kind::Action)),
            Some("action")
        );
        assert_eq!(subjects.cancelled_id(&subjects.cancel(&id)), Some(id));
        assert_eq!(subjects.kind_of("veritech.function.action"), None);
    }
}
