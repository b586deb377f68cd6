"""What the events of one attempt mean: a state machine without clock, socket or task.

::

               accepted            started
    published ----------> accepted -------> started
        | accept timeout      | silence        | silence
        v                     v                v
    not_accepted       dispatcher_lost   dispatcher_lost      result: ended, from anywhere

Under ``replies: result`` nothing but the result comes, so that neither silence nor numbering says anything: only
the call's deadline ends it. Times are seconds of one clock.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

from veritech_client.outcome import FoundBy
from veritech_client.parts import BrokenParts, Parts, PartsTooLarge
from veritech_client.protocol.event import (
    Accepted,
    Event,
    Heartbeat,
    InParts,
    Output,
    Part,
    Progress,
    Report,
    Result,
    Started,
    UnknownEvent,
    Unset,
    Value,
)
from veritech_client.protocol.failure import Failure, FailureCode
from veritech_client.protocol.json_text import NotJson
from veritech_client.protocol.request import Replies
from veritech_client.retry import Reached

_SILENT_HEARTBEATS = 3

# Bounds on what a dispatcher says about its heartbeats: one of none at all would be lost at once, one of a day
# never.
_SHORTEST_HEARTBEAT_MS = 10
_LONGEST_HEARTBEAT_MS = 60_000

_NUMBER = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Returned:
    """The function returned a value, or nothing. The event says the same."""

    json: str | None
    report: Report
    event: Result


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt failed; by default the client itself found that."""

    failure: Failure
    found_by: FoundBy = FoundBy.CLIENT
    report: Report = field(default_factory=Report)


Ending: TypeAlias = Returned | Failed


class _Phase(Enum):
    PUBLISHED = auto()
    ACCEPTED = auto()
    STARTED = auto()


class _Found(Exception):
    """A failure that was found while an event was looked at."""

    def __init__(self, code: FailureCode, message: str, **details: object) -> None:
        super().__init__(message)
        self.failure = Failure.new(code, message, **details)


class Attempt:
    """One attempt, from the publication of its request on."""

    def __init__(
        self, execution_id: str, replies: Replies, accept_timeout_ms: int, max_value_bytes: int, now: float
    ) -> None:
        self._id = execution_id
        self._replies = replies
        self._phase = _Phase.PUBLISHED
        self._patience_ms = accept_timeout_ms
        self._last_sequence = 0
        self._last_heard = now
        self._parts = Parts(max_value_bytes)

    @property
    def reached(self) -> Reached:
        """Returns whether the function may have run."""
        if self._replies == Replies.RESULT:
            return Reached.UNKNOWN
        return Reached.STARTED if self._phase is _Phase.STARTED else Reached.NOT_STARTED

    @property
    def wake_at(self) -> float | None:
        """Returns when :meth:`tick` has something to say, if nothing comes before."""
        if self._replies == Replies.RESULT:
            return None
        return self._last_heard + self._patience_ms / 1000

    def tick(self, now: float) -> Failed | None:
        """Ends the attempt if nothing was heard for too long."""
        if self.wake_at is None or now < self.wake_at:
            return None
        limit_ms = self._patience_ms
        if self._phase is _Phase.PUBLISHED:
            message = f"no dispatcher took the request within {limit_ms} ms"
            return Failed(Failure.new(FailureCode.NOT_ACCEPTED, message, limit_ms=limit_ms))
        heartbeats = f"{_SILENT_HEARTBEATS} heartbeats ({limit_ms} ms)"
        message = f"nothing was heard of the dispatcher for {heartbeats}"
        details = {"limit_ms": limit_ms, "last_sequence": self._last_sequence}
        return Failed(Failure.new(FailureCode.DISPATCHER_LOST, message, **details))

    @staticmethod
    def no_responders() -> Failed:
        """Takes what came instead of an event: nobody serves the subject."""
        message = "no dispatcher has a free place, or none is there"
        return Failed(Failure.new(FailureCode.NO_RESPONDERS, message))

    def overflown(self, capacity: str) -> Failed:
        """Takes what came instead of an event: the mailbox was full."""
        message = f"events were lost, because more than {capacity} waited for a slow reader"
        return Failed(Failure.new(FailureCode.SEQUENCE_GAP, message, expected=self._last_sequence + 1))

    def receive(self, sequence: str | None, event: Event | NotJson, now: float) -> Event | Ending:
        """Takes an event and its number; returns the event, or how it ended the attempt."""
        try:
            return self._receive(sequence, event, now)
        except _Found as found:
            return Failed(found.failure)

    def _receive(self, sequence: str | None, event: Event | NotJson, now: float) -> Event | Ending:
        if self._replies == Replies.EVENTS:
            self._count(sequence)
        if isinstance(event, NotJson):
            raise _violation("malformed_event", f"the event {event}")
        self._check_id(event)
        self._last_heard = now
        match event:
            case Accepted(heartbeat_ms=heartbeat_ms):
                self._expect(event, self._phase is _Phase.PUBLISHED)
                self._phase = _Phase.ACCEPTED
                heartbeat_ms = min(max(heartbeat_ms, _SHORTEST_HEARTBEAT_MS), _LONGEST_HEARTBEAT_MS)
                self._patience_ms = heartbeat_ms * _SILENT_HEARTBEATS
            case Started():
                self._expect(event, self._phase is _Phase.ACCEPTED)
                self._phase = _Phase.STARTED
            case Part():
                self._expect(event, self._phase is not _Phase.PUBLISHED)
                self._push(event)
            case Output() | Progress() | Heartbeat():
                self._expect(event, self._phase is not _Phase.PUBLISHED)
            case UnknownEvent():
                # Of a later version of the protocol: for whoever understands it.
                pass
            case Result():
                return self._end(event)
        return event

    def _count(self, sequence: str | None) -> None:
        """Checks that no event is missing and none came twice."""
        if sequence is None or not _NUMBER.fullmatch(sequence):
            raise _violation("unnumbered_event", "an event came without its number")
        expected = self._last_sequence + 1
        found = int(sequence)
        if found != expected:
            message = f"event {found} came where event {expected} was due"
            raise _Found(FailureCode.SEQUENCE_GAP, message, expected=expected, found=found)
        self._last_sequence = found

    def _check_id(self, event: Event) -> None:
        """Checks that the event speaks of this execution.

        Only the refusal of a request that could not be read speaks of none.
        """
        is_refusal = isinstance(event, Result) and isinstance(event.outcome, Failure)
        if event.id != self._id and not (event.id is None and is_refusal):
            raise _violation("foreign_event", "an event of another execution came to this mailbox")

    def _expect(self, event: Event, is_timely: bool) -> None:
        if not is_timely:
            raise _violation("untimely_event", f"the event `{event.name}` came out of turn")

    def _push(self, part: Part) -> None:
        try:
            self._parts.push(part)
        except BrokenParts as error:
            raise _violation("broken_parts", str(error)) from None
        except PartsTooLarge as error:
            details = {"bytes": error.size, "limit": error.limit}
            raise _Found(FailureCode.RESULT_TOO_LARGE, str(error), **details) from None

    def _end(self, event: Result) -> Ending:
        match event.outcome:
            case Value(text):
                return Returned(text, event.report, event)
            case Unset():
                return Returned(None, event.report, event)
            case InParts(parts, sha256):
                try:
                    return Returned(self._parts.finish(parts, sha256), event.report, event)
                except BrokenParts as error:
                    raise _violation("broken_parts", str(error)) from None
            case Failure() as failure:
                return Failed(failure, FoundBy.DISPATCHER, event.report)


def _violation(kind: str, message: str) -> _Found:
    """Returns the failure of a dispatcher that does not keep to the protocol."""
    return _Found(FailureCode.INTERNAL, message, violation=kind)
