//! What tells a live dispatcher's containers from a dead one's.
//!
//! Before its first sandbox, an instance starts a *lease*: a container that does
//! nothing and ends when its standard input does. That is the dispatcher's
//! connection, so the lease runs exactly as long as the dispatcher has the daemon.
//! Containers of an instance without a running lease are nobody's.
//!
//! When the connection breaks, because the daemon was restarted, the instance is
//! over; the next sandbox is of a new one, with a lease of its own.

use std::time::Duration;

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::CreateContainerOptionsBuilder;
use sandbox::LaunchError;
use tokio::io::AsyncReadExt as _;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::attach;
use crate::container;
use crate::daemon::{Daemon, DaemonError};
use crate::images::Images;
use crate::removal;
use crate::stream::{Attached, Complaints};

/// How long the removal of a lease may take that did not come about.
const REMOVAL_DEADLINE: Duration = Duration::from_secs(10);

/// The leases of a process, of which one at a time is current.
#[derive(Debug)]
pub(crate) struct Leases {
    daemon: Daemon,
    images: Images,
    seccomp: String,
    start_deadline: Duration,
    kill_deadline: Duration,
    current: Mutex<Option<Lease>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// An instance and what it lives by.
#[derive(Debug)]
struct Lease {
    instance: String,
    over: CancellationToken,
}

impl Leases {
    pub(crate) fn new(
        daemon: Daemon,
        images: Images,
        seccomp: String,
        start_deadline: Duration,
        kill_deadline: Duration,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            daemon,
            images,
            seccomp,
            start_deadline,
            kill_deadline,
            current: Mutex::new(None),
            tasks,
            stop,
        }
    }

    /// Returns the instance that the last containers belong to, if there were any.
    pub(crate) async fn current(&self) -> Option<String> {
        let current = self.current.lock().await;
        current.as_ref().map(|lease| lease.instance.clone())
    }

    /// Returns the instance that new containers belong to; begins one if need be.
    ///
    /// Those who ask while one is begun wait for it.
    pub(crate) async fn instance(&self) -> Result<String, LaunchError> {
        let mut current = self.current.lock().await;
        if let Some(lease) = &*current
            && !lease.over.is_cancelled()
        {
            return Ok(lease.instance.clone());
        }
        let lease = self.begin().await?;
        let instance = lease.instance.clone();
        *current = Some(lease);
        Ok(instance)
    }

    async fn begin(&self) -> Result<Lease, LaunchError> {
        // A daemon that was restarted may be another version.
        self.daemon
            .greet()
            .await
            .map_err(DaemonError::into_launch_error)?;
        let image = self.images.builtin().await.map_err(|error| {
            crate::engine::unavailable(format!("its own image could not be had: {error}"))
        })?;
        let instance = Uuid::new_v4().simple().to_string();
        let name = container::lease_name(&instance);
        let body = container::lease(&image.image_id, &instance, &self.seccomp);
        let (container, attached) = match self.start(&name, body).await {
            Ok(started) => started,
            Err(error) => {
                if error.is_not_found() {
                    self.images.forget(&image);
                }
                let removed = removal::remove(&self.daemon, &name, REMOVAL_DEADLINE);
                if let Err(error) = removed.await {
                    tracing::warn!(%error, name, "a lease that failed may be left");
                }
                return Err(error.into_launch_error());
            }
        };
        tracing::debug!(instance, "this process has a lease with the Docker daemon");
        let over = CancellationToken::new();
        self.tasks.spawn(hold(
            self.daemon.clone(),
            container,
            attached,
            over.clone(),
            self.stop.clone(),
            self.kill_deadline,
        ));
        Ok(Lease { instance, over })
    }

    async fn start(
        &self,
        name: &str,
        body: ContainerCreateBody,
    ) -> Result<(String, Attached), DaemonError> {
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        let created = self.daemon.api().create_container(Some(options), body);
        let container = self.daemon.ask("create the lease", created).await?.id;
        let attached = attach::to(&self.daemon, name, Complaints::default()).await?;
        let started = self.daemon.api().start_container(name, None);
        self.daemon
            .ask_within(self.start_deadline, "start the lease", started)
            .await?;
        Ok((container, attached))
    }
}

/// Holds a lease until it breaks or is not needed any more.
async fn hold(
    daemon: Daemon,
    container: String,
    mut attached: Attached,
    over: CancellationToken,
    stop: CancellationToken,
    kill_deadline: Duration,
) {
    // It has nothing to say.
    let mut word = [0; 64];
    let broken = async {
        while attached
            .read(&mut word)
            .await
            .is_ok_and(|length| length > 0)
        {}
    };
    let broke = stop.run_until_cancelled(broken).await.is_some();
    over.cancel();
    drop(attached);
    if broke {
        tracing::warn!("the lease with the Docker daemon is over; the next sandbox begins another");
    }
    // It ends by itself, unless the daemon lost sight of it.
    if let Err(error) = removal::remove(&daemon, &container, kill_deadline).await {
        tracing::warn!(%error, container, "a lease that is over may be left");
    }
}
