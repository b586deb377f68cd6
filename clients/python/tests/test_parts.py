"""How a value is put together that came in parts."""

import hashlib
import unittest

from veritech_client import Part
from veritech_client.parts import BrokenParts, Parts, PartsTooLarge

SHA256 = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"  # of {"a":1}


def parts(*pieces: tuple[int, str]) -> Parts:
    received = Parts(10)
    for index, data in pieces:
        received.push(Part("x-1", index, data))
    return received


class PutTogether(unittest.TestCase):
    def test_parts_in_order_make_the_value(self) -> None:
        self.assertEqual(parts((0, '{"a'), (1, '":1}')).finish(2, SHA256), '{"a":1}')

    def test_parts_that_are_missing_exchanged_or_changed_are_noticed(self) -> None:
        for pieces, count, problem in [
            ([(1, '{"a":1}')], 1, "part 1 of the value came where part 0 was due"),
            ([(0, '{"a":1}')], 2, "speaks of 2 parts, 1 came"),
            ([(0, '{"a":2}')], 1, "SHA-256"),
            ([(0, "")], 1, "part 0 of the value is empty"),
        ]:
            with self.subTest(pieces=pieces), self.assertRaisesRegex(BrokenParts, problem):
                parts(*pieces).finish(count, SHA256)

    def test_parts_that_make_no_json_are_no_value(self) -> None:
        for text in ["NaN", "[1", "1 2", "{'a'}"]:
            digest = hashlib.sha256(text.encode()).hexdigest()
            with self.subTest(text=text), self.assertRaisesRegex(BrokenParts, "no JSON"):
                parts((0, text)).finish(1, digest)

    def test_a_value_does_not_grow_beyond_its_bound(self) -> None:
        with self.assertRaises(PartsTooLarge) as caught:
            parts((0, "123456"), (1, "78901"))
        self.assertEqual((caught.exception.size, caught.exception.limit), (11, 10))
        with self.assertRaises(PartsTooLarge):
            parts((0, "€€€€"))
