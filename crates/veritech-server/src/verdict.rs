//! What an execution's result is, given how it ended and what was seen of it.
//!
//! A pure decision: no clock, no socket. What the sandbox claims is believed
//! only as its own function's outcome; time, limits and cancellation are decided
//! by what the dispatcher and the engine saw from outside.

mod unseen;

use std::time::Duration;

use cyclone_client::SessionError;
use sandbox::{Ending, Limit, LimitHit, Mechanism, Report};
use serde_json::{Map, Value};
use veritech_protocol::{
    Failure, FailureCode, FrameOutcome, Kind, Outcome, ResponseType, RunnerFailure, Terms, json,
};

use crate::registry::Interruption;

/// The deepest nesting of a value.
const MAX_VALUE_DEPTH: usize = 128;

/// The most bytes of details that a sandbox can put into a failure.
const MAX_DETAILS_BYTES: usize = 32 * 1024;

/// How the session with a sandbox ended.
#[derive(Debug)]
pub(crate) enum End {
    /// The sandbox said how its function ended.
    Claimed(FrameOutcome),
    /// The session broke off.
    Broken(SessionError),
    /// The sandbox ended first.
    Gone(Ending),
    /// Time was up.
    TimedOut,
    /// The execution was to end.
    Interrupted(Interruption),
    /// The dispatcher is stopping.
    ShuttingDown,
}

/// What the result must be checked against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demands<'a> {
    pub(crate) kind: Kind,
    pub(crate) response_type: ResponseType,
    pub(crate) terms: &'a Terms,
    /// What held the sandbox to its memory.
    pub(crate) memory_enforced_by: Mechanism,
}

/// The result, and when it may be told.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    /// Whether nothing of the sandbox may run any more when the result is told.
    pub(crate) after_end: bool,
}

/// Judges an execution that took `elapsed`, of which `report` was seen.
pub(crate) fn judge(end: End, report: &Report, elapsed: Duration, demands: Demands<'_>) -> Verdict {
    let mut hits = report.hits.clone();
    hits.extend(unseen::hits(&end, report, demands));
    let hit = first_hit(&hits);
    match end {
        End::Interrupted(interruption) => ended(cancelled(interruption)),
        End::ShuttingDown => ended(shutting_down()),
        End::TimedOut => ended(timed_out(elapsed, demands.terms)),
        End::Gone(Ending::LimitExceeded(exceeded)) => ended(exceeded_limit(
            first_hit(&[&[exceeded], &*hits].concat()).unwrap_or(exceeded),
        )),
        // Whoever lost it may not be able to prove for long that it is gone.
        End::Gone(Ending::Lost(reason)) => told(Outcome::Failure(Failure::new(
            FailureCode::SandboxLost,
            reason,
        ))),
        End::Gone(Ending::Exited(_) | Ending::Signalled(_)) | End::Broken(_) if hit.is_some() => {
            ended(hit.map_or_else(broken_off, exceeded_limit))
        }
        End::Claimed(FrameOutcome::Failure(claim)) => match hit {
            Some(hit) => ended(exceeded_limit(hit)),
            None => told(Outcome::Failure(believed(claim, demands.terms))),
        },
        End::Claimed(FrameOutcome::Value(value)) => told(checked(value, demands)),
        End::Claimed(FrameOutcome::Unset) => {
            let checked = demands.kind.check(demands.response_type, None);
            told(checked.map_or_else(
                |error| Outcome::Failure(invalid(error)),
                |()| Outcome::Unset,
            ))
        }
        End::Gone(Ending::Exited(code)) => told(Outcome::Failure(
            Failure::new(
                FailureCode::RunnerExited,
                format!("the sandbox ended with exit code {code} and without a result"),
            )
            .with("exit_code", code),
        )),
        End::Gone(Ending::Signalled(signal)) => told(Outcome::Failure(
            Failure::new(
                FailureCode::RunnerExited,
                format!("the sandbox was ended by signal {signal}"),
            )
            .with("signal", signal),
        )),
        End::Broken(error) => told(Outcome::Failure(session_failure(&error, demands.terms))),
    }
}

/// The failure of an execution that was cancelled.
pub(crate) fn cancelled(interruption: Interruption) -> Failure {
    let (by, message) = match interruption {
        Interruption::Caller => ("caller", "the execution was cancelled"),
        Interruption::LostCaller => (
            "lost_caller",
            "the execution was cancelled because nobody reads its mailbox",
        ),
    };
    Failure::new(FailureCode::Cancelled, message).with("by", by)
}

/// The failure of an execution that the dispatcher's end cut short.
pub(crate) fn shutting_down() -> Failure {
    Failure::new(
        FailureCode::ShuttingDown,
        "the dispatcher is stopping; another one will take the request",
    )
}

fn ended(failure: Failure) -> Verdict {
    Verdict {
        outcome: Outcome::Failure(failure),
        after_end: true,
    }
}

fn told(outcome: Outcome) -> Verdict {
    Verdict {
        outcome,
        after_end: false,
    }
}

/// The hit that explains the most, of several.
fn first_hit(hits: &[LimitHit]) -> Option<LimitHit> {
    let rank = |hit: &&LimitHit| match hit.limit {
        Limit::Memory => 0,
        Limit::CpuTime => 1,
        Limit::Processes => 2,
        Limit::Disk => 3,
        // Being slowed down is no failure.
        Limit::Cpu => 4,
    };
    hits.iter()
        .filter(|hit| hit.limit != Limit::Cpu)
        .min_by_key(rank)
        .copied()
}

fn exceeded_limit(hit: LimitHit) -> Failure {
    let LimitHit {
        limit,
        allowed,
        measured,
    } = hit;
    let (code, what) = match limit {
        Limit::Memory => (FailureCode::OutOfMemory, "memory"),
        Limit::CpuTime | Limit::Cpu => (FailureCode::CpuExhausted, "processor time"),
        Limit::Processes => (FailureCode::TooManyProcesses, "processes"),
        Limit::Disk => (FailureCode::DiskFull, "disk space"),
    };
    let failure = Failure::new(
        code,
        format!("the function ran out of {what}: {limit} is {allowed}"),
    )
    .with("limit_name", limit.name())
    .with("limit", allowed);
    match measured {
        Some(measured) => failure.with("measured", measured),
        None => failure,
    }
}

fn timed_out(elapsed: Duration, terms: &Terms) -> Failure {
    let limit = millis(terms.timeout);
    Failure::new(
        FailureCode::TimedOut,
        format!("the function ran for longer than timeout_ms, which is {limit}"),
    )
    .with("limit_name", "timeout_ms")
    .with("limit", limit)
    .with("measured", millis(elapsed))
}

/// What a sandbox's claim is worth.
fn believed(claim: RunnerFailure, terms: &Terms) -> Failure {
    let RunnerFailure {
        code,
        message,
        details,
    } = claim;
    let code = match code.as_str() {
        "syntax_error" => FailureCode::SyntaxError,
        "exception" => FailureCode::Exception,
        "invalid_handler" => FailureCode::InvalidHandler,
        "invalid_result" => FailureCode::InvalidResult,
        "runner_exited" => FailureCode::RunnerExited,
        "result_too_large" => {
            return too_large(details.get("bytes").and_then(Value::as_u64), terms);
        }
        "protocol_error" => FailureCode::ProtocolError,
        _ => {
            return Failure::new(
                FailureCode::ProtocolError,
                "the sandbox claimed a failure that it cannot know of",
            );
        }
    };
    let mut failure = Failure::new(code, message);
    failure.details = bounded(details);
    failure
}

/// Drops details that are larger than anything a runner has to say.
fn bounded(details: Map<String, Value>) -> Map<String, Value> {
    let bytes = serde_json::to_string(&details).map_or(usize::MAX, |text| text.len());
    if bytes > MAX_DETAILS_BYTES {
        return Map::new();
    }
    details
}

fn checked(value: Box<veritech_protocol::RawValue>, demands: Demands<'_>) -> Outcome {
    let bytes = u64::try_from(value.get().len()).unwrap_or(u64::MAX);
    if bytes > demands.terms.result_bytes {
        return Outcome::Failure(too_large(Some(bytes), demands.terms));
    }
    if json::deeper_than(value.get(), MAX_VALUE_DEPTH) {
        return Outcome::Failure(
            Failure::new(
                FailureCode::InvalidResult,
                format!("the value is nested more than {MAX_VALUE_DEPTH} levels deep"),
            )
            .with("type", "too_deep"),
        );
    }
    if json::has_lone_surrogate(value.get()) {
        return Outcome::Failure(
            Failure::new(
                FailureCode::InvalidResult,
                "the value contains a lone surrogate, which is no text",
            )
            .with("type", "lone_surrogate"),
        );
    }
    match demands.kind.check(demands.response_type, Some(&value)) {
        Ok(()) => Outcome::Value(value),
        Err(error) => Outcome::Failure(invalid(error)),
    }
}

fn invalid(error: veritech_protocol::InvalidResult) -> Failure {
    Failure::new(FailureCode::InvalidResult, error.problem).with("path", error.path)
}

fn too_large(bytes: Option<u64>, terms: &Terms) -> Failure {
    let failure = Failure::new(
        FailureCode::ResultTooLarge,
        format!(
            "the value is larger than result_bytes, which is {}",
            terms.result_bytes
        ),
    )
    .with("limit_name", "result_bytes")
    .with("limit", terms.result_bytes);
    match bytes {
        Some(bytes) => failure.with("measured", bytes),
        None => failure,
    }
}

fn session_failure(error: &SessionError, terms: &Terms) -> Failure {
    if let SessionError::Oversized { bytes, .. } = error {
        return too_large(u64::try_from(*bytes).ok(), terms);
    }
    if error.is_protocol_violation() {
        return Failure::new(FailureCode::ProtocolError, error.to_string());
    }
    broken_off()
}

fn broken_off() -> Failure {
    Failure::new(
        FailureCode::RunnerExited,
        "the sandbox ended the session without a result",
    )
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use veritech_protocol::{Bounds, Origin, RawValue, RemoteFunctionRequest};

    const HIT: LimitHit = LimitHit {
        limit: Limit::Memory,
        allowed: 100,
        measured: Some(101),
    };

    fn terms() -> Terms {
        let request = RemoteFunctionRequest::new(Kind::Resolver, "a", "");
        Bounds::default().grant(&request).expect("granted")
    }

    fn failure(end: End, hits: &[LimitHit]) -> (Failure, bool) {
        let terms = terms();
        let demands = Demands {
            kind: Kind::Resolver,
            response_type: ResponseType::Integer,
            terms: &terms,
            memory_enforced_by: Mechanism::CgroupV1,
        };
        let report = Report {
            hits: hits.to_vec(),
            ..Report::default()
        };
        let verdict = judge(end, &report, Duration::from_secs(1), demands);
        match verdict.outcome {
            Outcome::Failure(failure) => (failure, verdict.after_end),
            other => panic!("no failure: {other:?}"),
        }
    }

    fn claim(code: &str) -> End {
        End::Claimed(FrameOutcome::Failure(RunnerFailure {
            code: code.to_owned(),
            message: "says the sandbox".to_owned(),
            details: Map::new(),
        }))
    }

    #[test]
    fn a_sandbox_is_believed_about_its_function_and_nothing_else() {
        for code in FailureCode::ALL {
            let (failure, _) = failure(claim(code.name()), &[]);
            assert_eq!(failure.origin, Origin::User, "{code}");
            assert!(!failure.retryable, "{code}");
        }
        assert_eq!(
            failure(claim("exception"), &[]).0.code,
            FailureCode::Exception
        );
        assert_eq!(
            failure(claim("timed_out"), &[]).0.code,
            FailureCode::ProtocolError
        );
        assert_eq!(
            failure(claim("internal"), &[]).0.code,
            FailureCode::ProtocolError
        );
    }

    #[test]
    fn a_limit_explains_a_failure_but_not_a_success() {
        let (failed, after_end) = failure(claim("exception"), &[HIT]);
        assert_eq!(failed.code, FailureCode::OutOfMemory);
        assert!(after_end);
        assert_eq!(failed.details.get("measured"), Some(&Value::from(101)));

        let terms = terms();
        let demands = Demands {
            kind: Kind::Resolver,
            response_type: ResponseType::Any,
            terms: &terms,
            memory_enforced_by: Mechanism::CgroupV1,
        };
        let value = RawValue::from_string("1".to_owned()).expect("JSON");
        let end = End::Claimed(FrameOutcome::Value(value));
        let report = Report {
            hits: vec![HIT],
            ..Report::default()
        };
        let verdict = judge(end, &report, Duration::ZERO, demands);
        assert!(matches!(verdict.outcome, Outcome::Value(_)), "{verdict:?}");
    }

    #[test]
    fn what_the_dispatcher_decides_wins_over_every_limit() {
        let cancelled = End::Interrupted(Interruption::Caller);
        assert_eq!(failure(cancelled, &[HIT]).0.code, FailureCode::Cancelled);
        assert_eq!(failure(End::TimedOut, &[HIT]).0.code, FailureCode::TimedOut);
        assert_eq!(
            failure(End::ShuttingDown, &[HIT]).0.code,
            FailureCode::ShuttingDown
        );
    }

    #[test]
    fn of_several_limits_memory_is_named_first() {
        let processes = LimitHit {
            limit: Limit::Processes,
            ..HIT
        };
        let slowed = LimitHit {
            limit: Limit::Cpu,
            ..HIT
        };
        let end = || End::Gone(Ending::Exited(1));
        assert_eq!(
            failure(end(), &[processes, HIT]).0.code,
            FailureCode::OutOfMemory
        );
        assert_eq!(
            failure(end(), &[processes]).0.code,
            FailureCode::TooManyProcesses
        );
        assert_eq!(failure(end(), &[slowed]).0.code, FailureCode::RunnerExited);
    }

    #[test]
    fn a_sandbox_that_ends_early_is_the_functions_doing_unless_the_engine_lost_it() {
        assert_eq!(
            failure(End::Gone(Ending::Exited(3)), &[]).0.code,
            FailureCode::RunnerExited
        );
        let lost = End::Gone(Ending::Lost("the daemon is gone".to_owned()));
        assert_eq!(failure(lost, &[]).0.code, FailureCode::SandboxLost);
    }

    #[test]
    fn a_value_of_the_wrong_type_or_size_is_never_passed_on() {
        let value = |json: String| {
            End::Claimed(FrameOutcome::Value(
                RawValue::from_string(json).expect("JSON"),
            ))
        };
        let wrong = failure(value("\"text\"".to_owned()), &[]);
        assert_eq!(wrong.0.code, FailureCode::InvalidResult);
        let large = failure(value(format!("\"{}\"", "x".repeat(2 << 20))), &[]);
        assert_eq!(large.0.code, FailureCode::ResultTooLarge);
        let deep = failure(
            value(format!("{}{}", "[".repeat(129), "]".repeat(129))),
            &[],
        );
        assert_eq!(deep.0.code, FailureCode::InvalidResult);
        let half = failure(value("\"\\ud800\"".to_owned()), &[]);
        assert_eq!(half.0.code, FailureCode::InvalidResult);
        assert_eq!(half.0.details.get("type"), Some(&"lone_surrogate".into()));
    }
}
