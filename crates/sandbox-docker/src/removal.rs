//! Removes a container, and does not believe it before it is shown.

use std::io;
use std::time::Duration;

use bollard::query_parameters::{RemoveContainerOptionsBuilder, WaitContainerOptionsBuilder};
use futures_util::StreamExt as _;
use sandbox::DestroyError;
use tokio::time::{self, Instant};

use crate::daemon::{Daemon, DaemonError};

/// How long to wait before trying again, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long to wait for a removal that somebody else has begun before looking.
const OTHERS_MAY_TAKE: Duration = Duration::from_secs(2);

/// Kills and removes a container, and returns when the daemon has it no more. A
/// daemon that is away is waited for.
///
/// Returns whether it had it at all.
///
/// `container` is its id, or its name as long as that is not known: a daemon that
/// was killed while it removed one gives up the name before the container.
///
/// # Errors
///
/// Returns what was in the way last if the container is not shown to be gone
/// within `patience`.
pub(crate) async fn remove(
    daemon: &Daemon,
    container: &str,
    patience: Duration,
) -> Result<bool, DestroyError> {
    let deadline = Instant::now() + patience;
    let mut pause = FIRST_PAUSE;
    let mut there = false;
    loop {
        let error = match remove_once(daemon, container).await {
            Ok(()) => return Ok(true),
            Err(error) if error.is_not_found() => return Ok(there),
            Err(error) => error,
        };
        there |= matches!(error, DaemonError::Refused { .. });
        if error.is_conflict() {
            await_removal(daemon, container).await;
        }
        if Instant::now() + pause >= deadline {
            return Err(match error {
                DaemonError::Refused { .. } => DestroyError::NotGone { waited: patience },
                DaemonError::Gone { .. } | DaemonError::Late { .. } => DestroyError::Io {
                    step: "remove the container",
                    source: io::Error::other(error),
                },
            });
        }
        time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
    }
}

async fn remove_once(daemon: &Daemon, container: &str) -> Result<(), DaemonError> {
    let options = RemoveContainerOptionsBuilder::new()
        .force(true)
        .v(true)
        .build();
    let removed = daemon.api().remove_container(container, Some(options));
    daemon.ask("remove the container", removed).await
}

/// Waits for the end of a removal that is under way, as far as it can be told.
async fn await_removal(daemon: &Daemon, container: &str) {
    let options = WaitContainerOptionsBuilder::new()
        .condition("removed")
        .build();
    let mut removal = Box::pin(daemon.api().wait_container(container, Some(options)));
    // Whatever it says, the next attempt tells.
    drop(time::timeout(OTHERS_MAY_TAKE, removal.next()).await);
}
