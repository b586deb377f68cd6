//! Each way in which an answer can be wrong is told, and nothing else is.

use serde_json::{Value, json};

use super::*;

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

fn answer(result: Value) -> Answer {
    let mut result = object(result);
    for (key, value) in [
        ("event", json!("result")),
        ("id", json!("a")),
        (
            "timings",
            json!({"execute_us": 900, "queued_us": 95, "total_us": 1000}),
        ),
    ] {
        result.entry(key).or_insert(value);
    }
    Answer {
        events: vec![
            object(json!({"event": "accepted", "id": "a"})),
            object(json!({"event": "output", "id": "a", "message": "said"})),
            result,
        ],
        sequence: Some(vec![1, 2, 3]),
        broken: None,
    }
}

fn success(value: Value) -> Answer {
    answer(json!({"status": "success", "value": value}))
}

fn failure(code: &str, origin: &str) -> Answer {
    answer(json!({"status": "failure", "failure": {
        "code": code, "origin": origin, "message": "code 7 it was", "details": {"exit_code": 7}
    }}))
}

fn expects(outcome: &str) -> Expectation {
    Expectation {
        outcomes: vec![outcome.to_owned()],
        ..Expectation::default()
    }
}

fn expects_value(value: Value) -> Expectation {
    Expectation {
        value: Some(value),
        ..expects(SUCCESS)
    }
}

/// Asserts that there is one difference, and that it says so.
#[track_caller]
fn assert_told(expected: &Expectation, answer: &Answer, part: &str) {
    let differences = judge(expected, answer);
    let [difference] = differences.as_slice() else {
        panic!("not one difference: {differences:?}");
    };
    assert!(difference.to_string().contains(part), "{difference}");
}

#[test]
fn what_is_as_expected_has_no_difference() {
    assert_eq!(judge(&expects_value(json!([1])), &success(json!([1]))), []);
    assert_eq!(
        judge(
            &expects(SUCCESS),
            &answer(json!({"status": "success", "unset": true}))
        ),
        []
    );
    let expected = Expectation {
        details: object(json!({"exit_code": 7})),
        message: Some("code 7".to_owned()),
        output: Some("sai".to_owned()),
        no_output: Some("never".to_owned()),
        ..expects("runner_exited")
    };
    assert_eq!(judge(&expected, &failure("runner_exited", "user")), []);
    assert_eq!(
        judge(&expects("cancelled"), &failure("cancelled", "request")),
        []
    );
}

#[test]
fn another_outcome_value_or_origin_is_told() {
    assert_told(
        &expects_value(json!(1)),
        &success(json!(2)),
        "2 instead of 1",
    );
    assert_told(
        &expects_value(json!(null)),
        &answer(json!({"status": "success", "unset": true})),
        "unset",
    );
    assert_told(
        &expects("exception"),
        &success(json!(2)),
        "instead of exception",
    );
    assert_told(
        &expects("exception"),
        &failure("timed_out", "user"),
        "instead of exception",
    );
    assert_told(
        &expects("exception"),
        &failure("exception", "system"),
        "the origin is system",
    );
    assert_told(
        &expects("cancelled"),
        &failure("cancelled", "user"),
        "the origin is user",
    );
}

#[test]
fn details_message_and_output_are_looked_at() {
    let exited = failure("runner_exited", "user");
    let expected = || expects("runner_exited");
    let details = object(json!({"exit_code": 8}));
    assert_told(
        &Expectation {
            details,
            ..expected()
        },
        &exited,
        "exit_code",
    );
    let message = Some("code 8".to_owned());
    assert_told(
        &Expectation {
            message,
            ..expected()
        },
        &exited,
        "message",
    );
    let output = Some("unsaid".to_owned());
    assert_told(
        &Expectation {
            output,
            ..expected()
        },
        &exited,
        "output has no",
    );
    let no_output = Some("said".to_owned());
    assert_told(
        &Expectation {
            no_output,
            ..expected()
        },
        &exited,
        "output has",
    );
}

#[test]
fn a_second_result_another_id_and_a_gap_are_told() {
    let expected = expects_value(json!(1));
    let mut twice = success(json!(1));
    twice.events.push(twice.events[2].clone());
    twice.sequence = Some(vec![1, 2, 3, 4]);
    assert_told(&expected, &twice, "2 results");

    let mut other = success(json!(1));
    other.events[1].insert("id".to_owned(), json!("b"));
    assert_told(&expected, &other, "more than one id");

    let gap = Answer {
        sequence: Some(vec![1, 3, 4]),
        ..success(json!(1))
    };
    assert_told(&expected, &gap, "numbered");

    let late = Answer {
        broken: Some("something came after".to_owned()),
        ..success(json!(1))
    };
    assert_told(&expected, &late, "came after");
}

#[test]
fn an_answer_without_a_result_is_told() {
    let mut silent = success(json!(1));
    silent.events.pop();
    silent.sequence = None;
    let told = judge(&expects_value(json!(1)), &silent);
    assert!(
        told.contains(&Difference::Outcome("0 results".to_owned())),
        "{told:?}"
    );
}

#[test]
fn phases_that_do_not_add_up_are_told() {
    let timings = json!({"execute_us": 900, "total_us": 1000});
    let short = answer(json!({"status": "success", "value": 1, "timings": timings}));
    assert_told(&expects_value(json!(1)), &short, "add up");
}

#[test]
fn canaries_are_found_wherever_they_are_and_their_names_alone_are_none() {
    let seen = success(json!({"deep": ["it is VTCANARY-environment!"]}));
    let value = seen.events[2]["value"].clone();
    let told = judge(&expects_value(value), &seen);
    assert_eq!(
        told,
        [Difference::Canary("VTCANARY-environment".to_owned())]
    );

    let harmless = success(json!("VTCANARY- VTCANARY-x VTCANARY-XY"));
    let value = harmless.events[2]["value"].clone();
    assert_eq!(judge(&expects_value(value), &harmless), []);
}

#[test]
fn a_value_in_parts_is_put_together() {
    let mut parts = answer(json!({"status": "success", "parts": 2}));
    for (index, data) in ["[1,", "2]"].into_iter().enumerate() {
        parts.events.insert(
            2 + index,
            object(json!({"event": "part", "id": "a", "data": data})),
        );
    }
    parts.sequence = None;
    assert_eq!(judge(&expects_value(json!([1, 2])), &parts), []);
}
