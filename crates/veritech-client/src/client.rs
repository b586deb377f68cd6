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
    pub async fn connect(url: &str, options: Options) -> Result<Self, ConnectError> {
        let connection = Connection::connect(url, options.mailbox_capacity).await?;
        Ok(Self {
            connection,
            options: Arc::new(options),
        })
    }

    /// Uses a connection that the application has made, with whatever
    /// credentials it needs.
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
    pub fn call(&self, request: RemoteFunctionRequest) -> Call {
        self.call_with(request, CallOptions::default())
    }

    /// Calls a function, with what is special about this call.
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
    pub async fn status(&self) -> Result<Vec<InstanceStatus>, ControlError> {
        status::collect(&self.connection, &self.options.inbox_prefix).await
    }

    /// Waits until what was published has been sent.
    #[cfg(feature = "blocking")]
    pub(crate) async fn flush(&self) -> Result<(), SendError> {
        self.connection.flush().await
    }
}
