"""One call, as the caller sees it."""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from veritech_client import control
from veritech_client.control import Cancellation
from veritech_client.driver import CallClosed, Driver, Ended
from veritech_client.options import CallOptions, Options
from veritech_client.outcome import CallError, CallResult
from veritech_client.protocol.event import Event
from veritech_client.protocol.request import RemoteFunctionRequest
from veritech_client.transport import Connection


class Call(AsyncIterator[Event]):
    """A call under way: an asynchronous iterator over its events, of which the last is the one result.

    The events are those of the dispatcher as they come, heartbeats and parts included. Where an attempt fails and
    another is made, its result is left out and the events of the next follow: more than one ``Accepted`` means
    just that. A failure that the client finds itself is a result event like any other, so that there is always
    exactly one at the end.

    Read the events, then or at once await the call for its result:

    >>> async def sum_of(client, request):
    ...     async with client.call(request) as call:
    ...         async for event in call:
    ...             if isinstance(event, Output):
    ...                 print(event.message)
    ...         return (await call).value()

    Nothing is sent before it is first read, and nothing happens while nobody reads: read it at least every few
    seconds. There is no task behind it, so a call that nobody reads leaves nothing.

    Cancellation:
        A task that is cancelled while it waits for the next event loses none: the call can be read on. One that is
        cancelled while it awaits the result closes the call. Closing a call, leaving its ``async with`` or forgetting
        it releases its mailbox and cancels nothing; the execution then goes on or ends, as its request's
        ``on_caller_lost`` says. To end the execution use :meth:`cancel`.
    """

    def __init__(
        self,
        connection: Connection,
        options: Options,
        request: RemoteFunctionRequest,
        call_options: CallOptions,
    ) -> None:
        """Is what :meth:`Client.call` does."""
        self._connection = connection
        self._options = options
        self._driver = Driver(connection, options, request, call_options)
        self._outcome: CallResult | CallError | None = None
        self._is_read = False

    @property
    def id(self) -> str:
        """Returns the id of the execution.

        An id that the request came with stays; otherwise each attempt draws its own, so that it cannot collide
        with what is left of the one before.
        """
        return self._driver.id

    @property
    def attempts(self) -> int:
        """Returns how many attempts have been made, the current one included."""
        return self._driver.attempts

    async def result(self) -> CallResult:
        """Waits for the end of the call, leaving out what events are unread; awaiting the call does the same.

        A task that is cancelled while it waits closes the call.

        Raises:
            CallError: The function has not returned.
            CallClosed: The call was closed before its end.
            RuntimeError: Another task is reading the call.
        """
        try:
            while self._outcome is None:
                await anext(self)
        except asyncio.CancelledError:
            self.close()
            raise
        if isinstance(self._outcome, CallError):
            # Else each time it is raised would add to its traceback.
            raise self._outcome.with_traceback(None)
        return self._outcome

    async def cancel(self) -> Cancellation:
        """Cancels the call: asks the dispatcher to end the execution, and makes no further attempt.

        Waits up to two seconds for the dispatcher that has it. The result still has to be read: it is the failure
        ``cancelled``, unless another one was quicker. May be used from another task than the one that reads, and is
        safe to cancel; the dispatchers may have been asked nonetheless.

        Raises:
            ControlError: The dispatchers could not be asked.

        Examples:
            >>> async def stop(call):
            ...     match await call.cancel():
            ...         case Cancelled(instance):
            ...             print(f"ended by {instance}")
            ...         case NotFound():
            ...             print("no dispatcher has it")
        """
        self._driver.cancel()
        return await control.cancel(self._connection, self._options, self.id)

    def close(self) -> None:
        """Releases the call's mailbox and cancels nothing; a call that has ended keeps its result."""
        self._driver.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        """Returns the next event.

        Raises:
            CallClosed: The call was closed before its end.
            RuntimeError: Another task is reading the call.
        """
        if self._outcome is not None:
            raise StopAsyncIteration
        with self._reading():
            come = await self._driver.next()
        if not isinstance(come, Ended):
            return come
        self._outcome = come.outcome
        return come.event

    def __await__(self) -> Generator[Any, None, CallResult]:
        return self.result().__await__()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Call id={self.id!r} attempts={self.attempts} outcome={self._outcome!r}>"

    @contextmanager
    def _reading(self) -> Iterator[None]:
        if self._is_read:
            raise RuntimeError("another task is reading this call")
        self._is_read = True
        try:
            yield
        finally:
            self._is_read = False


__all__ = ["Call", "CallClosed"]
