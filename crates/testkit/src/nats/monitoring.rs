//! What a NATS server tells about its clients over HTTP.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time;

/// How long the server may take to answer.
const LIMIT: Duration = Duration::from_secs(10);

/// A client's interest in a subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Subscription {
    /// The subject, perhaps with wildcards.
    pub subject: String,
    /// The queue group it is shared in, if any.
    #[serde(rename = "qgroup", default)]
    pub queue: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Connections {
    #[serde(default)]
    connections: Vec<Connection>,
}

#[derive(Debug, Deserialize)]
struct Connection {
    #[serde(default)]
    name: String,
    #[serde(default)]
    subscriptions_list_detail: Vec<Subscription>,
}

#[derive(Debug, Deserialize)]
struct Messages {
    in_msgs: u64,
}

/// Returns the subscriptions of every client of the server that is monitored
/// on `port`.
pub(super) async fn subscriptions(port: u16) -> Vec<Subscription> {
    let answer: Connections = get(port, "/connz?subs=detail&limit=65536").await;
    answer
        .connections
        .into_iter()
        .flat_map(|connection| connection.subscriptions_list_detail)
        .collect()
}

/// Returns the subscriptions of the clients that call themselves `name`.
pub(super) async fn subscriptions_of(port: u16, name: &str) -> Vec<Subscription> {
    let answer: Connections = get(port, "/connz?subs=detail&limit=65536").await;
    answer
        .connections
        .into_iter()
        .filter(|connection| connection.name == name)
        .flat_map(|connection| connection.subscriptions_list_detail)
        .collect()
}

/// Returns how many clients the server has that is monitored on `port`.
pub(super) async fn connections(port: u16) -> usize {
    let answer: Connections = get(port, "/connz?limit=65536").await;
    answer.connections.len()
}

/// Returns how many messages the server has had from clients that is monitored on `port`.
pub(super) async fn published(port: u16) -> u64 {
    let answer: Messages = get(port, "/varz").await;
    answer.in_msgs
}

/// Fetches a JSON document. HTTP/1.0, so that it ends where the connection does.
async fn get<T: DeserializeOwned>(port: u16, path: &str) -> T {
    let fetch = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request = format!("GET {path} HTTP/1.0\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut response = String::new();
        stream.read_to_string(&mut response).await?;
        Ok::<_, std::io::Error>(response)
    };
    let response = time::timeout(LIMIT, fetch)
        .await
        .expect("the NATS server's monitoring answers in time")
        .expect("the NATS server's monitoring can be read");
    let body = response
        .split_once("\r\n\r\n")
        .map_or("", |(_headers, body)| body);
    serde_json::from_str(body)
        .unwrap_or_else(|error| panic!("the NATS server answered {path} with {response}: {error}"))
}
