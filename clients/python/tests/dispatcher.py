"""A dispatcher that says what a test tells it to."""

import asyncio
import json
from typing import Any, Self

import nats
from nats.aio.client import Client as NatsClient
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from tests.nats_server import LIMIT_S
from veritech_client import (
    Accepted,
    Event,
    Failure,
    FailureCode,
    Heartbeat,
    Output,
    Part,
    Result,
    Started,
    Stream,
    Unset,
    Value,
)

SHA256 = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"  # of {"a":1}


async def settle(connection: NatsClient) -> None:
    """Waits until the server has everything that was sent before: it has once it answers something sent after that.

    The library's own `flush` overtakes what waits in its buffer.
    """
    inbox = connection.new_inbox()
    echo = await connection.subscribe(inbox)
    await connection.publish(inbox, b"echo")
    await echo.next_msg(LIMIT_S)
    await echo.unsubscribe()


class Taken:
    """A request that was taken."""

    def __init__(self, connection: NatsClient, message: Msg) -> None:
        self._connection = connection
        self._message = message
        self._sequence = 0
        self.request: dict[str, Any] = json.loads(message.data)
        self.id: str = self.request["id"]
        self.headers = message.headers or {}

    async def say(self, *events: Event) -> None:
        """Sends the next events."""
        for event in events:
            self._sequence += 1
            await self.say_as(str(self._sequence), event.encode().encode())

    async def say_as(self, sequence: str, text: bytes) -> None:
        """Sends any text with any number."""
        headers = {"Veritech-Event": "told", "Veritech-Sequence": sequence}
        await self._connection.publish(self._message.reply, text, headers=headers)

    async def heard(self) -> None:
        """Waits until the server has what was said."""
        await settle(self._connection)

    def accepted(self, heartbeat_ms: int = 1000) -> Accepted:
        return Accepted(self.id, "one", heartbeat_ms)

    def started(self) -> Started:
        return Started(self.id, "sbx-1", "scripted", False, {})

    def output(self, message: str) -> Output:
        return Output(self.id, Stream.STDOUT, message)

    def heartbeat(self) -> Heartbeat:
        return Heartbeat(self.id)

    def part(self, index: int, data: str) -> Part:
        return Part(self.id, index, data)

    def value(self, text: str) -> Result:
        return Result(self.id, Value(text))

    def unset(self) -> Result:
        return Result(self.id, Unset())

    def failure(self, code: FailureCode) -> Result:
        return Result(self.id, Failure.new(code, "as told"))


class Dispatcher:
    """Takes requests and cancellations from a server."""

    def __init__(self, connection: NatsClient, requests: Subscription, cancellations: Subscription) -> None:
        self.connection = connection
        self._requests = requests
        self._cancellations = cancellations

    @classmethod
    async def start(cls, url: str) -> Self:
        """Starts to take them."""
        connection = await nats.connect(url)
        requests = await connection.subscribe("veritech.function.>", queue="veritech_dispatch")
        cancellations = await connection.subscribe("veritech.control.cancel.*")
        await settle(connection)
        return cls(connection, requests, cancellations)

    async def take(self) -> Taken:
        """Waits for the next request."""
        return Taken(self.connection, await self._requests.next_msg(LIMIT_S))

    async def cancellation(self) -> str:
        """Waits for the next cancellation, answers it if it wants an answer, and returns whose it is."""
        message = await self._cancellations.next_msg(LIMIT_S)
        execution_id = message.subject.rsplit(".", 1)[1]
        if message.reply:
            answer = {"id": execution_id, "cancelled": True, "instance": "one"}
            await self.connection.publish(message.reply, json.dumps(answer).encode())
        return execution_id

    async def stop(self) -> None:
        """Closes its connection."""
        async with asyncio.timeout(LIMIT_S):
            await self.connection.close()
