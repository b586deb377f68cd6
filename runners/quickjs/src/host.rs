//! What the scripts of the prelude and the runner share while an execution runs.

use std::cell::{Cell, RefCell};
use std::io;

use rquickjs::{Ctx, Persistent, Value};

use crate::clock;
use crate::protocol::Channel;
use crate::timers::Timers;

/// How long past its time an execution may go on before the runner ends it by itself. Whoever
/// started the runner ends it earlier; this is for when nobody is left to do so.
const GRACE_MS: u64 = 2000;

/// A value of the language that is kept outside of it.
pub(crate) type Kept = Persistent<Value<'static>>;

/// The state of the one execution, seen by callbacks of the language.
pub(crate) struct Host {
    /// The pipe to cyclone, until the result is sent.
    pub(crate) channel: RefCell<Option<Channel>>,
    /// The pending timers.
    pub(crate) timers: RefCell<Timers>,
    /// What the serialiser has written.
    pub(crate) text: RefCell<Text>,
    /// The function's source, for places in it.
    pub(crate) source: RefCell<String>,
    /// Promises that were rejected while nobody was looking, and why.
    rejections: RefCell<Vec<(Kept, Kept)>>,
    /// The first error that a microtask or a timer let out.
    uncaught: RefCell<Option<Kept>>,
    /// When to give up, in milliseconds of the monotonic clock.
    give_up_ms: Cell<u64>,
    /// Why the pipe failed, if it did.
    broken: RefCell<Option<io::Error>>,
}

/// JSON text up to a limit, and its whole length beyond.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// The text, as long as it does not exceed the limit.
    pub(crate) json: Vec<u8>,
    /// How long the text is or would be.
    pub(crate) bytes: usize,
    /// How long it may be.
    pub(crate) limit: usize,
}

impl Text {
    /// Returns an empty text that may grow to `limit` bytes.
    pub(crate) fn up_to(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// How far beyond the limit a value is still measured.
    const MEASURED_BEYOND: usize = 1 << 20;

    /// Appends `chunk`, and returns whether there is any use in going on.
    pub(crate) fn append(&mut self, chunk: &str) -> bool {
        self.bytes = self.bytes.saturating_add(chunk.len());
        if self.bytes <= self.limit {
            self.json.extend_from_slice(chunk.as_bytes());
        } else {
            self.json = Vec::new();
        }
        self.bytes <= self.limit.saturating_add(Self::MEASURED_BEYOND)
    }
}

impl Host {
    /// Returns a host that talks through `channel`.
    pub(crate) fn new(channel: Channel) -> Self {
        Self {
            channel: RefCell::new(Some(channel)),
            timers: RefCell::default(),
            text: RefCell::default(),
            source: RefCell::default(),
            rejections: RefCell::default(),
            uncaught: RefCell::default(),
            give_up_ms: Cell::new(u64::MAX),
            broken: RefCell::default(),
        }
    }

    /// Starts the clock of an execution that may take `timeout_ms`.
    pub(crate) fn start_clock(&self, timeout_ms: u64) {
        let end = clock::now_ms().saturating_add(timeout_ms);
        self.give_up_ms.set(end.saturating_add(GRACE_MS));
    }

    /// When to give up, in milliseconds of the monotonic clock.
    pub(crate) fn give_up_ms(&self) -> u64 {
        self.give_up_ms.get()
    }

    /// Whether there is nobody left to work for, or no time.
    pub(crate) fn has_given_up(&self) -> bool {
        self.broken.borrow().is_some() || clock::now_ms() >= self.give_up_ms.get()
    }

    /// Remembers that cyclone does not read any more.
    pub(crate) fn break_with(&self, error: io::Error) {
        self.broken.borrow_mut().get_or_insert(error);
    }

    /// Takes the reason why the pipe failed.
    pub(crate) fn take_broken(&self) -> Option<io::Error> {
        self.broken.borrow_mut().take()
    }

    /// Notes that `promise` was rejected unseen, or that somebody looks at it now.
    pub(crate) fn track_rejection<'js>(
        &self,
        ctx: &Ctx<'js>,
        promise: Value<'js>,
        reason: Value<'js>,
        is_handled: bool,
    ) {
        let promise = Persistent::save(ctx, promise);
        let mut rejections = self.rejections.borrow_mut();
        if is_handled {
            rejections.retain(|(rejected, _)| *rejected != promise);
        } else {
            rejections.push((promise, Persistent::save(ctx, reason)));
        }
    }

    /// Whether a promise other than `expected` was rejected and nobody looked.
    pub(crate) fn has_rejection(&self, expected: &Kept) -> bool {
        let rejections = self.rejections.borrow();
        rejections.iter().any(|(promise, _)| promise != expected)
    }

    /// Takes the reason of the first rejection that `has_rejection` saw.
    pub(crate) fn take_rejection(&self, expected: &Kept) -> Option<Kept> {
        let mut rejections = self.rejections.borrow_mut();
        let first = rejections
            .iter()
            .position(|(promise, _)| promise != expected)?;
        Some(rejections.remove(first).1)
    }

    /// Notes what a microtask threw, unless one has thrown before.
    pub(crate) fn set_uncaught<'js>(&self, ctx: &Ctx<'js>, error: Value<'js>) {
        let error = Persistent::save(ctx, error);
        self.uncaught.borrow_mut().get_or_insert(error);
    }

    /// Takes what a microtask threw.
    pub(crate) fn take_uncaught(&self) -> Option<Kept> {
        self.uncaught.borrow_mut().take()
    }
}
