//! Images of registries: the store has them, and keeps them while they are used.
//!
//! ```text
//!  prepare ──▶ store ──▶ StoredImage ──▶ template ──▶ recent ──▶ launch
//!                         │ its lease: as long as one lives, the image stays
//!                         └── in `recent`, until it was not used for a while
//!                             and in each sandbox, until that is gone
//! ```

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use image_store::{Store, StoredImage};
use parking_lot::Mutex;
use sandbox::PullPolicy;
use sandbox::{
    ChosenRunner, Image, InjectionRule, LaunchError, NoRunner, Phase, PrepareError, Progress,
    RegistryReference, choose_runner,
};
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use crate::config::RegistryImages;
use crate::enforcement::Workload;
use crate::recent::Recent;
use crate::template::Template;
use crate::wire::{InvalidPlace, Root, StorePlace};

/// How many images are held although no sandbox of them runs.
const MOST_RECENT: usize = 64;

/// How long an image is held after it was last asked for.
const IDLE: Duration = Duration::from_mins(5);

/// How often images are looked for that are held for no use.
const SWEEP: Duration = Duration::from_mins(1);

/// An image's name and digest.
type Key = (String, Option<String>);

/// The images that come from registries.
#[derive(Debug)]
pub(crate) struct StoredImages {
    store: Store,
    root: PathBuf,
    pull_policy: PullPolicy,
    injection: Vec<InjectionRule>,
    recent: Mutex<Recent<Key, Template>>,
}

impl StoredImages {
    /// Returns the images that can be had from a store.
    ///
    /// # Errors
    ///
    /// Returns the failure to find the store's directory.
    pub(crate) fn new(images: RegistryImages) -> io::Result<Self> {
        let RegistryImages {
            store,
            pull_policy,
            injection,
        } = images;
        // The launcher has another working directory.
        let root = store.root().canonicalize()?;
        Ok(Self {
            store,
            root,
            pull_policy,
            injection,
            recent: Mutex::new(Recent::new(MOST_RECENT, IDLE)),
        })
    }

    /// Returns the directory of the store.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Makes sure that the image is in the store, and finds out how its functions
    /// are executed. `written` is its name as the request has it.
    pub(crate) async fn prepare(
        &self,
        reference: &RegistryReference,
        written: String,
        progress: &dyn Progress,
        cancel: CancellationToken,
    ) -> Result<Image, PrepareError> {
        let stored = self
            .store
            .prepare(reference, self.pull_policy, progress, cancel)
            .await
            .map_err(|error| error.into_prepare_error(&written))?;
        let unsupported = |reason: String| PrepareError::Unsupported {
            image: written.clone(),
            reason,
        };
        let chosen = self
            .choose_runner(reference, &stored)
            .map_err(|error| unsupported(error.to_string()))?;
        let image = Image {
            reference: reference.to_string(),
            digest: Some(stored.digest().to_owned()),
            languages: chosen.runner.languages.clone(),
        };
        let template = template(stored, chosen).map_err(|error| unsupported(error.to_string()))?;
        self.recent
            .lock()
            .put(key(&image), template, Instant::now());
        Ok(image)
    }

    /// Returns what an image that was prepared is launched from.
    ///
    /// That is at hand, unless the image was not used for a while: then it is had
    /// from the store again, by its digest.
    pub(crate) async fn template(
        &self,
        image: &Image,
        cancel: &CancellationToken,
    ) -> Result<Template, LaunchError> {
        let key = key(image);
        if let Some(template) = self.recent.lock().get(&key, Instant::now()) {
            return Ok(template);
        }
        let again = self.prepare_again(image, cancel.clone()).await;
        if cancel.is_cancelled() {
            return Err(LaunchError::Cancelled);
        }
        let template = again.map_err(|error| LaunchError::Setup {
            step: format!("get image `{}` again", image.reference),
            source: io::Error::other(error),
        })?;
        self.recent
            .lock()
            .put(key, template.clone(), Instant::now());
        Ok(template)
    }

    async fn prepare_again(
        &self,
        image: &Image,
        cancel: CancellationToken,
    ) -> Result<Template, Box<dyn Error + Send + Sync>> {
        let reference = image_store::parse_name(&image.reference)?;
        let name = format!("{}/{}", reference.registry(), reference.repository());
        let digest = image.digest.as_deref().unwrap_or_default();
        let by_digest = RegistryReference::try_new(&name, digest)?;
        let stored = self
            .store
            .prepare(&by_digest, self.pull_policy, &Unheard, cancel)
            .await?;
        let chosen = self.choose_runner(&reference, &stored)?;
        Ok(template(stored, chosen)?)
    }

    fn choose_runner(
        &self,
        reference: &RegistryReference,
        stored: &StoredImage,
    ) -> Result<ChosenRunner, NoRunner> {
        let labels = stored.labels();
        choose_runner(&self.injection, reference, |name| {
            labels.get(name).map(String::as_str)
        })
    }

    /// Lets go of images that are not used, until `stop` fires.
    pub(crate) async fn release_idle(self: Arc<Self>, stop: CancellationToken) {
        let mut ticks = time::interval(SWEEP);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            self.recent.lock().expire(Instant::now());
        }
    }
}

/// Returns what tells images apart. Two names of one image may have two runners.
fn key(image: &Image) -> Key {
    (image.reference.clone(), image.digest.clone())
}

/// Returns what an image in the store is launched from.
fn template(stored: StoredImage, chosen: ChosenRunner) -> Result<Template, InvalidPlace> {
    let place = StorePlace::try_from(stored.rootfs())?;
    Ok(Template {
        root: Root::Stored {
            place,
            inject: chosen.injected,
        },
        runner: chosen.runner.command,
        environment: chosen.runner.environment,
        workload: Workload::Runtime,
        lease: Some(stored),
    })
}

/// Hears of no progress.
struct Unheard;

impl Progress for Unheard {
    fn advance(&self, _phase: Phase, _done: u64, _total: u64) {}
}
