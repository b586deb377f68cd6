//! The entry point.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time;
use veritech_protocol::kind::action::Action;
use veritech_protocol::kind::code_generation::CodeGeneration;
use veritech_protocol::kind::qualification::Qualification;
use veritech_protocol::kind::validation::Validation;
use veritech_protocol::{ExecutionId, RemoteFunctionRequest};

use super::background::Background;
use super::call::Call;
use crate::control::{Cancellation, ControlError};
use crate::kinds::{FunctionCall, Resolver};
use crate::options::{CallOptions, Options};
use crate::status::InstanceStatus;

/// How long the last messages may take when a client is dropped.
const FAREWELL: Duration = Duration::from_millis(100);

/// Calls remote functions, and waits for them on the calling thread. Cheap to
/// clone; clones share a connection and its thread.
///
/// # Examples
///
/// ```no_run
/// use veritech_client::{Options, blocking};
///
/// # fn example() -> Result<(), blocking::ConnectError> {
/// let client = blocking::Client::connect("nats://127.0.0.1:4222", Options::default())?;
/// let other = client.clone();
/// std::thread::spawn(move || {
///     let code = "export default () => ({ status: 'ok' })";
///     other.action("builtin/quickjs", code).result()
/// });
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
}

/// The client could not be made.
///
/// # Examples
///
/// ```
/// use veritech_client::{Options, blocking};
///
/// let connected = blocking::Client::connect("nats://127.0.0.1:1", Options::default());
/// assert!(matches!(connected, Err(blocking::ConnectError::Nats(_))));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The operating system gives it no thread, or the thread no runtime.
    #[error("failed to start the client's thread")]
    Thread(#[source] io::Error),
    /// The connection to NATS could not be made.
    #[error(transparent)]
    Nats(crate::ConnectError),
}

/// A client and the thread that keeps its connection, in the order in which
/// they are dropped.
#[derive(Debug)]
struct Shared {
    client: crate::Client,
    background: Background,
}

impl Client {
    /// Connects to the server at `url`, as [`crate::Client::connect`] does.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no thread to be had, the URL is none, or no
    /// server answers there.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use veritech_client::{Options, blocking};
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = blocking::Client::connect("nats://user:secret@nats.example.com", Options::default())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect(url: &str, options: Options) -> Result<Self, ConnectError> {
        let background = Background::start().map_err(ConnectError::Thread)?;
        let client = background
            .run(crate::Client::connect(url, options))
            .map_err(ConnectError::Nats)?;
        Ok(Self {
            shared: Arc::new(Shared { client, background }),
        })
    }

    /// Calls a function.
    ///
    /// Nothing is sent before the events of the [`Call`] are read. A request
    /// without an `id` gets one drawn at random.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use veritech_protocol::{Kind, RemoteFunctionRequest};
    ///
    /// let code = "export default () => 6 * 7";
    /// let request = RemoteFunctionRequest::new(Kind::Resolver, "builtin/quickjs", code);
    /// let answer: u8 = client.call(request).result()?.value()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn call(&self, request: RemoteFunctionRequest) -> Call {
        self.call_with(request, CallOptions::default())
    }

    /// Calls a function, with what is special about this call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client, request: veritech_protocol::RemoteFunctionRequest) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// use veritech_client::CallOptions;
    ///
    /// let options = CallOptions {
    ///     deadline: Some(Duration::from_secs(3)),
    ///     ..CallOptions::default()
    /// };
    /// let result = client.call_with(request, options).result()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn call_with(&self, request: RemoteFunctionRequest, options: CallOptions) -> Call {
        Call::new(self.clone(), self.inner().call_with(request, options))
    }

    /// Prepares the call of a function that computes a value: see
    /// [`crate::Client::resolver`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let call = client.resolver("builtin/quickjs", "export default () => 6 * 7");
    /// let answer: u8 = call.result()?.value()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn resolver(
        &self,
        image: impl Into<String>,
        code: impl Into<String>,
    ) -> FunctionCall<Resolver, Self> {
        FunctionCall::new(self.clone(), image, code)
    }

    /// Prepares the call of a function that judges something: see
    /// [`crate::Client::qualification`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let code = "export default () => ({ result: 'success' })";
    /// assert!(client.qualification("builtin/quickjs", code).result()?.value.is_success());
    /// # Ok(())
    /// # }
    /// ```
    pub fn qualification(
        &self,
        image: impl Into<String>,
        code: impl Into<String>,
    ) -> FunctionCall<Qualification, Self> {
        FunctionCall::new(self.clone(), image, code)
    }

    /// Prepares the call of a function that says whether something is valid:
    /// see [`crate::Client::validation`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let code = "export default () => ({ valid: true })";
    /// assert!(client.validation("builtin/quickjs", code).result()?.value.valid);
    /// # Ok(())
    /// # }
    /// ```
    pub fn validation(
        &self,
        image: impl Into<String>,
        code: impl Into<String>,
    ) -> FunctionCall<Validation, Self> {
        FunctionCall::new(self.clone(), image, code)
    }

    /// Prepares the call of a function that writes code: see
    /// [`crate::Client::code_generation`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let code = "export default () => ({ format: 'yaml', code: 'replicas: 3' })";
    /// let written = client.code_generation("builtin/quickjs", code).result()?;
    /// println!("{}", written.value.code);
    /// # Ok(())
    /// # }
    /// ```
    pub fn code_generation(
        &self,
        image: impl Into<String>,
        code: impl Into<String>,
    ) -> FunctionCall<CodeGeneration, Self> {
        FunctionCall::new(self.clone(), image, code)
    }

    /// Prepares the call of a function that does something: see
    /// [`crate::Client::action`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let code = "export default () => ({ status: 'ok' })";
    /// assert!(client.action("builtin/quickjs", code).result()?.value.is_ok());
    /// # Ok(())
    /// # }
    /// ```
    pub fn action(
        &self,
        image: impl Into<String>,
        code: impl Into<String>,
    ) -> FunctionCall<Action, Self> {
        FunctionCall::new(self.clone(), image, code)
    }

    /// Asks the dispatchers to end an execution, as [`crate::Client::cancel`]
    /// does.
    ///
    /// # Errors
    ///
    /// Returns an error if they could not be asked.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use veritech_client::Cancellation;
    ///
    /// if client.cancel(&"order-17".parse()?)? == Cancellation::NotFound {
    ///     eprintln!("it is over");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self, id: &ExecutionId) -> Result<Cancellation, ControlError> {
        self.run(self.inner().cancel(id))
    }

    /// Asks every dispatcher how it does, as [`crate::Client::status`] does.
    ///
    /// # Errors
    ///
    /// Returns an error if they could not be asked.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// for instance in client.status()? {
    ///     println!("{} {}", instance.id, instance.version);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn status(&self) -> Result<Vec<InstanceStatus>, ControlError> {
        self.run(self.inner().status())
    }

    /// Runs a future on the calling thread, with the connection alive.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        self.shared.background.run(future)
    }

    /// Returns the async client that this one blocks on.
    pub(crate) fn inner(&self) -> &crate::Client {
        &self.shared.client
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // A cancellation that nobody waits for may not have left yet. The server may
        // be gone for ever, so that this has an end too.
        let flush = async { time::timeout(FAREWELL, self.client.flush()).await };
        drop(self.background.run(flush));
    }
}
