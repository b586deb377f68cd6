//! Functions that replace the language under the runner's feet.

use crate::harness::function;

/// Runs a handler after `tampering` and checks that the runner still does its own work.
fn survives(tampering: &str) {
    let report = function(&format!(
        "{tampering};\nexport default async () => {{ console.log('%s', 'x', [1, {{ a: 2 }}]); return {{ a: [1, 'b'] }} }}"
    ))
    .run();
    assert_eq!(report.messages(), ["x [ 1, { a: 2 } ]"], "{tampering}");
    assert_eq!(report.value(), r#"{"a":[1,"b"]}"#, "{tampering}");
}

#[test]
fn replaced_intrinsics_change_nothing() {
    for tampering in [
        "JSON.stringify = () => 'evil'; JSON.parse = null; globalThis.JSON = null",
        "delete Object.getPrototypeOf([][Symbol.iterator]()).next; Array.prototype[Symbol.iterator] = null",
        "Array.prototype.push = Array.prototype.join = Array.prototype.map = () => { throw 1 }",
        "String.prototype.slice = String.prototype.split = String.prototype.replace = () => { throw 2 }",
        "Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { throw 3 }",
        "Reflect.apply = Reflect.ownKeys = Object.keys = Array.isArray = () => { throw 4 }",
        "RegExp.prototype.exec = RegExp.prototype[Symbol.replace] = () => { throw 5 }",
        "Promise.prototype.then = Promise.resolve = null; globalThis.Promise = null",
        "Object.defineProperty(Object.prototype, '0', { set() { throw 6 } })",
        "Object.defineProperty(Array.prototype, '0', { set() { throw 7 } })",
        "Object.prototype.path = Object.prototype.get = Object.prototype.status = 'evil'",
        "globalThis.Map = globalThis.Object = globalThis.Symbol = globalThis.Error = null",
        "Object.freeze(Object.prototype); Object.freeze(Array.prototype)",
        "Object.setPrototypeOf(globalThis, null); Object.setPrototypeOf(Array.prototype, null)",
    ] {
        survives(tampering);
    }
}

#[test]
fn failures_are_told_after_tampering() {
    let report = function(
        "Error.prototype.name = 'Evil'; Error.prepareStackTrace = () => 'evil'; Object.prototype.cause = 1; \
         JSON.stringify = Object.getPrototypeOf = () => { throw 1 };\n\
         export default () => { throw new TypeError('true') }",
    )
    .run();
    assert_eq!(report.failure()["message"], "TypeError: true");
}

#[test]
fn a_to_json_of_the_prototype_is_the_functions_own_choice() {
    let report =
        function("Object.prototype.toJSON = () => 5; export default () => ({ a: 1 })").run();
    assert_eq!(report.value(), "5");
}

#[test]
fn a_replaced_console_is_the_functions_own_loss() {
    let report = function("console.log = null; globalThis.console = { log() {} }; export default () => console.log('x')").run();
    assert_eq!(report.messages(), Vec::<String>::new());
    assert_eq!(report.value(), "unset");
}

#[test]
fn the_native_functions_are_out_of_reach() {
    let report = function(
        "let seen = [];
         const spy = (holder, name) => { const f = holder[name]; holder[name] = function (...args) { seen.push(typeof this, ...args.map((a) => typeof a?.emit)); return Reflect.apply(f, this, args) } };
         for (const name of ['apply', 'call', 'bind']) spy(Function.prototype, name);
         export default () => { console.log({ a: 1 }); structuredClone(new Map([[1, 2]])); return seen }",
    )
    .run();
    assert_eq!(report.value(), "[]");
}
