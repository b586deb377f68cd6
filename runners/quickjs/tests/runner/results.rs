//! What becomes of a returned value.

use serde_json::json;

use crate::harness::{evaluated, failure, value};

#[test]
fn values_are_written_as_json_stringify_does() {
    for (expression, json) in [
        ("null", "null"),
        ("undefined", "unset"),
        ("[-0, 1e21, 0.1, 1e-7, 5e-324]", "[0,1e+21,0.1,1e-7,5e-324]"),
        ("{ z: 1, a: undefined, 1: 2 }", r#"{"1":2,"z":1}"#),
        ("new Date(0)", r#""1970-01-01T00:00:00.000Z""#),
        ("{ toJSON: () => undefined }", "unset"),
        ("[{ toJSON: (key) => key }]", r#"["0"]"#),
        (
            "[new Number(1), new String('a'), new Boolean(false)]",
            r#"[1,"a",false]"#,
        ),
        ("{ [Symbol('s')]: 1 }", "{}"),
        ("Object.assign(Object.create(null), { a: 1 })", r#"{"a":1}"#),
        (
            "new (class P { x = 1; get y() { return 2 } })()",
            r#"{"x":1}"#,
        ),
        ("[new Error('e'), /r/, Promise.resolve(1)]", "[{},{},{}]"),
        ("new Proxy({ a: [1] }, {})", r#"{"a":[1]}"#),
        (
            r#""\u2028\u0000\"\\/é😀""#,
            "\"\u{2028}\\u0000\\\"\\\\/é😀\"",
        ),
    ] {
        assert_eq!(evaluated(expression), json, "{expression}");
    }
}

#[test]
fn what_json_would_lose_is_refused_with_its_place() {
    for (expression, path, kind) in [
        ("1n", "", "bigint"),
        ("{ 'a/b': [{ '~': 1n }] }", "/a~1b/0/~0", "bigint"),
        ("() => 1", "", "function"),
        ("{ f() {} }", "/f", "function"),
        ("[Symbol('s')]", "/0", "symbol"),
        ("{ a: NaN }", "/a", "nan"),
        ("-Infinity", "", "infinity"),
        ("{ m: new Map() }", "/m", "map"),
        ("new (class S extends Set {})()", "", "set"),
        ("[new Uint8Array(1)]", "/0", "typed_array"),
        ("new ArrayBuffer(1)", "", "array_buffer"),
        ("[1, undefined]", "/1", "undefined"),
        ("[1, , 2]", "/1", "hole"),
        ("new Array(4294967295)", "/0", "hole"),
        (r#"{ s: "a\ud800" }"#, "/s", "lone_surrogate"),
        (r#"{ "\udc00": 1 }"#, "/\u{fffd}", "lone_surrogate"),
        ("{ get a() { throw new Error('x') } }", "/a", "getter_threw"),
        (
            "new Proxy({}, { ownKeys() { throw 1 } })",
            "",
            "getter_threw",
        ),
        (
            "{ a: { toJSON() { throw new Error('x') } } }",
            "/a",
            "to_json_threw",
        ),
        (
            "(() => { const o = { a: {} }; o.a.o = o; return o })()",
            "/a/o",
            "cycle",
        ),
    ] {
        let failure = failure(&format!("export default () => ({expression})"));
        assert_eq!(failure["code"], "invalid_result", "{expression}: {failure}");
        assert_eq!(
            failure["details"],
            json!({"path": path, "type": kind}),
            "{expression}"
        );
    }
}

#[test]
fn an_object_that_is_used_twice_is_no_cycle() {
    assert_eq!(
        evaluated("((o) => [o, o])({ a: 1 })"),
        r#"[{"a":1},{"a":1}]"#
    );
}

#[test]
fn a_value_may_be_128_levels_deep_and_no_deeper() {
    let nested = |levels: u32| {
        format!(
            "export default () => {{ let v = 1; for (let i = 0; i < {levels}; i++) v = [v]; return v }}"
        )
    };
    assert_eq!(
        value(&nested(128)),
        format!("{}1{}", "[".repeat(128), "]".repeat(128))
    );
    assert_eq!(failure(&nested(129))["details"]["type"], "too_deep");
}
