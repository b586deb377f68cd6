//! What becomes of a returned value.

use crate::case::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = values();
    cases.extend(refused());
    cases
}

fn returns(name: &'static str, value: &str) -> Case {
    case(
        name,
        &format!("def handler(inputs, context):\n  return {value}"),
    )
}

fn values() -> Vec<Case> {
    vec![
        returns("none_is_unset", "None").unset(),
        case("no_return_is_unset", "def handler(inputs, context):\n  pass").unset(),
        returns("none_inside_a_value_is_null", "[None, {'a': None}]").value(r#"[null,{"a":null}]"#),
        returns("false_is_a_value", "False").value("false"),
        returns("the_empty_string_is_a_value", "''").value(r#""""#),
        returns("zero_is_a_value", "0").value("0"),
        returns("floats_are_spelt_as_python_does", "[1.0, 1e21, 1.5, 0.1, 1e-7, -0.0]").value("[1.0,1e+21,1.5,0.1,1e-07,-0.0]"),
        returns("integers_are_spelt_out_exactly", "[2**64, -(10**40), 10**6000]")
            .value(format!("[18446744073709551616,-1{},1{}]", "0".repeat(40), "0".repeat(6000))),
        returns("booleans_are_no_integers", "[True, 1, False, 0]").value("[true,1,false,0]"),
        returns("the_order_of_members_is_kept", "{'z': 1, 'a': {'y': 2, 'b': 3}}").value(r#"{"z":1,"a":{"y":2,"b":3}}"#),
        returns("a_tuple_is_an_array", "(1, ('a',), ())").value(r#"[1,["a"],[]]"#),
        returns("no_members_and_no_elements_are_values", "[{}, []]").value("[{},[]]"),
        case(
            "subclasses_are_what_they_extend",
            "from collections import OrderedDict, namedtuple\nfrom enum import IntEnum, Enum\nclass N(IntEnum):\n  ONE = 1\nclass S(str, Enum):\n  A = 'a'\nP = namedtuple('P', 'x y')\ndef handler(inputs, context):\n  moved = OrderedDict(a=1, b=2)\n  moved.move_to_end('a')\n  return [moved, P(1, 2), N.ONE, S.A]",
        )
        .value(r#"[{"b":2,"a":1},[1,2],1,"a"]"#),
        case("an_object_used_twice_is_no_cycle", "o = {'a': 1}\ndef handler(inputs, context):\n  return [o, o]").value(r#"[{"a":1},{"a":1}]"#),
        returns("strings_are_escaped_as_json_needs", r#""\"\\\n\u0000\u2028/\x7f""#)
            .value("\"\\\"\\\\\\n\\u0000\u{2028}/\u{7f}\""),
        case(
            "a_value_of_the_greatest_depth_is_taken",
            "def handler(inputs, context):\n  v = 1\n  for _ in range(128): v = [v]\n  return v",
        )
        .value(format!("{}1{}", "[".repeat(128), "]".repeat(128))),
    ]
}

/// Cases that return something that is not JSON.
fn refused() -> Vec<Case> {
    let refused = |name, value: &str, path, kind| {
        returns(name, value)
            .failure("invalid_result")
            .detail("/path", path)
            .detail("/type", kind)
    };
    vec![
        refused("nan_is_refused", "{'a': float('nan')}", r#""/a""#, r#""nan""#),
        refused("infinity_is_refused", "-float('inf')", r#""""#, r#""infinity""#),
        refused("a_set_is_refused", "{1}", r#""""#, r#""set""#),
        refused("a_frozen_set_is_refused", "[frozenset()]", r#""/0""#, r#""set""#),
        refused("bytes_are_refused", "{'b': [b'x']}", r#""/b/0""#, r#""bytes""#),
        refused("a_byte_array_is_refused", "bytearray(2)", r#""""#, r#""bytes""#),
        refused("a_complex_number_is_refused", "[1j]", r#""/0""#, r#""complex""#),
        refused("a_function_is_refused", "{'f': lambda: 1}", r#""/f""#, r#""function""#),
        refused("a_builtin_function_is_refused", "[len]", r#""/0""#, r#""function""#),
        refused("a_class_is_refused", "[int]", r#""/0""#, r#""function""#),
        refused("a_generator_is_refused", "(n for n in 'ab')", r#""""#, r#""object""#),
        refused("a_name_that_is_a_number_is_refused", "{'a': {1: 2}}", r#""/a""#, r#""key""#),
        refused("a_name_that_is_none_is_refused", "{None: 2}", r#""""#, r#""key""#),
        refused("a_lone_surrogate_is_refused", r#"{"s": "a\ud800"}"#, r#""/s""#, r#""lone_surrogate""#),
        refused("a_path_is_a_json_pointer", "{'a/b': {'~': [b'']}}", r#""/a~1b/~0/0""#, r#""bytes""#),
        case(
            "a_data_class_is_refused_by_its_name",
            "from dataclasses import dataclass\n@dataclass\nclass Point:\n  x: 'int'\ndef handler(inputs, context):\n  return {'p': Point(1)}",
        )
        .failure("invalid_result")
        .message("a Point")
        .detail("/path", r#""/p""#)
        .detail("/type", r#""object""#),
        case("a_date_is_refused_by_its_name", "from datetime import datetime\ndef handler(inputs, context):\n  return [datetime.now()]")
            .failure("invalid_result")
            .message("a datetime")
            .detail("/path", r#""/0""#),
        case("a_cycle_is_refused", "o = {'a': {}}\no['a']['o'] = o\ndef handler(inputs, context):\n  return o")
            .failure("invalid_result")
            .detail("/path", r#""/a/o""#)
            .detail("/type", r#""cycle""#),
        case("too_deep_a_value_is_refused", "def handler(inputs, context):\n  v = 1\n  for _ in range(129): v = [v]\n  return v")
            .failure("invalid_result")
            .detail("/type", r#""too_deep""#),
        case(
            "members_that_cannot_be_read_are_refused",
            "class Odd(dict):\n  def items(self):\n    raise ValueError('x')\ndef handler(inputs, context):\n  return {'a': Odd()}",
        )
        .failure("invalid_result")
        .detail("/path", r#""/a""#)
        .detail("/type", r#""unreadable""#),
    ]
}
