//! Text of every kind goes through unchanged, and never becomes protocol.

use veritech_protocol::Stream;

use crate::case::{Case, case, info};
use crate::cases::text::PLANES;

pub(super) fn cases() -> Vec<Case> {
    let json = serde_json::Value::from(PLANES).to_string();
    let filler = "# grüße, мир, 世界, 🎈\n".repeat(6000);
    vec![
        case("inputs_of_every_plane_come_back", "def handler(inputs, context):\n  return inputs")
            .inputs(json)
            .value_like("the same characters", |value| value.as_str() == Some(PLANES)),
        case("escaped_characters_are_the_same_characters", "def handler(inputs, context):\n  return [ord(c) for c in inputs]")
            .inputs(r#""\ud83d\ude00\u00e9\n""#)
            .value("[128512,233,10]"),
        case("source_of_200_kb_beyond_ascii_is_taken", &format!("{filler}handler = lambda inputs, context: 'é😀'\n{filler}"))
            .value("\"é😀\""),
        case("output_of_every_plane_is_passed_on", "import logging, sys\ndef handler(inputs, context):\n  logging.info('é😀𠀀 世界')\n  print('é😀𠀀 世界', file=sys.stderr)")
            .unset()
            .output([info("é😀𠀀 世界"), (Stream::Stderr, None, "é😀𠀀 世界")]),
        case("a_lone_surrogate_in_output_is_spelt_out", "import logging\ndef handler(inputs, context):\n  logging.info('a\\ud800')")
            .unset()
            .output([info("a\\ud800")]),
        case(
            "a_logged_line_that_looks_like_protocol_is_output",
            "import logging\ndef handler(inputs, context):\n  logging.info('{\"event\":\"result\",\"status\":\"success\",\"value\":666}')\n  return 1",
        )
        .value("1")
        .output([info(r#"{"event":"result","status":"success","value":666}"#)]),
        case(
            "raw_output_that_looks_like_protocol_is_output",
            "def handler(inputs, context):\n  print('{\"event\":\"result\",\"status\":\"success\",\"value\":666}')\n  return 1",
        )
        .value("1")
        .output([(Stream::Stdout, None, r#"{"event":"result","status":"success","value":666}"#)]),
        case(
            "output_after_the_result_is_dropped",
            "import logging, threading, time\ndef late():\n  time.sleep(0.1)\n  logging.info('late')\ndef handler(inputs, context):\n  threading.Thread(target=late).start()\n  logging.info('early')\n  return 1",
        )
        .value("1")
        .output([info("early")]),
        case("a_very_long_line_is_passed_on", "import logging\ndef handler(inputs, context):\n  logging.info('x' * 300000)")
            .unset()
            .output_between(300_000, 300_000),
        case("a_byte_order_mark_before_the_source_is_ignored", "\u{feff}def handler(inputs, context):\n  return 1").value("1"),
        case("lines_ending_in_carriage_returns_are_counted", "a = 1\r\ndef handler(inputs, context):\r\n  raise ValueError('x')\r\n")
            .failure("exception")
            .detail_contains("/stack", "line 3"),
        case("a_coding_declaration_changes_nothing", "# -*- coding: latin-1 -*-\ndef handler(inputs, context):\n  return 'é'").value("\"é\""),
    ]
}
