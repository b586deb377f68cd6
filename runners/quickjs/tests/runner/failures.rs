//! What is told of code that does not parse, throws, or never ends.

use serde_json::json;

use crate::harness::{evaluated, failure, function, value};

#[test]
fn a_syntax_error_has_its_position_in_the_callers_source() {
    let failure = failure("export default () => {\n  let é😀 = 1; let x = = 2;\n}");
    assert_eq!(failure["code"], "syntax_error");
    let message = failure["message"].as_str().expect("text");
    assert!(message.starts_with("SyntaxError: "), "{message}");
}

#[test]
fn columns_count_utf16_code_units() {
    let syntax = failure("let s = 'é😀'; let x = = 2");
    assert_eq!(syntax["details"], json!({"line": 1, "column": 24}));

    let thrown = failure("export default () => { let s = 'é😀'; throw Error('x') }");
    assert_eq!(thrown["details"]["stack"], "at default (function.js:1:44)");
}

#[test]
fn a_syntax_error_at_run_time_is_an_exception() {
    let failure = failure("export default () => JSON.parse('{')");
    assert_eq!(failure["code"], "exception");
    assert_eq!(failure["details"]["class"], "SyntaxError");
}

#[test]
fn a_null_character_in_the_source_is_a_syntax_error() {
    let failure = failure("let a\nlet b = '\0'");
    assert_eq!(failure["details"], json!({"line": 2, "column": 10}));
}

#[test]
fn an_error_is_told_with_class_message_cause_and_own_frames() {
    let failure = failure(
        "class Odd extends TypeError {}\n\
         function inner() { throw new Odd('bad', { cause: new RangeError('why') }) }\n\
         export default function outer() {\n  [1].map(inner)\n}",
    );
    assert_eq!(failure["message"], "Odd: bad");
    let details = &failure["details"];
    assert_eq!(details["class"], "Odd");
    assert_eq!(details["message"], "bad");
    assert_eq!(details["cause"]["class"], "RangeError");
    assert_eq!(details["cause"]["message"], "why");
    let stack = details["stack"].as_str().expect("text");
    assert!(stack.contains("at inner (function.js:2:"), "{stack}");
    assert!(stack.contains("at outer (function.js:4:"), "{stack}");
    assert!(
        stack.lines().all(|frame| frame.contains("(function.js:")),
        "{stack}"
    );
}

#[test]
fn an_error_is_called_by_its_own_name() {
    let code =
        "class E extends Error { name = 'Custom' }\nexport default () => { throw new E('x') }";
    assert_eq!(failure(code)["message"], "Custom: x");
}

#[test]
fn causes_are_told_to_a_depth_of_eight() {
    let failure =
        failure("export default () => { const e = new Error('x'); e.cause = e; throw e }");
    let depth = failure.to_string().matches(r#""cause":"#).count();
    assert_eq!(depth, 8);
}

#[test]
fn what_is_no_error_is_told_as_the_console_shows_it() {
    for (thrown, shown) in [
        ("null", "null"),
        ("undefined", "undefined"),
        ("'text'", "'text'"),
        ("{ code: 7 }", "{ code: 7 }"),
    ] {
        let failure = failure(&format!("export default () => {{ throw {thrown} }}"));
        assert_eq!(failure["message"], format!("thrown: {shown}"));
        assert_eq!(failure["details"]["class"], json!(null));
        assert_eq!(failure["details"]["thrown"], shown);
    }
}

#[test]
fn hostile_errors_are_exceptions_like_any_other() {
    for thrown in [
        "new Proxy(new Error('x'), { get() { throw 1 }, getPrototypeOf() { throw 2 } })",
        "new Proxy({}, { ownKeys() { throw 1 }, get() { throw 2 } })",
        "Object.defineProperty(new Error(), 'message', { get() { throw 1 } })",
        "Object.assign(new Error('x'), { stack: 'at evil (function.js:1:1)\\n'.repeat(1e5), name: 7 })",
        "Object.assign(new Error('x'.repeat(1e6)), { name: 'y'.repeat(1e6) })",
    ] {
        let failure = failure(&format!("export default () => {{ throw {thrown} }}"));
        assert_eq!(failure["code"], "exception", "{thrown}");
        assert!(failure.to_string().len() < 40_000, "{thrown}");
    }
}

#[test]
fn failures_of_the_background_before_the_result_are_failures() {
    let wait = "await new Promise((resolve) => setTimeout(resolve, 5000))";
    for (cause, unhandled) in [
        ("Promise.reject(new Error('lost'))", "rejection"),
        (
            "Promise.resolve().then(() => { throw new Error('lost') })",
            "rejection",
        ),
        ("setTimeout(() => { throw new Error('lost') }, 1)", "error"),
        (
            "setTimeout(async () => { throw new Error('lost') }, 1)",
            "rejection",
        ),
        ("queueMicrotask(() => { throw new Error('lost') })", "error"),
    ] {
        let failure = failure(&format!("export default async () => {{ {cause}; {wait} }}"));
        assert_eq!(failure["message"], "Error: lost", "{cause}");
        assert_eq!(failure["details"]["unhandled"], unhandled, "{cause}");
    }
}

#[test]
fn a_rejection_that_is_looked_at_in_time_is_no_failure() {
    let code = "export default async () => { const p = Promise.reject(1); await null; p.catch(() => {}); return 2 }";
    assert_eq!(value(code), "2");
    let code = "export default () => { const p = Promise.reject(1); queueMicrotask(() => p.catch(() => {})); return 3 }";
    assert_eq!(value(code), "3");
}

#[test]
fn a_result_does_not_wait_for_endless_microtasks() {
    let code = "export default async () => { (async () => { for (;;) await null })(); return 1 }";
    assert_eq!(value(code), "1");
}

#[test]
fn a_promise_that_nothing_can_settle_ends_the_execution() {
    for code in [
        "export default () => new Promise(() => {})",
        "await new Promise(() => {}); export default () => 1",
        "export default () => { setInterval(() => {}, 1000).unref(); return new Promise(() => {}) }",
    ] {
        let failure = failure(code);
        assert_eq!(failure["code"], "exception");
        assert_eq!(failure["details"]["unhandled"], "never_settled");
    }
}

#[test]
fn every_import_is_refused_by_its_specifier() {
    for specifier in [
        "left-pad",
        "./other.js",
        "node:fs",
        "function.js",
        "veritech:console",
    ] {
        for code in [
            format!("import '{specifier}'; export default () => 1"),
            format!("export * from '{specifier}'"),
            format!("export default () => import('{specifier}')"),
        ] {
            let failure = failure(&code);
            assert_eq!(failure["code"], "exception", "{code}");
            let message = failure["message"].as_str().expect("text");
            assert!(message.contains(&format!("'{specifier}'")), "{message}");
        }
    }
}

#[test]
fn what_other_images_have_is_named_and_can_be_looked_for() {
    let missing = failure("export default () => fetch('https://example.com')");
    let message = missing["message"].as_str().expect("text");
    assert!(
        message.contains("fetch is not available in builtin/quickjs"),
        "{message}"
    );
    let missing = failure("const fs = require('fs')");
    assert!(
        missing["message"].to_string().contains("Node.js"),
        "{missing}"
    );

    assert_eq!(evaluated("typeof fetch"), r#""undefined""#);
    let misspelt = failure("export default () => fetsch()");
    assert_eq!(misspelt["message"], "ReferenceError: fetsch is not defined");
}

#[test]
fn endless_recursion_is_an_exception() {
    for code in [
        "const f = () => f() + 1; export default f",
        "export default () => JSON.parse('['.repeat(1e6))",
        "const o = { toJSON: () => o.toJSON() }; export default () => o.toJSON()",
    ] {
        assert_eq!(failure(code)["details"]["class"], "RangeError", "{code}");
    }
}

#[test]
fn a_line_that_is_no_execution_ends_the_runner_without_a_result() {
    let report = function("").with("code", 7).run();
    assert!(!report.status.success());
    assert_eq!(report.events, [json!({"event": "ready"})]);
    assert!(
        report.printed.contains("not an execution"),
        "{}",
        report.printed
    );
}
