//! Whether a failed attempt is followed by another, and when.

use std::time::Duration;

use tokio::time::Instant;
use veritech_protocol::{FailureCode, Kind};

/// Which failures are answered by another attempt.
///
/// Failures of the function or of the request never are.
///
/// # Examples
///
/// ```
/// use veritech_client::{CallOptions, Retry};
///
/// // The function only reads: it may be executed twice.
/// let options = CallOptions {
///     retry: Some(Retry::Always),
///     ..CallOptions::default()
/// };
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Retry {
    /// None.
    Never,
    /// Those of attempts in which the function was certainly not started:
    /// `no_responders`, `overloaded`, `expired`, and before `started`
    /// `shutting_down`, `image_pull_failed`, `sandbox_start_failed` and
    /// `sandbox_lost`; also `not_accepted`, but that not for actions, since
    /// the first attempt might yet start.
    #[default]
    Safe,
    /// Also those after which the function may have been executed, wholly or
    /// in part: for functions that may be executed twice.
    Always,
}

/// How long to wait between attempts: longer each time, and never quite the
/// same, so that callers who failed together do not come back together.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use veritech_client::{Backoff, Options};
///
/// let options = Options {
///     backoff: Backoff {
///         longest: Duration::from_secs(1),
///         ..Backoff::default()
///     },
///     ..Options::default()
/// };
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// The wait after the first attempt.
    pub first: Duration,
    /// What each further wait is multiplied by.
    pub factor: u32,
    /// The longest wait.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(100),
            factor: 2,
            longest: Duration::from_secs(5),
        }
    }
}

impl Backoff {
    /// The wait after attempt number `attempt`, counted from 1: between half
    /// and all of its nominal length, as `jitter` says.
    fn wait(self, attempt: u32, jitter: Jitter) -> Duration {
        let exponent = attempt.saturating_sub(1);
        let nominal = self
            .first
            .saturating_mul(self.factor.max(1).saturating_pow(exponent))
            .min(self.longest);
        let half = nominal / 2;
        half + half.mul_f64(f64::from(jitter.0) / f64::from(u32::MAX))
    }
}

/// A random number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jitter(u32);

impl Jitter {
    /// Draws one; without a source of randomness there is none.
    pub(crate) fn draw() -> Self {
        Self(getrandom::u32().unwrap_or(u32::MAX))
    }
}

/// Whether the function may have run in an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// Events are sent, and none said that it was started.
    NotStarted,
    /// It was started.
    Started,
    /// Only the result is sent, so nobody knows.
    Unknown,
}

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing: the failure stands.
    GiveUp,
    /// Another attempt.
    Again {
        /// When.
        at: Instant,
    },
}

/// What decides between attempts of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) retry: Retry,
    pub(crate) backoff: Backoff,
    pub(crate) kind: Kind,
    pub(crate) deadline: Instant,
}

impl Policy {
    /// Decides what follows the failure of attempt number `attempt`.
    pub(crate) fn judge(
        &self,
        attempt: u32,
        code: FailureCode,
        reached: Reached,
        now: Instant,
        jitter: Jitter,
    ) -> Verdict {
        let again = match self.retry {
            Retry::Never => false,
            Retry::Safe => self.is_safe(code, reached),
            Retry::Always => self.is_safe(code, reached) || may_succeed_again(code),
        };
        let at = now.checked_add(self.backoff.wait(attempt, jitter));
        match at {
            // An attempt that could only be cut short is not worth making.
            Some(at) if again && at < self.deadline => Verdict::Again { at },
            _ => Verdict::GiveUp,
        }
    }

    fn is_safe(&self, code: FailureCode, reached: Reached) -> bool {
        match code {
            // By their nature these come before the function is started.
            FailureCode::NoResponders
            | FailureCode::Overloaded
            | FailureCode::Expired
            | FailureCode::ImagePullFailed
            | FailureCode::SandboxStartFailed => reached != Reached::Started,
            // These may come at any time.
            FailureCode::ShuttingDown | FailureCode::SandboxLost => reached == Reached::NotStarted,
            FailureCode::NotAccepted => self.kind != Kind::Action,
            _ => false,
        }
    }
}

/// Whether the failure says nothing about the function and the request.
fn may_succeed_again(code: FailureCode) -> bool {
    match code {
        FailureCode::DispatcherLost | FailureCode::SequenceGap => true,
        _ => code.retryable(),
    }
}

/// Whether an attempt that failed so may still be executing, unheard.
pub(crate) fn may_still_run(code: FailureCode) -> bool {
    matches!(
        code,
        FailureCode::NotAccepted
            | FailureCode::DispatcherLost
            | FailureCode::SequenceGap
            | FailureCode::DeadlineExceeded
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(retry: Retry, kind: Kind) -> (Policy, Instant) {
        let now = Instant::now();
        let policy = Policy {
            retry,
            backoff: Backoff::default(),
            kind,
            deadline: now + Duration::from_secs(60),
        };
        (policy, now)
    }

    /// The codes after which there is another attempt.
    fn repeated(retry: Retry, kind: Kind, reached: Reached) -> Vec<&'static str> {
        let (policy, now) = policy(retry, kind);
        FailureCode::ALL
            .iter()
            .filter(|code| policy.judge(1, **code, reached, now, Jitter(0)) != Verdict::GiveUp)
            .map(|code| code.name())
            .collect()
    }

    const UNSTARTED: [&str; 8] = [
        "overloaded",
        "expired",
        "shutting_down",
        "image_pull_failed",
        "sandbox_start_failed",
        "sandbox_lost",
        "no_responders",
        "not_accepted",
    ];

    #[test]
    fn what_never_started_is_repeated() {
        let codes = repeated(Retry::Safe, Kind::Resolver, Reached::NotStarted);
        assert_eq!(codes, UNSTARTED);
    }

    #[test]
    fn an_action_that_may_yet_start_is_not_repeated() {
        let codes = repeated(Retry::Safe, Kind::Action, Reached::NotStarted);
        assert_eq!(codes, UNSTARTED[..7]);
    }

    #[test]
    fn what_was_started_is_not_repeated_unless_asked_for() {
        let codes = repeated(Retry::Safe, Kind::Resolver, Reached::Started);
        assert_eq!(codes, ["not_accepted"], "which cannot come after `started`");

        let codes = repeated(Retry::Always, Kind::Action, Reached::Started);
        for code in ["sandbox_lost", "shutting_down", "dispatcher_lost"] {
            assert!(codes.contains(&code), "{codes:?}");
        }
        for code in ["exception", "timed_out", "cancelled", "deadline_exceeded"] {
            assert!(!codes.contains(&code), "{codes:?}");
        }
    }

    #[test]
    fn without_events_only_what_cannot_have_started_is_repeated() {
        let codes = repeated(Retry::Safe, Kind::Resolver, Reached::Unknown);
        for code in ["shutting_down", "sandbox_lost"] {
            assert!(!codes.contains(&code), "{codes:?}");
        }
        assert!(codes.contains(&"overloaded"), "{codes:?}");
    }

    #[test]
    fn nothing_is_repeated_if_that_is_forbidden() {
        let codes = repeated(Retry::Never, Kind::Resolver, Reached::NotStarted);
        assert!(codes.is_empty(), "{codes:?}");
    }

    #[test]
    fn waits_grow_up_to_the_longest() {
        let backoff = Backoff::default();
        let waits = |jitter| [1, 2, 3, 7, u32::MAX].map(|n| backoff.wait(n, jitter).as_millis());
        assert_eq!(waits(Jitter(u32::MAX)), [100, 200, 400, 5000, 5000]);
        assert_eq!(waits(Jitter(0)), [50, 100, 200, 2500, 2500]);
    }

    #[test]
    fn no_attempt_is_made_past_the_deadline() {
        let (policy, now) = policy(Retry::Safe, Kind::Resolver);
        let late = now + Duration::from_millis(59_950);
        let judge = |jitter| {
            policy.judge(
                1,
                FailureCode::Overloaded,
                Reached::NotStarted,
                late,
                jitter,
            )
        };
        assert_eq!(judge(Jitter(u32::MAX)), Verdict::GiveUp);
    }
}
