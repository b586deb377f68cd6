//! What the exit code says.

use std::process::ExitCode;

use veritech_protocol::{Failure, FailureCode, Origin};

use crate::interrupt::Interrupted;
use crate::terminal;

/// How the command ended, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked: 0.
    Success,
    /// The function failed: 1.
    FunctionFailed,
    /// The command line, the configuration or the request is wrong: 2.
    Usage,
    /// The function may be fine, but could not be executed: 3.
    Infrastructure,
    /// The function ran out of time: 124, as `timeout(1)` has it.
    TimedOut,
    /// The execution was cancelled: 130, as shells have it for Ctrl-C.
    Cancelled,
    /// Nobody reads the output any more: 141, as shells have it for SIGPIPE.
    Unread,
}

/// An error that is the user's to mend: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

impl Exit {
    /// Returns the exit for an error.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        if error.chain().any(|cause| cause.is::<UsageError>()) {
            Self::Usage
        } else if error.is::<Interrupted>() {
            Self::Cancelled
        } else if terminal::is_unread(error) {
            Self::Unread
        } else {
            Self::Infrastructure
        }
    }

    /// Returns the exit for a failed execution.
    pub(crate) fn for_failure(failure: &Failure) -> Self {
        match (failure.code, failure.origin) {
            (FailureCode::TimedOut, _) => Self::TimedOut,
            (FailureCode::Cancelled, _) => Self::Cancelled,
            (_, Origin::User) => Self::FunctionFailed,
            (_, Origin::Request) => Self::Usage,
            (_, Origin::System) => Self::Infrastructure,
        }
    }

    /// Whether an error that ends so is news to the user.
    pub(crate) const fn is_worth_a_word(self) -> bool {
        !matches!(self, Self::Cancelled | Self::Unread)
    }

    /// Returns the number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::FunctionFailed => 1,
            Self::Usage => 2,
            Self::Infrastructure => 3,
            Self::TimedOut => 124,
            Self::Cancelled => 130,
            Self::Unread => 141,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
