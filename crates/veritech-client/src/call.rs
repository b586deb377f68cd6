//! One call, as the caller sees it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use veritech_protocol::{Event, ExecutionId, RemoteFunctionRequest};

use crate::control::{self, Cancellation, ControlError};
use crate::driver::{Driver, Emission};
use crate::options::{CallOptions, Options};
use crate::outcome::{CallError, CallResult};
use crate::transport::Connection;

/// A call under way: a stream of its events, of which the last is the one
/// result.
///
/// The events are those of the dispatcher as they come, heartbeats and parts
/// included. Where an attempt fails and another is made, its result is left
/// out and the events of the next follow: more than one `accepted` means just
/// that. A failure that the client finds itself is a result event like any
/// other, so that the stream always ends with exactly one.
///
/// Read the events, then or at once ask for the [`result`](Self::result):
///
/// ```no_run
/// use futures_util::StreamExt as _;
/// use veritech_client::Client;
/// use veritech_protocol::{EventBody, RemoteFunctionRequest};
///
/// # async fn example(client: Client, request: RemoteFunctionRequest) -> Result<(), Box<dyn std::error::Error>> {
/// let mut call = client.call(request);
/// while let Some(event) = call.next().await {
///     if let EventBody::Output(output) = event.body {
///         eprintln!("{}", output.message);
///     }
/// }
/// let sum: u64 = call.result().await?.value()?;
/// # Ok(())
/// # }
/// ```
///
/// # Cancellation
///
/// It makes progress while it is polled, and only then: poll it at least every
/// few seconds. Dropping it releases its mailbox and cancels nothing; the
/// execution then goes on or ends, as its request's `on_caller_lost` says. To
/// end the execution use [`cancel`](Self::cancel).
#[must_use = "a call does nothing unless it is polled"]
pub struct Call {
    emissions: BoxStream<'static, Emission>,
    canceller: Canceller,
    ended: Option<Result<CallResult, CallError>>,
}

/// Cancels a call from elsewhere.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use tokio::time;
/// use veritech_client::{Call, CallError, CallResult};
///
/// /// Lets a call go on for a second at most, and waits for how that ends.
/// async fn cut_short(mut call: Call) -> Result<CallResult, CallError> {
///     let canceller = call.canceller();
///     let cancel = async {
///         time::sleep(Duration::from_secs(1)).await;
///         canceller.cancel().await
///     };
///     let mut result = std::pin::pin!(call.result());
///     tokio::select! {
///         result = &mut result => result,
///         _ = cancel => result.await,
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Canceller {
    connection: Connection,
    options: Arc<Options>,
    shared: Arc<Shared>,
}

/// What a call and its driver both know.
#[derive(Debug)]
pub(crate) struct Shared {
    current: Mutex<(ExecutionId, u32)>,
    cancelled: CancellationToken,
}

impl Call {
    pub(crate) fn new(
        connection: Connection,
        options: Arc<Options>,
        request: RemoteFunctionRequest,
        call_options: CallOptions,
    ) -> Self {
        let shared = Arc::new(Shared {
            current: Mutex::new((request.id.clone().unwrap_or_else(draw_id), 0)),
            cancelled: CancellationToken::new(),
        });
        let driver = Driver::new(
            connection.clone(),
            Arc::clone(&options),
            request,
            call_options,
            Arc::clone(&shared),
        );
        Self {
            emissions: driver.into_stream().boxed(),
            canceller: Canceller {
                connection,
                options,
                shared,
            },
            ended: None,
        }
    }

    /// Returns the id of the execution.
    ///
    /// An id that the request came with stays; otherwise each attempt draws
    /// its own, so that it cannot collide with what is left of the one before.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(call: veritech_client::Call) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("execution {}", call.id());
    /// # Ok(())
    /// # }
    /// ```
    pub fn id(&self) -> ExecutionId {
        self.canceller.shared.id()
    }

    /// Returns how many attempts have been made, the current one included.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(call: veritech_client::Call) -> Result<(), Box<dyn std::error::Error>> {
    /// assert_eq!(call.attempts(), 0, "nothing has been polled");
    /// # Ok(())
    /// # }
    /// ```
    pub fn attempts(&self) -> u32 {
        self.canceller.shared.attempts()
    }

    /// Waits for the end of the call, leaving out what events are unread.
    ///
    /// # Errors
    ///
    /// Returns the failure, if the function has not returned.
    ///
    /// # Cancellation
    ///
    /// Dropping this drops the call: see above.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(call: veritech_client::Call) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Err(error) = call.result().await {
    ///     eprintln!("{} after {} attempts", error.code(), error.attempts);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn result(mut self) -> Result<CallResult, CallError> {
        loop {
            if let Some(ended) = self.take_ended() {
                return ended;
            }
            let event = self.next().await;
            drop(event.expect("invariant: the last of the events is the result"));
        }
    }

    /// Takes how the call ended, once its last event has been read.
    pub(crate) fn take_ended(&mut self) -> Option<Result<CallResult, CallError>> {
        self.ended.take()
    }

    /// Cancels the call: asks the dispatcher to end the execution, and makes
    /// no further attempt.
    ///
    /// The result still has to be read. It is the failure `cancelled`, unless
    /// another one was quicker.
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
    /// use veritech_client::Cancellation;
    ///
    /// # async fn example(call: veritech_client::Call) -> Result<(), Box<dyn std::error::Error>> {
    /// match call.cancel().await? {
    ///     Cancellation::Cancelled { instance } => println!("{instance} ends it"),
    ///     Cancellation::NotFound => println!("no dispatcher has it"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cancel(&self) -> Result<Cancellation, ControlError> {
        self.canceller.cancel().await
    }

    /// Returns what cancels this call from another task.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(call: veritech_client::Call) -> Result<(), Box<dyn std::error::Error>> {
    /// let canceller = call.canceller();
    /// let (result, cancelled) = tokio::join!(call.result(), canceller.cancel());
    /// println!("{:?}, {:?}", result.is_ok(), cancelled?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }
}

impl Canceller {
    /// Does what [`Call::cancel`] does.
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
    /// # async fn example(canceller: veritech_client::Canceller) -> Result<(), Box<dyn std::error::Error>> {
    /// canceller.cancel().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cancel(&self) -> Result<Cancellation, ControlError> {
        self.shared.cancelled.cancel();
        let Options {
            subjects,
            inbox_prefix,
            ..
        } = self.options.as_ref();
        let id = self.shared.id();
        control::cancel(&self.connection, subjects, inbox_prefix, &id).await
    }
}

impl Stream for Call {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.emissions.poll_next_unpin(context).map(|emission| {
            Some(match emission? {
                Emission::Event(event) => event,
                Emission::Ended { event, outcome } => {
                    self.ended = Some(outcome);
                    event
                }
            })
        })
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id())
            .field("attempts", &self.attempts())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn id(&self) -> ExecutionId {
        self.current.lock().0.clone()
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.current.lock().1
    }

    /// Counts another attempt, with an id of its own if `keeps_id` is false.
    pub(crate) fn begin(&self, keeps_id: bool) -> (ExecutionId, u32) {
        let mut current = self.current.lock();
        // The first attempt has the id that the caller may have read already.
        if current.1 > 0 && !keeps_id {
            current.0 = draw_id();
        }
        current.1 = current.1.saturating_add(1);
        current.clone()
    }

    pub(crate) fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }
}

fn draw_id() -> ExecutionId {
    uuid::Uuid::new_v4()
        .to_string()
        .try_into()
        .expect("invariant: a UUID is an execution id")
}
