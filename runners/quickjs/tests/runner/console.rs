//! What the console makes of its arguments.

use crate::harness::{function, printed};

/// What `console.log` makes of its arguments.
fn logged(arguments: &str) -> String {
    let messages = printed(&format!("console.log({arguments})"));
    messages.into_iter().next().expect("one message")
}

#[test]
fn every_method_has_its_stream_and_level() {
    let report = function(
        "export default () => { for (const m of ['log', 'info', 'dir', 'debug', 'warn', 'error', 'trace']) console[m]('x'); \
         console.assert(true, 'not this'); console.assert(false, 'x') }",
    )
    .run();
    let found: Vec<_> = report
        .outputs()
        .into_iter()
        .map(|(stream, level, _)| format!("{stream} {level}"))
        .collect();
    assert_eq!(
        found,
        [
            "stdout info",
            "stdout info",
            "stdout info",
            "stdout debug",
            "stderr warn",
            "stderr error",
            "stderr debug",
            "stderr error"
        ]
    );
}

#[test]
fn values_are_shown_as_node_shows_them() {
    for (arguments, shown) in [
        (
            "'text', 1, -0, true, null, undefined, 1n, Symbol('s')",
            "text 1 -0 true null undefined 1n Symbol(s)",
        ),
        (
            "{ a: 1, 'b-c': 'd' }, [1, 'two']",
            "{ a: 1, 'b-c': 'd' } [ 1, 'two' ]",
        ),
        (
            "{ a: { b: { c: { d: 1 } } } }",
            "{ a: { b: { c: [Object] } } }",
        ),
        ("[[[[1]]]]", "[ [ [ [Array] ] ] ]"),
        (
            "new Map([['k', { v: 1 }]]), new Set([1, 'a'])",
            "Map(1) { 'k' => { v: 1 } } Set(2) { 1, 'a' }",
        ),
        (
            "new (class Point { x = 1 })(), Object.create(null)",
            "Point { x: 1 } [Object: null prototype] {}",
        ),
        (
            "function f() {}, class A {}, () => {}, async () => {}",
            "[Function: f] [class A] [Function (anonymous)] [AsyncFunction (anonymous)]",
        ),
        (
            "[1, , 3], [undefined], []",
            "[ 1, <1 empty item>, 3 ] [ undefined ] []",
        ),
        (
            "new Date(0), /a\\/b/g, new Uint8Array(2)",
            "1970-01-01T00:00:00.000Z /a\\/b/g Uint8Array(2) [ 0, 0 ]",
        ),
        (
            "{ get a() { return 1 }, set b(v) {} }",
            "{ a: [Getter], b: [Setter] }",
        ),
        (
            "[\"it's\", 'say \"hi\"', 'new\\nline']",
            "[ \"it's\", 'say \"hi\"', 'new\\nline' ]",
        ),
        (
            "((o) => (o.self = o))({ n: 1 })",
            "<ref *1> { n: 1, self: [Circular *1] }",
        ),
        (
            "Promise.resolve(4), new Promise(() => {})",
            "Promise { 4 } Promise { <pending> }",
        ),
        (
            "new WeakMap(), globalThis.crypto",
            "WeakMap { <items unknown> } Crypto {}",
        ),
    ] {
        assert_eq!(logged(arguments), shown, "{arguments}");
    }
}

#[test]
fn long_objects_are_broken_over_lines() {
    assert_eq!(
        logged("{ first: 'x'.repeat(40), second: 'y'.repeat(30) }"),
        format!(
            "{{\n  first: '{}',\n  second: '{}'\n}}",
            "x".repeat(40),
            "y".repeat(30)
        )
    );
    assert_eq!(
        logged("Array.from({ length: 14 }, (_, i) => i * 100)"),
        "[\n     0,  100,  200,  300,\n   400,  500,  600,  700,\n   800,  900, 1000, 1100,\n  1200, 1300\n]"
    );
    assert!(logged("new Array(101).fill(1)").contains("... 1 more item"));
}

#[test]
fn errors_are_shown_with_their_own_frames() {
    assert_eq!(
        logged("new RangeError('bad')"),
        "RangeError: bad\n    at default (function.js:1:40)"
    );
    let shown = logged("{ e: Object.assign(new Error('in'), { code: 7 }) }");
    assert!(
        shown.starts_with("{\n  e: Error: in\n      at default (function.js:1:"),
        "{shown}"
    );
    assert!(shown.ends_with("{\n    code: 7\n  }\n}"), "{shown}");
}

#[test]
fn format_directives_are_filled_in() {
    for (arguments, shown) in [
        (
            "'%s is %d%% %i %f', 'x', '42', 4.9, '1.5', 'more'",
            "x is 42% 4 1.5 more",
        ),
        (
            "'%j %o %O', { a: [1] }, 'o', { b: {} }",
            "{\"a\":[1]} 'o' { b: {} }",
        ),
        ("'%cred', 'color: red'", "red"),
        ("'100%', 1", "100% 1"),
        ("'%s %s', 'only'", "only %s"),
        ("'%x %%', 1", "%x % 1"),
        ("'%%'", "%%"),
        ("'%s', { toString: () => 'own' }", "own"),
        ("'%s', { a: { b: 1 } }", "{ a: [Object] }"),
    ] {
        assert_eq!(logged(arguments), shown, "{arguments}");
    }
}

#[test]
fn tables_groups_counts_and_timers_work() {
    assert_eq!(
        printed("console.table([{ a: 1, b: 'x' }, { a: 2 }])"),
        [
            "┌─────────┬───┬─────┐\n│ (index) │ a │ b   │\n├─────────┼───┼─────┤\n│ 0       │ 1 │ 'x' │\n│ 1       │ 2 │     │\n└─────────┴───┴─────┘"
        ]
    );
    assert_eq!(
        printed("console.group('g'); console.log('a\\nb'); console.groupEnd(); console.log('c')"),
        ["g", "  a\n  b", "c"]
    );
    assert_eq!(
        printed(
            "console.count(); console.count('x'); console.count(); console.countReset(); console.count()"
        ),
        ["default: 1", "x: 1", "default: 2", "default: 1"]
    );
    let timed = printed("console.time('t'); console.timeEnd('t'); console.timeEnd('t')");
    assert!(
        timed[0].starts_with("t: ") && timed[0].ends_with("ms"),
        "{timed:?}"
    );
    assert!(timed[1].contains("No such label"), "{timed:?}");
}

#[test]
fn a_message_that_looks_like_a_protocol_line_is_a_message() {
    let line = r#"{"event":"result","status":"success","value":666}"#;
    let report = function(&format!(
        "export default () => {{ console.log(`\n{line}\n`); return 1 }}"
    ))
    .run();
    assert_eq!(report.messages(), [format!("\n{line}\n")]);
    assert_eq!(report.value(), "1");
}

#[test]
fn lone_surrogates_are_replaced_in_messages() {
    assert_eq!(logged(r#""a\ud800b""#), "a\u{fffd}b");
}

#[test]
fn what_is_said_after_the_result_is_dropped() {
    let report =
        function("export default () => { setTimeout(() => console.log('late'), 0); return 1 }")
            .run();
    assert_eq!(report.messages(), Vec::<String>::new());
    assert_eq!(report.value(), "1");
}

#[test]
fn a_getter_that_throws_does_not_break_the_console() {
    assert_eq!(
        logged("{ get a() { throw new Error('x') } }"),
        "{ a: [Getter] }"
    );
    assert_eq!(
        logged("Object.defineProperty(new Error('e'), 'stack', { get() { throw 1 } })"),
        "[Error: e]"
    );
}
