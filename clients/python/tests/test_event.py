"""What a dispatcher may say, and what is not believed."""

import json
import random
import unittest

from veritech_client import (
    Accepted,
    Event,
    Failure,
    FailureCode,
    Heartbeat,
    InParts,
    Level,
    Output,
    Part,
    Phase,
    Progress,
    Report,
    Result,
    Started,
    Stream,
    Timings,
    UnknownEvent,
    Unset,
    Usage,
    Value,
)
from veritech_client.protocol import decode
from veritech_client.protocol.json_text import NotJson

REPORT = Report(Timings(total_us=5, execute_us=3), Usage(1, 2, 3, True), "sha256:1")

EVENTS: list[Event] = [
    Accepted("x-1", "one", 1000),
    Progress("x-1", Phase.PULLING, 1, 2**64 - 1),
    Started("x-1", "sbx-1", "native", True, {"cpus": "cgroup-v1"}),
    Output("x-1", Stream.STDOUT, "hällo\u2028", Level.INFO, "2026-11-26T00:00:00.000Z"),
    Output("x-1", Stream.STDERR, ""),
    Heartbeat("x-1"),
    Part("x-1", 2**32 - 1, '{"a":'),
    Result("x-1", Value('{"b": 1.0, "a":\n[1e2, null]}'), REPORT),
    Result("x-1", Value("null")),
    Result("x-1", Unset(), REPORT),
    Result("x-1", InParts(2, "0a" * 32)),
    Result(None, Failure.new(FailureCode.EXCEPTION, "no", line=3, cause=[None, {"a": 1.5}]), REPORT),
    UnknownEvent("x-1", "snapshot", '{"event":"snapshot","id":"x-1","at":{"b":1,"a":2.0}}'),
]


def read(text: str) -> Event:
    return decode.event(text.encode(), 10_000)


class Events(unittest.TestCase):
    def test_events_come_back_as_they_went(self) -> None:
        for event in EVENTS:
            with self.subTest(event=event):
                self.assertEqual(read(event.encode()), event)
                self.assertEqual(json.loads(event.encode())["event"], event.name)

    def test_a_value_keeps_every_character(self) -> None:
        text = '{"value":{"b": 1.0,"a":1e2} , "status":"success","id":"x-1","event":"result"}'
        event = read(text)
        assert isinstance(event, Result)
        self.assertEqual(event.outcome, Value('{"b": 1.0,"a":1e2}'))
        self.assertIn('"value":{"b": 1.0,"a":1e2}', event.encode())

    def test_members_of_a_later_version_are_ignored(self) -> None:
        text = '{"event":"heartbeat","id":"x-1","later":[1e999,"\\ud800"],"instance":7}'
        self.assertEqual(read(text), Heartbeat("x-1"))

    def test_what_is_not_as_it_must_be_is_not_believed(self) -> None:
        accepted = '"event":"accepted","id":"x-1","instance":"one"'
        result = '"event":"result","id":"x-1"'
        failure = '"code":"exception","origin":"user","retryable":false,"message":"no"'
        for text in [
            "7",
            "{}",
            '{"event":7,"id":"x-1"}',
            '{"event":"heartbeat","id":"a b"}',
            '{"event":"heartbeat","id":""}',
            '{"event":"heartbeat","id":7}',
            "{%s}" % accepted,
            '{%s,"heartbeat_ms":-1}' % accepted,
            '{%s,"heartbeat_ms":1.0}' % accepted,
            '{%s,"heartbeat_ms":true}' % accepted,
            '{%s,"heartbeat_ms":"1"}' % accepted,
            '{%s,"heartbeat_ms":null}' % accepted,
            '{%s,"heartbeat_ms":18446744073709551616}' % accepted,
            '{%s,"heartbeat_ms":%s}' % (accepted, "9" * 5000),
            '{%s,"heartbeat_ms":NaN}' % accepted,
            '{"event":"part","id":"x-1","index":4294967296,"data":"x"}',
            '{"event":"part","id":"x-1","index":0,"data":"\\ud800"}',
            '{"event":"output","id":"x-1","stream":"stdin","message":""}',
            '{"event":"output","id":"x-1","stream":"stdout","message":"","level":"fatal"}',
            '{"event":"started","id":"x-1","sandbox":"","engine":"","warm":1,"enforced":{}}',
            '{"event":"started","id":"x-1","sandbox":"","engine":"","warm":true,"enforced":{"a":1}}',
            '{%s,"status":"success"}' % result,
            '{%s,"status":"success","value":1,"unset":true}' % result,
            '{%s,"status":"success","parts":1}' % result,
            '{%s,"status":"success","value":1,"failure":{%s}}' % (result, failure),
            '{%s,"status":"failure"}' % result,
            '{%s,"status":"failure","value":1,"failure":{%s}}' % (result, failure),
            '{%s,"status":"failure","failure":{%s,"details":[]}}' % (result, failure),
            '{%s,"status":"failure","failure":{%s,"details":{"a":1e999}}}' % (result, failure),
            '{%s,"status":"failure","failure":{%s}}' % (result, failure.replace("exception", "oops")),
            '{%s,"status":"failure","failure":[]}' % result,
            '{%s,"status":"maybe","value":1}' % result,
            '{%s,"status":"success","value":1,"timings":null}' % result,
            '{%s,"status":"success","value":1,"timings":{"total_us":-1}}' % result,
            '{%s,"status":"success","value":1,"usage":7}' % result,
            '{%s,"status":"success","value":NaN}' % result,
            '{%s,"status":"success","value":%s}' % (result, "[" * 200 + "]" * 200),
        ]:
            with self.subTest(text=text[:120]), self.assertRaises(NotJson):
                read(text)

    def test_null_stands_for_what_may_be_missing(self) -> None:
        text = '{"event":"output","id":"x-1","stream":"stdout","message":"m","level":null,"timestamp":null}'
        self.assertEqual(read(text), Output("x-1", Stream.STDOUT, "m"))

    def test_an_event_over_its_bound_is_not_read(self) -> None:
        with self.assertRaisesRegex(NotJson, "the limit is 10"):
            decode.event(b'{"event":"heartbeat"}', 10)

    def test_no_bytes_make_the_decoder_fail_in_another_way(self) -> None:
        chance = random.Random(11)
        for _ in range(3000):
            data = bytearray(chance.choice(EVENTS).encode().encode())
            for _ in range(chance.randrange(1, 6)):
                at = chance.randrange(len(data))
                data[at : at + chance.randrange(3)] = chance.choices(
                    b'{}[]",:\\u019eE-+.dNtf\xff\x00 ', k=chance.randrange(3)
                )
            try:
                decode.event(bytes(data), 400)
            except NotJson:
                continue
