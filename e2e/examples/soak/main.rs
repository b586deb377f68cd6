//! Measures what takes too long for a test: `cargo xtask soak`.
//!
//! Two figures, each with what must hold along with it:
//!
//! - **cancelling**: from asking to hearing `cancelled`, for functions that make
//!   it hard, on a machine that does nothing else; nothing of the sandbox is alive
//!   then;
//! - **soak**: a mix of functions that end in every way, many at once: one result
//!   for each execution, the right one, memory of the dispatcher that stays level,
//!   and nothing left.
//!
//! Times are printed and not judged. What must hold fails the program.
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::panic,
    reason = "a program that measures prints what it measured, and ends where it cannot"
)]

mod cancelling;
mod mix;

use std::process::ExitCode;
use std::time::Duration;

/// How long a host may take to come to rest.
const REST: Duration = Duration::from_secs(15);

#[tokio::main]
async fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|argument| {
        argument
            .parse::<usize>()
            .unwrap_or_else(|_| panic!("`{argument}` is no number"))
    });
    let mut number = |name: &str| {
        numbers
            .next()
            .unwrap_or_else(|| panic!("usage: soak EXECUTIONS AT_ONCE CANCELLATIONS; no {name}"))
    };
    let executions = number("EXECUTIONS");
    let at_once = number("AT_ONCE");
    let cancellations = number("CANCELLATIONS");

    let mut wrong = Vec::new();
    if cancellations > 0 {
        wrong.extend(cancelling::measure(cancellations).await);
    }
    if executions > 0 {
        wrong.extend(mix::soak(executions, at_once).await);
    }
    for what in &wrong {
        println!("WRONG: {what}");
    }
    if wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
