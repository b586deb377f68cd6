//! Reaches cyclone by a port published on the loopback interface.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bollard::query_parameters::InspectContainerOptionsBuilder;
use sandbox::Token;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time;
use uuid::Uuid;

use crate::daemon::{Daemon, DaemonError};
use crate::stream::Attached;

/// Where cyclone listens in the container.
pub(crate) const LISTEN: &str = "tcp://0.0.0.0:8000";

/// The same, as the daemon calls it.
pub(crate) const PORT: &str = "8000/tcp";

/// How often to look whether cyclone listens yet.
const PAUSE: Duration = Duration::from_millis(10);

/// How long one look may take.
const LOOK_DEADLINE: Duration = Duration::from_secs(1);

/// What a healthy cyclone begins its answer with.
const HEALTHY: &[u8] = b"HTTP/1.1 200";

/// Makes up a token.
pub(crate) fn token() -> Token {
    Token::new(Uuid::new_v4().simple().to_string())
}

/// Gives cyclone its token, by its standard input.
pub(crate) async fn hand_over(attached: &mut Attached, token: &Token) -> io::Result<()> {
    attached
        .write_all(format!("{}\n", token.expose()).as_bytes())
        .await?;
    attached.flush().await
}

/// Returns where the container's port is published.
pub(crate) async fn published(daemon: &Daemon, container: &str) -> Result<SocketAddr, DaemonError> {
    let options = InspectContainerOptionsBuilder::new().build();
    let found = daemon.api().inspect_container(container, Some(options));
    let found = daemon.ask("look up the published port", found).await?;
    let bindings = found
        .network_settings
        .and_then(|settings| settings.ports)
        .and_then(|mut ports| ports.remove(PORT).flatten())
        .unwrap_or_default();
    bindings
        .iter()
        .find_map(|binding| binding.host_port.as_ref()?.parse().ok())
        .map(|port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .ok_or_else(|| DaemonError::Refused {
            what: "publish the port",
            status: 500,
            message: "the container has none".to_owned(),
        })
}

/// Connects once cyclone answers: what publishes the port accepts before.
///
/// Goes on until it is dropped.
pub(crate) async fn connect(address: SocketAddr, token: &Token) -> TcpStream {
    loop {
        let look = is_healthy(address, token);
        if matches!(time::timeout(LOOK_DEADLINE, look).await, Ok(Ok(true)))
            && let Ok(stream) = TcpStream::connect(address).await
        {
            return stream;
        }
        time::sleep(PAUSE).await;
    }
}

async fn is_healthy(address: SocketAddr, token: &Token) -> io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET /healthz HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer {}\r\n\
         Connection: close\r\n\r\n",
        token.expose()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = [0; HEALTHY.len()];
    stream.read_exact(&mut answer).await?;
    Ok(answer == HEALTHY)
}
