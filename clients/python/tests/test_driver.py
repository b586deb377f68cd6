"""The program that makes one call as it is told on stdin."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from tests.dispatcher import SHA256
from tests.nats_server import LIMIT_S
from tests.networked import Networked
from veritech_client import FailureCode, InParts, Result

PROGRAM = Path(__file__).resolve().parents[1] / "scenarios" / "driver.py"
REQUEST = {"kind": "resolver", "container_image": "builtin/quickjs", "code": "export default () => 1"}


class Driven:
    """The program while it runs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, **told: object) -> "Driven":
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), stdin=pipe, stdout=pipe)
        driven = cls(process)
        driven.tell(**told)
        return driven

    def tell(self, **told: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told).encode() + b"\n")

    async def says(self) -> dict[str, Any]:
        """Returns its next line."""
        assert self._process.stdout is not None
        line: dict[str, Any] = json.loads(await asyncio.wait_for(self._process.stdout.readline(), LIMIT_S))
        return line

    async def outcome(self) -> dict[str, Any]:
        """Returns its last line, once it has ended by itself while stdin is open."""
        while "outcome" not in (line := await self.says()):
            pass
        assert await asyncio.wait_for(self._process.wait(), LIMIT_S) == 0
        return line


class Programs(Networked):
    async def test_events_are_said_as_they_come_and_the_outcome_last(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        driven = await Driven.start(server=server.url, request={**REQUEST, "inputs": {"a": "x" * 100_000}})
        taken = await dispatcher.take()
        await taken.say(taken.accepted())
        self.assertEqual((await driven.says())["event"]["instance"], "one")
        await taken.say(
            taken.started(), taken.part(0, '{"a":'), taken.part(1, "1}"), Result(taken.id, InParts(2, SHA256))
        )
        outcome = {"outcome": {"status": "success", "value": {"a": 1}}, "id": taken.id, "attempts": 1}
        self.assertEqual(await driven.outcome(), outcome)

    async def test_a_cancellation_is_answered_before_the_outcome(self) -> None:
        server = await self.server()
        dispatcher = await self.dispatcher(server)
        driven = await Driven.start(server=server.url, request=REQUEST)
        taken = await dispatcher.take()
        await taken.say(taken.accepted())
        self.assertEqual((await driven.says())["event"]["event"], "accepted")
        driven.tell(do="cancel")
        await dispatcher.cancellation()
        self.assertEqual(await driven.says(), {"cancellation": {"cancelled": True, "instance": "one"}})
        await taken.say(taken.failure(FailureCode.CANCELLED))
        outcome = (await driven.outcome())["outcome"]
        self.assertEqual((outcome["failure"]["code"], outcome["found_by"]), ("cancelled", "dispatcher"))

    async def test_options_and_failures_of_the_client(self) -> None:
        server = await self.server()
        options = {"retry": "never", "deadline_ms": 5000, "accept_timeout_ms": 500, "prefix": "nobody.here"}
        driven = await Driven.start(server=server.url, request={**REQUEST, "id": "x-1"}, options=options)
        event = (await driven.says())["event"]
        failure = {
            "code": "no_responders",
            "origin": "system",
            "retryable": True,
            "message": "no dispatcher has a free place, or none is there",
        }
        self.assertEqual(event["failure"], failure)
        outcome = {"status": "failure", "failure": {**failure, "details": {}}, "found_by": "client"}
        self.assertEqual(await driven.outcome(), {"outcome": outcome, "id": "x-1", "attempts": 1})

    async def test_a_request_that_is_none_is_told_as_a_failure(self) -> None:
        driven = await Driven.start(server="nats://127.0.0.1:1", request={**REQUEST, "oops": 1})
        failure = (await driven.says())["event"]["failure"]
        self.assertEqual((failure["code"], failure["details"]), ("invalid_request", {"field": "oops"}))
        outcome = await driven.outcome()
        self.assertEqual(outcome["outcome"]["found_by"], "client")
        self.assertEqual(outcome["attempts"], 0)
