//! Ends an execution by its id.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use tokio::time::{self, Instant};
use veritech_protocol::{ExecutionId, Subjects, headers, json};

use crate::options::InboxPrefix;
use crate::transport::{Connection, Delivery, SendError};

/// How long to wait for the dispatcher that has an execution.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The largest answer that is read, and how deep it may be nested.
const MAX_ANSWER: (usize, usize) = (64 * 1024, 16);

/// What became of a request to cancel.
///
/// # Examples
///
/// ```
/// use veritech_client::Cancellation;
///
/// fn explain(cancellation: &Cancellation) -> String {
///     match cancellation {
///         Cancellation::Cancelled { instance } => format!("{instance} has ended it"),
///         Cancellation::NotFound => "it has ended, or never began".to_owned(),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancellation {
    /// A dispatcher has ended the execution, or is about to.
    Cancelled {
        /// Which instance.
        instance: String,
    },
    /// No dispatcher has an execution of this id, or none that says so.
    NotFound,
}

/// A dispatcher could not be asked.
///
/// # Examples
///
/// ```
/// use std::error::Error as _;
///
/// use veritech_client::ControlError;
///
/// fn explain(error: &ControlError) -> String {
///     match error.source() {
///         Some(cause) => format!("{error}: {cause}"),
///         None => error.to_string(),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The connection to NATS takes nothing, now or for good.
    #[error("the connection to NATS does not take a message")]
    Connection(#[source] Box<dyn std::error::Error + Send + Sync>),
}

#[derive(Deserialize)]
struct Answer {
    cancelled: bool,
    #[serde(default)]
    instance: String,
}

/// Asks every dispatcher to end an execution; the one that has it answers.
pub(crate) async fn cancel(
    connection: &Connection,
    subjects: &Subjects,
    inbox: &InboxPrefix,
    id: &ExecutionId,
) -> Result<Cancellation, ControlError> {
    let until = Instant::now() + ANSWER_TIMEOUT;
    let ask = async {
        let mailbox = connection.open(inbox.draw()).await?;
        let subject = subjects.cancel(id);
        connection
            .publish(subject, Some(&mailbox), std::iter::empty(), Bytes::new())
            .await?;
        Ok::<_, SendError>(mailbox)
    };
    let mut mailbox = time::timeout_at(until, ask).await??;
    loop {
        let delivery = time::timeout_at(until, mailbox.next(headers::EVENT)).await;
        let Ok(Some(Delivery::Message { payload, .. })) = delivery else {
            return Ok(Cancellation::NotFound);
        };
        if let Some(instance) = instance_that_cancelled(&payload) {
            return Ok(Cancellation::Cancelled { instance });
        }
    }
}

/// Asks without waiting for an answer.
pub(crate) async fn cancel_unheard(
    connection: &Connection,
    subjects: &Subjects,
    id: &ExecutionId,
) -> Result<(), SendError> {
    let subject = subjects.cancel(id);
    connection
        .publish(subject, None, std::iter::empty(), Bytes::new())
        .await
}

fn instance_that_cancelled(payload: &[u8]) -> Option<String> {
    let (max_bytes, max_depth) = MAX_ANSWER;
    let text = json::bounded(payload, max_bytes, max_depth).ok()?;
    let answer: Answer = serde_json::from_str(text).ok()?;
    answer.cancelled.then_some(answer.instance)
}

impl From<SendError> for ControlError {
    fn from(error: SendError) -> Self {
        Self::Connection(Box::new(error))
    }
}

impl From<time::error::Elapsed> for ControlError {
    fn from(error: time::error::Elapsed) -> Self {
        Self::Connection(Box::new(error))
    }
}
