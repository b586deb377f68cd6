//! What the dispatchers say about themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::time::{self, Instant};
use veritech_protocol::{headers, json, subject};

use crate::control::ControlError;
use crate::options::InboxPrefix;
use crate::transport::{Connection, Delivery, SendError};

/// How long to collect answers at most, and without another one coming.
const WINDOW: (Duration, Duration) = (Duration::from_secs(1), Duration::from_millis(300));

/// The most answers that are kept.
const MAX_INSTANCES: usize = 1024;

/// The largest answer that is read, and how deep it may be nested.
const MAX_ANSWER: (usize, usize) = (1 << 20, 32);

/// One instance of the dispatcher, as it answers `$SRV.STATS` (NATS ADR-32).
///
/// # Examples
///
/// ```
/// use veritech_client::InstanceStatus;
///
/// fn failed(instances: &[InstanceStatus]) -> u64 {
///     let endpoints = instances.iter().flat_map(|instance| &instance.endpoints);
///     endpoints.map(|endpoint| endpoint.num_errors).sum()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceStatus {
    /// The service's name: `veritech`.
    pub name: String,
    /// The instance.
    pub id: String,
    /// Its version.
    pub version: String,
    /// When it was started, in RFC 3339.
    #[serde(default)]
    pub started: String,
    /// What else it tells about itself.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// What it serves.
    #[serde(default)]
    pub endpoints: Vec<EndpointStatus>,
}

/// Something that an instance serves.
///
/// # Examples
///
/// ```
/// use veritech_client::EndpointStatus;
///
/// fn print(endpoint: &EndpointStatus) {
///     println!("{}: {} requests, {}", endpoint.subject, endpoint.num_requests, endpoint.data);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointStatus {
    /// Its name.
    pub name: String,
    /// Where it listens.
    pub subject: String,
    /// The queue group it shares its work with.
    #[serde(default)]
    pub queue_group: String,
    /// Requests it took.
    #[serde(default)]
    pub num_requests: u64,
    /// Requests that failed.
    #[serde(default)]
    pub num_errors: u64,
    /// The last failure.
    #[serde(default)]
    pub last_error: String,
    /// Time spent on requests, in nanoseconds.
    #[serde(default)]
    pub processing_time: u64,
    /// The same for one request.
    #[serde(default)]
    pub average_processing_time: u64,
    /// Veritech's own figures: places, executions that run and wait, warm
    /// sandboxes and more.
    #[serde(default)]
    pub data: serde_json::Value,
}

/// Asks every dispatcher, and collects what comes within the window, in the
/// order of their ids.
pub(crate) async fn collect(
    connection: &Connection,
    inbox: &InboxPrefix,
) -> Result<Vec<InstanceStatus>, ControlError> {
    let (longest, idle) = WINDOW;
    let until = Instant::now() + longest;
    let ask = async {
        let mailbox = connection.open(inbox.draw()).await?;
        let subject = format!("$SRV.STATS.{}", subject::SERVICE_NAME);
        connection
            .publish(subject, Some(&mailbox), std::iter::empty(), Bytes::new())
            .await?;
        Ok::<_, SendError>(mailbox)
    };
    let mut mailbox = time::timeout_at(until, ask).await??;
    let mut instances = Vec::new();
    while instances.len() < MAX_INSTANCES {
        let next = until.min(Instant::now() + idle);
        let delivery = time::timeout_at(next, mailbox.next(headers::EVENT)).await;
        let Ok(Some(Delivery::Message { payload, .. })) = delivery else {
            break;
        };
        match parse(&payload) {
            Some(instance) => instances.push(instance),
            None => tracing::debug!("ignored an answer to `$SRV.STATS` that is none"),
        }
    }
    instances.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(instances)
}

fn parse(payload: &[u8]) -> Option<InstanceStatus> {
    let (max_bytes, max_depth) = MAX_ANSWER;
    let text = json::bounded(payload, max_bytes, max_depth).ok()?;
    serde_json::from_str(text).ok()
}
