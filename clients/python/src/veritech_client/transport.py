"""The only module that knows the NATS library.

nats-py loses a cancellation that hits it while it waits for its own buffer, so everything it does for a call runs
in a task of its own, and nothing in here raises into the code of a caller who was cancelled.
"""

import asyncio
import contextlib
import logging
import weakref
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Self, TypeAlias

import nats.errors
from nats.aio.client import Client as NatsClient
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

_LOG = logging.getLogger("veritech_client")

# How long what nobody waits for may take, and the end of a connection.
_FAREWELL_S = 1.0

# How often whoever waits looks whether the connection is closed: the library does not tell.
_CLOSED_CHECK_S = 0.5

# How much longer to look for what may have come already while the event loop was busy with something else.
_SETTLE_S = 0.05

# The first line of headers, and the empty one that ends them.
_HEADERS_FRAME_BYTES = 12

_NO_RESPONDERS_STATUS = "503"


class ConnectError(Exception):
    """The connection to NATS could not be made."""

    def __str__(self) -> str:
        return "failed to connect to NATS"


class Signal(Enum):
    """What came to a mailbox instead of a message."""

    NO_RESPONDERS = auto()
    """Nobody is there for what was published with this reply subject."""
    OVERFLOW = auto()
    """Messages were lost, because too many waited."""
    CLOSED = auto()
    """Nothing will come any more: the connection or the mailbox is closed for good."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that came to a mailbox."""

    headers: Mapping[str, str]
    payload: bytes


Delivery: TypeAlias = Message | Signal


@dataclass(frozen=True, slots=True)
class TooLarge:
    """What could not be sent because it is larger than the server takes."""

    size: int
    limit: int

    def __str__(self) -> str:
        return f"the message has {self.size} bytes, the server takes {self.limit}"


@dataclass(frozen=True, slots=True)
class Busy:
    """What could not be sent because the connection is lost and its buffer is full."""

    def __str__(self) -> str:
        return "the connection to NATS is lost, and takes nothing more until it is back"


@dataclass(frozen=True, slots=True)
class Closed:
    """What could not be sent because the connection is closed for good."""

    def __str__(self) -> str:
        return "the connection to NATS is closed"


SendError: TypeAlias = TooLarge | Busy | Closed


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much may wait in one mailbox."""

    messages: int
    size: int

    def __str__(self) -> str:
        return f"{self.messages} messages or {self.size} bytes"


class _Letters:
    """What waits in a mailbox.

    It is all that the library holds of one, so that a mailbox nobody refers to is found and given up.
    """

    def __init__(self, capacity: Capacity) -> None:
        self.waiting: deque[Delivery] = deque()
        self.came = asyncio.Event()
        self.size = 0
        self.is_full = False
        self._capacity = capacity

    async def put(self, message: Msg) -> None:
        """Takes a message, unless too many wait; after the first that was lost it takes none."""
        if self.is_full:
            return
        headers = message.headers or {}
        size = len(message.data)
        if not message.data and headers.get("Status") == _NO_RESPONDERS_STATUS:
            self.waiting.append(Signal.NO_RESPONDERS)
        elif len(self.waiting) >= self._capacity.messages or self.size + size > self._capacity.size:
            self.is_full = True
            self.waiting.append(Signal.OVERFLOW)
        else:
            self.size += size
            self.waiting.append(Message(headers, message.data))
        self.came.set()

    def take(self) -> Delivery | None:
        """Returns what came first, if anything did."""
        if not self.waiting:
            return None
        delivery = self.waiting.popleft()
        if isinstance(delivery, Message):
            self.size -= len(delivery.payload)
        return delivery


class Mailbox:
    """A subscription to one subject, given up when it is released or nobody refers to it."""

    def __init__(self, connection: "Connection", letters: _Letters, subscription: Subscription) -> None:
        self._connection = connection
        self._letters = letters
        self._finalizer = weakref.finalize(self, connection.give_up, subscription)
        # At the end of the program there is no event loop to tell the server with.
        self._finalizer.atexit = False

    async def next(self, due: float) -> Delivery | None:
        """Returns what comes next, or ``None`` if nothing has come when it is ``due``.

        What has come counts before what has not, however late it is looked for. Safe to cancel: no message is
        lost.
        """
        has_settled = False
        while True:
            delivery = self._letters.take()
            if delivery is not None:
                return delivery
            if self._connection.is_closed or not self._finalizer.alive:
                return Signal.CLOSED
            now = self._connection.time()
            if now < due:
                await self._rest(min(due, now + _CLOSED_CHECK_S))
            elif not has_settled:
                has_settled = True
                await self._rest(now + _SETTLE_S)
            else:
                return None

    def release(self) -> None:
        """Gives the mailbox up; whoever waits at it is told that it is closed."""
        self._finalizer()
        self._letters.waiting.clear()
        self._letters.came.set()

    async def _rest(self, until: float) -> None:
        self._letters.came.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._letters.came.wait()


class Connection:
    """A connection to NATS, the application's or one of our own. It comes back by itself when it is lost."""

    def __init__(self, client: NatsClient) -> None:
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[Any]] = set()

    @classmethod
    async def connect(cls, url: str) -> Self:
        """Connects to the server at ``url``.

        Raises:
            ConnectError: No server answers there, or it refuses.
        """
        client = NatsClient()
        is_connected = False

        async def on_error(error: Exception) -> None:
            # The library would try for ever; it leaves no other way to fail at once.
            if not is_connected:
                raise ConnectError from error
            _LOG.debug("the connection to NATS has a problem", exc_info=error)

        try:
            await client.connect(
                url,
                name="veritech-client",
                error_cb=on_error,
                reconnect_time_wait=1,
                max_reconnect_attempts=-1,
            )
            is_connected = True
        except (nats.errors.Error, OSError, ValueError) as error:
            raise ConnectError from error
        finally:
            if not is_connected:
                await _leniently(client.close)
        return cls(client)

    @property
    def is_closed(self) -> bool:
        """Returns whether the connection is closed for good."""
        return self._client.is_closed

    def time(self) -> float:
        """Returns the time, in seconds of the event loop's clock."""
        return self._loop.time()

    def ask(
        self, subject: str, inbox: str, payload: bytes, headers: dict[str, str], capacity: Capacity
    ) -> asyncio.Task[Mailbox | SendError]:
        """Publishes a message that is to be answered to a new mailbox at ``inbox``.

        The task returns the mailbox, and never raises. Wait for it with :func:`asyncio.wait`, or the cancellation
        of whoever waits may be lost in it. Whoever no longer waits may just forget it.
        """
        return self._spawn(self._ask(subject, inbox, payload, headers, capacity))

    def tell(self, subject: str) -> None:
        """Publishes an empty message as far as the connection takes it, after what was published before."""
        self._spawn(_leniently(lambda: self._client.publish(subject)))

    def give_up(self, subscription: Subscription) -> None:
        """Ends a subscription, from whatever thread."""
        # Without an event loop there is no connection either.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(lambda: self._spawn(_leniently(subscription.unsubscribe)))

    async def settle(self) -> None:
        """Waits until what was to be told was told, for a second at most."""
        # Mailboxes that were released just now get their task in the loop's next turn.
        await asyncio.sleep(0)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_FAREWELL_S)

    async def close(self) -> None:
        """Closes the connection, once what was to be told was told."""
        await self.settle()
        # Its server may no longer read.
        await _leniently(self._client.close)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = self._loop.create_task(work)
        # The loop itself holds tasks weakly.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _ask(
        self, subject: str, inbox: str, payload: bytes, headers: dict[str, str], capacity: Capacity
    ) -> Mailbox | SendError:
        # As `name: value` and a line end.
        size = len(payload) + sum(len(name) + len(text) + 4 for name, text in headers.items())
        size += _HEADERS_FRAME_BYTES if headers else 0
        limit = self._client.max_payload
        if size > limit:
            return TooLarge(size, limit)
        letters = _Letters(capacity)
        try:
            subscription = await self._client.subscribe(inbox, cb=letters.put, pending_bytes_limit=capacity.size)
            mailbox = Mailbox(self, letters, subscription)
            await self._client.publish(subject, payload, reply=inbox, headers=headers or None)
        except nats.errors.OutboundBufferLimitError:
            return Busy()
        except _BROKEN as error:
            _LOG.debug("the connection to NATS took no message", exc_info=error)
            return Closed()
        return mailbox


# What the library raises once its connection is gone, its transport's own errors included: a `TypeError` is that of
# asyncio when something is written to a socket that is closed.
_BROKEN = (nats.errors.Error, OSError, AssertionError, AttributeError, RuntimeError, TypeError)


async def _leniently(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Does what need not succeed, and does not take long over it."""
    with contextlib.suppress(*_BROKEN, TimeoutError):
        async with asyncio.timeout(_FAREWELL_S):
            await work()
