//! One call of a function of a known kind.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Stream, StreamExt as _};
use veritech_protocol::{Event, ExecutionId, ResponseType};

use super::{FunctionKind, KindError, MistypedValue};
use crate::call::{Call, Canceller};
use crate::control::{Cancellation, ControlError};
use crate::outcome::CallError;

/// A [`Call`] of a function of the kind `K`: the same events, and a result of
/// that kind.
///
/// Where a dispatcher passes on a value that is not of the kind, the last event
/// is the failure that says so.
///
/// # Examples
///
/// ```no_run
/// use futures_util::StreamExt as _;
/// use veritech_protocol::EventBody;
///
/// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let code = "export default () => { console.log('checking'); return { valid: true } }";
/// let mut call = client.validation("builtin/quickjs", code).call();
/// while let Some(event) = call.next().await {
///     if let EventBody::Output(output) = event.body {
///         eprintln!("{}", output.message);
///     }
/// }
/// assert!(call.result().await?.value.valid);
/// # Ok(())
/// # }
/// ```
///
/// # Cancellation
///
/// As with [`Call`]: it makes progress while it is polled, and dropping it
/// cancels nothing.
#[must_use = "a call does nothing unless it is polled"]
pub struct TypedCall<K: FunctionKind> {
    call: Call,
    response_type: ResponseType,
    ended: Option<Result<K::Result, KindError>>,
}

impl<K: FunctionKind> TypedCall<K> {
    pub(super) fn new(call: Call, response_type: ResponseType) -> Self {
        Self {
            call,
            response_type,
            ended: None,
        }
    }

    /// Returns the id of the execution: see [`Call::id`].
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(call: veritech_client::TypedCall<veritech_client::Resolver>) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("execution {}", call.id());
    /// # Ok(())
    /// # }
    /// ```
    pub fn id(&self) -> ExecutionId {
        self.call.id()
    }

    /// Returns how many attempts have been made, the current one included.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(call: veritech_client::TypedCall<veritech_client::Resolver>) -> Result<(), Box<dyn std::error::Error>> {
    /// assert_eq!(call.attempts(), 0, "nothing has been polled");
    /// # Ok(())
    /// # }
    /// ```
    pub fn attempts(&self) -> u32 {
        self.call.attempts()
    }

    /// Waits for the end of the call, leaving out what events are unread.
    ///
    /// # Errors
    ///
    /// Returns the failure, or that the value is not of the kind.
    ///
    /// # Cancellation
    ///
    /// Dropping this drops the call: see above.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(call: veritech_client::TypedCall<veritech_client::Resolver>) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Err(error) = call.result().await {
    ///     eprintln!("{}: {error}", error.code());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn result(mut self) -> Result<K::Result, KindError> {
        loop {
            if let Some(ended) = self.ended.take() {
                return ended;
            }
            let event = self.next().await;
            drop(event.expect("invariant: the last of the events is the result"));
        }
    }

    /// Cancels the call: see [`Call::cancel`].
    ///
    /// # Errors
    ///
    /// Returns an error if the dispatchers could not be asked.
    ///
    /// # Cancellation
    ///
    /// Safe to drop.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(call: veritech_client::TypedCall<veritech_client::Resolver>) -> Result<(), Box<dyn std::error::Error>> {
    /// call.cancel().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cancel(&self) -> Result<Cancellation, ControlError> {
        self.call.cancel().await
    }

    /// Returns what cancels this call from another task.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(call: veritech_client::TypedCall<veritech_client::Resolver>) -> Result<(), Box<dyn std::error::Error>> {
    /// let canceller = call.canceller();
    /// let (result, cancelled) = tokio::join!(call.result(), canceller.cancel());
    /// println!("{:?}, {:?}", result.is_ok(), cancelled?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn canceller(&self) -> Canceller {
        self.call.canceller()
    }

    /// Checks how the call ended; returns the failure that takes the place of
    /// its last event, if the value is not of the kind.
    fn judge(&mut self) -> Option<Event> {
        let ended = self.call.take_ended()?;
        let ended = ended.map_err(KindError::Failed).and_then(|returned| {
            K::checked(returned, self.response_type).map_err(|(returned, invalid)| {
                KindError::Mistyped(MistypedValue::new(K::KIND, returned, invalid))
            })
        });
        let failure = match &ended {
            Err(error @ KindError::Mistyped(_)) => {
                Some(CallError::from(error.clone()).into_event())
            }
            Ok(_) | Err(KindError::Failed(_)) => None,
        };
        self.ended = Some(ended);
        failure
    }
}

impl<K: FunctionKind> Stream for TypedCall<K> {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        let event = ready!(self.call.poll_next_unpin(context));
        Poll::Ready(event.map(|event| self.judge().unwrap_or(event)))
    }
}

// Nothing of it is ever pinned but the call, which does that by itself.
impl<K: FunctionKind> Unpin for TypedCall<K> {}

impl<K: FunctionKind> fmt::Debug for TypedCall<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedCall")
            .field("kind", &K::KIND)
            .field("id", &self.id())
            .field("attempts", &self.attempts())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
