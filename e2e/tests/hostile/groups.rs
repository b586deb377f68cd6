//! Every function of a group, many at once, with innocent ones beside them.

use e2e::TestEngine;
use e2e::hostile::{Case, GROUPS, Options, Suite, read_all};

/// How many functions there must be in all, and in each group.
const FUNCTIONS: usize = 120;
const IN_EACH_GROUP: usize = 5;

/// Asserts that a group comes to nothing.
async fn comes_to_nothing(group: &str) {
    let engine = TestEngine::current();
    let options = Options::of(engine);
    let cases: Vec<Case> = read_all()
        .iter()
        .filter(|function| function.group == group)
        .zip(0_usize..)
        .flat_map(|(function, number)| of_runtimes(function.cases(engine), engine, number))
        .collect();
    let suite = Box::pin(Suite::start(options)).await;

    let report = Box::pin(suite.run(&cases, options)).await;

    assert!(report.is_clean(), "of {} cases:\n{report}", cases.len());
}

/// Returns a function on each of its runtimes; on one in turn where each execution
/// takes a hundred times as long.
fn of_runtimes(mut cases: Vec<Case>, engine: TestEngine, number: usize) -> Vec<Case> {
    match engine {
        TestEngine::Docker if !cases.is_empty() => vec![cases.swap_remove(number % cases.len())],
        _ => cases,
    }
}

macro_rules! groups {
    ($($test:ident: $group:literal,)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                Box::pin(comes_to_nothing($group)).await;
            }
        )+

        #[test]
        fn every_group_is_run() {
            assert_eq!([$($group),+], GROUPS);
        }
    };
}

groups! {
    serial_forging_the_protocol_comes_to_nothing: "forging",
    serial_tampering_with_the_language_comes_to_nothing: "tampering",
    serial_every_way_to_end_or_to_hang_is_told_as_what_it_is: "exits",
    serial_using_up_what_there_is_ends_at_its_limit: "resources",
    serial_odd_values_are_returned_whole_or_refused: "values",
    serial_code_that_does_not_load_is_told_as_what_it_is: "loading",
    serial_reaching_out_of_the_sandbox_comes_to_nothing: "access",
    serial_nothing_outlives_its_execution: "cleanup",
    serial_nothing_crosses_from_one_execution_to_the_next: "crossing",
}

#[test]
fn there_are_enough_functions_for_this_engine_and_in_each_group() {
    let engine = TestEngine::current();
    let functions: Vec<_> = read_all()
        .into_iter()
        .filter(|function| !function.cases(engine).is_empty())
        .collect();
    assert!(functions.len() >= FUNCTIONS, "{}", functions.len());
    for group in GROUPS {
        let count = functions
            .iter()
            .filter(|function| function.group == group)
            .count();
        assert!(count >= IN_EACH_GROUP, "{group}: {count}");
    }
}
