//! Calls of functions of a known kind.

use std::fmt;

use futures_util::StreamExt as _;
use veritech_protocol::{Event, ExecutionId};

use super::call::Canceller;
use super::client::Client;
use crate::control::{Cancellation, ControlError};
use crate::kinds::{FunctionCall, FunctionKind, KindError};

/// A [`Call`](super::Call) of a function of the kind `K`: the same events, and a result of
/// that kind.
///
/// # Examples
///
/// ```no_run
/// # fn example(client: veritech_client::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let code = "export default () => ({ valid: true })";
/// let mut call = client.validation("builtin/quickjs", code).call();
/// for event in &mut call {
///     eprintln!("{}", event.body.name());
/// }
/// assert!(call.result()?.value.valid);
/// # Ok(())
/// # }
/// ```
#[must_use = "a call does nothing unless its events or its result are read"]
pub struct TypedCall<K: FunctionKind> {
    client: Client,
    call: crate::TypedCall<K>,
}

impl<K: FunctionKind> TypedCall<K> {
    /// Returns the id of the execution: see [`crate::Call::id`].
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(call: veritech_client::blocking::TypedCall<veritech_client::Resolver>) -> Result<(), Box<dyn std::error::Error>> {
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
    /// # fn example(call: veritech_client::blocking::TypedCall<veritech_client::Resolver>) -> Result<(), Box<dyn std::error::Error>> {
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
    /// Returns the failure, or that the value is not of the kind.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(call: veritech_client::blocking::TypedCall<veritech_client::Resolver>) -> Result<(), Box<dyn std::error::Error>> {
    /// let sum: u64 = call.result()?.value()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn result(self) -> Result<K::Result, KindError> {
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
    /// # fn example(call: veritech_client::blocking::TypedCall<veritech_client::Resolver>) -> Result<(), Box<dyn std::error::Error>> {
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
    /// # fn example(call: veritech_client::blocking::TypedCall<veritech_client::Resolver>) -> Result<(), Box<dyn std::error::Error>> {
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

impl<K: FunctionKind> FunctionCall<K, Client> {
    /// Calls the function.
    ///
    /// Nothing is sent before the events of the [`TypedCall`] are read; the time
    /// until its deadline starts here.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{FunctionCall, Resolver, blocking};
    ///
    /// fn names(call: FunctionCall<Resolver, blocking::Client>) -> Vec<String> {
    ///     call.call().map(|event| event.body.name().to_owned()).collect()
    /// }
    /// ```
    pub fn call(self) -> TypedCall<K> {
        let client = self.caller().clone();
        let call = self.call_at(client.inner());
        TypedCall { client, call }
    }

    /// Calls the function and waits for the result.
    ///
    /// # Errors
    ///
    /// Returns the failure, or that the value is not of the kind.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{FunctionCall, KindError, blocking};
    /// use veritech_protocol::kind::validation::Validation;
    ///
    /// fn is_valid(call: FunctionCall<Validation, blocking::Client>) -> Result<bool, KindError> {
    ///     Ok(call.result()?.value.valid)
    /// }
    /// ```
    pub fn result(self) -> Result<K::Result, KindError> {
        self.call().result()
    }
}

impl<K: FunctionKind> Iterator for TypedCall<K> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.client.run(self.call.next())
    }
}

impl<K: FunctionKind> fmt::Debug for TypedCall<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}
