//! A real NATS server of the test's own.
//!
//! Each server listens on ports the kernel chose, keeps everything in a
//! directory of its own, and is gone when the value is dropped, so tests run
//! beside each other without knowing of each other.

mod monitoring;

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

pub use self::monitoring::Subscription;
use crate::{tools, wait};

/// How long a server may take to listen, on a machine that is busy.
const START_LIMIT: Duration = Duration::from_secs(10);

/// A running NATS server.
#[derive(Debug)]
pub struct NatsServer {
    directory: TempDir,
    settings: String,
    ports: Ports,
    process: Child,
}

/// Where a server listens.
#[derive(Clone, Copy, Debug)]
struct Ports {
    client: u16,
    monitoring: u16,
}

/// The file in which a server tells its ports.
#[derive(Debug, Deserialize)]
struct PortsFile {
    nats: Vec<String>,
    monitoring: Vec<String>,
}

impl NatsServer {
    /// Starts a server with its own defaults.
    ///
    /// # Panics
    ///
    /// If there is no server to start, or it does not come up.
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// Starts a server with additional lines in its configuration file, such as
    /// `max_payload: 64KB` or an `authorization` block.
    ///
    /// # Panics
    ///
    /// If there is no server to start, or it does not come up.
    pub async fn start_with(settings: &str) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("testkit-nats-")
            .tempdir()
            .expect("a temporary directory for the NATS server");
        let any = Ports {
            client: 0,
            monitoring: 0,
        };
        let (process, ports) = launch(&directory, settings, any).await;
        Self {
            directory,
            settings: settings.to_owned(),
            ports,
            process,
        }
    }

    /// Returns the URL for clients.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.ports.client)
    }

    /// Returns the port for clients.
    pub fn port(&self) -> u16 {
        self.ports.client
    }

    /// Returns every subscription of every client that is connected.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    pub async fn subscriptions(&self) -> Vec<Subscription> {
        monitoring::subscriptions(self.ports.monitoring).await
    }

    /// Returns every subscription of the clients that call themselves `name`.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    pub async fn subscriptions_of(&self, name: &str) -> Vec<Subscription> {
        monitoring::subscriptions_of(self.ports.monitoring, name).await
    }

    /// Returns how many clients are connected.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    pub async fn connections(&self) -> usize {
        monitoring::connections(self.ports.monitoring).await
    }

    /// Returns how many messages clients have published.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    pub async fn published(&self) -> u64 {
        monitoring::published(self.ports.monitoring).await
    }

    /// Kills the server, as a crash would. [`restart`](Self::restart) brings it
    /// back.
    pub fn kill(&mut self) {
        // A server that has already ended is as dead as it should be.
        drop(self.process.kill());
        drop(self.process.wait());
    }

    /// Kills the server and starts it anew on the same ports: its clients lose
    /// their connection and can make it again.
    ///
    /// # Panics
    ///
    /// If it does not come up.
    pub async fn restart(&mut self) {
        self.kill();
        let (process, ports) = launch(&self.directory, &self.settings, self.ports).await;
        self.process = process;
        self.ports = ports;
    }

    /// Returns what the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(log_path(&self.directory)).unwrap_or_default()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a server process and waits until it listens; a port of 0 is any.
async fn launch(directory: &TempDir, settings: &str, ports: Ports) -> (Child, Ports) {
    let port = |port: u16| match port {
        0 => "-1".to_owned(),
        port => port.to_string(),
    };
    let configuration = directory.path().join("nats-server.conf");
    let text = format!(
        "host: 127.0.0.1\nport: {}\nhttp: \"127.0.0.1:{}\"\nports_file_dir: {:?}\n{settings}\n",
        port(ports.client),
        port(ports.monitoring),
        directory.path(),
    );
    fs::write(&configuration, text).expect("the NATS server's configuration is written");

    let log = File::create(log_path(directory)).expect("the NATS server's log is created");
    let mut process = Command::new(tools::nats_server())
        .arg("--config")
        .arg(&configuration)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the NATS server starts");

    let file = directory
        .path()
        .join(format!("nats-server_{}.ports", process.id()));
    let ports = wait::eventually(START_LIMIT, "NATS server that listens", async || {
        if let Ok(Some(status)) = process.try_wait() {
            let log = fs::read_to_string(log_path(directory)).unwrap_or_default();
            panic!("the NATS server ended with {status} instead of listening:\n{log}");
        }
        read_ports(&file)
    })
    .await;
    (process, ports)
}

fn log_path(directory: &TempDir) -> PathBuf {
    directory.path().join("nats-server.log")
}

/// Reads the ports a server has written, once it has written them all.
fn read_ports(file: &PathBuf) -> Result<Ports, String> {
    let text = fs::read(file).map_err(|error| error.to_string())?;
    let file: PortsFile = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    Ok(Ports {
        client: port_of(&file.nats)?,
        monitoring: port_of(&file.monitoring)?,
    })
}

fn port_of(urls: &[String]) -> Result<u16, String> {
    urls.first()
        .and_then(|url| url.rsplit(':').next())
        .and_then(|port| port.parse().ok())
        .ok_or_else(|| format!("no port in {urls:?}"))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    /// Connects and waits until the server has taken the `commands`.
    async fn client(server: &NatsServer, commands: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port()))
            .await
            .expect("the server accepts");
        let text = format!("CONNECT {{\"verbose\":false}}\r\n{commands}PING\r\n");
        stream.write_all(text.as_bytes()).await.expect("sends");
        let mut received = Vec::new();
        while !received.ends_with(b"PONG\r\n") {
            let read = stream.read_buf(&mut received).await.expect("receives");
            assert_ne!(read, 0, "{}", String::from_utf8_lossy(&received));
        }
        stream
    }

    #[tokio::test]
    async fn subscriptions_of_clients_are_seen_and_gone_with_them() {
        let server = NatsServer::start().await;
        assert_eq!(server.subscriptions().await, []);

        let stream = client(&server, "SUB veritech.> workers 1\r\nSUB plain 2\r\n").await;
        let mut seen = server.subscriptions().await;
        seen.sort();
        let subscription = |subject: &str, queue: Option<&str>| Subscription {
            subject: subject.to_owned(),
            queue: queue.map(str::to_owned),
        };
        let expected = [
            subscription("plain", None),
            subscription("veritech.>", Some("workers")),
        ];
        assert_eq!(seen, expected);
        assert_eq!(server.connections().await, 1);

        drop(stream);
        wait::eventually(START_LIMIT, "server without clients", async || {
            server.connections().await == 0
        })
        .await;
        assert_eq!(server.subscriptions().await, []);
    }

    #[tokio::test]
    async fn a_restarted_server_listens_on_the_same_port() {
        let mut server = NatsServer::start_with("max_payload: 4096").await;
        let url = server.url();
        let mut before = client(&server, "").await;

        server.restart().await;

        let mut rest = Vec::new();
        // Reset or end of file: both mean that the old connection is gone.
        drop(before.read_to_end(&mut rest).await);
        assert_eq!(server.url(), url);
        drop(client(&server, "").await);
    }

    #[tokio::test]
    #[should_panic(expected = "instead of listening")]
    async fn a_server_with_a_wrong_configuration_fails_at_once() {
        NatsServer::start_with("no_such_setting: 1").await;
    }
}
