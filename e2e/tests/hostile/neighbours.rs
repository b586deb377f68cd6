//! Innocent executions beside hostile ones.

use std::fs;

use e2e::TestEngine;
use e2e::hostile::{Case, Options, Suite, read_all};
use serde_json::json;
use testkit::tools;

/// Hostile cases beside which innocent ones are measured, with the native engine.
const HOSTILE: usize = 120;

/// Innocent executions on each runtime with nothing beside them, likewise.
const ALONE: usize = 100;

#[tokio::test]
async fn serial_innocent_executions_beside_hostile_ones_stay_correct() {
    let engine = TestEngine::current();
    let options = Options::of(engine);
    let all: Vec<Case> = read_all()
        .iter()
        .flat_map(|function| function.cases(engine))
        .collect();
    // Some of everything: the groups come one after another.
    let step = all.len().div_ceil(engine.scaled(HOSTILE)).max(1);
    let mixed: Vec<Case> = all.into_iter().step_by(step).collect();
    let suite = Box::pin(Suite::start(options)).await;

    let alone = suite.innocents_alone(engine.scaled(ALONE)).await;
    let report = Box::pin(suite.run(&mixed, options)).await;

    assert!(alone.wrong.is_empty(), "{:?}", alone.wrong);
    // What must come of the hostile ones is the business of their groups.
    let wrong = &report.innocents.wrong;
    assert!(wrong.is_empty(), "{wrong:?}");
    let beside = &report.innocents.latency;
    let figures = json!({
        "hostile": report.tally.runs,
        "alone": alone.latency.to_string(),
        "beside": beside.to_string(),
        "ratio_of_p99": beside.ratio(&alone.latency),
    });
    println!("innocents beside hostile executions: {figures:#}");
    let record = tools::target().join(format!("hostile-{engine:?}.json").to_lowercase());
    fs::write(record, format!("{figures:#}\n")).expect("the figures are recorded");
}
