//! Limits that were hit though nobody outside saw it.
//!
//! The kernel tells the engine whom it killed for want of memory, and the engine
//! looks how full the scratch space is. But a language runtime that knows its
//! limit gives up by itself: V8 aborts when collecting garbage helps no more, and
//! QuickJS throws where the kernel refuses an allocation; and files that have no
//! name any more are gone with the process that filled the disk with them. All of
//! that comes out of the sandbox, and is believed only as far as the figures from
//! outside, the way in which the limit is enforced, or the kernel's own words bear
//! it out. Whoever forges it gets one failure of its own in place of another.

use sandbox::{Limit, LimitHit, Mechanism, Report};
use serde_json::Value;
use veritech_protocol::{FrameOutcome, RunnerFailure};

use super::{Demands, End};

/// The signals by which runtimes end themselves: SIGILL and SIGTRAP (V8 in Deno),
/// SIGABRT (V8 in Node.js, and C libraries).
const ABORTS: [u64; 3] = [4, 5, 6];

/// What a shell adds to a signal's number to make an exit code of it.
const SIGNALLED: u64 = 128;

/// What a write to a full file system fails with, in the words of every language
/// that passes the C library's on (`strerror(3)` of `ENOSPC`).
const DISK_FULL: &str = "no space left on device";

/// Returns the limits that the end and the figures say were hit.
pub(super) fn hits(end: &End, report: &Report, demands: Demands<'_>) -> Vec<LimitHit> {
    let End::Claimed(FrameOutcome::Failure(claim)) = end else {
        return Vec::new();
    };
    let hits = [memory(claim, report, demands), disk(claim, demands)];
    hits.into_iter().flatten().collect()
}

fn disk(claim: &RunnerFailure, demands: Demands<'_>) -> Option<LimitHit> {
    let told = claim.code == "exception" && claim.message.to_lowercase().contains(DISK_FULL);
    told.then_some(LimitHit {
        limit: Limit::Disk,
        allowed: demands.terms.disk_bytes,
        measured: None,
    })
}

fn memory(claim: &RunnerFailure, report: &Report, demands: Demands<'_>) -> Option<LimitHit> {
    let allowed = demands.terms.memory_bytes;
    let peak = report.memory_peak_bytes;
    let nearly_all = allowed / 4 * 3;
    let gave_up = is_abort(claim) && peak.is_some_and(|peak| peak >= nearly_all);
    let refused = demands.memory_enforced_by == Mechanism::Rlimit && is_refused_allocation(claim);
    (gave_up || refused).then_some(LimitHit {
        limit: Limit::Memory,
        allowed,
        measured: peak,
    })
}

fn is_abort(claim: &RunnerFailure) -> bool {
    let figure = |name| claim.details.get(name).and_then(Value::as_u64);
    let signal = figure("signal").or_else(|| figure("exit_code")?.checked_sub(SIGNALLED));
    claim.code == "runner_exited" && signal.is_some_and(|signal| ABORTS.contains(&signal))
}

fn is_refused_allocation(claim: &RunnerFailure) -> bool {
    let is = |name, expected| claim.details.get(name).and_then(Value::as_str) == Some(expected);
    claim.code == "exception" && is("class", "InternalError") && is("message", "out of memory")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use veritech_protocol::{
        Bounds, FailureCode, Kind, Outcome, RemoteFunctionRequest, ResponseType, Terms,
    };

    use super::*;
    use crate::verdict::judge;

    fn terms() -> Terms {
        let request = RemoteFunctionRequest::new(Kind::Resolver, "a", "");
        Bounds::default().grant(&request).expect("granted")
    }

    fn code(
        (claimed, message): (&str, &str),
        details: Value,
        share_used: u64,
        memory_enforced_by: Mechanism,
    ) -> FailureCode {
        let terms = terms();
        let end = End::Claimed(FrameOutcome::Failure(RunnerFailure {
            code: claimed.to_owned(),
            message: message.to_owned(),
            details: serde_json::from_value(details).expect("an object"),
        }));
        let report = Report {
            memory_peak_bytes: Some(terms.memory_bytes / 100 * share_used),
            ..Report::default()
        };
        let demands = Demands {
            kind: Kind::Resolver,
            response_type: ResponseType::Any,
            terms: &terms,
            memory_enforced_by,
        };
        match judge(end, &report, Duration::ZERO, demands).outcome {
            Outcome::Failure(failure) => failure.code,
            other => panic!("no failure: {other:?}"),
        }
    }

    #[test]
    fn a_runtime_that_aborts_with_its_memory_used_up_is_out_of_memory() {
        for details in [
            json!({"signal": 6}),
            json!({"exit_code": 134}),
            json!({"signal": 5}),
        ] {
            let with = |share| {
                code(
                    ("runner_exited", "aborted"),
                    details.clone(),
                    share,
                    Mechanism::CgroupV1,
                )
            };
            assert_eq!(with(90), FailureCode::OutOfMemory, "{details}");
            assert_eq!(with(20), FailureCode::RunnerExited, "{details}");
        }
    }

    #[test]
    fn any_other_exit_is_what_it_is() {
        for details in [
            json!({"exit_code": 1}),
            json!({"exit_code": -1}),
            json!({"signal": 9}),
            json!({}),
        ] {
            let code = code(
                ("runner_exited", "ended"),
                details.clone(),
                99,
                Mechanism::CgroupV1,
            );
            assert_eq!(code, FailureCode::RunnerExited, "{details}");
        }
    }

    #[test]
    fn an_allocation_that_the_kernel_refuses_is_out_of_memory_where_that_is_the_limit() {
        let thrown = json!({"class": "InternalError", "message": "out of memory"});
        let with = |by| code(("exception", "out of memory"), thrown.clone(), 1, by);
        assert_eq!(with(Mechanism::Rlimit), FailureCode::OutOfMemory);
        assert_eq!(with(Mechanism::CgroupV2), FailureCode::Exception);
        let other = json!({"class": "Error", "message": "out of memory"});
        let other = code(("exception", "out of memory"), other, 1, Mechanism::Rlimit);
        assert_eq!(other, FailureCode::Exception);
    }

    #[test]
    fn a_write_that_found_the_disk_full_is_told_though_it_is_empty_again() {
        for message in [
            "Error: ENOSPC: no space left on device, write",
            "OSError: [Errno 28] No space left on device",
        ] {
            let with = |claimed| code((claimed, message), json!({}), 1, Mechanism::CgroupV1);
            assert_eq!(with("exception"), FailureCode::DiskFull, "{message}");
            assert_eq!(with("syntax_error"), FailureCode::SyntaxError, "{message}");
        }
    }
}
