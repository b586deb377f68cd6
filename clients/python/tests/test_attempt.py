"""What the events of one attempt mean."""

import unittest

from veritech_client import (
    Accepted,
    Failure,
    FailureCode,
    FoundBy,
    Heartbeat,
    InParts,
    Output,
    Part,
    Replies,
    Report,
    Result,
    Started,
    Stream,
    Value,
)
from veritech_client.attempt import Attempt, Ending, Failed, Returned
from veritech_client.protocol import decode
from veritech_client.protocol.event import Event
from veritech_client.protocol.json_text import NotJson
from veritech_client.retry import Reached

ID = "x-1"
ACCEPTED = Accepted(ID, "one", 1000)
STARTED = Started(ID, "sbx-1", "native", True, {})
OUTPUT = Output(ID, Stream.STDOUT, "hello")
SHA256 = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"  # of {"a":1}


class Played:
    """An attempt, its clock, and the number of the next event."""

    def __init__(self, replies: Replies = Replies.EVENTS) -> None:
        self.attempt = Attempt(ID, replies, 2000, 100, 0.0)
        self.sequence = 0

    def takes(self, at_ms: int, event: Event) -> Event | Ending:
        """Takes the next event in order."""
        self.sequence += 1
        return self.attempt.receive(str(self.sequence), event, at_ms / 1000)

    def goes_on(self, at_ms: int, event: Event) -> None:
        """Takes the next event, which must not be the last."""
        come = self.takes(at_ms, event)
        assert come is event, come


def failure_of(come: Event | Ending | None) -> Failure:
    assert isinstance(come, Failed), come
    return come.failure


def violation_in(come: Event | Ending) -> object:
    assert isinstance(come, Failed), come
    assert come.failure.code is FailureCode.INTERNAL, come
    assert come.found_by is FoundBy.CLIENT, come
    return come.failure.details["violation"]


class Attempts(unittest.TestCase):
    def test_a_value_comes_with_its_report(self) -> None:
        played = Played()
        played.goes_on(1, ACCEPTED)
        played.goes_on(2, STARTED)
        played.goes_on(3, OUTPUT)
        report = Report(image_digest="sha256:1")
        event = Result(ID, Value('{"b": 1}'), report)
        self.assertEqual(played.takes(4, event), Returned('{"b": 1}', report, event))

    def test_a_refused_request_is_answered_at_once_and_perhaps_without_an_id(self) -> None:
        for execution_id in (ID, None):
            refusal = Result(execution_id, Failure.new(FailureCode.INVALID_REQUEST, "no"))
            come = Played().takes(0, refusal)
            assert isinstance(come, Failed)
            self.assertIs(come.failure.code, FailureCode.INVALID_REQUEST)
            self.assertIs(come.found_by, FoundBy.DISPATCHER)

    def test_a_request_that_nobody_takes_is_not_accepted(self) -> None:
        attempt = Played().attempt
        self.assertEqual(attempt.wake_at, 2.0)
        self.assertIsNone(attempt.tick(1.999))
        failure = failure_of(attempt.tick(2.0))
        self.assertIs(failure.code, FailureCode.NOT_ACCEPTED)
        self.assertEqual(failure.details, {"limit_ms": 2000})

    def test_a_dispatcher_that_is_silent_for_three_heartbeats_is_lost(self) -> None:
        played = Played()
        played.goes_on(100, ACCEPTED)
        played.goes_on(2000, Heartbeat(ID))
        played.goes_on(4900, STARTED)
        self.assertIsNone(played.attempt.tick(7.899))
        failure = failure_of(played.attempt.tick(7.9))
        self.assertIs(failure.code, FailureCode.DISPATCHER_LOST)
        self.assertEqual(failure.details, {"limit_ms": 3000, "last_sequence": 3})

    def test_no_heartbeat_is_too_short_or_too_long_to_be_missed(self) -> None:
        for heartbeat_ms, silence_ms in [(0, 30), (2**64 - 1, 180_000)]:
            played = Played()
            played.goes_on(0, Accepted(ID, "one", heartbeat_ms))
            self.assertEqual(played.attempt.wake_at, silence_ms / 1000)

    def test_nobody_there_is_told_at_once(self) -> None:
        ending = Attempt.no_responders()
        self.assertIs(ending.failure.code, FailureCode.NO_RESPONDERS)
        self.assertIs(ending.found_by, FoundBy.CLIENT)

    def test_a_missing_and_a_repeated_event_are_a_gap(self) -> None:
        for number, found in [("3", 3), ("1", 1), ("0", 0), ("18446744073709551615", 2**64 - 1)]:
            played = Played()
            played.goes_on(0, ACCEPTED)
            failure = failure_of(played.attempt.receive(number, OUTPUT, 0.0))
            self.assertIs(failure.code, FailureCode.SEQUENCE_GAP)
            self.assertEqual(failure.details, {"expected": 2, "found": found})

    def test_a_full_mailbox_is_a_gap(self) -> None:
        played = Played()
        played.goes_on(0, ACCEPTED)
        failure = failure_of(played.attempt.overflown("2 messages"))
        self.assertIs(failure.code, FailureCode.SEQUENCE_GAP)
        self.assertEqual(failure.details, {"expected": 2})

    def test_a_dispatcher_that_does_not_keep_to_the_protocol_is_named_as_such(self) -> None:
        for number in (None, "", "one", "-1", " 1", "1_0", "\u0661", "1\n", "1" * 5000):
            come = Played().attempt.receive(number, ACCEPTED, 0.0)
            self.assertEqual(violation_in(come), "unnumbered_event", number)
        come = Played().attempt.receive("1", NotJson("is nonsense"), 0.0)
        self.assertEqual(violation_in(come), "malformed_event")
        for execution_id in (None, "other"):
            come = Played().takes(0, Accepted(execution_id, "one", 1000))
            self.assertEqual(violation_in(come), "foreign_event")
        come = Played().takes(0, Result(None, Value("1")))
        self.assertEqual(violation_in(come), "foreign_event")

    def test_events_out_of_turn_are_a_violation(self) -> None:
        for event in (OUTPUT, STARTED, Heartbeat(ID), Part(ID, 0, "x")):
            self.assertEqual(violation_in(Played().takes(0, event)), "untimely_event")
        played = Played()
        played.goes_on(0, ACCEPTED)
        self.assertEqual(violation_in(played.takes(1, ACCEPTED)), "untimely_event")
        played = Played()
        played.goes_on(0, ACCEPTED)
        played.goes_on(1, STARTED)
        self.assertEqual(violation_in(played.takes(2, STARTED)), "untimely_event")

    def test_parts_make_the_value_or_a_violation(self) -> None:
        played = Played()
        played.goes_on(0, ACCEPTED)
        played.goes_on(1, Part(ID, 0, '{"a'))
        played.goes_on(2, Part(ID, 1, '":1}'))
        event = Result(ID, InParts(2, SHA256))
        self.assertEqual(played.takes(3, event), Returned('{"a":1}', Report(), event))

        played = Played()
        played.goes_on(0, ACCEPTED)
        self.assertEqual(violation_in(played.takes(1, Part(ID, 1, "x"))), "broken_parts")

        played = Played()
        played.goes_on(0, ACCEPTED)
        self.assertEqual(violation_in(played.takes(1, Result(ID, InParts(1, SHA256)))), "broken_parts")

        played = Played()
        played.goes_on(0, ACCEPTED)
        failure = failure_of(played.takes(1, Part(ID, 0, "x" * 101)))
        self.assertIs(failure.code, FailureCode.RESULT_TOO_LARGE)
        self.assertEqual(failure.details, {"bytes": 101, "limit": 100})

    def test_without_events_neither_silence_nor_numbers_mean_anything(self) -> None:
        attempt = Played(Replies.RESULT).attempt
        self.assertIsNone(attempt.wake_at)
        self.assertIsNone(attempt.tick(1000.0))
        self.assertIs(attempt.reached, Reached.UNKNOWN)
        self.assertIsInstance(attempt.receive(None, Result(ID, Value("1")), 0.0), Returned)

    def test_what_was_reached_is_what_the_events_said(self) -> None:
        played = Played()
        played.goes_on(0, ACCEPTED)
        self.assertIs(played.attempt.reached, Reached.NOT_STARTED)
        played.goes_on(1, STARTED)
        self.assertIs(played.attempt.reached, Reached.STARTED)

    def test_events_of_a_later_version_are_passed_on(self) -> None:
        played = Played()
        played.goes_on(0, ACCEPTED)
        played.goes_on(1, decode.event(b'{"event":"snapshot","id":"x-1"}', 100))
