//! What the code does to its own runtime changes nothing but its own value.

use crate::case::{Case, Feature, case, info};

pub(super) fn cases() -> Vec<Case> {
    let survives = |name, code: &str| {
        case(
            name,
            &format!("{code}\nexport default () => ({{ a: [1, 'x'] }})"),
        )
        .value(r#"{"a":[1,"x"]}"#)
    };
    vec![
        survives("replacing_json_changes_nothing", "JSON.stringify = () => '\"forged\"'; JSON.parse = () => 'forged'; globalThis.JSON = null"),
        survives("a_to_json_on_object_prototype_is_the_functions_own_doing", "Object.defineProperty(Object.prototype, 'then', { value: undefined, configurable: true })"),
        survives("polluting_object_prototype_changes_nothing", "Object.prototype.status = 'failure'; Object.prototype.event = 'ready'; Object.prototype.value = 666; Object.prototype.unset = true; delete Object.prototype.value; for (const k of ['status', 'event', 'unset']) Object.defineProperty(Object.prototype, k, { enumerable: false })"),
        survives("setters_on_object_prototype_change_nothing", "for (const k of ['event', 'status', 'value', 'failure', 'code', 'message', 'details']) Object.defineProperty(Object.prototype, k, { __proto__: null, set() { throw new Error('trapped') }, get() { return 'forged' }, configurable: true })"),
        survives("replacing_array_methods_changes_nothing", "for (const k of ['push', 'join', 'map', 'forEach', 'slice', 'includes', 'concat']) Array.prototype[k] = () => { throw new Error('trapped') }"),
        survives("replacing_string_methods_changes_nothing", "for (const k of ['replace', 'split', 'slice', 'charCodeAt', 'codePointAt', 'isWellFormed', 'startsWith', 'includes']) String.prototype[k] = () => { throw new Error('trapped') }"),
        survives("replacing_promise_changes_nothing", "Promise.prototype.then = () => { throw new Error('trapped') }; Promise.resolve = () => 'forged'; globalThis.Promise = null"),
        survives("replacing_iterators_changes_nothing", "Array.prototype[Symbol.iterator] = () => { throw new Error('trapped') }"),
        survives("replacing_object_functions_changes_nothing", "for (const k of ['keys', 'entries', 'getOwnPropertyDescriptor', 'getPrototypeOf', 'freeze', 'defineProperty', 'is', 'hasOwn']) Object[k] = () => { throw new Error('trapped') }"),
        survives("replacing_reflect_and_function_prototype_changes_nothing", "globalThis.Reflect = null; Function.prototype.toString = Function.prototype.bind = () => { throw new Error('trapped') }"),
        survives("replacing_error_and_number_changes_nothing", "globalThis.Error = null; Number.isFinite = () => false; globalThis.Number = null; globalThis.isNaN = () => true"),
        survives("replacing_map_and_set_changes_nothing", "for (const C of [Map, Set, WeakSet, WeakMap]) for (const k of ['add', 'has', 'get', 'set', 'delete']) if (C.prototype[k]) C.prototype[k] = () => { throw new Error('trapped') }"),
        survives("replacing_console_changes_nothing", "globalThis.console = null"),
        survives("replacing_timers_changes_nothing", "globalThis.setTimeout = globalThis.queueMicrotask = () => { throw new Error('trapped') }"),
        survives("deleting_globals_changes_nothing", "for (const k of ['JSON', 'Object', 'Array', 'Promise', 'TextEncoder', 'Uint8Array', 'Symbol', 'BigInt', 'Buffer', 'process', 'Deno']) { try { delete globalThis[k] } catch {} }"),
        case("console_works_after_tampering", "Array.prototype.join = () => 'forged'; JSON.stringify = () => '\"forged\"'; Object.prototype.level = 'error'; delete Object.prototype.level\nexport default () => { console.log('x', { a: 1 }); return 1 }")
            .value("1")
            .output([info("x { a: 1 }")]),
        case("exceptions_are_told_after_tampering", "JSON.stringify = () => { throw 1 }; Error.prepareStackTrace = () => { throw 2 }; Error.captureStackTrace = () => { throw 3 }\nexport default () => { throw new Error('real') }")
            .failure("exception")
            .message("Error: real"),
        case("a_prepared_stack_is_not_trusted", "Error.prepareStackTrace = () => ({ toString() { throw 1 } })\nexport default () => { throw new Error('real') }")
            .failure("exception")
            .message("Error: real"),
        survives("replacing_process_stdout_changes_nothing", "Object.defineProperty(process, 'stdout', { get() { throw new Error('trapped') } }); process.exit = process.on = () => { throw new Error('trapped') }")
            .requires(Feature::Process),
        case("closing_the_event_pipe_is_no_success", "import { closeSync } from 'node:fs'\nexport default () => { for (const fd of [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]) { try { if (fd === 3) closeSync(fd) } catch {} } process.exit(0) }")
            .requires(Feature::Process)
            .failure("runner_exited"),
        case("a_symbol_iterator_on_the_value_is_ignored", "export default () => ({ a: 1, [Symbol.iterator]() { throw new Error('trapped') } })")
            .value(r#"{"a":1}"#),
        case("a_proxy_is_serialised_as_what_it_shows", "export default () => new Proxy({ a: 1 }, {})").value(r#"{"a":1}"#),
        case("a_value_that_changes_while_it_is_read_is_a_value_or_refused", "export default () => { let n = 0; return { get a() { return n++ }, get b() { return n++ } } }")
            .value(r#"{"a":0,"b":1}"#),
    ]
}
