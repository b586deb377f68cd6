"""The entry point."""

from types import TracebackType
from typing import Self

from nats.aio.client import Client as NatsClient

from veritech_client import control, status
from veritech_client.call import Call
from veritech_client.control import Cancellation
from veritech_client.options import CallOptions, Options
from veritech_client.protocol import execution_id as ids
from veritech_client.protocol.request import InvalidRequest, RemoteFunctionRequest
from veritech_client.status import InstanceStatus
from veritech_client.transport import Connection

_DEFAULTS = Options()
_NO_OPTIONS = CallOptions()


class Client:
    """Calls remote functions. One is enough for an event loop; its calls share a connection.

    Examples:
        >>> async def main():
        ...     async with await Client.connect("nats://127.0.0.1:4222") as client:
        ...         request = RemoteFunctionRequest(
        ...             Kind.RESOLVER, "builtin/quickjs", "export default () => 'Hello!'"
        ...         )
        ...         result = await client.call(request)
        ...         print(result.value())
    """

    def __init__(self, connection: NatsClient, options: Options = _DEFAULTS) -> None:
        """Uses a connection that the application has made, with whatever credentials it needs.

        It stays the application's: closing the client does not close it. Must be called where an event loop runs.
        """
        self._connection = Connection(connection)
        self._options = options
        self._is_owner = False

    @classmethod
    async def connect(cls, url: str, options: Options = _DEFAULTS) -> Self:
        """Connects to the server at ``url``, such as ``nats://127.0.0.1:4222``.

        A connection that is lost later is made again; calls meanwhile end by their deadline at the latest.

        Raises:
            ConnectError: The URL is none, or no server answers there.
        """
        client = cls.__new__(cls)
        client._connection = await Connection.connect(url)
        client._options = options
        client._is_owner = True
        return client

    def call(self, request: RemoteFunctionRequest, options: CallOptions = _NO_OPTIONS) -> Call:
        """Calls a function: await the :class:`Call` for its result, or iterate over it for its events.

        Nothing is sent before the call is read, but its deadline counts from here. A request without an ``id`` gets
        one drawn at random.
        """
        return Call(self._connection, self._options, request, options)

    async def cancel(self, execution_id: str) -> Cancellation:
        """Asks the dispatchers to end an execution, and waits up to two seconds for the one that has it.

        Safe to cancel; they may have been asked nonetheless.

        Raises:
            InvalidRequest: The id is none.
            ControlError: They could not be asked.
        """
        if not ids.is_execution_id(execution_id):
            raise InvalidRequest("id", ids.EXPECTED)
        return await control.cancel(self._connection, self._options, execution_id)

    async def status(self) -> list[InstanceStatus]:
        """Asks every dispatcher how it does, and returns what they say in the order of their ids.

        Collects answers for up to a second, and no longer than 300 ms without another one. There are none if no
        dispatcher is there. Safe to cancel.

        Raises:
            ControlError: They could not be asked.
        """
        return await status.collect(self._connection, self._options)

    async def close(self) -> None:
        """Waits a second at most for what was still to be sent, and closes the connection if the client made it.

        Calls that are under way end with ``dispatcher_lost`` then.
        """
        if self._is_owner:
            await self._connection.close()
        else:
            await self._connection.settle()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
