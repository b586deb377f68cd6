//! What a dispatcher is told when it is made.

use std::num::NonZeroUsize;
use std::time::Duration;

use cyclone_client::Rate;
use sandbox::ImagePattern;
use veritech_protocol::{Bounds, Kind, Subjects};

/// The configuration of one dispatcher. Checked where it was read.
#[derive(Clone, Debug)]
pub struct Config {
    /// Names this instance among the others.
    pub instance: String,
    /// Executions at once.
    pub places: NonZeroUsize,
    /// Requests that may wait for a place.
    pub queue: usize,
    /// The largest request, in bytes.
    pub max_request_bytes: usize,
    /// Defaults and maxima of what requests may ask for.
    pub bounds: Bounds,
    /// How fast what comes out of one sandbox is read.
    pub output_rate: Rate,
    /// The longest silence towards a mailbox.
    pub heartbeat: Duration,
    /// How long preparing an image may take.
    pub image_timeout: Duration,
    /// How long starting a sandbox may take, its runner included.
    pub start_timeout: Duration,
    /// How long handing over one event may take.
    pub publish_timeout: Duration,
    /// How long running executions may go on once the dispatcher is to stop.
    pub drain_timeout: Duration,
    /// The images that functions may run in; all others are refused.
    pub allowed_images: Vec<AllowedImage>,
    /// Whether requests may ask for outward network connections.
    pub allow_egress: bool,
    /// Sandboxes that are kept ready.
    pub pool: PoolConfig,
    /// The subjects to serve.
    pub subjects: Subjects,
    /// What reply subjects must start with, without the final dot.
    pub inbox_prefixes: Vec<String>,
}

/// Which sandboxes are kept ready, and how many at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolConfig {
    /// The images.
    pub images: Vec<WarmImage>,
    /// How many sandboxes of all images wait at most.
    pub count: usize,
    /// How much memory those take at most, in bytes, as measured when they begin to wait.
    pub memory_bytes: u64,
    /// How long one that is no longer called for waits before it is removed.
    pub idle: Duration,
}

impl PoolConfig {
    /// Returns how many sandboxes of the images can come to wait.
    pub fn most(&self) -> usize {
        let maxima = self.images.iter().map(|image| image.maximum);
        self.count.min(maxima.fold(0, usize::saturating_add))
    }
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            images: Vec::new(),
            count: 64,
            memory_bytes: 2 << 30,
            idle: Duration::from_secs(30),
        }
    }
}

/// An image of which sandboxes are kept ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarmImage {
    /// Its name.
    pub image: String,
    /// Its tag.
    pub tag: String,
    /// How many wait at least, within what all images may have.
    pub minimum: usize,
    /// How many wait at most, however often it is called for.
    pub maximum: usize,
}

/// Images that functions may run in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedImage {
    /// Their names and tags.
    pub pattern: ImagePattern,
    /// The kinds of functions that may run in them; all if `None`.
    pub kinds: Option<Vec<Kind>>,
}

impl AllowedImage {
    /// Allows what engines have of their own: `builtin/…` and `host/…`.
    pub fn of_engines() -> Vec<Self> {
        ["builtin/*", "host/*"]
            .into_iter()
            .filter_map(|pattern| pattern.parse().ok())
            .map(|pattern| Self {
                pattern,
                kinds: None,
            })
            .collect()
    }
}

impl Default for Config {
    fn default() -> Self {
        const PLACES: NonZeroUsize = NonZeroUsize::new(8).expect("invariant: 8 is not 0");
        Self {
            instance: "veritech".to_owned(),
            places: PLACES,
            queue: 32,
            max_request_bytes: 8 << 20,
            bounds: Bounds::default(),
            output_rate: Rate {
                messages: 200_000,
                bytes: 64 << 20,
            },
            heartbeat: Duration::from_secs(1),
            image_timeout: Duration::from_secs(300),
            start_timeout: Duration::from_secs(10),
            publish_timeout: Duration::from_secs(5),
            drain_timeout: Duration::from_secs(30),
            allowed_images: AllowedImage::of_engines(),
            allow_egress: false,
            pool: PoolConfig::default(),
            subjects: Subjects::default(),
            inbox_prefixes: vec!["_INBOX".to_owned()],
        }
    }
}
