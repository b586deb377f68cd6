//! One list of scenarios, passed by every client library: the one in Rust, the one in
//! TypeScript on Node.js and on Deno, the one in Python.
//!
//! ```text
//!  scenario ── driver ──▶ client library ──▶ nats-server ──▶ `veritech serve`
//!           ◀─ events, outcome ─
//! ```
//!
//! A driver is a small program of the library's own language that makes one call and
//! tells what comes of it, as lines of JSON.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod driver;
mod in_process;
mod outcome;
mod program;
mod scenarios;

macro_rules! scenarios {
    ($($scenario:ident,)+) => {
        scenarios! { @of rust Rust: $($scenario,)+ }
        scenarios! { @of node Node: $($scenario,)+ }
        scenarios! { @of deno Deno: $($scenario,)+ }
        scenarios! { @of python Python: $($scenario,)+ }
    };
    (@of $module:ident $driver:ident: $($scenario:ident,)+) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $scenario() {
                    let driver = crate::driver::Driver::$driver;
                    Box::pin(crate::scenarios::$scenario(driver)).await;
                }
            )+
        }
    };
}

scenarios! {
    a_value_comes_back,
    nothing_comes_back_as_unset,
    every_kind_of_value_survives,
    events_stream_in_order,
    an_exception_is_told_with_its_place,
    a_syntax_error_is_told_with_its_place,
    a_function_that_takes_too_long_is_told_as_timed_out,
    a_call_is_cancelled_while_it_runs,
    a_large_value_comes_in_parts,
    a_value_that_the_client_does_not_want_that_large_is_refused,
    a_request_over_the_servers_limit_is_refused_unsent,
    an_invalid_request_is_refused_by_field,
    without_a_dispatcher_attempts_are_made_until_the_deadline,
    a_killed_dispatcher_is_noticed,
    a_call_ends_at_its_deadline_and_so_does_its_execution,
    a_call_that_was_refused_is_repeated,
    only_the_result_comes_if_that_is_asked_for,
    what_ran_is_repeated_only_if_asked_for,
}
