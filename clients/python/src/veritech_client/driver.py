"""Carries out a call: opens mailboxes, publishes, waits, tries again.

::

              .------------------- again -------------------.
              v                                             |
    Waiting ----> Sending ----> Listening ----> attempt ended ----> Done

Each attempt has a mailbox of its own, so that what is left of an earlier one is never read. The driver runs within
whoever reads the call: there is no task, and when the reader is cancelled the state stays what it was.
"""

import asyncio
import contextlib
import logging
import random
from dataclasses import dataclass
from typing import TypeAlias

from veritech_client.attempt import Attempt, Ending, Failed, Returned
from veritech_client.options import CallOptions, Options
from veritech_client.outcome import CallError, CallResult, FoundBy
from veritech_client.protocol import decode, execution_id
from veritech_client.protocol.event import Accepted, Event, Result
from veritech_client.protocol.failure import Failure, FailureCode
from veritech_client.protocol.json_text import NotJson
from veritech_client.protocol.request import InvalidRequest, RemoteFunctionRequest
from veritech_client.protocol.subject import SEQUENCE_HEADER
from veritech_client.retry import Policy, Reached, must_be_ended
from veritech_client.transport import Busy, Capacity, Connection, Mailbox, SendError, Signal, TooLarge

_LOG = logging.getLogger("veritech_client")


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event, and the outcome of the call."""

    event: Result
    outcome: CallResult | CallError


class CallClosed(RuntimeError):
    """A call was read that was closed before its end."""

    def __str__(self) -> str:
        return "the call was closed before its end"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An attempt is due."""

    at: float


@dataclass(frozen=True, slots=True)
class _Sending:
    """An attempt is handed to the connection."""

    task: asyncio.Task[Mailbox | SendError]
    attempt: Attempt
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class _Listening:
    """An attempt is under way."""

    mailbox: Mailbox
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class _Done:
    """The result has been said, or nobody wants it."""


_State: TypeAlias = _Waiting | _Sending | _Listening | _Done


@dataclass(frozen=True, slots=True)
class _Concluded:
    """How an attempt ended, and what that means for another."""

    ending: Ending
    reached: Reached
    may_differ: bool = True
    """Whether another attempt could end differently."""


class Driver:
    """A call being carried out."""

    def __init__(
        self,
        connection: Connection,
        options: Options,
        request: RemoteFunctionRequest,
        call_options: CallOptions,
    ) -> None:
        self._connection = connection
        self._options = options
        self._request = request
        self._call_options = call_options
        now = connection.time()
        self._policy = Policy(
            retry=options.retry if call_options.retry is None else call_options.retry,
            backoff=options.backoff,
            kind=request.kind,
            deadline=now + _patience_ms(options, request, call_options) / 1000,
        )
        self._keeps_id = isinstance(request.id, str) and execution_id.is_execution_id(request.id)
        self.id = str(request.id) if self._keeps_id else execution_id.draw()
        self.attempts = 0
        self._is_cancelled = False
        self._is_closed = False
        self._disturbed = asyncio.Event()
        self._last_failure: FailureCode | None = None
        self._state: _State = _Waiting(now)

    def cancel(self) -> None:
        """Makes no further attempt."""
        self._is_cancelled = True
        self._disturbed.set()

    def close(self) -> None:
        """Gives up whatever the call holds; whoever reads it gets :class:`CallClosed`."""
        self._is_closed = True
        self._disturbed.set()
        state, self._state = self._state, _Done()
        if isinstance(state, _Listening):
            state.mailbox.release()

    async def next(self) -> Event | Ended:
        """Returns what comes next. Safe to cancel: nothing is lost.

        Raises:
            CallClosed: The call was closed before its end.
        """
        while True:
            come: Event | _Concluded | None
            match self._state:
                case _Waiting() as waiting:
                    come = await self._wait(waiting)
                case _Sending() as sending:
                    come = await self._finish_sending(sending)
                case _Listening() as listening:
                    come = await self._listen(listening)
                case _Done():
                    raise CallClosed
            if self._is_closed:
                raise CallClosed
            said = self._conclude(come) if isinstance(come, _Concluded) else come
            if said is not None:
                return said

    async def _wait(self, waiting: _Waiting) -> _Concluded | None:
        """Waits until the attempt is due, and begins it."""
        with contextlib.suppress(TimeoutError):
            if self._connection.time() < waiting.at:
                async with asyncio.timeout_at(waiting.at):
                    await self._disturbed.wait()
        if self._is_closed:
            return None
        if self._is_cancelled:
            message = "the call was cancelled while no dispatcher had it"
            return _unsent(Failure.new(FailureCode.CANCELLED, message, by="caller"))
        if self.attempts > 0 and not self._keeps_id:
            # The first attempt has the id that the caller may have read already.
            self.id = execution_id.draw()
        self.attempts += 1
        try:
            payload = self._request.encode(self.id)
        except InvalidRequest as error:
            return _unsent(error.failure())

        now = self._connection.time()
        accept_timeout_ms = self._options.accept_timeout_ms
        attempt = Attempt(self.id, self._request.replies, accept_timeout_ms, self._options.max_value_bytes, now)
        task = self._connection.ask(
            self._options.subjects.function(self._request.kind),
            self._options.draw_inbox(),
            payload,
            self._call_options.headers(),
            self._capacity,
        )
        until = min(self._policy.deadline, now + accept_timeout_ms / 1000)
        self._state = _Sending(task, attempt, now, until)
        return None

    async def _finish_sending(self, sending: _Sending) -> _Concluded | None:
        """Waits until the connection has taken the request."""
        remaining = max(sending.until - self._connection.time(), 0)
        # At least the turns of the loop that it takes, however short the time.
        await asyncio.wait({sending.task}, timeout=max(remaining, 0.001))
        if not sending.task.done():
            sending.task.cancel()
            limit_ms = round((sending.until - sending.since) * 1000)
            return _untaken("the connection to NATS did not take the request in time", limit_ms=limit_ms)
        match sending.task.result():
            case Mailbox() as mailbox:
                if self._is_closed:
                    mailbox.release()
                else:
                    self._state = _Listening(mailbox, sending.attempt)
                return None
            case TooLarge(size, limit) as error:
                details = {"bytes": size, "limit": limit}
                return _unsent(Failure.new(FailureCode.REQUEST_TOO_LARGE, str(error), **details))
            case Busy() as error:
                return _untaken(str(error))
            case error:
                return _unsent(Failure.new(FailureCode.NO_RESPONDERS, str(error)))

    async def _listen(self, listening: _Listening) -> Event | _Concluded | None:
        """Waits for the next event of the attempt under way."""
        attempt = listening.attempt
        deadline = self._policy.deadline
        due = deadline if attempt.wake_at is None else min(attempt.wake_at, deadline)
        delivery = await listening.mailbox.next(due)
        now = self._connection.time()
        come: Event | Ending | None
        match delivery:
            case None:
                come = attempt.tick(now)
            case Signal.CLOSED:
                failure = Failure.new(FailureCode.DISPATCHER_LOST, "the connection to NATS was closed")
                return _Concluded(Failed(failure), attempt.reached, may_differ=False)
            case Signal.NO_RESPONDERS:
                come = attempt.no_responders()
            case Signal.OVERFLOW:
                come = attempt.overflown(str(self._capacity))
            case message:
                sequence = message.headers.get(SEQUENCE_HEADER)
                come = attempt.receive(sequence, self._decode(message.payload), now)
        if isinstance(come, Returned | Failed):
            return _Concluded(come, attempt.reached)
        if now >= deadline:
            return _Concluded(Failed(self._deadline_exceeded()), attempt.reached)
        if isinstance(come, Accepted) and self._is_cancelled:
            # It was cancelled before this dispatcher had it.
            self._end_execution()
        return come

    def _decode(self, payload: bytes) -> Event | NotJson:
        try:
            return decode.event(payload, self._options.max_event_bytes)
        except NotJson as error:
            return error

    def _conclude(self, concluded: _Concluded) -> Ended | None:
        """Decides what follows; returns the end of the call if nothing does."""
        state, self._state = self._state, _Done()
        if isinstance(state, _Listening):
            state.mailbox.release()
        match concluded.ending:
            case Returned(json, report, event):
                return Ended(event, CallResult(self.id, self.attempts, json, report))
            case Failed(failure, found_by, report):
                again_at = None
                if concluded.may_differ and not self._is_cancelled:
                    now, jitter = self._connection.time(), random.random()
                    code, reached = failure.code, concluded.reached
                    again_at = self._policy.judge(self.attempts, code, reached, now, jitter)
                if found_by is FoundBy.CLIENT and must_be_ended(failure.code, again_at is not None):
                    self._end_execution()
                self._last_failure = failure.code
                if again_at is not None:
                    _LOG.debug("call %s is repeated after attempt %d: %s", self.id, self.attempts, failure.code)
                    self._state = _Waiting(again_at)
                    return None
                error = CallError(failure, found_by, self.id, self.attempts, report)
                return Ended(error.event(), error)

    def _end_execution(self) -> None:
        """Ends what nobody will listen to, as far as the connection allows."""
        self._connection.tell(self._options.subjects.cancel(self.id))

    def _deadline_exceeded(self) -> Failure:
        details = {} if self._last_failure is None else {"last_failure": self._last_failure}
        message = "the call was not over by its deadline"
        return Failure.new(FailureCode.DEADLINE_EXCEEDED, message, **details)

    @property
    def _capacity(self) -> Capacity:
        return Capacity(self._options.mailbox_capacity, self._options.mailbox_bytes)


def _patience_ms(options: Options, request: RemoteFunctionRequest, call_options: CallOptions) -> int:
    """Returns how long the call may take; one that is wrong takes no time."""
    if call_options.deadline_ms is not None:
        return call_options.deadline_ms
    try:
        request.validate()
    except InvalidRequest:
        return 0
    return options.patience_ms(request)


def _unsent(failure: Failure) -> _Concluded:
    """Nothing was sent, and the next time it would be the same."""
    return _Concluded(Failed(failure), Reached.NOT_STARTED, may_differ=False)


def _untaken(message: str, **details: object) -> _Concluded:
    """The connection may yet take what it was given."""
    failure = Failure.new(FailureCode.NOT_ACCEPTED, message, **details)
    return _Concluded(Failed(failure), Reached.NOT_STARTED)
