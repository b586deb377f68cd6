//! The store as its users see it.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use sandbox::{Joined, Progress, RegistryReference};
use tokio::task;
use tokio_util::sync::CancellationToken;

use crate::config::StoreConfig;
use crate::error::{OpenError, PullError, RemoveError, StoreError};
use crate::import::{self, ImportError};
use crate::layout::Layout;
use crate::pull::Pull;
use crate::shelf::{self, StoredImage, Summary};
use crate::stop::Stop;
use crate::workspace;
use sandbox::PullPolicy;

/// A directory of images. Cheap to clone; several processes may use one directory.
#[derive(Clone, Debug)]
pub struct Store {
    layout: Arc<Layout>,
    config: Arc<StoreConfig>,
    pulls: Joined<(String, PullPolicy), Result<StoredImage, Arc<PullError>>>,
}

impl Store {
    /// Opens a store, which is made if it is missing, and removes what processes
    /// that are gone have left half-done in it.
    ///
    /// Blocks.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the directory cannot be used.
    pub fn open(config: StoreConfig) -> Result<Self, OpenError> {
        // Another part of the process may have chosen one before.
        drop(ring::default_provider().install_default());
        let unusable = |source| OpenError::Unusable {
            root: config.root.display().to_string(),
            source,
        };
        let layout = Layout::create(&config.root).map_err(unusable)?;
        workspace::remove_abandoned(&layout).map_err(unusable)?;
        Ok(Self {
            layout: Arc::new(layout),
            config: Arc::new(config),
            pulls: Joined::default(),
        })
    }

    /// Returns the directory that [`StoredImage::rootfs`] is relative to.
    pub fn root(&self) -> &Path {
        self.layout.root()
    }

    /// Returns an image, pulled first if the policy says so.
    ///
    /// Those who ask for the same image at the same time share one pull, also in
    /// different processes. A digest means the same for ever, so an image that is
    /// named by it is not asked for again, whatever the policy.
    ///
    /// # Cancellation
    ///
    /// Safe to drop, and to cancel by the token: a pull ends when nobody waits for
    /// it any more, and leaves nothing.
    ///
    /// # Errors
    ///
    /// Returns a [`PullError`] if the image cannot be had or must not be used.
    pub async fn prepare(
        &self,
        reference: &RegistryReference,
        policy: PullPolicy,
        progress: &dyn Progress,
        cancel: CancellationToken,
    ) -> Result<StoredImage, Arc<PullError>> {
        let policy = match policy {
            PullPolicy::Always if reference.digest().is_some() => PullPolicy::IfNotPresent,
            policy => policy,
        };
        if policy != PullPolicy::Always {
            let found = self
                .get(reference)
                .await
                .map_err(|error| Arc::new(PullError::Store(error)))?;
            match (found, policy) {
                (Some(image), _) => return Ok(image),
                (None, PullPolicy::Never) => return Err(Arc::new(PullError::NotPresent)),
                (None, PullPolicy::IfNotPresent | PullPolicy::Always) => {}
            }
        }
        let key = (reference.to_string(), policy);
        let pull = self.pulls.join(key, progress, |progress, cancel| {
            let pull = Pull {
                layout: Arc::clone(&self.layout),
                config: Arc::clone(&self.config),
                reference: reference.clone(),
                policy,
                progress,
                stop: Stop::after(self.config.pull_timeout, cancel),
            };
            async { Box::pin(pull.run()).await.map_err(Arc::new) }
        });
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(Arc::new(PullError::Cancelled)),
            image = pull => image.unwrap_or_else(|_| Err(Arc::new(PullError::GivenUp))),
        }
    }

    /// Returns an image if it is in the store.
    ///
    /// # Cancellation
    ///
    /// Safe to drop.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] if the store cannot be read.
    pub async fn get(
        &self,
        reference: &RegistryReference,
    ) -> Result<Option<StoredImage>, StoreError> {
        let reference = reference.to_string();
        self.blocking("look up an image", move |layout, _| {
            shelf::find(layout, &reference)
        })
        .await
    }

    /// Returns all images, those that were used last first.
    ///
    /// # Cancellation
    ///
    /// Safe to drop.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] if the store cannot be read.
    pub async fn list(&self) -> Result<Vec<Summary>, StoreError> {
        self.blocking("list the images", |layout, _| shelf::list(layout))
            .await
    }

    /// Removes what `what` names: an image by its digest, or one of its names and,
    /// with the last one that has a tag, the image.
    ///
    /// A name is spelt in full, as [`RegistryReference`] and [`Store::list`] do.
    ///
    /// # Cancellation
    ///
    /// Safe to drop; it is done all the same.
    ///
    /// # Errors
    ///
    /// Returns a [`RemoveError`] if there is no such image or it is in use.
    pub async fn remove(&self, what: &str) -> Result<(), RemoveError> {
        let what = what.to_owned();
        self.blocking("remove an image", move |layout, _| {
            shelf::remove(layout, &what)
        })
        .await
    }

    /// Removes the least recently used images that nobody holds, until all of them
    /// take no more than the store may, and what dead processes have left. Returns
    /// how many images were removed.
    ///
    /// # Cancellation
    ///
    /// Safe to drop; it is done all the same.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] if the store cannot be read or changed.
    pub async fn evict(&self) -> Result<usize, StoreError> {
        self.blocking("make room", |layout, config| {
            shelf::evict(layout, config.max_bytes)
        })
        .await
    }

    /// Imports an image from `path`: a directory with an OCI layout, the same as a
    /// tar archive, or what `docker save` writes; archives may be compressed.
    ///
    /// It is called `name`, or else what the archive calls it.
    ///
    /// # Cancellation
    ///
    /// Safe to drop, and to cancel by the token: nothing is left then.
    ///
    /// # Errors
    ///
    /// Returns an [`ImportError`] if there is no such image at `path`, or it must
    /// not be used.
    pub async fn import(
        &self,
        path: &Path,
        name: Option<&RegistryReference>,
        progress: Arc<dyn Progress>,
        cancel: CancellationToken,
    ) -> Result<StoredImage, ImportError> {
        let cancelled_when_dropped = cancel.child_token();
        let stop = Stop::after(self.config.pull_timeout, cancelled_when_dropped.clone());
        let _guard = cancelled_when_dropped.drop_guard();
        let import = import::Import {
            layout: Arc::clone(&self.layout),
            config: Arc::clone(&self.config),
            path: path.to_owned(),
            name: name.cloned(),
            progress,
            stop,
        };
        task::spawn_blocking(move || import.run())
            .await
            .unwrap_or(Err(ImportError::Image(PullError::GivenUp)))
    }

    /// Does what blocks where it may.
    async fn blocking<T, E>(
        &self,
        step: &'static str,
        work: impl FnOnce(&Layout, &StoreConfig) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let layout = Arc::clone(&self.layout);
        let config = Arc::clone(&self.config);
        task::spawn_blocking(move || work(&layout, &config))
            .await
            .unwrap_or_else(|error| Err(StoreError::at(step)(error.into()).into()))
    }
}
