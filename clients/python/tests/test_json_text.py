"""What JSON text is taken, and what is said of the rest."""

import json
import random
import time
import unittest

from veritech_client.protocol.json_text import (
    NotJson,
    bounded,
    check,
    decode,
    decode_value,
    deeper_than,
    elements,
    members,
)


class Bounds(unittest.TestCase):
    def test_brackets_in_strings_do_not_count(self) -> None:
        self.assertFalse(deeper_than(r'["[[[[\"[[[["]', 1))
        self.assertTrue(deeper_than(r'["[[[[\\",[]]', 1))
        self.assertFalse(deeper_than('[[],[],{},"', 2))

    def test_each_bound_is_named_with_its_figures(self) -> None:
        for data, max_bytes, problem in [
            (b"123456", 5, "is 6 bytes long, the limit is 5"),
            (b"[[1]]", 9, "is nested more than 1 levels deep"),
            (b"a\xff", 9, "is not UTF-8 after byte 1"),
            (b"\xed\xa0\x80", 9, "is not UTF-8 after byte 0"),
        ]:
            with self.subTest(data=data), self.assertRaisesRegex(NotJson, problem):
                bounded(data, max_bytes, 1)

    def test_depth_is_that_which_a_parser_would_reach(self) -> None:
        chance = random.Random(7)
        for _ in range(2000):
            text = "".join(chance.choices('[]{}"\\a', k=chance.randrange(40)))
            depth, deepest, in_string, is_escaped = 0, 0, False, False
            for character in text:
                if in_string:
                    in_string = is_escaped or character != '"'
                    is_escaped = not is_escaped and character == "\\"
                elif character == '"':
                    in_string = True
                else:
                    depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(character, 0)
                    deepest = max(deepest, depth)
            for limit in range(6):
                self.assertEqual(deeper_than(text, limit), deepest > limit, f"{text!r} at {limit}")

    def test_a_million_levels_are_refused_before_anything_recurses(self) -> None:
        began = time.monotonic()
        with self.assertRaises(NotJson):
            bounded(b"[" * 1_000_000, 8 << 20, 136)
        self.assertLess(time.monotonic() - began, 10, "the time grows with the text, not with its square")


class Reading(unittest.TestCase):
    def test_members_are_returned_as_they_were_written(self) -> None:
        text = ' { "b" : 1.0 ,"a":{"z":1e2,"a":[ "\\u0041"]}, "n":null } '
        self.assertEqual(members(text), {"b": "1.0", "a": '{"z":1e2,"a":[ "\\u0041"]}', "n": "null"})
        self.assertEqual(members("{}"), {})
        self.assertEqual(elements(' [ 1.0 ,"a" ] '), ["1.0", '"a"'])
        self.assertEqual(elements("[]"), [])

    def test_what_is_no_object_is_refused(self) -> None:
        for text in [
            "", " ", "null", "[]", "{", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', "{,}", '{"a":1}}', '{"a":1}x',
            "{a:1}", '{"a" 1}', '{"a":1 "b":2}', '{"a":NaN}', '{"a":-Infinity}', '{"a":01}', '{"a":"\n"}', '\ufeff{}',
            '{"a":1,"a":2}', "{1:2}", '{"a":tru}',
        ]:  # fmt: skip
            with self.subTest(text=text), self.assertRaises(NotJson):
                members(text)

    def test_whatever_python_writes_is_read_and_whatever_is_cut_is_refused(self) -> None:
        value = {"a": [1, 2.5, {"b": None}], "c": 'x\u20ac\U0001f600"\\', "d": True}
        for ascii_only in (True, False):
            text = json.dumps(value, ensure_ascii=ascii_only)
            self.assertEqual({name: decode(raw) for name, raw in members(text).items()}, value)
            for end in range(len(text)):
                with self.assertRaises(NotJson):
                    members(text[:end])

    def test_what_only_python_takes_for_json_is_refused(self) -> None:
        for text in ["NaN", "Infinity", "[-Infinity]"]:
            for read in (decode, decode_value, check):
                with self.subTest(text=text), self.assertRaises(NotJson):
                    read(text)

    def test_half_a_surrogate_pair_is_found_wherever_it_is(self) -> None:
        for lone in [
            r'"\ud800"', r'"\uDC00"', r'"\ud83d x\ude00"', r'"\ud83d\n\ude00"', r'"\ude00\ud83d"', r'{"\ud800":1}',
        ]:  # fmt: skip
            for read in (decode, decode_value):
                with self.subTest(lone=lone), self.assertRaisesRegex(NotJson, "surrogate"):
                    read(lone)
            check(lone)
        for whole in [r'"\ud83d\ude00"', r'"\\ud800"', r'"\u00e4 \"ud800\""', '[1,"😀"]']:
            self.assertEqual(decode(whole), json.loads(whole))

    def test_numbers_that_python_cannot_hold_are_refused_and_not_an_accident(self) -> None:
        long = "9" * 5000
        for text in [long, f"[-{long}]", "1e400", "-1e999"]:
            with self.subTest(text=text[:9]), self.assertRaises(NotJson):
                decode_value(text)
            with self.subTest(text=text[:9]), self.assertRaises(NotJson):
                decode(text)
            check(text)
            self.assertEqual(members(f'{{"value":{text}}}'), {"value": text})
        self.assertEqual(decode_value("9" * 4000), int("9" * 4000))
        self.assertIsInstance(decode("9" * 30), float)

    def test_a_parser_that_has_no_room_left_says_so(self) -> None:
        deep = "[" * 100_000 + "]" * 100_000
        with self.assertRaisesRegex(NotJson, "too deep"):
            check(deep)
