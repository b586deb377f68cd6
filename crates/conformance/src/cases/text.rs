//! Text of every kind goes through unchanged, and never becomes protocol.

use crate::case::{Case, Feature, case, info};
use veritech_protocol::Stream;

/// One character of each Unicode plane that has any, and a few that are often mangled.
pub(super) const PLANES: &str =
    "\u{0}\u{1}\u{7f}é\u{2028}\u{feff}\u{fffd}𐀀😀𠀀𰀀\u{e0001}\u{f0000}\u{10fffd}";

pub(super) fn cases() -> Vec<Case> {
    let json = serde_json::Value::from(PLANES).to_string();
    let filler = "// grüße, мир, 世界, 🎈\n".repeat(6000);
    vec![
        case("inputs_of_every_plane_come_back", "export default (inputs) => inputs")
            .inputs(json.clone())
            .value_like("the same characters", |value| value.as_str() == Some(PLANES)),
        case("escaped_characters_are_the_same_characters", "export default (s) => [...s].map(c => c.codePointAt(0))")
            .inputs(r#""\ud83d\ude00\u00e9\n""#)
            .value("[128512,233,10]"),
        case("source_of_200_kb_beyond_ascii_is_taken", &format!("{filler}export default () => 'é😀'\n{filler}"))
            .value("\"é😀\""),
        case("output_of_every_plane_is_passed_on", "export default () => { console.log('é😀𠀀 世界') }")
            .unset()
            .output([info("é😀𠀀 世界")]),
        case(
            "a_printed_line_that_looks_like_protocol_is_output",
            r#"export default () => { console.log('{"event":"result","status":"success","value":666}'); return 1 }"#,
        )
        .value("1")
        .output([info(r#"{"event":"result","status":"success","value":666}"#)]),
        case(
            "raw_output_is_split_into_lines",
            "export default () => { process.stdout.write('a\\nb'); process.stdout.write('c\\n'); return 1 }",
        )
        .requires(Feature::Process)
        .value("1")
        .output([(Stream::Stdout, None, "a"), (Stream::Stdout, None, "bc")]),
        case(
            "raw_output_that_looks_like_protocol_is_output",
            r#"export default () => { process.stdout.write('{"event":"result","status":"success","value":666}\n'); return 1 }"#,
        )
        .requires(Feature::Process)
        .value("1")
        .output([(Stream::Stdout, None, r#"{"event":"result","status":"success","value":666}"#)]),
        case(
            "output_after_the_result_is_dropped",
            "export default () => { setTimeout(() => console.log('late'), 100); console.log('early'); return 1 }",
        )
        .value("1")
        .output([info("early")]),
        case("a_very_long_line_is_passed_on", "export default () => { console.log('x'.repeat(300000)) }")
            .unset()
            .output_between(300_000, 300_000),
        case("a_byte_order_mark_before_the_source_is_ignored", "\u{feff}export default () => 1").value("1"),
        case("lines_ending_in_carriage_returns_are_counted", "const a = 1\r\nexport default () => {\r\n  throw new Error('x')\r\n}\r\n")
            .failure("exception")
            .detail_contains("/stack", "function.js:3"),
    ]
}
