//! What is told of code that does not parse, throws, or never ends.

use crate::case::{Case, Feature, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("a_syntax_error_has_its_position", "export default () => {\n  return 1 +;\n}")
            .failure("syntax_error")
            .message("SyntaxError: ")
            .detail("/line", "2")
            .detail("/column", "13"),
        case("a_syntax_error_on_the_first_line_has_its_position", "const = 1")
            .failure("syntax_error")
            .detail("/line", "1"),
        case("an_error_has_class_message_and_line", "export default () => {\n  const x = 1\n  throw new TypeError('boom')\n}")
            .failure("exception")
            .message("TypeError: boom")
            .detail("/class", r#""TypeError""#)
            .detail("/message", r#""boom""#)
            .detail_contains("/stack", "function.js:3"),
        case("the_stack_names_the_functions_called", "function inner() {\n  throw new Error('x')\n}\nexport default function outer() {\n  inner()\n}")
            .failure("exception")
            .detail_contains("/stack", "inner (function.js:2")
            .detail_contains("/stack", "outer (function.js:5"),
        case("the_stack_shows_no_file_but_the_functions_own", "export default () => { throw new Error('x') }")
            .failure("exception")
            .detail_contains("/stack", "function.js:1"),
        case("an_error_of_an_own_class_has_its_name", "class Odd extends Error { name = 'Odd' }\nexport default () => { throw new Odd('x') }")
            .failure("exception")
            .message("Odd: x")
            .detail("/class", r#""Odd""#),
        case("the_cause_is_told", "export default () => { throw new Error('outer', { cause: new RangeError('inner') }) }")
            .failure("exception")
            .message("Error: outer")
            .detail("/cause/class", r#""RangeError""#)
            .detail("/cause/message", r#""inner""#),
        case("a_cause_that_is_no_error_is_told", "export default () => { throw new Error('outer', { cause: 'why' }) }")
            .failure("exception")
            .detail_contains("/cause/thrown", "why"),
        case("causes_in_a_circle_end", "export default () => { const e = new Error('x'); e.cause = e; throw e }")
            .failure("exception")
            .message("Error: x"),
        case("a_rejection_of_the_handler_is_an_exception", "export default async () => { throw new Error('later') }")
            .failure("exception")
            .message("Error: later")
            .no_detail("/unhandled"),
        case("a_thrown_string_is_told", "export default () => { throw 'plain' }")
            .failure("exception")
            .message("plain")
            .detail("/class", "null")
            .detail_contains("/thrown", "plain"),
        case("a_thrown_object_is_told", "export default () => { throw { code: 7 } }")
            .failure("exception")
            .detail_contains("/thrown", "code: 7"),
        case("a_thrown_null_is_told", "export default () => { throw null }")
            .failure("exception")
            .detail("/thrown", r#""null""#),
        case("a_thrown_undefined_is_told", "export default () => { throw undefined }")
            .failure("exception")
            .detail("/thrown", r#""undefined""#),
        case("an_error_while_loading_is_an_exception", "const x = null\nx.y\nexport default () => 1")
            .failure("exception")
            .message("TypeError")
            .detail_contains("/stack", "function.js:2"),
        case("a_stack_overflow_is_an_exception", "const f = () => f() + 1\nexport default () => f()")
            .failure("exception"),
        case("a_hostile_error_is_an_exception", "export default () => { throw new Proxy(new Error('x'), { get() { throw 1 }, getPrototypeOf() { throw 2 } }) }")
            .failure("exception"),
        case("a_throwing_message_getter_is_an_exception", "export default () => { const e = new Error(); Object.defineProperty(e, 'message', { get() { throw e } }); throw e }")
            .failure("exception"),
        case("a_very_long_message_is_cut", "export default () => { throw new Error('x'.repeat(1e6)) }")
            .failure("exception")
            .message("Error: xxx"),
        case(
            "an_unhandled_rejection_is_a_failure",
            "export default async () => { Promise.reject(new Error('lost')); await new Promise(r => setTimeout(r, 500)); return 1 }",
        )
        .failure("exception")
        .message("lost")
        .detail("/unhandled", r#""rejection""#),
        case(
            "an_error_in_a_timer_is_a_failure",
            "export default async () => { setTimeout(() => { throw new Error('tick') }, 1); await new Promise(r => setTimeout(r, 500)); return 1 }",
        )
        .failure("exception")
        .message("tick")
        .detail("/unhandled", r#""error""#),
        case(
            "a_rejection_handled_in_time_is_no_failure",
            "export default async () => { const p = Promise.reject(new Error('x')); await p.catch(() => {}); return 1 }",
        )
        .value("1"),
        case("a_promise_that_nothing_settles_ends_the_execution", "export default () => new Promise(() => {})")
            .failure("exception")
            .message("promise"),
        case("an_endless_loop_is_ended_without_a_result", "export default () => { for (;;) {} }")
            .timeout_ms(300)
            .no_result(),
        case("an_endless_chain_of_promises_is_ended_without_a_result", "export default async () => { for (;;) await null }")
            .timeout_ms(300)
            .no_result(),
        case("a_timer_that_is_too_late_is_ended_without_a_result", "export default () => new Promise(r => setTimeout(r, 60000))")
            .timeout_ms(300)
            .no_result(),
        case("an_import_of_a_package_is_refused_by_name", "import x from 'left-pad'\nexport default () => x")
            .failure("exception")
            .message("left-pad"),
        case("an_import_of_a_file_is_refused_by_name", "import x from './other.js'\nexport default () => x")
            .failure("exception")
            .message("./other.js"),
        case("an_import_from_the_network_is_refused_by_name", "import x from 'https://example.com/x.js'\nexport default () => x")
            .failure("exception")
            .message("https://example.com/x.js"),
        case("a_dynamic_import_is_refused_by_name", "export default async () => { await import('left-pad') }")
            .failure("exception")
            .message("left-pad"),
        case("a_refused_dynamic_import_can_be_caught", "export default () => import('left-pad').catch(e => e.message.includes('left-pad'))")
            .value("true"),
        case("an_exit_of_the_process_is_told_with_its_code", "export default () => { process.exit(3) }")
            .requires(Feature::Process)
            .failure("runner_exited")
            .detail("/exit_code", "3"),
        case("an_exit_with_code_zero_is_no_success", "export default () => { process.exit(0) }")
            .requires(Feature::Process)
            .failure("runner_exited")
            .detail("/exit_code", "0"),
    ]
}
