//! The entry point.

use std::sync::Arc;

use veritech_protocol::{ExecutionId, RemoteFunctionRequest};

use crate::call::Call;
use crate::control::{self, Cancellation, ControlError};
use crate::options::{CallOptions, Options};
use crate::status::{self, InstanceStatus};
#[cfg(feature = "blocking")]
use crate::transport::SendError;
use crate::transport::{ConnectError, Connection};

/// Calls remote functions. Cheap to clone; clones share a connection.
///
/// # Examples
///
/// ```no_run
/// use veritech_client::{Client, Options};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::connect("nats://127.0.0.1:4222", Options::default()).await?;
/// let code = "export default async () => 6 * 7";
/// let answer: u8 = client.resolver("builtin/quickjs", code).await?.value()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    connection: Connection,
    options: Arc<Options>,
}

impl Client {
    /// Connects to the server at `url`, such as `nats://127.0.0.1:4222`.
    ///
    /// A connection that is lost later is made again; calls meanwhile end by
    /// their deadline at the latest.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL is none, or no server answers there.
    ///
    /// # Cancellation
    ///
    /// Safe to drop.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use veritech_client::{Client, Options, Retry};
    ///
    /// # async fn example() -> Result<(), veritech_client::ConnectError> {
    /// let options = Options { retry: Retry::Never, ..Options::default() };
    /// let client = Client::connect("nats://user:secret@nats.example.com", options).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(url: &str, options: Options) -> Result<Self, ConnectError> {
        let connection = Connection::connect(url, options.mailbox_capacity).await?;
        Ok(Self {
            connection,
            options: Arc::new(options),
        })
    }

    /// Uses a connection that the application has made, with whatever
    /// credentials it needs.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use veritech_client::{Client, Options};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let connection = async_nats::ConnectOptions::with_credentials_file("billing.creds").await?;
    /// let connection = connection.connect("tls://nats.example.com").await?;
    /// let client = Client::new(connection, Options::default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(connection: async_nats::Client, options: Options) -> Self {
        Self {
            connection: Connection::new(connection),
            options: Arc::new(options),
        }
    }

    /// Calls a function.
    ///
    /// Nothing is sent before the [`Call`] is polled. A request without an
    /// `id` gets one drawn at random.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use veritech_client::{CallError, CallResult, Client};
    /// use veritech_protocol::RemoteFunctionRequest;
    ///
    /// /// Executes a request that was written elsewhere, of whatever kind.
    /// async fn execute(client: &Client, request: RemoteFunctionRequest) -> Result<CallResult, CallError> {
    ///     client.call(request).result().await
    /// }
    /// ```
    pub fn call(&self, request: RemoteFunctionRequest) -> Call {
        self.call_with(request, CallOptions::default())
    }

    /// Calls a function, with what is special about this call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use veritech_client::CallOptions;
    ///
    /// # async fn example(client: veritech_client::Client, request: veritech_protocol::RemoteFunctionRequest) -> Result<(), Box<dyn std::error::Error>> {
    /// let options = CallOptions {
    ///     deadline: Some(Duration::from_secs(3)),
    ///     ..CallOptions::default()
    /// };
    /// let result = client.call_with(request, options).result().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn call_with(&self, request: RemoteFunctionRequest, options: CallOptions) -> Call {
        let client_options = Arc::clone(&self.options);
        Call::new(self.connection.clone(), client_options, request, options)
    }

    /// Asks the dispatchers to end an execution.
    ///
    /// Waits up to two seconds for the one that has it.
    ///
    /// # Errors
    ///
    /// Returns an error if they could not be asked.
    ///
    /// # Cancellation
    ///
    /// Safe to drop; they may have been asked nonetheless.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use veritech_client::Cancellation;
    ///
    /// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// if client.cancel(&"order-17".parse()?).await? == Cancellation::NotFound {
    ///     eprintln!("it is over");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cancel(&self, id: &ExecutionId) -> Result<Cancellation, ControlError> {
        let Options {
            subjects,
            inbox_prefix,
            ..
        } = self.options.as_ref();
        control::cancel(&self.connection, subjects, inbox_prefix, id).await
    }

    /// Asks every dispatcher how it does.
    ///
    /// Collects answers for up to a second, and no longer than 300 ms without
    /// another one. There are none if no dispatcher is there.
    ///
    /// # Errors
    ///
    /// Returns an error if they could not be asked.
    ///
    /// # Cancellation
    ///
    /// Safe to drop.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// for instance in client.status().await? {
    ///     println!("{} has version {}", instance.id, instance.version);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn status(&self) -> Result<Vec<InstanceStatus>, ControlError> {
        status::collect(&self.connection, &self.options.inbox_prefix).await
    }

    /// Waits until what was published has been sent.
    #[cfg(feature = "blocking")]
    pub(crate) async fn flush(&self) -> Result<(), SendError> {
        self.connection.flush().await
    }
}
