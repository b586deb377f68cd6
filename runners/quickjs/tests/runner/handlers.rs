//! Which export is called, and with what.

use serde_json::json;

use crate::harness::{failure, function, value};

#[test]
fn the_default_export_is_called() {
    assert_eq!(value("export default function f() { return 1 }"), "1");
    assert_eq!(value("export default async () => 2"), "2");
    assert_eq!(value("const f = () => 3; export { f as default }"), "3");
}

#[test]
fn an_export_called_handler_stands_in_for_the_default_one() {
    assert_eq!(value("export const handler = () => 1"), "1");
    assert_eq!(
        value("export const handler = () => 1; export default () => 2"),
        "2"
    );
}

#[test]
fn the_export_that_was_asked_for_is_called() {
    let code = "export const other = () => 1; export default () => 2";
    assert_eq!(function(code).with("handler", "other").run().value(), "1");
}

#[test]
fn a_missing_export_is_told_with_those_there_are() {
    let failure = failure("export const one = 1, two = 2");
    assert_eq!(failure["code"], "invalid_handler");
    assert_eq!(
        failure["details"],
        json!({"handler": "default", "found": "undefined", "exports": ["one", "two"]})
    );
}

#[test]
fn an_export_that_cannot_be_called_is_told_with_its_type() {
    assert_eq!(failure("export default 5")["details"]["found"], "number");
    assert_eq!(failure("export default null")["details"]["found"], "object");
}

#[test]
fn inputs_come_as_they_were_sent() {
    let inputs =
        json!({"z": [1, 2.5, -1e300], "a": {"__proto__": {"x": null}}, "é😀": "\u{10ffff}\u{0}"});
    let echoed = function("export default (inputs) => inputs")
        .with("inputs", inputs.clone())
        .run();
    assert_eq!(echoed.result()["value"], inputs);
}

#[test]
fn absent_inputs_are_an_empty_object() {
    let report = function("export default (inputs) => inputs")
        .with("inputs", json!(null))
        .run();
    assert_eq!(report.value(), "{}");
}

#[test]
fn the_context_is_frozen_and_tells_the_execution() {
    let code = "export default (_, context) => [context, Object.isFrozen(context)]";
    assert_eq!(
        value(code),
        r#"[{"id":"test","kind":"resolver","deadline":1700000000000},true]"#
    );
}

#[test]
fn the_environment_is_there_before_the_code_loads() {
    let report =
        function("const { A, __proto__ } = process.env; export default () => [A, __proto__]")
            .with("env", json!({"A": "1", "__proto__": "2"}))
            .run();
    assert_eq!(report.value(), r#"["1","2"]"#);
}

#[test]
fn top_level_await_works() {
    let code = "const v = await new Promise((resolve) => setTimeout(resolve, 1, 7)); export default () => v";
    assert_eq!(value(code), "7");
}

#[test]
fn anything_with_a_then_method_is_awaited() {
    assert_eq!(
        value("export default () => ({ then(resolve) { resolve(9) } })"),
        "9"
    );
}

#[test]
fn another_language_is_refused() {
    let report = function("export default () => 1")
        .with("language", "typescript")
        .run();
    let failure = report.failure();
    assert_eq!(failure["code"], "exception");
    assert!(failure["message"].to_string().contains("typescript"));
}
