//! Runs an admitted request that holds a place.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cyclone_client::{Rate, Session, SessionError};
use sandbox::{
    Ending, Engine, Image, Limits, PrepareError, Progress, Report, Sandbox, SandboxSpec,
};
use tokio::sync::mpsc;
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;
use veritech_protocol::{
    EventBody, Execution, Failure, FailureCode, Frame, Network, Outcome, Started, Usage,
};

use super::admission::{Admitted, check_language, image_failure};
use super::{Dispatcher, Removal, Shared};
use crate::ledger::{Ledger, Phase};
use crate::mailbox::Mailbox;
use crate::output::OutputBudget;
use crate::registry::InFlight;
use crate::reporter::Reporter;
use crate::verdict::{self, Demands, End, judge};
use crate::waiting::{NotStarted, Waiting, frame_bytes};

/// How long a sandbox that has ended may still be read from.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How far two clocks may differ on when time was up.
const CLOCK_TOLERANCE: Duration = Duration::from_millis(10);

/// How many times slower a sandbox is read whose output nobody gets any more.
const UNWANTED: u64 = 20;

/// How an execution ended, and what is still to be removed.
#[derive(Debug)]
pub(super) struct Ended<S> {
    pub(super) outcome: Outcome,
    pub(super) usage: Usage,
    pub(super) image_digest: Option<String>,
    pub(super) warm: bool,
    /// Still there: to be removed while the result is handed over.
    pub(super) sandbox: Option<S>,
    /// Was to be removed, and did not go.
    pub(super) quarantine: bool,
}

impl<S> Ended<S> {
    /// An execution that ended before it had a sandbox.
    pub(super) fn before_start(failure: Failure) -> Self {
        Self {
            outcome: Outcome::Failure(failure),
            usage: Usage::default(),
            image_digest: None,
            warm: false,
            sandbox: None,
            quarantine: false,
        }
    }

    /// The same with nothing to remove.
    pub(super) fn without_sandbox(self) -> Ended<std::convert::Infallible> {
        Ended {
            outcome: self.outcome,
            usage: self.usage,
            image_digest: self.image_digest,
            warm: self.warm,
            sandbox: None,
            quarantine: self.quarantine,
        }
    }
}

/// Hears of progress that nobody waits for.
pub(super) struct Unreported;

impl Progress for Unreported {
    fn advance(&self, _phase: sandbox::Phase, _done: u64, _total: u64) {}
}

/// Passes progress on, as far as it is listened to: a figure that finds the
/// channel full is replaced by a later one anyway.
struct Reported(mpsc::Sender<veritech_protocol::Progress>);

impl Progress for Reported {
    fn advance(&self, phase: sandbox::Phase, done: u64, total: u64) {
        let phase = match phase {
            sandbox::Phase::Pulling => veritech_protocol::Phase::Pulling,
            sandbox::Phase::Unpacking => veritech_protocol::Phase::Unpacking,
            sandbox::Phase::Starting => veritech_protocol::Phase::Starting,
        };
        drop(
            self.0
                .try_send(veritech_protocol::Progress { phase, done, total }),
        );
    }
}

impl<E: Engine> Dispatcher<E> {
    /// Runs a request up to its verdict.
    pub(super) async fn run(
        &self,
        reporter: &mut Reporter<impl Mailbox>,
        in_flight: &InFlight,
        admitted: &Admitted,
        ledger: &mut Ledger,
    ) -> Ended<E::Sandbox> {
        ledger.enter(Phase::Image, Instant::now());
        let image = match self.image(reporter, in_flight, admitted).await {
            Ok(image) => image,
            Err(failure) => return Ended::before_start(failure),
        };
        ledger.enter(Phase::Sandbox, Instant::now());
        let image_digest = image.digest.clone();
        let (waiting, warm) = match self
            .sandbox(reporter, in_flight, admitted, &image, ledger)
            .await
        {
            Ok(waiting) => waiting,
            Err((failure, removal)) => {
                let mut ended = Ended::before_start(failure);
                ended.image_digest = image_digest;
                ended.quarantine = removal == Removal::Failed;
                return ended;
            }
        };

        ledger.enter(Phase::Execute, Instant::now());
        let Waiting {
            mut sandbox,
            mut session,
        } = waiting;
        let started = self.started(&sandbox, &image, warm);
        let mut output = OutputBudget::new(admitted.terms.output_bytes);
        let begun = Instant::now();
        let end = match reporter.report(started).await {
            Ok(()) => {
                let execution = execution(admitted);
                let relay = Relay {
                    reporter,
                    output: &mut output,
                    rate: self.shared.config.output_rate,
                };
                self.attend(
                    relay,
                    in_flight,
                    &mut sandbox,
                    &mut session,
                    &execution,
                    admitted,
                )
                .await
            }
            Err(error) => {
                tracing::warn!(%error, "the mailbox took no event");
                End::Interrupted(crate::registry::Interruption::LostCaller)
            }
        };
        ledger.enter(Phase::HandOver, Instant::now());

        let mut report = sandbox.report().await;
        let demands = Demands {
            kind: admitted.request.kind,
            response_type: admitted.request.response_type,
            terms: &admitted.terms,
            memory_enforced_by: self.shared.engine.enforcement(&image).memory,
        };
        let verdict = judge(end, &report, begun.elapsed(), demands);
        if verdict.after_end {
            reporter.during(sandbox.end()).await;
            report = sandbox.report().await;
        }
        Ended {
            outcome: verdict.outcome,
            usage: usage(&report, &output),
            image_digest,
            warm,
            sandbox: Some(sandbox),
            quarantine: false,
        }
    }

    /// Prepares the image, reporting progress.
    async fn image(
        &self,
        reporter: &mut Reporter<impl Mailbox>,
        in_flight: &InFlight,
        admitted: &Admitted,
    ) -> Result<Image, Failure> {
        let Shared { engine, config, .. } = &*self.shared;
        let (progress, mut advances) = mpsc::channel(16);
        let progress = Reported(progress);
        let (name, tag) = (admitted.image.image(), admitted.image.tag());
        let prepare = engine.prepare(name, tag, &progress, CancellationToken::new());
        let mut prepare = std::pin::pin!(time::timeout(config.image_timeout, prepare));
        let mut stopped = std::pin::pin!(self.stopped(in_flight));
        let prepared = loop {
            let step = async {
                tokio::select! {
                    biased;
                    prepared = &mut prepare => Step::Prepared(prepared),
                    failure = &mut stopped => Step::Stopped(failure),
                    Some(advance) = advances.recv() => Step::Advanced(advance),
                }
            };
            match reporter.during(step).await {
                Step::Prepared(Ok(prepared)) => break prepared,
                Step::Prepared(Err(_elapsed)) => {
                    return Err(Failure::new(
                        FailureCode::ImagePullFailed,
                        format!("the image was not ready within {:?}", config.image_timeout),
                    ));
                }
                Step::Stopped(end) => return Err(stop_failure(end)),
                Step::Advanced(advance) => {
                    if let Err(error) = reporter.report(EventBody::Progress(advance)).await {
                        tracing::debug!(%error, "progress not sent");
                    }
                }
            }
        };
        let image = prepared.map_err(|error| {
            tracing::warn!(error = ?error_chain(&error), "image not prepared");
            image_failure(&error, &admitted.image)
        })?;
        check_language(admitted.request.language, &image.languages, &admitted.image)?;
        Ok(image)
    }

    /// Takes a waiting sandbox or starts one; says which.
    async fn sandbox(
        &self,
        reporter: &mut Reporter<impl Mailbox>,
        in_flight: &InFlight,
        admitted: &Admitted,
        image: &Image,
        ledger: &mut Ledger,
    ) -> Result<(Waiting<E::Sandbox>, bool), (Failure, Removal)> {
        let Shared { pool, counters, .. } = &*self.shared;
        let terms = &admitted.terms;
        let spec = SandboxSpec {
            id: self.next_sandbox(),
            image: image.clone(),
            limits: Limits {
                memory_bytes: terms.memory_bytes,
                cpu_millis: terms.cpu_millis,
                cpu_time: terms.cpu_time,
                processes: terms.processes,
                disk_bytes: terms.disk_bytes,
            },
            network: match admitted.request.network {
                Network::None => sandbox::Network::None,
                Network::Egress => sandbox::Network::Egress,
            },
        };
        if let Some(waiting) = pool.take(&spec) {
            counters.warm_starts.add(1);
            return Ok((waiting, true));
        }
        counters.cold_starts.add(1);
        let started = self.start(
            spec,
            frame_bytes(terms.result_bytes),
            self.stopped(in_flight),
            |phase| ledger.enter(phase, Instant::now()),
        );
        match reporter.during(started).await {
            Ok(Ok(waiting)) => Ok((waiting, false)),
            Ok(Err(NotStarted { error, removed })) => {
                tracing::warn!(error = ?error_chain(&error), "sandbox did not start");
                let removal = if removed {
                    Removal::Done
                } else {
                    Removal::Failed
                };
                Err((Failure::from(&error), removal))
            }
            Err((end, removal)) => Err((stop_failure(end), removal)),
        }
    }

    fn started(&self, sandbox: &E::Sandbox, image: &Image, warm: bool) -> EventBody {
        let engine = &self.shared.engine;
        let enforced: BTreeMap<_, _> = engine
            .enforcement(image)
            .table()
            .map(|(limit, mechanism)| (limit.name().to_owned(), mechanism.name().to_owned()))
            .collect();
        EventBody::Started(Started {
            sandbox: sandbox.id().to_string(),
            engine: engine.kind().to_string(),
            warm,
            enforced,
        })
    }

    /// Executes the function and attends to everything that can end it.
    async fn attend(
        &self,
        relay: Relay<'_, impl Mailbox>,
        in_flight: &InFlight,
        sandbox: &mut E::Sandbox,
        session: &mut Session<<E::Sandbox as Sandbox>::Stream>,
        execution: &Execution,
        admitted: &Admitted,
    ) -> End {
        let terms = &admitted.terms;
        session.limit_frames(frame_bytes(terms.result_bytes));
        session.limit_rate(relay.rate);
        let deadline = Instant::now() + terms.timeout;
        let broken = tokio::select! {
            // What comes out of the sandbox is looked at last: a flood of it
            // uses up the task's budget, after which no timer is seen to have
            // run out.
            biased;
            end = self.stopped(in_flight) => return end,
            () = time::sleep_until(deadline) => return End::TimedOut,
            ending = last_words(sandbox) => return End::Gone(ending),
            end = relay.run(session, execution) => match end {
                End::Broken(error) if !error.is_protocol_violation() => error,
                end => return end,
            },
        };
        // Cyclone's own timer ends a session without a word.
        if Instant::now() + CLOCK_TOLERANCE >= deadline {
            return End::TimedOut;
        }
        // A session breaks before the engine can tell why the sandbox is gone.
        match time::timeout(LAST_WORDS, sandbox.ended()).await {
            Ok(ending) => End::Gone(ending),
            Err(_elapsed) => End::Broken(broken),
        }
    }

    /// Waits until the execution is to end before it is done.
    async fn stopped(&self, in_flight: &InFlight) -> End {
        tokio::select! {
            biased;
            interruption = in_flight.interrupted() => End::Interrupted(interruption),
            () = self.shared.tasks.aborting() => End::ShuttingDown,
        }
    }
}

/// What can happen while an image is prepared.
enum Step {
    Prepared(Result<Result<Image, PrepareError>, time::error::Elapsed>),
    Stopped(End),
    Advanced(veritech_protocol::Progress),
}

/// Passes on what the function writes.
struct Relay<'a, M> {
    reporter: &'a mut Reporter<M>,
    output: &'a mut OutputBudget,
    rate: Rate,
}

impl<M: Mailbox> Relay<'_, M> {
    /// Sends the execution down and relays frames until the last one.
    async fn run<S>(self, session: &mut Session<S>, execution: &Execution) -> End
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        let Self {
            reporter,
            output,
            rate,
        } = self;
        if let Err(error) = reporter.during(session.execute(execution)).await {
            return End::Broken(error);
        }
        loop {
            match reporter.during(session.next()).await {
                Ok(Some(Frame::Output(written))) => {
                    let was_truncated = output.truncated();
                    for admitted in output.admit(written) {
                        if let Err(error) = reporter.report(EventBody::Output(admitted)).await {
                            tracing::warn!(%error, "output was not delivered");
                            output.lose();
                        }
                    }
                    if output.truncated() && !was_truncated {
                        // A cyclone of ours sends next to nothing after this;
                        // one that goes on is read to see its end, not for it.
                        session.limit_rate(rate.divided_by(UNWANTED));
                    }
                }
                Ok(Some(Frame::Result(outcome))) => return End::Claimed(outcome),
                Ok(Some(Frame::Ready)) => {
                    return End::Broken(SessionError::OutOfOrder {
                        what: "a second `ready`",
                    });
                }
                Ok(None) => {
                    return End::Broken(SessionError::Closed {
                        code: None,
                        reason: String::new(),
                    });
                }
                Err(error) => return End::Broken(error),
            }
        }
    }
}

/// Waits until the sandbox has ended, and for what it still has to say.
async fn last_words(sandbox: &mut impl Sandbox) -> Ending {
    let ending = sandbox.ended().await;
    if matches!(ending, Ending::Exited(_) | Ending::Signalled(_)) {
        time::sleep(LAST_WORDS).await;
    }
    ending
}

fn execution(admitted: &Admitted) -> Execution {
    let Admitted {
        id, request, terms, ..
    } = admitted;
    let timeout_ms = u64::try_from(terms.timeout.as_millis()).unwrap_or(u64::MAX);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    Execution {
        id: id.clone(),
        kind: request.kind,
        code: request.code.clone(),
        language: request.language,
        handler: request.handler.clone(),
        inputs: request.inputs.clone(),
        env: request.env.clone(),
        deadline: now_ms.saturating_add(timeout_ms),
        timeout_ms,
        output_bytes: terms.output_bytes,
        result_bytes: terms.result_bytes,
    }
}

fn stop_failure(end: End) -> Failure {
    match end {
        End::Interrupted(interruption) => verdict::cancelled(interruption),
        End::ShuttingDown | End::Claimed(_) | End::Broken(_) | End::Gone(_) | End::TimedOut => {
            verdict::shutting_down()
        }
    }
}

fn usage(report: &Report, output: &OutputBudget) -> Usage {
    Usage {
        cpu_ms: u64::try_from(report.cpu_time.as_millis()).unwrap_or(u64::MAX),
        memory_peak_bytes: report.memory_peak_bytes,
        output_bytes: output.written(),
        output_truncated: output.truncated(),
    }
}

/// An error with all of its causes, for the log.
fn error_chain(error: &dyn std::error::Error) -> String {
    let mut chain = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        chain.push_str(": ");
        chain.push_str(&error.to_string());
        cause = error.source();
    }
    chain
}
