//! Where the events of one execution go.

use veritech_protocol::{Event, Replies};

/// Takes the events of one execution, in order.
pub trait Mailbox: Send {
    /// Hands over one event, unless `replies` asks for results alone and it is none.
    ///
    /// A result whose value does not fit is delivered in parts, or as the
    /// failure that says so.
    ///
    /// # Cancellation
    ///
    /// Safe to drop: the event then counts as not sent.
    ///
    /// # Errors
    ///
    /// Returns [`Undeliverable`] if nothing more can be sent.
    fn send(
        &mut self,
        event: Event,
        replies: Replies,
    ) -> impl Future<Output = Result<(), Undeliverable>> + Send;
}

/// A mailbox that takes nothing more.
#[derive(Debug, thiserror::Error)]
#[error("the mailbox takes no more events: {0}")]
pub struct Undeliverable(pub String);
