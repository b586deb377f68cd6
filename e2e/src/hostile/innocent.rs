//! Executions that mean no harm, beside those that do.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::case::{Expectation, Runtime, SUCCESS};
use super::judge::{Difference, judge};
use super::measure::Spread;
use super::suite::{Called, call};
use crate::functions::echo;
use crate::wire::Wire;

/// Tells the inputs of all executions apart.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// What became of innocent executions.
#[derive(Clone, Debug, Default)]
pub struct Innocents {
    /// How long each took, from the request to the result.
    pub latency: Spread,
    /// What was wrong with them.
    pub wrong: Vec<String>,
}

impl Innocents {
    /// Executes `count` of them on each runtime, one after another.
    pub async fn alone(wire: &Wire, runtimes: &[Runtime], count: usize) -> Self {
        let mut all = Self::default();
        for runtime in runtimes.iter().cycle().take(runtimes.len() * count) {
            all.one(wire, *runtime).await;
        }
        all
    }

    /// Executes one after another until `enough` is set, and at least one.
    pub async fn until(wire: &Wire, runtime: Runtime, enough: &AtomicBool) -> Self {
        let mut all = Self::default();
        loop {
            all.one(wire, runtime).await;
            if enough.load(Ordering::Relaxed) {
                return all;
            }
        }
    }

    /// Adds others.
    pub fn extend(&mut self, other: &Self) {
        self.latency.extend(&other.latency);
        self.wrong.extend_from_slice(&other.wrong);
    }

    async fn one(&mut self, wire: &Wire, runtime: Runtime) {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // Its own caller may see this canary, nobody else.
        let inputs = json!({ "number": number, "secret": "VTCANARY-neighbour" });
        let Called { answer, took, .. } = call(wire, &echo(runtime.image(), &inputs), false).await;
        self.latency.add(took);
        let differences = judge(&expected(inputs), &answer);
        self.wrong.extend(
            differences
                .iter()
                .filter_map(|difference| match difference {
                    Difference::Outcome(text) => {
                        Some(format!("innocent on {}: {text}", runtime.name()))
                    }
                    Difference::Canary(_) => None,
                }),
        );
    }
}

fn expected(value: Value) -> Expectation {
    Expectation {
        outcomes: vec![SUCCESS.to_owned()],
        value: Some(value),
        ..Expectation::default()
    }
}
