//! Attaches to a container.

use bollard::query_parameters::AttachContainerOptionsBuilder;

use crate::daemon::{Daemon, DaemonError};
use crate::stream::{Attached, Complaints};

/// Attaches to the standard input and output of the container called `name`.
pub(crate) async fn to(
    daemon: &Daemon,
    name: &str,
    complaints: Complaints,
) -> Result<Attached, DaemonError> {
    let options = AttachContainerOptionsBuilder::new()
        .stream(true)
        .stdin(true)
        .stdout(true)
        .stderr(true)
        .build();
    let attached = daemon.api().attach_container(name, Some(options));
    let attached = daemon.ask("attach to the container", attached).await?;
    Ok(Attached::new(attached, complaints))
}
