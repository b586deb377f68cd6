"""What callers may set, and what is refused."""

import unittest
from typing import Any

from veritech_client import (
    Backoff,
    CallError,
    CallOptions,
    CallResult,
    Failure,
    FailureCode,
    FoundBy,
    InvalidHeader,
    InvalidOption,
    Kind,
    NoValue,
    Options,
    RemoteFunctionRequest,
    Report,
    Tenant,
    TraceContext,
    UnreadableValue,
)

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Headers(unittest.TestCase):
    def test_nothing_that_ends_a_header_gets_into_one(self) -> None:
        for text in ["", "a\r\nb: c", "a\n", "ä", "x" * 513]:
            with self.assertRaises(InvalidHeader) as caught:
                TraceContext(PARENT, text)
            self.assertEqual(caught.exception.header, "tracestate")
            with self.assertRaises(InvalidHeader):
                Tenant(text)
        for parent in ["", "00-", PARENT.upper(), f"{PARENT}-00", f"{PARENT}\n"]:
            with self.assertRaises(InvalidHeader) as caught:
                TraceContext(parent)
            self.assertEqual(caught.exception.header, "traceparent")

    def test_a_trace_and_a_tenant_are_carried_by_headers(self) -> None:
        options = CallOptions(trace=TraceContext(PARENT, "a=b"), tenant=Tenant("billing"))
        headers = {"traceparent": PARENT, "tracestate": "a=b", "Veritech-Tenant": "billing"}
        self.assertEqual(options.headers(), headers)
        self.assertEqual(CallOptions().headers(), {})


class OptionsOfClients(unittest.TestCase):
    def test_a_call_gets_the_time_that_its_request_allows_and_some_more(self) -> None:
        request = RemoteFunctionRequest(Kind.ACTION, "a", "", timeout_ms=5000, queue_timeout_ms=0)
        self.assertEqual(Options().patience_ms(request), 35_000)
        self.assertEqual(Options().patience_ms(RemoteFunctionRequest(Kind.ACTION, "a", "")), 70_000)

    def test_a_prefix_cannot_widen_a_subject(self) -> None:
        for prefix in [">", "*", "a.>", "a.", ".a", "a..b", "a b", "$SRV", "a\n", "x" * 129]:
            with self.subTest(prefix=prefix), self.assertRaises(InvalidOption):
                Options(subject_prefix=prefix)
        subjects = Options(subject_prefix="a.b").subjects
        self.assertEqual(subjects.function(Kind.ACTION), "a.b.veritech.function.action")
        self.assertEqual(Options().subjects.cancel("x-1"), "veritech.control.cancel.x-1")

    def test_an_inbox_prefix_cannot_widen_a_subscription(self) -> None:
        for prefix in ["", ">", "_INBOX.*", "_INBOX.", "a..b", "a b", "a\r\nb", "ä", "x" * 129]:
            with self.subTest(prefix=prefix), self.assertRaises(InvalidOption):
                Options(inbox_prefix=prefix)
        options = Options(inbox_prefix="_INBOX.billing-1,$")
        self.assertRegex(options.draw_inbox(), r"^_INBOX\.billing-1,\$\.[0-9a-f]{32}$")
        self.assertNotEqual(options.draw_inbox(), options.draw_inbox())

    def test_an_option_that_makes_no_sense_is_named(self) -> None:
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"accept_timeout_ms": -1}, "accept_timeout_ms"),
            ({"accept_timeout_ms": 1.5}, "accept_timeout_ms"),
            ({"mailbox_capacity": 0}, "mailbox_capacity"),
            ({"max_value_bytes": 10**400}, "max_value_bytes"),
            ({"retry": "safe"}, "retry"),
            ({"backoff": Backoff(factor=0)}, "backoff.factor"),
        ]
        for options, name in wrong:
            with self.subTest(name=name), self.assertRaisesRegex(InvalidOption, name):
                Options(**options)
        with self.assertRaisesRegex(InvalidOption, "deadline_ms"):
            CallOptions(deadline_ms=-1)


class Values(unittest.TestCase):
    def result(self, json: str | None) -> CallResult:
        return CallResult("x-1", 1, json, Report())

    def test_null_is_a_value_and_unset_is_none(self) -> None:
        self.assertIsNone(self.result("null").value())
        with self.assertRaises(NoValue):
            self.result(None).value()

    def test_a_value_that_python_cannot_hold_is_told_apart(self) -> None:
        for json in ['"\\ud800"', "1e999", "9" * 5000]:
            with self.assertRaises(UnreadableValue):
                self.result(json).value()

    def test_the_event_of_a_result_keeps_the_value_as_it_was_written(self) -> None:
        self.assertIn('"value":{"b": 1.0}', self.result('{"b": 1.0}').event().encode())
        self.assertIn('"unset":true', self.result(None).event().encode())

    def test_an_error_reads_as_its_failure(self) -> None:
        failure = Failure.new(FailureCode.EXCEPTION, "€" * 4000)
        error = CallError(failure, FoundBy.DISPATCHER, "x-1", 1, Report())
        self.assertLessEqual(len(failure.message.encode()), 8192)
        self.assertEqual(set(failure.message), {"€"})
        self.assertTrue(str(error).startswith("exception: €"))
