//! The volume with cyclone and the runners, for images that lack them.
//!
//! The daemon fills it itself: a new volume takes over what the image has where
//! it is mounted, when a container is created. No directory of any host is
//! involved, so that daemons on other hosts work alike. The container that fills
//! it has a fixed name, which lets one dispatcher at a time do so; what came of it
//! is read back before it is used.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType, MountVolumeOptions};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, DownloadFromContainerOptionsBuilder, RemoveVolumeOptionsBuilder,
};
use futures_util::TryStreamExt as _;
use sandbox::LaunchError;
use sandbox::programs::{CYCLONE, DIRECTORY};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use tokio::time::{self, Instant};

use crate::builtin::Builtin;
use crate::daemon::{Daemon, DaemonError};
use crate::engine::unavailable;
use crate::images::Images;
use crate::removal;

/// The label of the volume and of the container that fills it.
const LABEL: &str = "org.veritech.programs";

/// How long filling and reading it back may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// How long another dispatcher may take before what it holds is taken from it.
const OTHERS_MAY_TAKE: Duration = Duration::from_secs(30);

/// How often to look whether another dispatcher is done.
const PAUSE: Duration = Duration::from_millis(100);

/// How long removing the container that filled it may take.
const REMOVAL_DEADLINE: Duration = Duration::from_secs(10);

/// How often a volume with something else in it is made anew.
const ATTEMPTS: usize = 2;

/// The volume with cyclone and the runners.
#[derive(Debug)]
pub(crate) struct Injection {
    daemon: Daemon,
    images: Images,
    builtin: Arc<Builtin>,
    /// The id of the image that it was filled from, once it was.
    filled: Mutex<Option<String>>,
}

impl Injection {
    pub(crate) fn new(daemon: Daemon, images: Images, builtin: Arc<Builtin>) -> Self {
        Self {
            daemon,
            images,
            builtin,
            filled: Mutex::new(None),
        }
    }

    /// Returns the volume's name; makes it and fills it the first time.
    ///
    /// Those who ask meanwhile wait for it.
    pub(crate) async fn volume(&self) -> Result<String, LaunchError> {
        let mut filled = self.filled.lock().await;
        let name = self.builtin.volume();
        if filled.as_ref() == Some(&name) {
            return Ok(name);
        }
        let image = self
            .images
            .builtin()
            .await
            .map_err(|error| unavailable(format!("its own image could not be had: {error}")))?;
        for _ in 0..ATTEMPTS {
            let container = self.fill(&name, &image.image_id).await?;
            let complete = self.is_complete(&container).await;
            let removed = removal::remove(&self.daemon, &container, REMOVAL_DEADLINE).await;
            removed.map_err(|error| unavailable(error.to_string()))?;
            if complete.map_err(DaemonError::into_launch_error)? {
                *filled = Some(name.clone());
                return Ok(name);
            }
            tracing::warn!(
                volume = name,
                "the volume is not what it should be; made anew"
            );
            let options = RemoveVolumeOptionsBuilder::new().build();
            let removed = self.daemon.api().remove_volume(&name, Some(options));
            self.daemon
                .ask("remove the volume", removed)
                .await
                .map_err(DaemonError::into_launch_error)?;
        }
        Err(unavailable(format!(
            "the volume `{name}` does not get what it should have"
        )))
    }

    /// Forgets that the volume is there.
    pub(crate) async fn forget(&self) {
        *self.filled.lock().await = None;
    }

    /// Creates the container that fills the volume, and returns its name.
    async fn fill(&self, volume: &str, image_id: &str) -> Result<String, LaunchError> {
        let name = format!("{volume}-filling");
        let patience = Instant::now() + OTHERS_MAY_TAKE;
        let mut taken = false;
        loop {
            let options = CreateContainerOptionsBuilder::new().name(&name).build();
            let created = self
                .daemon
                .api()
                .create_container(Some(options), filling(volume, image_id));
            match self
                .daemon
                .ask_within(DEADLINE, "fill the volume", created)
                .await
            {
                Ok(_) => return Ok(name),
                Err(error) if error.is_conflict() && !taken => {
                    if Instant::now() >= patience {
                        // Whoever had it has not come to an end.
                        taken = true;
                        let removed = removal::remove(&self.daemon, &name, REMOVAL_DEADLINE);
                        removed
                            .await
                            .map_err(|error| unavailable(error.to_string()))?;
                    } else {
                        time::sleep(PAUSE).await;
                    }
                }
                Err(error) => return Err(error.into_launch_error()),
            }
        }
    }

    /// Reads back what the volume has, and says whether it is all there.
    async fn is_complete(&self, container: &str) -> Result<bool, DaemonError> {
        let options = DownloadFromContainerOptionsBuilder::new()
            .path(DIRECTORY)
            .build();
        let archive = self
            .daemon
            .api()
            .download_from_container(container, Some(options))
            .try_fold(Vec::new(), |mut archive: Vec<u8>, part| {
                archive.extend_from_slice(&part);
                std::future::ready(Ok(archive))
            });
        let archive = self
            .daemon
            .ask_within(DEADLINE, "read the volume", archive)
            .await?;
        let wanted = self.builtin.files().to_vec();
        let compared = tokio::task::spawn_blocking(move || {
            digests(&*archive).is_ok_and(|found| {
                wanted
                    .iter()
                    .all(|(path, digest)| found.get(path) == Some(digest))
            })
        });
        Ok(compared.await.unwrap_or(false))
    }
}

/// Returns what the container that fills a volume is created with. It never runs.
fn filling(volume: &str, image_id: &str) -> ContainerCreateBody {
    let labels = HashMap::from([(LABEL.to_owned(), volume.to_owned())]);
    ContainerCreateBody {
        image: Some(image_id.to_owned()),
        entrypoint: Some(vec![CYCLONE.to_owned()]),
        labels: Some(labels.clone()),
        network_disabled: Some(true),
        host_config: Some(HostConfig {
            network_mode: Some("none".to_owned()),
            mounts: Some(vec![Mount {
                target: Some(DIRECTORY.to_owned()),
                source: Some(volume.to_owned()),
                typ: Some(MountType::VOLUME),
                volume_options: Some(MountVolumeOptions {
                    labels: Some(labels),
                    ..MountVolumeOptions::default()
                }),
                ..Mount::default()
            }]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

/// Returns the digest of each file in an archive of `/veritech`, by its path below.
fn digests(archive: impl Read) -> io::Result<HashMap<String, [u8; 32]>> {
    let mut found = HashMap::new();
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path()?.into_owned();
        let mut sum = Sha256::new();
        io::copy(&mut entry, &mut sum)?;
        if let Ok(path) = path.strip_prefix("veritech") {
            found.insert(path.display().to_string(), sum.finalize().into());
        }
    }
    Ok(found)
}
