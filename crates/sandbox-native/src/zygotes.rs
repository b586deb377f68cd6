//! Which zygotes there are, and when one is used.
//!
//! ```text
//!   launch of an image that may have one ──▶ is there one that is warm? ──yes──▶ it brings forth
//!                                              │ no                              the sandbox
//!                                              └──▶ made in the background; meanwhile, and
//!                                                   whenever it fails, launches do without
//! ```
//!
//! A zygote is never mended: one that fails a launch, has brought forth enough or is old is not
//! chosen again, and another is made. It lives on, and its nursery with it, until the last of its
//! sandboxes is gone.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use sandbox::{
    Attribution, Image, ImagePattern, Limits, Network, SandboxId, SandboxSpec, command_within,
    zygote_command,
};
use tokio::sync::oneshot;
use tokio::time::{self, Instant};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::connection::{Connection, ZygoteState};
use crate::supervision::{Host, Order, Role, supervise};
use crate::template::Template;

/// The numbers of zygotes among those of sandboxes, which count from 0.
const FIRST_ID: u64 = 1 << 60;

/// The most zygotes that are chosen from, of all images, and the most images of which is told that
/// they have none.
const MOST: usize = 16;

/// After so many sandboxes a zygote has another take its place.
const MOST_LAUNCHES: u64 = 20_000;

/// The same after so much time: what children have in common must not last.
const LONGEST_LIFE: Duration = Duration::from_secs(60 * 60);

/// How long a zygote may take to be warm.
const WARM_UP_DEADLINE: Duration = Duration::from_secs(60);

/// How often is looked for zygotes that are not used.
const SWEEP: Duration = Duration::from_secs(10);

/// A zygote that was not used for so long is let go.
const IDLE: Duration = Duration::from_secs(5 * 60);

/// How long to wait before an image that had a zygote fail gets another, at first and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// The least memory of a zygote: it is a whole runtime, whatever its children may use.
const LEAST_MEMORY: u64 = 256 << 20;

/// Processes and threads of a zygote, which has helpers while it starts; its children count on
/// their own.
const PROCESSES: u32 = 256;

/// Time on a processor of a zygote: without an end, like its life.
const CPU_TIME: Duration = Duration::from_secs(u32::MAX as u64);

/// The zygotes of an engine.
#[derive(Debug)]
pub(crate) struct Zygotes {
    images: Vec<ImagePattern>,
    entries: Mutex<HashMap<Key, Entry>>,
    /// Images of which was told that they have none, although they may.
    unfit: Mutex<HashSet<String>>,
    next: AtomicU64,
    tasks: TaskTracker,
}

/// What all children of a zygote have in common: their image, and the command of their runner.
type Key = (String, Option<String>, String);

#[derive(Debug)]
struct Entry {
    current: Arc<Zygote>,
    /// One that is to take its place.
    heir: Option<Arc<Zygote>>,
    used: Instant,
    not_before: Instant,
    backoff: Duration,
}

/// A zygote, or one to be. Its life ends when nobody holds this any more.
#[derive(Debug)]
pub(crate) struct Zygote {
    id: u64,
    made: Instant,
    image: String,
    launches: AtomicU64,
    failed: Arc<AtomicBool>,
    _held: DropGuard,
}

impl Zygote {
    /// Returns its name among sandboxes.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Has it chosen never again.
    pub(crate) fn give_up(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Returns whether it can be asked; gives it up, and says why, if it never will be.
    fn is_usable(&self, launcher: &Connection, now: Instant) -> bool {
        if self.has_failed() {
            return false;
        }
        let reason = match launcher.zygote(self.id) {
            Some(ZygoteState::Warm) => return true,
            Some(ZygoteState::Withered(Ok(code))) => format!("it exited with code {code}"),
            Some(ZygoteState::Withered(Err(signal))) => format!("signal {signal} ended it"),
            None if now.duration_since(self.made) < WARM_UP_DEADLINE => return false,
            None => format!("it was not warm within {WARM_UP_DEADLINE:?}"),
        };
        tracing::warn!(image = %self.image, reason, "a zygote cannot be used; another will be made");
        self.give_up();
        false
    }

    fn is_old(&self, now: Instant) -> bool {
        self.launches.load(Ordering::Relaxed) >= MOST_LAUNCHES
            || now.duration_since(self.made) >= LONGEST_LIFE
    }
}

impl Zygotes {
    /// Returns those of an engine that has none yet, for images that fit one of the patterns.
    pub(crate) fn new(images: Vec<ImagePattern>) -> Self {
        Self {
            images,
            entries: Mutex::default(),
            unfit: Mutex::default(),
            next: AtomicU64::new(FIRST_ID),
            tasks: TaskTracker::new(),
        }
    }

    /// Returns the zygote for a sandbox, if there is one that can be asked; sees to it that there
    /// will be.
    pub(crate) fn choose(
        &self,
        host: &Arc<Host>,
        spec: &SandboxSpec,
        template: &Template,
    ) -> Option<Arc<Zygote>> {
        if !self.may_have(&spec.image) || self.tasks.is_closed() {
            return None;
        }
        let runner = command_within(&template.runner, &spec.limits);
        let Some(command) = zygote_command(&runner) else {
            self.tell_unfit(&spec.image.reference);
            return None;
        };
        let launcher = host.keeper.current().ok()?;
        let key = (
            spec.image.reference.clone(),
            spec.image.digest.clone(),
            runner,
        );
        let now = Instant::now();
        let make = || self.make(host, spec, template, command.clone(), now);

        let mut entries = self.entries.lock();
        if !entries.contains_key(&key) && entries.len() >= MOST {
            return None;
        }
        let entry = entries.entry(key).or_insert_with(|| Entry {
            current: make(),
            heir: None,
            used: now,
            not_before: now + BACKOFF.0,
            backoff: BACKOFF.0,
        });
        entry.used = now;
        if let Some(heir) = entry.heir.take_if(|heir| heir.is_usable(&launcher, now)) {
            entry.current = heir;
        }
        let usable = entry.current.is_usable(&launcher, now);
        let wanted = entry.current.has_failed() || entry.current.is_old(now);
        let pending = entry.heir.as_ref().is_some_and(|heir| !heir.has_failed());
        if wanted && !pending && now >= entry.not_before {
            entry.heir = Some(make());
            entry.backoff = if entry.current.has_failed() {
                BACKOFF.1.min(entry.backoff * 2)
            } else {
                BACKOFF.0
            };
            entry.not_before = now + entry.backoff;
        }
        if !usable {
            return None;
        }
        entry.current.launches.fetch_add(1, Ordering::Relaxed);
        Some(Arc::clone(&entry.current))
    }

    /// Lets every zygote go, and returns when they are gone. There will be no other.
    pub(crate) async fn close(&self) {
        self.tasks.close();
        self.entries.lock().clear();
        self.tasks.wait().await;
    }

    fn may_have(&self, image: &Image) -> bool {
        let (name, tag) = image
            .reference
            .rsplit_once(':')
            .unwrap_or((&image.reference, ""));
        self.images.iter().any(|pattern| pattern.fits(name, tag))
    }

    /// Says once of an image that it is among those that may have a zygote to no avail.
    fn tell_unfit(&self, image: &str) {
        let mut unfit = self.unfit.lock();
        if unfit.len() < MOST && !unfit.contains(image) {
            unfit.insert(image.to_owned());
            tracing::warn!(image, "an image has no zygote: its runner cannot be forked");
        }
    }

    /// Makes a zygote in the background.
    fn make(
        &self,
        host: &Arc<Host>,
        spec: &SandboxSpec,
        template: &Template,
        command: Vec<String>,
        now: Instant,
    ) -> Arc<Zygote> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let released = CancellationToken::new();
        let failed = Arc::new(AtomicBool::new(false));
        let order = Order {
            spec: SandboxSpec {
                id: SandboxId(id),
                image: spec.image.clone(),
                limits: Limits {
                    memory_bytes: spec.limits.memory_bytes.max(LEAST_MEMORY),
                    processes: PROCESSES,
                    cpu_time: CPU_TIME,
                    ..spec.limits
                },
                network: Network::None,
            },
            template: template.clone(),
            attribution: Attribution::default(),
            role: Role::Zygote(command),
        };
        let (started, begun) = oneshot::channel();
        let life = supervise(Arc::clone(host), order, released.clone(), started);
        let image = spec.image.reference.clone();
        let has_failed = Arc::clone(&failed);
        self.tasks.spawn(async move {
            let outcome = async {
                match begun.await {
                    Ok(Ok(mut started)) => {
                        let ending = started.ending.wait_for(Option::is_some).await;
                        ending
                            .ok()
                            .and_then(|it| it.clone())
                            .map(|it| format!("{it:?}"))
                    }
                    Ok(Err(error)) => Some(chain(&error)),
                    Err(_) => None,
                }
            };
            let (removed, reason) = tokio::join!(life, outcome);
            has_failed.store(true, Ordering::Relaxed);
            if let Some(reason) = reason {
                tracing::warn!(%image, reason, "a zygote has ended; another will be made");
            }
            if let Err(error) = removed {
                tracing::error!(%image, %error, "a zygote could not be removed");
            }
        });
        Arc::new(Zygote {
            id,
            image: spec.image.reference.clone(),
            made: now,
            launches: AtomicU64::new(0),
            failed,
            _held: released.drop_guard(),
        })
    }
}

/// Lets go of zygotes that are not used, for as long as anybody else has them.
pub(crate) async fn release_idle(zygotes: Weak<Zygotes>) {
    let mut ticks = time::interval(SWEEP);
    loop {
        ticks.tick().await;
        let Some(zygotes) = zygotes.upgrade() else {
            return;
        };
        let now = Instant::now();
        let mut entries = zygotes.entries.lock();
        entries.retain(|_, entry| now.duration_since(entry.used) < IDLE);
    }
}

/// Writes an error with its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
