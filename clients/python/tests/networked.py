"""What tests of calls over a real NATS server have in common."""

import asyncio
import gc
import unittest
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from tests.dispatcher import Dispatcher
from tests.nats_server import LIMIT_S, NatsServer, eventually
from veritech_client import Backoff, CallError, Client, Kind, Options, RemoteFunctionRequest

T = TypeVar("T")

QUICK = Options(backoff=Backoff(first_ms=5))


def request(kind: Kind = Kind.RESOLVER, **members: Any) -> RemoteFunctionRequest:
    return RemoteFunctionRequest(kind, "builtin/quickjs", "export default () => 1", **members)


class Networked(unittest.IsolatedAsyncioTestCase):
    """Has servers, dispatchers and clients, and checks that nothing is left of them."""

    async def asyncSetUp(self) -> None:
        self.complaints: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.complaints.append(context))
        self.addAsyncCleanup(self.expect_nothing_left)

    async def expect_nothing_left(self) -> None:
        """Checks that no task goes on and no exception was lost."""

        async def is_quiet() -> bool:
            gc.collect()
            return asyncio.all_tasks() <= {asyncio.current_task()}

        try:
            await eventually("no task is left", is_quiet)
        except AssertionError:
            raise AssertionError(f"left: {asyncio.all_tasks() - {asyncio.current_task()}}") from None
        self.assertEqual(self.complaints, [])

    async def server(self, settings: str = "") -> NatsServer:
        """Starts a server."""
        server = await NatsServer.start(settings)
        self.addCleanup(server.stop)
        return server

    async def dispatcher(self, server: NatsServer) -> Dispatcher:
        """Starts a dispatcher."""
        dispatcher = await Dispatcher.start(server.url)
        self.addAsyncCleanup(dispatcher.stop)
        return dispatcher

    async def client(self, server: NatsServer, options: Options = QUICK) -> Client:
        """Connects a client."""
        client = await Client.connect(server.url, options)
        self.addAsyncCleanup(client.close)
        return client

    async def both(self, call: Awaitable[T], script: Coroutine[Any, Any, Any]) -> T:
        """Plays a script while something is awaited, and returns what that returned."""

        async def awaited() -> T:
            return await call

        async with asyncio.timeout(LIMIT_S):
            result, _ = await asyncio.gather(awaited(), script)
        return result

    async def failure(self, call: Awaitable[Any], script: Coroutine[Any, Any, Any] | None = None) -> CallError:
        """Plays a script while a call is awaited, and returns the error that the call raises."""

        async def failing() -> CallError:
            with self.assertRaises(CallError) as caught:
                await call
            return caught.exception

        return await self.both(failing(), script or asyncio.sleep(0))
