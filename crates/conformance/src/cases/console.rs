//! What `console` puts out, with which level, and how it is formatted.

use veritech_protocol::{Level, Stream};

use crate::case::{Case, case, info};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = methods();
    cases.extend(formats());
    cases
}

fn methods() -> Vec<Case> {
    let prints = |name, call: &str, stream, level, message| {
        case(name, &format!("export default () => {{ {call} }}"))
            .unset()
            .output([(stream, Some(level), message)])
    };
    vec![
        prints("console_log_is_info", "console.log('x')", Stream::Stdout, Level::Info, "x"),
        prints("console_info_is_info", "console.info('x')", Stream::Stdout, Level::Info, "x"),
        prints("console_debug_is_debug", "console.debug('x')", Stream::Stdout, Level::Debug, "x"),
        prints("console_warn_is_warn", "console.warn('x')", Stream::Stderr, Level::Warn, "x"),
        prints("console_error_is_error", "console.error('x')", Stream::Stderr, Level::Error, "x"),
        prints("console_dir_is_info", "console.dir({ a: 1 })", Stream::Stdout, Level::Info, "{ a: 1 }"),
        prints(
            "console_assert_that_fails_is_error",
            "console.assert(true, 'no'); console.assert(1 === 2, 'x')",
            Stream::Stderr,
            Level::Error,
            "Assertion failed: x",
        ),
        case("console_count_counts", "export default () => { console.count(); console.count(); console.count('a'); console.countReset(); console.count() }")
            .unset()
            .output([info("default: 1"), info("default: 2"), info("a: 1"), info("default: 1")]),
        case("console_group_indents", "export default () => { console.group('g'); console.log('a\\nb'); console.groupEnd(); console.log('c') }")
            .unset()
            .output([info("g"), info("  a\n  b"), info("c")]),
        case("console_table_exists", "export default () => { console.table([{ a: 1 }]); return 1 }")
            .value("1"),
        case("console_time_measures", "export default () => { console.time('t'); console.timeLog('t'); console.timeEnd('t'); return 1 }")
            .value("1"),
        case("console_trace_is_debug_on_stderr", "export default () => { console.trace('x'); return 1 }")
            .value("1"),
        case("output_while_loading_is_passed_on", "console.log('loading')\nexport default () => 1")
            .value("1")
            .output([info("loading")]),
        case("methods_of_console_need_no_this", "const { log } = console\nexport default () => { log('x') }")
            .unset()
            .output([info("x")]),
        case("an_error_level_message_fails_nothing", "export default () => { console.error('bad'); return 1 }")
            .value("1"),
        case("a_message_of_several_lines_is_one", "export default () => { console.log('a\\nb') }")
            .unset()
            .output([info("a\nb")]),
    ]
}

fn formats() -> Vec<Case> {
    let formats = |name, arguments: &str, message| {
        case(
            name,
            &format!("export default () => {{ console.log({arguments}) }}"),
        )
        .unset()
        .output([info(message)])
    };
    vec![
        formats("several_arguments_are_joined", "1, 'a', true, null, undefined", "1 a true null undefined"),
        formats("placeholders_are_filled", "'%s is %d, %i%%', 'a', 1.5, 1.5, 'extra'", "a is 1.5, 1% extra"),
        formats("json_placeholders_are_filled", "'%j', { a: 1 }", r#"{"a":1}"#),
        formats("primitives_are_spelt_out", "1n, -0, NaN, Symbol('s')", "1n -0 NaN Symbol(s)"),
        formats("objects_are_shown", "{ a: 1, b: 'x', c: [1, 2], d: null, e: undefined }", "{ a: 1, b: 'x', c: [ 1, 2 ], d: null, e: undefined }"),
        formats("deep_objects_are_cut", "{ a: { b: { c: { d: 1 } } } }", "{ a: { b: { c: [Object] } } }"),
        formats("maps_and_sets_are_shown", "new Map([['a', 1]]), new Set([1, 'x'])", "Map(1) { 'a' => 1 } Set(2) { 1, 'x' }"),
        formats("instances_show_their_class", "new (class Point { x = 1 })()", "Point { x: 1 }"),
        formats("functions_show_their_name", "function named() {}, class A {}", "[Function: named] [class A]"),
        formats("circles_are_marked", "(() => { const o = {}; o.self = o; return o })()", "<ref *1> { self: [Circular *1] }"),
        formats("odd_keys_are_quoted", "{ 'a-b': 1 }", "{ 'a-b': 1 }"),
        case("errors_are_shown_with_their_message", "export default () => { console.log(new TypeError('boom')); return 1 }")
            .value("1")
            .output_between(15, 2000),
        case("a_getter_that_throws_does_not_break_console", "export default () => { console.log({ get a() { throw 1 } }); return 1 }")
            .value("1"),
        case("a_hostile_proxy_does_not_break_console", "export default () => { try { console.log(new Proxy({}, { ownKeys() { throw 1 }, get() { throw 2 } })) } catch {} return 1 }")
            .value("1"),
    ]
}
