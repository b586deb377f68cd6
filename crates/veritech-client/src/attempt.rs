//! What the events of one attempt mean: a state machine without clock, socket
//! or task.
//!
//! ```text
//!             accepted            started
//!  published ──────────▶ accepted ───────▶ started
//!      │ accept timeout      │ silence        │ silence
//!      ▼                     ▼                ▼
//!  not_accepted       dispatcher_lost   dispatcher_lost      result: ended, from anywhere
//! ```
//!
//! Under `replies: result` nothing but the result comes, so that neither
//! silence nor numbering says anything: only the call's deadline ends it.

use std::time::Duration;

use tokio::time::Instant;
use veritech_protocol::{
    Event, EventBody, EventError, ExecutionId, ExecutionResult, Failure, FailureCode, Outcome,
    RawValue, Replies,
};

use crate::outcome::{FoundBy, Report};
use crate::parts::{Parts, PartsError};
use crate::retry::Reached;

/// How many heartbeats may be missing.
const SILENT_HEARTBEATS: u32 = 3;

/// Bounds on what a dispatcher says about its heartbeats: one of none at all
/// would be lost at once, one of a day never.
const HEARTBEAT: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(60));

/// One attempt, from the publication of its request on.
#[derive(Debug)]
pub(crate) struct Attempt {
    id: ExecutionId,
    replies: Replies,
    accept_timeout: Duration,
    phase: Phase,
    last_sequence: u64,
    last_heard: Instant,
    parts: Parts,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Published,
    Accepted { silence: Duration },
    Started { silence: Duration },
}

/// What a message turned out to be.
#[derive(Debug)]
pub(crate) enum Step {
    /// An event that is not the last.
    Event(Event),
    /// The end.
    Ended(Ending),
}

/// How an attempt ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The function returned a value, or nothing. The event says the same.
    Returned {
        json: Option<Box<RawValue>>,
        report: Box<Report>,
        event: Event,
    },
    /// It failed.
    Failed {
        failure: Failure,
        found_by: FoundBy,
        report: Box<Report>,
    },
}

impl Attempt {
    pub(crate) fn new(
        id: ExecutionId,
        replies: Replies,
        accept_timeout: Duration,
        max_value_bytes: usize,
        now: Instant,
    ) -> Self {
        Self {
            id,
            replies,
            accept_timeout,
            phase: Phase::Published,
            last_sequence: 0,
            last_heard: now,
            parts: Parts::new(max_value_bytes),
        }
    }

    /// Whether the function may have run.
    pub(crate) fn reached(&self) -> Reached {
        match (self.replies, self.phase) {
            (Replies::Result, _) => Reached::Unknown,
            (Replies::Events, Phase::Started { .. }) => Reached::Started,
            (Replies::Events, Phase::Published | Phase::Accepted { .. }) => Reached::NotStarted,
        }
    }

    /// When [`tick`](Self::tick) has something to say, if nothing comes before.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let patience = match (self.replies, self.phase) {
            (Replies::Result, _) => return None,
            (Replies::Events, Phase::Published) => self.accept_timeout,
            (Replies::Events, Phase::Accepted { silence } | Phase::Started { silence }) => silence,
        };
        self.last_heard.checked_add(patience)
    }

    /// Ends the attempt if nothing was heard for too long.
    pub(crate) fn tick(&self, now: Instant) -> Option<Ending> {
        if self.wake_at().is_none_or(|at| now < at) {
            return None;
        }
        Some(found(match self.phase {
            Phase::Published => {
                let limit_ms = milliseconds(self.accept_timeout);
                let message = format!("no dispatcher took the request within {limit_ms} ms");
                Failure::new(FailureCode::NotAccepted, message).with("limit_ms", limit_ms)
            }
            Phase::Accepted { silence } | Phase::Started { silence } => {
                let limit_ms = milliseconds(silence);
                let message = format!(
                    "nothing was heard of the dispatcher for {SILENT_HEARTBEATS} heartbeats ({limit_ms} ms)"
                );
                Failure::new(FailureCode::DispatcherLost, message)
                    .with("limit_ms", limit_ms)
                    .with("last_sequence", self.last_sequence)
            }
        }))
    }

    /// Takes what came instead of an event: nobody serves the subject.
    pub(crate) fn no_responders() -> Ending {
        found(Failure::new(
            FailureCode::NoResponders,
            "no dispatcher has a free place, or none is there",
        ))
    }

    /// Takes an event and its number.
    pub(crate) fn receive(
        &mut self,
        sequence: Option<&str>,
        event: Result<Event, EventError>,
        now: Instant,
    ) -> Step {
        match self.step(sequence, event, now) {
            Ok(step) => step,
            Err(failure) => Step::Ended(found(failure)),
        }
    }

    fn step(
        &mut self,
        sequence: Option<&str>,
        event: Result<Event, EventError>,
        now: Instant,
    ) -> Result<Step, Failure> {
        if self.replies == Replies::Events {
            self.count(sequence)?;
        }
        let event = event.map_err(|error| violation("malformed_event", error.to_string()))?;
        self.check_id(&event)?;
        self.last_heard = now;
        match &event.body {
            EventBody::Accepted(accepted) => {
                let (shortest, longest) = HEARTBEAT;
                let heartbeat = Duration::from_millis(accepted.heartbeat_ms);
                let silence = heartbeat.clamp(shortest, longest) * SILENT_HEARTBEATS;
                match self.phase {
                    Phase::Published => self.phase = Phase::Accepted { silence },
                    Phase::Accepted { .. } | Phase::Started { .. } => return Err(untimely(&event)),
                }
            }
            EventBody::Started(_) => match self.phase {
                Phase::Accepted { silence } => self.phase = Phase::Started { silence },
                Phase::Published | Phase::Started { .. } => return Err(untimely(&event)),
            },
            EventBody::Part(part) => {
                self.expect_accepted(&event)?;
                self.parts.push(part)?;
            }
            EventBody::Output(_) | EventBody::Progress(_) | EventBody::Heartbeat => {
                self.expect_accepted(&event)?;
            }
            // Of a later version of the protocol: for whoever understands it.
            EventBody::Unknown(_) => {}
            EventBody::Result(result) => {
                let result = result.clone();
                return self.end(event, result).map(Step::Ended);
            }
        }
        Ok(Step::Event(event))
    }

    /// Checks that no event is missing and none came twice.
    fn count(&mut self, sequence: Option<&str>) -> Result<(), Failure> {
        let expected = self.last_sequence.saturating_add(1);
        let found = sequence
            .and_then(|number| number.parse::<u64>().ok())
            .ok_or_else(|| violation("unnumbered_event", "an event came without its number"))?;
        if found != expected {
            let message = format!("event {found} came where event {expected} was due");
            return Err(Failure::new(FailureCode::SequenceGap, message)
                .with("expected", expected)
                .with("found", found));
        }
        self.last_sequence = found;
        Ok(())
    }

    /// Checks that the event speaks of this execution. Only the refusal of a
    /// request that could not be read speaks of none.
    fn check_id(&self, event: &Event) -> Result<(), Failure> {
        let is_refusal = || {
            matches!(
                &event.body,
                EventBody::Result(ExecutionResult {
                    outcome: Outcome::Failure(_),
                    ..
                })
            )
        };
        match &event.id {
            Some(id) if *id == self.id => Ok(()),
            None if is_refusal() => Ok(()),
            Some(_) | None => Err(violation(
                "foreign_event",
                "an event of another execution came to this mailbox",
            )),
        }
    }

    fn expect_accepted(&self, event: &Event) -> Result<(), Failure> {
        match self.phase {
            Phase::Published => Err(untimely(event)),
            Phase::Accepted { .. } | Phase::Started { .. } => Ok(()),
        }
    }

    fn end(&mut self, event: Event, result: ExecutionResult) -> Result<Ending, Failure> {
        let ExecutionResult {
            outcome,
            timings,
            usage,
            image_digest,
        } = result;
        let report = Box::new(Report {
            timings,
            usage,
            image_digest,
        });
        let json = match outcome {
            Outcome::Value(json) => Some(json),
            Outcome::Unset => None,
            Outcome::Parts { parts, sha256 } => {
                // Nothing is read after the result, so the parts are not missed.
                let received = std::mem::replace(&mut self.parts, Parts::new(0));
                Some(received.finish(parts, &sha256)?)
            }
            Outcome::Failure(failure) => {
                return Ok(Ending::Failed {
                    failure,
                    found_by: FoundBy::Dispatcher,
                    report,
                });
            }
        };
        Ok(Ending::Returned {
            json,
            report,
            event,
        })
    }
}

/// Returns the ending that the client itself found.
pub(crate) fn found(failure: Failure) -> Ending {
    Ending::Failed {
        failure,
        found_by: FoundBy::Client,
        report: Box::default(),
    }
}

/// Returns the failure of a dispatcher that does not keep to the protocol.
pub(crate) fn violation(kind: &str, message: impl Into<String>) -> Failure {
    Failure::new(FailureCode::Internal, message).with("violation", kind)
}

fn untimely(event: &Event) -> Failure {
    let message = format!("the event `{}` came out of turn", event.body.name());
    violation("untimely_event", message)
}

impl From<PartsError> for Failure {
    fn from(error: PartsError) -> Self {
        let message = error.to_string();
        match error {
            PartsError::TooLarge { bytes, limit } => {
                Self::new(FailureCode::ResultTooLarge, message)
                    .with("bytes", bytes)
                    .with("limit", limit)
            }
            PartsError::OutOfOrder { .. }
            | PartsError::Empty(_)
            | PartsError::Count { .. }
            | PartsError::Digest
            | PartsError::NotJson(_) => violation("broken_parts", message),
        }
    }
}

/// For messages and details.
pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
