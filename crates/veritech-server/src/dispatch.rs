//! One request, from bytes to its result.
//!
//! ```text
//!  Received ──admit──▶ Admitted ──place──▶ image ──▶ sandbox ──▶ started ──▶ relay ──▶ verdict
//!      │                                                                                 │
//!      └── refused: one result, nothing else                  result, removal, place back ┘
//! ```

mod admission;
mod run;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use lifecycle::Tasks;
use sandbox::{Engine, EngineKind, Image, Limits, SandboxId, SandboxSpec};
use telemetry::TraceContext;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span, field};
use veritech_protocol::{
    Accepted, EventBody, ExecutionId, ExecutionResult, Failure, FailureCode, Origin, Outcome,
    Terms, Usage,
};

use self::admission::{Admitted, admit};
use self::run::Ended;
use crate::config::{Config, WarmImage};
use crate::ledger::{self, Ledger, Phase};
use crate::mailbox::Mailbox;
use crate::pool::{Pool, SandboxSpecParts};
use crate::registry::{CancelOutcome, InFlight, Interruption, Registry};
use crate::reporter::Reporter;
use crate::stats::{Counters, Stats};
use crate::verdict;
use crate::waiting::{NotStarted, StartError, Waiting, frame_bytes, start};

/// Executes requests in the sandboxes of one engine. Cheap to clone.
#[derive(Debug)]
pub struct Dispatcher<E: Engine> {
    shared: Arc<Shared<E>>,
}

#[derive(Debug)]
struct Shared<E: Engine> {
    engine: E,
    config: Config,
    places: Arc<Semaphore>,
    registry: Registry,
    counters: Counters,
    pool: Pool<E>,
    tasks: Tasks,
    next_sandbox: AtomicU64,
}

/// Whether a sandbox that was to go is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Removal {
    Done,
    Failed,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// What its subject says that its kind is, where it has one.
    pub kind: Option<String>,
    /// The request's JSON text, not yet looked at.
    pub payload: Bytes,
    /// When it came.
    pub at: Instant,
    /// The trace that it belongs to.
    pub trace: Option<TraceContext>,
}

impl<E: Engine> Clone for Dispatcher<E> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<E: Engine> Dispatcher<E> {
    /// Returns a dispatcher whose background work belongs to `tasks`.
    pub fn new(engine: E, config: Config, tasks: Tasks) -> Self {
        let places = Arc::new(Semaphore::new(config.places.get()));
        let pool = Pool::new(&config.pool);
        Self {
            shared: Arc::new(Shared {
                engine,
                config,
                places,
                registry: Registry::default(),
                counters: Counters::default(),
                pool,
                tasks,
                next_sandbox: AtomicU64::new(1),
            }),
        }
    }

    /// Returns the configuration.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Returns which engine makes the sandboxes.
    pub fn engine_kind(&self) -> EngineKind {
        self.shared.engine.kind()
    }

    /// Returns what the dispatcher has done and is doing.
    pub fn stats(&self) -> Stats {
        let Shared {
            config,
            counters,
            pool,
            ..
        } = &*self.shared;
        counters.snapshot(config.places.get(), pool.len())
    }

    /// Counts a message that could not be answered.
    pub(crate) fn count_dropped(&self) {
        self.shared.counters.dropped.add(1);
    }

    pub(crate) fn tasks(&self) -> &Tasks {
        &self.shared.tasks
    }

    /// Cancels the execution of this id if it is queued or running here.
    pub fn cancel(&self, id: &ExecutionId) -> CancelOutcome {
        self.shared.registry.interrupt(id, Interruption::Caller)
    }

    /// Tells the execution of this id that nobody reads its mailbox.
    pub(crate) fn caller_lost(&self, id: &ExecutionId) -> CancelOutcome {
        self.shared.registry.interrupt(id, Interruption::LostCaller)
    }

    /// Begins to keep the configured sandboxes ready.
    ///
    /// An image that cannot be had is logged and tried again.
    pub fn warm_up(&self) {
        let shared = &self.shared;
        let images = &shared.config.pool.images;
        if images.is_empty() {
            return;
        }
        for warm in images {
            let dispatcher = self.clone();
            let warm = warm.clone();
            let span = tracing::info_span!("pool", image = %warm.image, tag = %warm.tag);
            shared.tasks.spawn(span, async move {
                if let Some(image) = dispatcher.prepared(&warm).await {
                    let range = (warm.minimum, warm.maximum);
                    let limits = dispatcher.default_limits();
                    dispatcher.shared.pool.add(image, limits, range);
                }
            });
        }
        let dispatcher = self.clone();
        shared.tasks.spawn(Span::none(), async move {
            let Shared { pool, tasks, .. } = &*dispatcher.shared;
            pool.keep(tasks, |parts| dispatcher.start_for_pool(parts))
                .await;
        });
    }

    /// Prepares an image to keep warm, until it is to be had or the dispatcher drains.
    async fn prepared(&self, warm: &WarmImage) -> Option<Image> {
        let Shared { engine, tasks, .. } = &*self.shared;
        loop {
            let prepare = engine.prepare(
                &warm.image,
                &warm.tag,
                &run::Unreported,
                CancellationToken::new(),
            );
            let prepared = tokio::select! {
                prepared = prepare => prepared,
                // A pull may take minutes.
                () = tasks.draining() => return None,
            };
            match prepared {
                Ok(image) => return Some(image),
                Err(error) => {
                    tracing::warn!(%error, "an image to keep warm is not to be had");
                    tokio::select! {
                        () = time::sleep(Duration::from_secs(30)) => {}
                        () = tasks.draining() => return None,
                    }
                }
            }
        }
    }

    /// Starts a sandbox that is to wait. When the dispatcher drains, it is taken back
    /// before this returns.
    async fn start_for_pool(
        &self,
        (image, limits, network): SandboxSpecParts,
    ) -> Result<Option<Waiting<E::Sandbox>>, StartError> {
        let shared = &*self.shared;
        let spec = SandboxSpec {
            id: self.next_sandbox(),
            image,
            limits,
            network,
        };
        // Whoever takes it may ask for any size of value.
        let frame_bytes = frame_bytes(shared.config.bounds.result_bytes.maximum);
        let stop = shared.tasks.draining();
        match self.start(spec, frame_bytes, stop, |_phase| {}).await {
            Ok(started) => started.map(Some).map_err(|failed| failed.error),
            Err(((), _removal)) => Ok(None),
        }
    }

    /// Removes what an earlier dispatcher left on this host.
    ///
    /// # Errors
    ///
    /// Returns the first leftover that could not be removed.
    pub async fn reclaim(&self) -> Result<usize, sandbox::ReclaimError> {
        self.shared.engine.reclaim().await
    }

    /// Removes every sandbox that waits, and what the engine keeps. Call it when draining is over.
    pub async fn clear(&self) {
        self.shared.pool.clear().await;
        self.shared.engine.close().await;
    }

    /// Executes one request and reports to its mailbox. Always ends with one
    /// result, or with a mailbox that takes nothing more.
    ///
    /// # Cancellation
    ///
    /// Dropping it ends the execution without a result; the sandbox is removed
    /// in the background.
    pub async fn execute(&self, received: Received, mailbox: impl Mailbox) {
        let span = tracing::info_span!(
            "execution",
            execution.id = field::Empty,
            trace.id = field::Empty,
        );
        if let Some(trace) = &received.trace {
            span.record("trace.id", trace.trace_id());
        }
        // Boxed, for whoever keeps one for each of many places.
        Box::pin(self.execute_in(received, mailbox, &span))
            .instrument(span.clone())
            .await;
    }

    async fn execute_in(&self, received: Received, mailbox: impl Mailbox, span: &Span) {
        let Shared {
            engine,
            config,
            counters,
            registry,
            tasks,
            ..
        } = &*self.shared;
        counters.requests.add(1);
        let ledger = Ledger::open(received.at);

        let admitted = match admit(&received, config, engine) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                if let Some(id) = &refusal.id {
                    span.record("execution.id", id.as_str());
                }
                let mut reporter = self.reporter(mailbox, refusal.id, refusal.replies);
                self.refuse(&mut reporter, ledger, refusal.failure).await;
                return;
            }
        };
        span.record("execution.id", admitted.id.as_str());
        let id = Some(admitted.id.clone());
        let mut reporter = self.reporter(mailbox, id, admitted.request.replies);
        let Some(in_flight) = registry.enter(&admitted.id, admitted.request.on_caller_lost) else {
            let failure = Failure::new(
                FailureCode::DuplicateId,
                "an execution of this id is in flight",
            );
            self.refuse(&mut reporter, ledger, failure).await;
            return;
        };
        if tasks.is_draining() {
            self.refuse(&mut reporter, ledger, verdict::shutting_down())
                .await;
            return;
        }

        let accepted = EventBody::Accepted(Accepted {
            instance: config.instance.clone(),
            heartbeat_ms: u64::try_from(config.heartbeat.as_millis()).unwrap_or(u64::MAX),
        });
        if let Err(error) = reporter.report(accepted).await {
            tracing::warn!(%error, "the mailbox took no event");
            counters.undelivered.add(1);
            return;
        }

        match self.place(&mut reporter, &in_flight, &admitted.terms).await {
            Ok(place) => {
                self.occupy(place, admitted, in_flight, reporter, ledger)
                    .await;
            }
            Err(failure) => {
                let ended = Ended::before_start(failure);
                self.conclude(&mut reporter, &admitted, ledger, ended).await;
            }
        }
    }

    /// Executes a request that holds a place, and gives the place back.
    async fn occupy(
        &self,
        place: OwnedSemaphorePermit,
        admitted: Admitted,
        in_flight: InFlight,
        mut reporter: Reporter<impl Mailbox>,
        mut ledger: Ledger,
    ) {
        let counters = &self.shared.counters;
        let running = counters.running.enter();
        let run = self.run(&mut reporter, &in_flight, &admitted, &mut ledger);
        // A bug costs its own request an answer that says so, and nobody else.
        let mut ended = AssertUnwindSafe(run)
            .catch_unwind()
            .await
            .unwrap_or_else(|_panic| {
                tracing::error!("the execution panicked");
                Ended::before_start(Failure::new(
                    FailureCode::Internal,
                    "a bug in Veritech; its log has more under the execution's id",
                ))
            });

        // From here on there is nothing left to cancel.
        drop(in_flight);

        // Nothing more is read from the sandbox; it is killed while the result
        // is on its way, and the place is kept until it is gone.
        let removal = ended.sandbox.take();
        let quarantine = ended.quarantine;
        let removed = async {
            match removal {
                Some(sandbox) => self.remove(sandbox).await.is_some(),
                None => !quarantine,
            }
        };
        let (removed, ()) = tokio::join!(
            removed,
            self.conclude(&mut reporter, &admitted, ledger, ended.without_sandbox()),
        );
        drop(running);
        if !removed {
            counters.quarantined.add(1);
            place.forget();
        }
    }

    fn reporter<M: Mailbox>(
        &self,
        mailbox: M,
        id: Option<ExecutionId>,
        replies: veritech_protocol::Replies,
    ) -> Reporter<M> {
        let config = &self.shared.config;
        Reporter::new(
            mailbox,
            id,
            replies,
            config.heartbeat,
            config.publish_timeout,
        )
    }

    /// Waits for a place, as long as the request wants to.
    async fn place(
        &self,
        reporter: &mut Reporter<impl Mailbox>,
        in_flight: &InFlight,
        terms: &Terms,
    ) -> Result<OwnedSemaphorePermit, Failure> {
        let Shared {
            places,
            counters,
            tasks,
            ..
        } = &*self.shared;
        if let Ok(place) = Arc::clone(places).try_acquire_owned() {
            return Ok(place);
        }
        let _waiting = counters.waiting.enter();
        let wait = async {
            tokio::select! {
                biased;
                place = Arc::clone(places).acquire_owned() => {
                    place.map_err(|_closed| verdict::shutting_down())
                }
                interruption = in_flight.interrupted() => Err(verdict::cancelled(interruption)),
                () = tasks.draining() => Err(verdict::shutting_down()),
                () = time::sleep(terms.queue_timeout) => {
                    let waited = u64::try_from(terms.queue_timeout.as_millis()).unwrap_or(u64::MAX);
                    let failure = Failure::new(
                        FailureCode::Expired,
                        format!("no place was free within queue_timeout_ms, which is {waited}"),
                    );
                    Err(failure.with("limit_name", "queue_timeout_ms").with("limit", waited))
                }
            }
        };
        reporter.during(wait).await
    }

    /// Starts a sandbox within the configured time, unless `stop` completes
    /// before that. What was begun is gone when this returns, or said not to be.
    async fn start<Stop>(
        &self,
        spec: SandboxSpec,
        max_frame_bytes: usize,
        stop: impl Future<Output = Stop>,
        enter: impl FnMut(Phase) + Send,
    ) -> Result<Result<Waiting<E::Sandbox>, NotStarted>, (Stop, Removal)> {
        let Shared { engine, config, .. } = &*self.shared;
        let cancel = CancellationToken::new();
        let start = start(engine, spec, max_frame_bytes, cancel.clone(), enter);
        let mut start = std::pin::pin!(start);
        let stopped = tokio::select! {
            biased;
            stopped = stop => Some(stopped),
            () = time::sleep(config.start_timeout) => None,
            started = &mut start => return Ok(started),
        };
        cancel.cancel();
        let removal = match start.await {
            // It came to wait in the last moment, and nobody wants it any more.
            Ok(waiting) => match self.remove(waiting.sandbox).await {
                Some(_) => Removal::Done,
                None => Removal::Failed,
            },
            Err(NotStarted { removed: true, .. }) => Removal::Done,
            Err(NotStarted { removed: false, .. }) => Removal::Failed,
        };
        match stopped {
            Some(stopped) => Err((stopped, removal)),
            None => Ok(Err(NotStarted {
                error: StartError::Late(config.start_timeout),
                removed: removal == Removal::Done,
            })),
        }
    }

    /// Removes a sandbox; `None` if it could not be shown to be gone.
    async fn remove(&self, sandbox: E::Sandbox) -> Option<sandbox::Report> {
        use sandbox::Sandbox as _;

        let id = sandbox.id();
        let counters = &self.shared.counters;
        let begun = Instant::now();
        let destroyed = sandbox.destroy().await;
        counters.removing_us.add(ledger::micros(begun.elapsed()));
        match destroyed {
            Ok(report) => {
                counters.removed.add(1);
                Some(report)
            }
            Err(error) => {
                tracing::error!(sandbox.id = %id, %error, "a sandbox did not go away; its place is lost");
                None
            }
        }
    }

    /// Answers a request that nothing was done for.
    async fn refuse(
        &self,
        reporter: &mut Reporter<impl Mailbox>,
        ledger: Ledger,
        failure: Failure,
    ) {
        self.shared.counters.refused.add(1);
        tracing::info!(code = %failure.code, reason = ?failure.message, "request refused");
        let result = ExecutionResult {
            outcome: Outcome::Failure(failure),
            timings: ledger.close(Instant::now()),
            usage: Usage::default(),
            image_digest: None,
        };
        self.hand_over(reporter, result).await;
    }

    /// Hands over the result of a request that was taken, and keeps the books.
    async fn conclude(
        &self,
        reporter: &mut Reporter<impl Mailbox>,
        admitted: &Admitted,
        ledger: Ledger,
        ended: Ended<std::convert::Infallible>,
    ) {
        let Shared { counters, .. } = &*self.shared;
        let timings = ledger.close(Instant::now());
        let code = match &ended.outcome {
            Outcome::Failure(failure) => {
                match failure.origin {
                    Origin::User => counters.failed_user.add(1),
                    Origin::Request => counters.failed_request.add(1),
                    Origin::System => counters.failed_system.add(1),
                }
                failure.code.name()
            }
            Outcome::Value(_) | Outcome::Unset | Outcome::Parts { .. } => {
                counters.succeeded.add(1);
                "success"
            }
        };
        counters.processing_us.add(timings.total_us);
        let result = ExecutionResult {
            outcome: ended.outcome,
            timings,
            usage: ended.usage,
            image_digest: ended.image_digest,
        };
        let usage = result.usage;
        let begun = Instant::now();
        self.hand_over(reporter, result).await;
        counters.publishing_us.add(ledger::micros(begun.elapsed()));
        tracing::info!(
            kind = %admitted.request.kind,
            image = %admitted.image,
            code,
            warm = ended.warm,
            total_us = timings.total_us,
            execute_us = timings.execute_us,
            cpu_ms = usage.cpu_ms,
            "execution ended"
        );
    }

    async fn hand_over(&self, reporter: &mut Reporter<impl Mailbox>, result: ExecutionResult) {
        let (timings, usage) = (result.timings, result.usage);
        let image_digest = result.image_digest.clone();
        let Err(error) = reporter.report(EventBody::Result(result)).await else {
            return;
        };
        tracing::warn!(%error, "the result could not be delivered");
        self.shared.counters.undelivered.add(1);
        let instead = ExecutionResult {
            outcome: Outcome::Failure(Failure::new(
                FailureCode::Internal,
                "the execution has ended, but its result could not be delivered",
            )),
            timings,
            usage,
            image_digest,
        };
        if let Err(error) = reporter.report(EventBody::Result(instead)).await {
            tracing::warn!(%error, "nor could the failure that says so");
        }
    }

    fn next_sandbox(&self) -> SandboxId {
        SandboxId(self.shared.next_sandbox.fetch_add(1, Ordering::Relaxed))
    }

    /// The limits of a request that asks for none.
    fn default_limits(&self) -> Limits {
        let bounds = &self.shared.config.bounds;
        let narrow = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        Limits {
            memory_bytes: bounds.memory_bytes.default,
            cpu_millis: narrow(bounds.cpu_millis.default),
            cpu_time: Duration::from_millis(bounds.cpu_time_ms.default),
            processes: narrow(bounds.processes.default),
            disk_bytes: bounds.disk_bytes.default,
        }
    }
}

#[cfg(test)]
mod tests;
