//! Calls whose events the calling thread waits for.

use std::fmt;

use futures_util::StreamExt as _;
use veritech_protocol::{Event, ExecutionId};

use super::client::Client;
use crate::control::{Cancellation, ControlError};
use crate::outcome::{CallError, CallResult};

/// A call under way: an iterator over its events, of which the last is the one
/// result. Its events are those of [`crate::Call`].
///
/// It makes progress while it is asked for events, and only then: ask at least
/// every few seconds. While a call goes on, its dispatcher is heard at least
/// every second or so, which is how long the iterator blocks.
///
/// # Examples
///
/// ```no_run
/// use veritech_client::blocking::Client;
/// use veritech_protocol::{EventBody, RemoteFunctionRequest};
///
/// # fn example(client: Client, request: RemoteFunctionRequest) -> Result<(), Box<dyn std::error::Error>> {
/// let mut call = client.call(request);
/// for event in &mut call {
///     if let EventBody::Output(output) = event.body {
///         eprintln!("{}", output.message);
///     }
/// }
/// let sum: u64 = call.result()?.value()?;
/// # Ok(())
/// # }
/// ```
///
/// # Cancellation
///
/// Dropping it cancels nothing. To end the execution use [`cancel`](Self::cancel),
/// or a [`Canceller`] on another thread.
#[must_use = "a call does nothing unless its events or its result are read"]
pub struct Call {
    client: Client,
    call: crate::Call,
}

/// Cancels a call from another thread.
///
/// # Examples
///
/// ```no_run
/// use std::{thread, time::Duration};
///
/// # fn example(client: veritech_client::blocking::Client) {
/// let call = client.resolver("builtin/quickjs", "export default () => { for (;;); }").call();
/// let canceller = call.canceller();
/// thread::spawn(move || {
///     thread::sleep(Duration::from_secs(1));
///     canceller.cancel()
/// });
/// let error = call.result().expect_err("cancelled");
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Canceller {
    pub(super) client: Client,
    pub(super) canceller: crate::Canceller,
}

impl Call {
    pub(super) fn new(client: Client, call: crate::Call) -> Self {
        Self { client, call }
    }

    /// Returns the id of the execution: see [`crate::Call::id`].
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(call: veritech_client::blocking::Call) -> Result<(), Box<dyn std::error::Error>> {
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
    /// # fn example(call: veritech_client::blocking::Call) -> Result<(), Box<dyn std::error::Error>> {
    /// assert_eq!(call.attempts(), 0, "no event has been read");
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
    /// Returns the failure, if the function has not returned.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(call: veritech_client::blocking::Call) -> Result<(), Box<dyn std::error::Error>> {
    /// let sum: u64 = call.result()?.value()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn result(self) -> Result<CallResult, CallError> {
        self.client.run(self.call.result())
    }

    /// Cancels the call: see [`crate::Call::cancel`].
    ///
    /// # Errors
    ///
    /// Returns an error if the dispatchers could not be asked.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(call: veritech_client::blocking::Call) -> Result<(), Box<dyn std::error::Error>> {
    /// call.cancel()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self) -> Result<Cancellation, ControlError> {
        self.client.run(self.call.cancel())
    }

    /// Returns what cancels this call from another thread.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(call: veritech_client::blocking::Call) -> Result<(), Box<dyn std::error::Error>> {
    /// let canceller = call.canceller();
    /// let cancelling = std::thread::spawn(move || canceller.cancel());
    /// println!("{:?}", call.result());
    /// # Ok(())
    /// # }
    /// ```
    pub fn canceller(&self) -> Canceller {
        Canceller {
            client: self.client.clone(),
            canceller: self.call.canceller(),
        }
    }
}

impl Canceller {
    /// Does what [`Call::cancel`] does.
    ///
    /// # Errors
    ///
    /// Returns an error if the dispatchers could not be asked.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(canceller: veritech_client::blocking::Canceller) -> Result<(), Box<dyn std::error::Error>> {
    /// canceller.cancel()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self) -> Result<Cancellation, ControlError> {
        self.client.run(self.canceller.cancel())
    }
}

impl Iterator for Call {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.client.run(self.call.next())
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}
