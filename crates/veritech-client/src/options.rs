//! What a client and its calls can be told.

use std::time::Duration;

use veritech_protocol::{RemoteFunctionRequest, Subjects};

use crate::header::{Tenant, TraceContext};
use crate::retry::{Backoff, Retry};

/// How long a function may run if the request does not say, as dispatchers
/// have it by default.
const DEFAULT_TIMEOUT_MS: u64 = 30_000;

/// How long a request may wait if it does not say.
const DEFAULT_QUEUE_TIMEOUT_MS: u64 = 10_000;

/// How a client behaves.
///
/// # Examples
///
/// ```
/// use veritech_client::{Options, Retry};
/// use veritech_protocol::Subjects;
///
/// let options = Options {
///     subjects: Subjects::try_new("staging")?,
///     retry: Retry::Never,
///     ..Options::default()
/// };
/// # Ok::<(), veritech_protocol::InvalidPrefix>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// Where dispatchers listen.
    pub subjects: Subjects,
    /// Where mailboxes lie; dispatchers answer only below prefixes they know.
    pub inbox_prefix: InboxPrefix,
    /// How long to wait for a dispatcher to say that it has the request.
    pub accept_timeout: Duration,
    /// What is added to the request's `queue_timeout_ms` and `timeout_ms` to
    /// make the deadline of a call that has none of its own: the time for
    /// images to be had, sandboxes to be made, and attempts to be repeated.
    pub deadline_grace: Duration,
    /// Which failures are answered by another attempt.
    pub retry: Retry,
    /// How long to wait between attempts.
    pub backoff: Backoff,
    /// The largest event that is read.
    pub max_event_bytes: usize,
    /// The largest value that is put together from parts.
    pub max_value_bytes: usize,
    /// How many events may wait for a slow reader of one call. More are lost,
    /// which ends the call with `sequence_gap`, or with `dispatcher_lost` if the
    /// last event is among them. Takes effect where the client makes the
    /// connection itself.
    pub mailbox_capacity: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            subjects: Subjects::default(),
            inbox_prefix: InboxPrefix::default(),
            accept_timeout: Duration::from_secs(2),
            deadline_grace: Duration::from_secs(30),
            retry: Retry::default(),
            backoff: Backoff::default(),
            max_event_bytes: 8 << 20,
            max_value_bytes: 64 << 20,
            mailbox_capacity: 65_536,
        }
    }
}

impl Options {
    /// How long a call of `request` may take if it has no deadline of its own.
    pub(crate) fn patience(&self, request: &RemoteFunctionRequest) -> Duration {
        let queued = request.queue_timeout_ms.unwrap_or(DEFAULT_QUEUE_TIMEOUT_MS);
        let running = request.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS);
        Duration::from_millis(queued)
            .saturating_add(Duration::from_millis(running))
            .saturating_add(self.deadline_grace)
    }
}

/// What is special about one call.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use veritech_client::{CallOptions, Retry};
///
/// let quick_or_not_at_all = CallOptions {
///     deadline: Some(Duration::from_secs(1)),
///     retry: Some(Retry::Never),
///     ..CallOptions::default()
/// };
/// ```
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// How long all attempts together may take; by default what the request
    /// allows, and [`Options::deadline_grace`].
    pub deadline: Option<Duration>,
    /// Which failures are answered by another attempt, if not those of
    /// [`Options::retry`].
    pub retry: Option<Retry>,
    /// The trace that the execution belongs to.
    pub trace: Option<TraceContext>,
    /// Whose fair share it counts against.
    pub tenant: Option<Tenant>,
}

/// The subject under which mailboxes lie; `_INBOX` by default.
///
/// # Examples
///
/// ```
/// use veritech_client::{InboxPrefix, Options};
///
/// let options = Options {
///     inbox_prefix: InboxPrefix::try_new("_INBOX_billing")?,
///     ..Options::default()
/// };
/// # Ok::<(), veritech_client::InvalidInboxPrefix>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxPrefix(String);

/// A string that cannot start the subject of a mailbox.
///
/// # Examples
///
/// ```
/// use veritech_client::{InboxPrefix, InvalidInboxPrefix};
///
/// assert_eq!(InboxPrefix::try_new("_INBOX.>"), Err(InvalidInboxPrefix));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be tokens without spaces, `*` and `>`, separated by dots, of 1 to 128 bytes")]
pub struct InvalidInboxPrefix;

impl InboxPrefix {
    /// Returns the prefix, without a final dot.
    ///
    /// # Errors
    ///
    /// Returns an error if no subject can start with it.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::InboxPrefix;
    ///
    /// let prefix = InboxPrefix::try_new("_INBOX.billing.eu")?;
    /// # Ok::<(), veritech_client::InvalidInboxPrefix>(())
    /// ```
    pub fn try_new(prefix: &str) -> Result<Self, InvalidInboxPrefix> {
        let token = |token: &str| {
            !token.is_empty()
                && token
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b'*' && byte != b'>')
        };
        if prefix.len() > 128 || !prefix.split('.').all(token) {
            return Err(InvalidInboxPrefix);
        }
        Ok(Self(prefix.to_owned()))
    }

    /// Draws the subject of a new mailbox.
    pub(crate) fn draw(&self) -> String {
        format!("{}.{}", self.0, uuid::Uuid::new_v4().simple())
    }
}

impl Default for InboxPrefix {
    fn default() -> Self {
        Self("_INBOX".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use veritech_protocol::Kind;

    use super::*;

    #[test]
    fn a_call_gets_the_time_that_its_request_allows_and_some_more() {
        let mut request = RemoteFunctionRequest::new(Kind::Action, "builtin/quickjs", "");
        request.timeout_ms = Some(5_000);
        request.queue_timeout_ms = Some(0);
        assert_eq!(
            Options::default().patience(&request),
            Duration::from_secs(35)
        );

        request.timeout_ms = Some(u64::MAX);
        request.queue_timeout_ms = Some(u64::MAX);
        assert!(Options::default().patience(&request) > Duration::from_millis(u64::MAX));
    }

    #[test]
    fn an_inbox_prefix_cannot_widen_a_subscription() {
        for prefix in ["", ">", "_INBOX.*", "_INBOX.", "a..b", "a b", "a\r\nb"] {
            assert_eq!(
                InboxPrefix::try_new(prefix),
                Err(InvalidInboxPrefix),
                "{prefix:?}"
            );
        }
        let prefix = InboxPrefix::try_new("_INBOX.billing").expect("valid");
        assert!(prefix.draw().starts_with("_INBOX.billing."));
        assert_ne!(prefix.draw(), prefix.draw());
    }
}
