//! Carries out a call: opens mailboxes, publishes, waits, tries again.
//!
//! ```text
//!            ┌──────────── again ─────────────┐
//!            ▼                                │
//!  Waiting ──▶ publish ──▶ Listening ──▶ attempt ended ──▶ Done
//! ```
//!
//! Each attempt has a mailbox of its own, so that what is left of an earlier
//! one is never read. It runs within whoever polls it; there is no task.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::time::{self, Instant};
use veritech_protocol::{Event, EventBody, Failure, FailureCode, RemoteFunctionRequest, headers};

use crate::attempt::{Attempt, Ending, Step, found, milliseconds};
use crate::call::Shared;
use crate::control;
use crate::options::{CallOptions, Options};
use crate::outcome::{CallError, CallResult, FoundBy};
use crate::retry::{Jitter, Policy, Reached, Verdict, may_still_run};
use crate::transport::{Connection, Delivery, Mailbox, SendError};

/// How long a closing cancellation may wait for the connection to take it.
const FAREWELL: Duration = Duration::from_millis(100);

/// As good as never: instants have an end.
const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// What a driver has to say.
pub(crate) enum Emission {
    /// An event that is not the last.
    Event(Event),
    /// The last event, and the outcome of the call.
    Ended {
        event: Event,
        outcome: Result<CallResult, CallError>,
    },
}

/// A call being carried out.
pub(crate) struct Driver {
    connection: Connection,
    options: Arc<Options>,
    request: RemoteFunctionRequest,
    keeps_id: bool,
    call_options: CallOptions,
    policy: Policy,
    shared: Arc<Shared>,
    last_failure: Option<FailureCode>,
    state: State,
}

enum State {
    /// An attempt is due.
    Waiting { at: Instant },
    /// An attempt is under way.
    Listening(Listening),
    /// The result has been said.
    Done,
}

struct Listening {
    attempt: Attempt,
    mailbox: Mailbox,
}

/// How an attempt ended, and what that means for another.
struct Concluded {
    ending: Ending,
    reached: Reached,
    prospect: Prospect,
}

/// Whether another attempt could be different.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prospect {
    /// As the policy says.
    Open,
    /// It could not.
    None,
}

impl Driver {
    pub(crate) fn new(
        connection: Connection,
        options: Arc<Options>,
        request: RemoteFunctionRequest,
        call_options: CallOptions,
        shared: Arc<Shared>,
    ) -> Self {
        let now = Instant::now();
        let patience = call_options.deadline;
        let patience = patience.unwrap_or_else(|| options.patience(&request));
        let policy = Policy {
            retry: call_options.retry.unwrap_or(options.retry),
            backoff: options.backoff,
            kind: request.kind,
            deadline: now + patience.min(FAR_FUTURE),
        };
        Self {
            keeps_id: request.id.is_some(),
            connection,
            options,
            request,
            call_options,
            policy,
            shared,
            last_failure: None,
            state: State::Waiting { at: now },
        }
    }

    /// Returns the events of the call.
    pub(crate) fn into_stream(self) -> impl Stream<Item = Emission> + Send {
        stream::unfold(self, |mut driver| async move {
            let emission = driver.next().await?;
            Some((emission, driver))
        })
    }

    async fn next(&mut self) -> Option<Emission> {
        loop {
            let concluded = match mem::replace(&mut self.state, State::Done) {
                State::Waiting { at } => match self.publish(at).await {
                    Ok(listening) => {
                        self.state = State::Listening(listening);
                        continue;
                    }
                    Err(concluded) => concluded,
                },
                State::Listening(mut listening) => match self.listen(&mut listening).await {
                    Ok(event) => {
                        self.state = State::Listening(listening);
                        return Some(Emission::Event(event));
                    }
                    Err(concluded) => concluded,
                },
                State::Done => return None,
            };
            if let Some(last) = self.conclude(concluded).await {
                return Some(last);
            }
        }
    }

    /// Waits until the attempt is due, and makes it.
    async fn publish(&mut self, at: Instant) -> Result<Listening, Concluded> {
        tokio::select! {
            biased;
            () = self.shared.cancelled().cancelled() => {
                let message = "the call was cancelled while no dispatcher had it";
                let failure = Failure::new(FailureCode::Cancelled, message);
                return Err(Concluded::unsent(failure.with("by", "caller")));
            }
            () = until_due(at) => {}
        }
        let (id, _) = self.shared.begin(self.keeps_id);
        self.request.id = Some(id.clone());
        let text = encode(&self.request).map_err(Concluded::unsent)?;

        let now = Instant::now();
        let accept_timeout = self.options.accept_timeout.min(FAR_FUTURE);
        let until = self.policy.deadline.min(now + accept_timeout);
        match time::timeout_at(until, self.send(text)).await {
            Ok(Ok(mailbox)) => {
                let attempt = Attempt::new(
                    id,
                    self.request.replies,
                    accept_timeout,
                    self.options.max_value_bytes,
                    now,
                );
                Ok(Listening { attempt, mailbox })
            }
            Ok(Err(error)) => Err(Concluded::unsent(unsendable(&error))),
            Err(_) => {
                let message = "the connection to NATS did not take the request in time";
                let failure = Failure::new(FailureCode::NotAccepted, message);
                let ending = found(failure.with("limit_ms", milliseconds(until - now)));
                Err(Concluded::attempted(ending, Reached::NotStarted))
            }
        }
    }

    async fn send(&self, text: String) -> Result<Mailbox, SendError> {
        let mailbox = self
            .connection
            .open(self.options.inbox_prefix.draw())
            .await?;
        let CallOptions { trace, tenant, .. } = &self.call_options;
        let trace = trace.iter().flat_map(|trace| trace.headers());
        let tenant = tenant.iter().map(|tenant| tenant.header());
        let subject = self.options.subjects.function(self.request.kind);
        let payload = Bytes::from(text);
        self.connection
            .publish(subject, Some(&mailbox), trace.chain(tenant), payload)
            .await?;
        Ok(mailbox)
    }

    /// Waits for the next event of the attempt under way.
    async fn listen(&mut self, listening: &mut Listening) -> Result<Event, Concluded> {
        let Listening { attempt, mailbox } = listening;
        let deadline = self.policy.deadline;
        loop {
            let wake_at = attempt.wake_at().map_or(deadline, |at| at.min(deadline));
            // What has come counts before what has not: a caller who was slow
            // to poll finds the result and not a silence.
            let delivery = tokio::select! {
                biased;
                delivery = mailbox.next(headers::SEQUENCE) => Some(delivery),
                () = time::sleep_until(wake_at) => None,
            };
            let now = Instant::now();
            let ending = match delivery {
                None => attempt.tick(now),
                Some(None) => {
                    let message = "the connection to NATS was closed";
                    let failure = Failure::new(FailureCode::DispatcherLost, message);
                    return Err(Concluded {
                        ending: found(failure),
                        reached: attempt.reached(),
                        prospect: Prospect::None,
                    });
                }
                Some(Some(Delivery::NoResponders)) => Some(Attempt::no_responders()),
                Some(Some(Delivery::Message { header, payload })) => {
                    let event = Event::decode(&payload, self.options.max_event_bytes);
                    match attempt.receive(header.as_deref(), event, now) {
                        Step::Event(event) if now < deadline => {
                            self.repeat_cancellation(&event).await;
                            return Ok(event);
                        }
                        Step::Event(_) => None,
                        Step::Ended(ending) => Some(ending),
                    }
                }
            };
            let late = || (now >= deadline).then(|| found(self.deadline_exceeded()));
            if let Some(ending) = ending.or_else(late) {
                return Err(Concluded::attempted(ending, attempt.reached()));
            }
        }
    }

    /// Cancels once more what was cancelled before a dispatcher had it.
    async fn repeat_cancellation(&self, event: &Event) {
        let accepted = matches!(event.body, EventBody::Accepted(_));
        if accepted && self.shared.cancelled().is_cancelled() {
            self.cancel_unheard().await;
        }
    }

    /// Decides what follows; returns the end of the call if nothing does.
    async fn conclude(&mut self, concluded: Concluded) -> Option<Emission> {
        let Concluded {
            ending,
            reached,
            prospect,
        } = concluded;
        let id = self.shared.id();
        let attempts = self.shared.attempts();
        match ending {
            Ending::Returned {
                json,
                report,
                event,
            } => Some(Emission::Ended {
                event,
                outcome: Ok(CallResult {
                    id,
                    attempts,
                    json,
                    report,
                }),
            }),
            Ending::Failed {
                failure,
                found_by,
                report,
            } => {
                let code = failure.code;
                let wanted = prospect == Prospect::Open && !self.shared.cancelled().is_cancelled();
                let verdict = if wanted {
                    let now = Instant::now();
                    self.policy
                        .judge(attempts, code, reached, now, Jitter::draw())
                } else {
                    Verdict::GiveUp
                };
                if found_by == FoundBy::Client && must_be_ended(code, verdict) {
                    self.cancel_unheard().await;
                }
                self.last_failure = Some(code);
                if let Verdict::Again { at } = verdict {
                    tracing::debug!(execution.id = %id, attempts, %code, "the call is repeated");
                    self.state = State::Waiting { at };
                    return None;
                }
                let error = CallError {
                    failure,
                    found_by,
                    id,
                    attempts,
                    report,
                };
                Some(Emission::Ended {
                    event: error.clone().into_event(),
                    outcome: Err(error),
                })
            }
        }
    }

    /// Ends what nobody will listen to, as far as the connection allows.
    async fn cancel_unheard(&self) {
        let id = self.shared.id();
        let cancel = control::cancel_unheard(&self.connection, &self.options.subjects, &id);
        match time::timeout(FAREWELL, cancel).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => {
                tracing::debug!(execution.id = %id, "the execution could not be cancelled");
            }
        }
    }

    fn deadline_exceeded(&self) -> Failure {
        let message = "the call was not over by its deadline";
        let failure = Failure::new(FailureCode::DeadlineExceeded, message);
        match self.last_failure {
            Some(code) => failure.with("last_failure", code.name()),
            None => failure,
        }
    }
}

impl Concluded {
    fn attempted(ending: Ending, reached: Reached) -> Self {
        Self {
            ending,
            reached,
            prospect: Prospect::Open,
        }
    }

    /// Nothing was sent, and the next time it would be the same.
    fn unsent(failure: Failure) -> Self {
        Self {
            ending: found(failure),
            reached: Reached::NotStarted,
            prospect: Prospect::None,
        }
    }
}

/// Waits for an instant. The runtime's timers count milliseconds and would wait for the next even
/// where the instant has come.
async fn until_due(at: Instant) {
    if at > Instant::now() {
        time::sleep_until(at).await;
    }
}

/// Whether an attempt that the client gave up is to be ended.
///
/// One that was taken and then lost from sight is left alone unless another
/// takes its place: half an action is worse than a whole one.
fn must_be_ended(code: FailureCode, verdict: Verdict) -> bool {
    may_still_run(code)
        && (verdict != Verdict::GiveUp
            || matches!(
                code,
                FailureCode::NotAccepted | FailureCode::DeadlineExceeded
            ))
}

/// Writes the request, unless it is wrong in a way that can be known here.
fn encode(request: &RemoteFunctionRequest) -> Result<String, Failure> {
    request.validate().map_err(Failure::from)?;
    request
        .encode()
        .map_err(|error| Failure::new(FailureCode::InvalidRequest, error.to_string()))
}

fn unsendable(error: &SendError) -> Failure {
    let message = error.to_string();
    match error {
        SendError::TooLarge { bytes, limit } => Failure::new(FailureCode::RequestTooLarge, message)
            .with("bytes", *bytes)
            .with("limit", *limit),
        SendError::Closed(_) => Failure::new(FailureCode::NoResponders, message),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn an_attempt_that_is_due_is_made_at_once() {
        assert_eq!(until_due(Instant::now()).now_or_never(), Some(()));
        let later = Instant::now() + FAR_FUTURE;
        assert_eq!(until_due(later).now_or_never(), None);
    }
}
