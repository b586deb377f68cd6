//! Holds what a caller got against what must come of a function.

use std::fmt;

use serde_json::{Map, Value};

use super::case::{Expectation, SUCCESS, origin};

/// What no caller may ever see begins with this, and has at least
/// [`CANARY_LENGTH`] of `0-9a-z` after it.
const CANARY: &str = "VTCANARY-";
const CANARY_LENGTH: usize = 2;

/// How far the phases may be from the total: parts of it, and what rounding costs.
const TIMINGS_PART: u64 = 100;
const ROUNDING_US: u64 = 10;

/// Everything that the caller of one execution got.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The events, in the order in which they came.
    pub events: Vec<Map<String, Value>>,
    /// The numbers in their headers, where there are any.
    pub sequence: Option<Vec<usize>>,
    /// Why there is no more, where something else than the result was last.
    pub broken: Option<String>,
}

/// One way in which an answer is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It has what its caller must never see.
    Canary(String),
    /// Anything else.
    Outcome(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Canary(text) => write!(f, "canary {text}"),
            Self::Outcome(text) => f.write_str(text),
        }
    }
}

impl Answer {
    /// Returns the last event, if it is a result.
    pub fn result(&self) -> Option<&Map<String, Value>> {
        self.events.last().filter(|event| name(event) == "result")
    }

    /// Returns the outcome's name: `success`, or the code of the failure.
    pub fn outcome(&self) -> Option<&str> {
        let result = self.result()?;
        match result.get("failure") {
            Some(failure) => failure.get("code")?.as_str(),
            None => result.get("status")?.as_str(),
        }
    }
}

/// Returns every difference between what came and what must come.
pub fn judge(expected: &Expectation, answer: &Answer) -> Vec<Difference> {
    let mut wrong = Vec::new();
    envelope(answer, &mut wrong);
    if let Some(result) = answer.result() {
        timings(result, &mut wrong);
        match result.get("failure") {
            Some(failure) => failed(expected, failure, &mut wrong),
            None => succeeded(expected, answer, result, &mut wrong),
        }
    }
    output(expected, answer, &mut wrong);
    let outcomes = wrong.into_iter().map(Difference::Outcome);
    outcomes.chain(canaries(answer)).collect()
}

fn name(event: &Map<String, Value>) -> &str {
    text(event, "event")
}

fn text<'a>(event: &'a Map<String, Value>, member: &str) -> &'a str {
    event
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// One result, last; one id; numbers without gaps.
fn envelope(answer: &Answer, wrong: &mut Vec<String>) {
    if let Some(broken) = &answer.broken {
        wrong.push(broken.clone());
    }
    let results = answer
        .events
        .iter()
        .filter(|it| name(it) == "result")
        .count();
    if results != 1 {
        wrong.push(format!("{results} results"));
    }
    if answer.result().is_none() {
        wrong.push("the last event is no result".to_owned());
    }
    let ids: Vec<_> = answer.events.iter().map(|event| event.get("id")).collect();
    if ids.windows(2).any(|pair| pair.first() != pair.last()) {
        wrong.push(format!("more than one id: {ids:?}"));
    }
    if let Some(sequence) = &answer.sequence
        && !sequence.iter().copied().eq(1..=answer.events.len())
    {
        wrong.push(format!("events are numbered {sequence:?}"));
    }
}

/// The phases make up the total.
fn timings(result: &Map<String, Value>, wrong: &mut Vec<String>) {
    let Some(Value::Object(timings)) = result.get("timings") else {
        wrong.push("no timings".to_owned());
        return;
    };
    let us = |value: &Value| value.as_u64().unwrap_or_default();
    let total = timings.get("total_us").map(us).unwrap_or_default();
    let phases: u64 = timings
        .iter()
        .filter(|(name, _)| *name != "total_us")
        .map(|(_, value)| us(value))
        .sum();
    if total == 0 || phases.abs_diff(total) > ROUNDING_US.max(total / TIMINGS_PART) {
        wrong.push(format!("timings do not add up: {timings:?}"));
    }
}

fn failed(expected: &Expectation, failure: &Value, wrong: &mut Vec<String>) {
    let member = |name: &str| {
        failure
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let code = member("code");
    if !expected.outcomes.iter().any(|outcome| outcome == code) {
        wrong.push(format!(
            "{failure} instead of {}",
            expected.outcomes.join(" or ")
        ));
        return;
    }
    let whose = serde_json::to_value(origin(code)).unwrap_or_default();
    if failure.get("origin") != Some(&whose) {
        wrong.push(format!("the origin is {}: {failure}", member("origin")));
    }
    for (key, value) in &expected.details {
        let seen = failure.get("details").and_then(|details| details.get(key));
        if seen != Some(value) {
            wrong.push(format!("details have no `{key}` of {value}: {failure}"));
        }
    }
    if let Some(message) = &expected.message
        && !member("message").contains(message)
    {
        wrong.push(format!("the message has no {message:?}: {failure}"));
    }
}

fn succeeded(
    expected: &Expectation,
    answer: &Answer,
    result: &Map<String, Value>,
    wrong: &mut Vec<String>,
) {
    if !expected.may_succeed() || text(result, "status") != SUCCESS {
        let instead = expected.outcomes.join(" or ");
        wrong.push(format!(
            "{} instead of {instead}",
            Value::Object(result.clone())
        ));
        return;
    }
    let value = match (result.get("value"), result.get("parts")) {
        (Some(value), _) => Some(value.clone()),
        (None, Some(_)) => joined(answer),
        (None, None) => None,
    };
    if value != expected.value {
        let shown = |value: &Option<Value>| {
            let text = value
                .as_ref()
                .map_or_else(|| "unset".to_owned(), Value::to_string);
            text.chars().take(400).collect::<String>()
        };
        wrong.push(format!(
            "{} instead of {}",
            shown(&value),
            shown(&expected.value)
        ));
    }
}

/// Puts a value together that came in parts.
fn joined(answer: &Answer) -> Option<Value> {
    let parts = answer.events.iter().filter(|event| name(event) == "part");
    let text: String = parts.map(|part| text(part, "data")).collect();
    serde_json::from_str(&text).ok()
}

fn output(expected: &Expectation, answer: &Answer, wrong: &mut Vec<String>) {
    let outputs = answer.events.iter().filter(|event| name(event) == "output");
    let has = |part: &str| {
        outputs
            .clone()
            .any(|event| text(event, "message").contains(part))
    };
    if let Some(part) = &expected.output
        && !has(part)
    {
        wrong.push(format!("the output has no {part:?}"));
    }
    if let Some(part) = &expected.no_output
        && has(part)
    {
        wrong.push(format!("the output has {part:?}"));
    }
}

/// Returns what its caller got and must never see.
fn canaries(answer: &Answer) -> impl Iterator<Item = Difference> {
    let texts = answer
        .events
        .iter()
        .map(|event| Value::Object(event.clone()).to_string());
    texts
        .flat_map(|text| canaries_in(&text))
        .map(Difference::Canary)
}

/// Returns the canaries in any text.
pub(super) fn canaries_in(text: &str) -> Vec<String> {
    text.match_indices(CANARY)
        .filter_map(|(at, _)| {
            let rest = text.get(at + CANARY.len()..)?;
            let name: String = rest
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
                .collect();
            (name.len() >= CANARY_LENGTH).then(|| format!("{CANARY}{name}"))
        })
        .collect()
}

#[cfg(test)]
mod tests;
