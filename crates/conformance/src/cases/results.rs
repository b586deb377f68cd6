//! What becomes of a returned value.

use crate::case::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = values();
    cases.extend(refused());
    cases
}

fn values() -> Vec<Case> {
    vec![
        case("undefined_is_unset", "export default () => undefined").unset(),
        case("no_return_is_unset", "export default () => {}").unset(),
        case("null_is_a_value", "export default () => null").value("null"),
        case("false_is_a_value", "export default () => false").value("false"),
        case("the_empty_string_is_a_value", "export default () => ''").value(r#""""#),
        case("zero_loses_its_sign", "export default () => [-0, 0]").value("[0,0]"),
        case("numbers_are_spelt_as_javascript_does", "export default () => [1e21, 1.5, 0.1, 1e-7, 9007199254740991]")
            .value("[1e+21,1.5,0.1,1e-7,9007199254740991]"),
        case("the_order_of_members_is_kept", "export default () => ({ z: 1, a: { y: 2, b: 3 } })")
            .value(r#"{"z":1,"a":{"y":2,"b":3}}"#),
        case("undefined_members_are_left_out", "export default () => ({ a: 1, b: undefined })").value(r#"{"a":1}"#),
        case("a_date_becomes_its_iso_text", "export default () => ({ at: new Date(0) })")
            .value(r#"{"at":"1970-01-01T00:00:00.000Z"}"#),
        case("an_own_to_json_is_called", "export default () => ({ toJSON() { return { a: 1 } } })").value(r#"{"a":1}"#),
        case("to_json_is_given_the_key", "const t = { toJSON(key) { return key } }\nexport default () => ({ k: t, l: [t] })")
            .value(r#"{"k":"k","l":["0"]}"#),
        case("class_instances_give_their_own_members", "class P { constructor() { this.x = 1 } get y() { return 2 } }\nexport default () => new P()")
            .value(r#"{"x":1}"#),
        case("getters_are_read", "export default () => ({ get a() { return 1 } })").value(r#"{"a":1}"#),
        case("wrapped_primitives_are_unwrapped", "export default () => [new Number(1), new String('a'), new Boolean(false)]")
            .value(r#"[1,"a",false]"#),
        case("an_object_used_twice_is_no_cycle", "const o = { a: 1 }\nexport default () => [o, o]").value(r#"[{"a":1},{"a":1}]"#),
        case("members_without_a_prototype_are_values", "export default () => Object.assign(Object.create(null), { a: 1 })")
            .value(r#"{"a":1}"#),
        case("strings_are_escaped_as_json_needs", r#"export default () => "\"\\\n\u0000\u2028/""#)
            .value("\"\\\"\\\\\\n\\u0000\u{2028}/\""),
        case("symbol_keys_are_left_out", "export default () => ({ [Symbol('s')]: 1, a: 2 })").value(r#"{"a":2}"#),
        case(
            "a_value_of_the_greatest_depth_is_taken",
            "export default () => { let v = 1; for (let i = 0; i < 120; i++) v = [v]; return v }",
        )
        .value(format!("{}1{}", "[".repeat(120), "]".repeat(120))),
    ]
}

/// Cases that return something that is not JSON.
fn refused() -> Vec<Case> {
    fn refused(name: &'static str, value: &str, path: &'static str, kind: &'static str) -> Case {
        case(name, &format!("export default () => ({value})"))
            .failure("invalid_result")
            .detail("/path", path)
            .detail("/type", kind)
    }
    vec![
        refused(
            "a_bigint_is_refused",
            "{ a: [1, 2n] }",
            r#""/a/1""#,
            r#""bigint""#,
        ),
        refused(
            "a_function_is_refused",
            "{ f() {} }",
            r#""/f""#,
            r#""function""#,
        ),
        refused(
            "a_symbol_is_refused",
            "[Symbol('s')]",
            r#""/0""#,
            r#""symbol""#,
        ),
        refused("nan_is_refused", "{ a: NaN }", r#""/a""#, r#""nan""#),
        refused("infinity_is_refused", "-Infinity", r#""""#, r#""infinity""#),
        refused(
            "a_map_is_refused",
            "{ m: new Map() }",
            r#""/m""#,
            r#""map""#,
        ),
        refused("a_set_is_refused", "new Set([1])", r#""""#, r#""set""#),
        refused(
            "a_typed_array_is_refused",
            "{ b: new Uint8Array(2) }",
            r#""/b""#,
            r#""typed_array""#,
        ),
        refused(
            "an_array_buffer_is_refused",
            "new ArrayBuffer(2)",
            r#""""#,
            r#""array_buffer""#,
        ),
        refused(
            "undefined_in_an_array_is_refused",
            "[1, undefined]",
            r#""/1""#,
            r#""undefined""#,
        ),
        refused(
            "a_hole_in_an_array_is_refused",
            "[1, , 2]",
            r#""/1""#,
            r#""hole""#,
        ),
        refused(
            "a_lone_surrogate_is_refused",
            r#"{ s: "a\ud800" }"#,
            r#""/s""#,
            r#""lone_surrogate""#,
        ),
        refused(
            "a_path_is_a_json_pointer",
            "{ 'a/b': { '~': [1n] } }",
            r#""/a~1b/~0/0""#,
            r#""bigint""#,
        ),
        refused(
            "a_getter_that_throws_is_refused",
            "{ get a() { throw new Error('x') } }",
            r#""/a""#,
            r#""getter_threw""#,
        ),
        refused(
            "a_to_json_that_throws_is_refused",
            "{ a: { toJSON() { throw new Error('x') } } }",
            r#""/a""#,
            r#""to_json_threw""#,
        ),
        refused(
            "a_returned_function_is_refused",
            "() => 1",
            r#""""#,
            r#""function""#,
        ),
        case(
            "a_cycle_is_refused",
            "const o = { a: {} }\no.a.o = o\nexport default () => o",
        )
        .failure("invalid_result")
        .detail("/path", r#""/a/o""#)
        .detail("/type", r#""cycle""#),
        case(
            "too_deep_a_value_is_refused",
            "export default () => { let v = 1; for (let i = 0; i < 5000; i++) v = [v]; return v }",
        )
        .failure("invalid_result")
        .detail("/type", r#""too_deep""#),
    ]
}
