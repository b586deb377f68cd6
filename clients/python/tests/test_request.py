"""What requests are sent, and what is said of the others."""

import json
import math
import unittest
from typing import Any

from veritech_client import InvalidRequest, Kind, RemoteFunctionRequest, RequestedLimits
from veritech_client.protocol import image

BASE = {"kind": "resolver", "container_image": "builtin/quickjs", "code": ""}
DIGEST = f"sha256:{'0a' * 32}"


def wrong(**members: object) -> InvalidRequest:
    try:
        RemoteFunctionRequest.from_json({**BASE, **members})
    except InvalidRequest as error:
        return error
    raise AssertionError(f"{members} is taken")


class Requests(unittest.TestCase):
    def test_what_is_wrong_is_named_by_its_field(self) -> None:
        cases: list[tuple[dict[str, Any], str]] = [
            ({"id": "a b"}, "id"),
            ({"id": 7}, "id"),
            ({"limits": {"memory_bytes": -1}}, "limits.memory_bytes"),
            ({"limits": {"memory_bytes": 1 << 64}}, "limits.memory_bytes"),
            ({"limits": {"processes": 1 << 32}}, "limits.processes"),
            ({"limits": {"mem": 1}}, "limits.mem"),
            ({"limits": [67108864]}, "limits"),
            ({"timout_ms": 1}, "timout_ms"),
            ({"timeout_ms": 1.5}, "timeout_ms"),
            ({"timeout_ms": True}, "timeout_ms"),
            ({"replies": "all"}, "replies"),
            ({"replies": None}, "replies"),
            ({"language": "cobol"}, "language"),
            ({"limits": {"cpus": 0}}, "limits.cpus"),
            ({"limits": {"cpus": math.nan}}, "limits.cpus"),
            ({"limits": {"cpus": math.inf}}, "limits.cpus"),
            ({"limits": {"cpus": 10**400}}, "limits.cpus"),
            ({"kind": "action", "response_type": "string"}, "response_type"),
            ({"env": {"A=B": "x"}}, "env"),
            ({"env": {"A": "\0"}}, "env.A"),
            ({"env": {"A": 1}}, "env.A"),
            ({"env": {f"A{n}": "" for n in range(257)}}, "env"),
            ({"handler": ""}, "handler"),
            ({"handler": "ä" * 129}, "handler"),
            ({"container_tag": "a b"}, "container_tag"),
            ({"container_image": "A"}, "container_image"),
            ({"container_image": None}, "container_image"),
            ({"code": "\ud800"}, "code"),
            ({"code": b""}, "code"),
        ]
        for members, field in cases:
            with self.subTest(members=members):
                error = wrong(**members)
                self.assertEqual(error.field, field, str(error))
                self.assertEqual(error.failure().details, {"field": field})

    def test_a_missing_field_is_named(self) -> None:
        with self.assertRaisesRegex(InvalidRequest, "`container_image` is missing"):
            RemoteFunctionRequest.from_json({"kind": "resolver", "code": ""})

    def test_an_unknown_kind_is_told_apart_from_a_malformed_request(self) -> None:
        failure = wrong(kind="oracle" * 100).failure()
        self.assertEqual(failure.code, "unsupported_kind")
        self.assertEqual(len(str(failure.details["kind"])), 64)

    def test_inputs_that_json_cannot_express_are_named(self) -> None:
        cyclic: list[Any] = []
        cyclic.append(cyclic)
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        for inputs in [math.nan, {"a": math.inf}, cyclic, deep, {1, 2}, "\ud800", 10**5000]:
            request = RemoteFunctionRequest(Kind.RESOLVER, "a", "", inputs=inputs)  # type: ignore[arg-type]
            with self.assertRaises(InvalidRequest) as caught:
                request.encode("x-1")
            self.assertEqual(caught.exception.field, "inputs")
        # Else the interpreter itself would recurse when it forgets it.
        while deep:
            deep = deep.pop()

    def test_a_request_is_written_as_it_is_on_the_wire(self) -> None:
        request = RemoteFunctionRequest(Kind.RESOLVER, "builtin/quickjs", "code", inputs={"b": 1, "a": "€"})
        self.assertEqual(
            json.loads(request.encode("x-1")),
            {
                "kind": "resolver",
                "container_image": "builtin/quickjs",
                "container_tag": "latest",
                "code": "code",
                "id": "x-1",
                "response_type": "any",
                "network": "none",
                "replies": "events",
                "on_caller_lost": "finish",
                "inputs": {"b": 1, "a": "€"},
            },
        )

    def test_requests_come_back_as_they_went(self) -> None:
        members = {
            **BASE,
            "container_tag": DIGEST,
            "id": "order-17",
            "language": "typescript",
            "handler": "run",
            "inputs": [1, None, "x"],
            "response_type": "integer",
            "timeout_ms": 2**64 - 1,
            "queue_timeout_ms": 0,
            "limits": {"cpus": 0.5, "memory_bytes": 1 << 20, "processes": 3},
            "network": "egress",
            "env": {"A": "b"},
            "replies": "result",
            "on_caller_lost": "cancel",
        }
        request = RemoteFunctionRequest.from_json(members)
        self.assertIs(request.kind, Kind.RESOLVER)
        self.assertEqual(request.limits, RequestedLimits(cpus=0.5, memory_bytes=1 << 20, processes=3))
        self.assertEqual(json.loads(request.encode("order-17")), members)


class Images(unittest.TestCase):
    def test_names_of_registries_paths_and_digests_are_images(self) -> None:
        for name, tag in [
            ("node", "24"),
            ("builtin/quickjs", "latest"),
            ("localhost:5000/team/a-b__c.d", "v1.0-rc_2"),
            ("Registry.Example.com/x", DIGEST),
        ]:
            self.assertTrue(image.is_image(name), name)
            self.assertTrue(image.is_tag(tag), tag)

    def test_names_that_could_be_read_as_something_else_are_refused(self) -> None:
        for name in [
            "", "/", "a//b", "../b", "-v", "A", "a b", "a:1", "a@b", "a/.b", "a/b-", "a___b", "a:+3/b", "a:65536/b",
            "a\n", "a" * 256,
        ]:  # fmt: skip
            self.assertFalse(image.is_image(name), name)
        for tag in ["", "-v", ".x", "a/b", "a b", "sha256:12", "x" * 129, "v1\n"]:
            self.assertFalse(image.is_tag(tag), tag)
