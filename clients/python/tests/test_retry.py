"""Which failures are followed by another attempt, and when."""

import unittest

from veritech_client import Backoff, FailureCode, Kind, Origin, Retry
from veritech_client.retry import Policy, Reached, must_be_ended

UNSTARTED = [
    "overloaded",
    "expired",
    "shutting_down",
    "image_pull_failed",
    "sandbox_start_failed",
    "sandbox_lost",
    "no_responders",
    "not_accepted",
]


def policy(retry: Retry, kind: Kind) -> Policy:
    return Policy(retry, Backoff(), kind, deadline=60.0)


def repeated(retry: Retry, kind: Kind, reached: Reached) -> list[FailureCode]:
    """Returns the codes after which there is another attempt."""
    judge = policy(retry, kind).judge
    return [code for code in FailureCode if judge(1, code, reached, 0.0, 0.0) is not None]


class Retries(unittest.TestCase):
    def test_what_never_started_is_repeated(self) -> None:
        self.assertEqual(repeated(Retry.SAFE, Kind.RESOLVER, Reached.NOT_STARTED), UNSTARTED)

    def test_an_action_that_may_yet_start_is_not_repeated(self) -> None:
        self.assertEqual(repeated(Retry.SAFE, Kind.ACTION, Reached.NOT_STARTED), UNSTARTED[:7])

    def test_what_was_started_is_not_repeated_unless_asked_for(self) -> None:
        # `not_accepted` cannot come after `started`.
        self.assertEqual(repeated(Retry.SAFE, Kind.RESOLVER, Reached.STARTED), ["not_accepted"])
        codes = repeated(Retry.ALWAYS, Kind.ACTION, Reached.STARTED)
        for code in ("sandbox_lost", "shutting_down", "dispatcher_lost", "sequence_gap"):
            self.assertIn(code, codes)
        for code in ("exception", "timed_out", "cancelled", "deadline_exceeded", "internal"):
            self.assertNotIn(code, codes)

    def test_without_events_only_what_cannot_have_started_is_repeated(self) -> None:
        codes = repeated(Retry.SAFE, Kind.RESOLVER, Reached.UNKNOWN)
        self.assertNotIn("shutting_down", codes)
        self.assertNotIn("sandbox_lost", codes)
        self.assertIn("overloaded", codes)

    def test_nothing_is_repeated_if_that_is_forbidden(self) -> None:
        self.assertEqual(repeated(Retry.NEVER, Kind.RESOLVER, Reached.NOT_STARTED), [])

    def test_waits_grow_up_to_the_longest(self) -> None:
        def waits(jitter: float) -> list[float]:
            return [Backoff().wait_ms(attempt, jitter) for attempt in (1, 2, 3, 7, 2**32 - 1)]

        self.assertEqual(waits(1.0), [100, 200, 400, 5000, 5000])
        self.assertEqual(waits(0.0), [50, 100, 200, 2500, 2500])

    def test_no_attempt_is_made_past_the_deadline(self) -> None:
        judge = policy(Retry.SAFE, Kind.RESOLVER).judge
        self.assertIsNone(judge(1, FailureCode.OVERLOADED, Reached.NOT_STARTED, 59.95, 1.0))
        self.assertIsNotNone(judge(1, FailureCode.OVERLOADED, Reached.NOT_STARTED, 59.8, 1.0))

    def test_half_an_action_is_worse_than_a_whole_one(self) -> None:
        lost = (FailureCode.DISPATCHER_LOST, FailureCode.SEQUENCE_GAP)
        unheard = (FailureCode.NOT_ACCEPTED, FailureCode.DEADLINE_EXCEEDED)
        for code in FailureCode:
            self.assertEqual(must_be_ended(code, is_repeated=False), code in unheard, code)
            self.assertEqual(must_be_ended(code, is_repeated=True), code in unheard + lost, code)


class Codes(unittest.TestCase):
    def test_what_is_retryable_is_never_the_functions_doing(self) -> None:
        for code in FailureCode:
            self.assertTrue(not code.retryable or code.origin is Origin.SYSTEM, code)
