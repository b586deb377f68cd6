"""What a dispatcher sends to a mailbox.

Each event is one flat JSON object: ``event`` and ``id``, then the members of its body. The ``result`` comes
last, exactly once. Events are read into the classes below, which ``match`` tells apart:

    match event:
        case Output(message=message):
            print(message)
        case Result(outcome=Failure() as failure):
            print(failure.code)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import ClassVar, TypeAlias

from veritech_client.protocol.failure import Failure


class Stream(StrEnum):
    """A standard stream."""

    STDOUT = "stdout"
    """Standard output."""
    STDERR = "stderr"
    """Standard error."""


class Level(StrEnum):
    """How important a line of output is."""

    DEBUG = "debug"
    """For whoever debugs the function."""
    INFO = "info"
    """Ordinary."""
    WARN = "warn"
    """Should be looked at."""
    ERROR = "error"
    """Something failed."""


class Phase(StrEnum):
    """What is prepared before a function can start."""

    PULLING = "pulling"
    """An image is fetched, in bytes."""
    UNPACKING = "unpacking"
    """An image is unpacked, in bytes."""
    STARTING = "starting"
    """A sandbox is started."""


class _Body:
    """An event whose members are its fields."""

    __slots__ = ()

    name: ClassVar[str]

    def encode(self) -> str:
        """Writes the event as JSON text."""
        members = {"event": self.name} | present(self)
        return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Accepted(_Body):
    """A dispatcher has taken the request."""

    name = "accepted"

    id: str | None
    """The execution."""
    instance: str
    """Which instance."""
    heartbeat_ms: int
    """How often it will be heard at least, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Progress(_Body):
    """Something long is being prepared."""

    name = "progress"

    id: str | None
    """The execution."""
    phase: Phase
    """What is being prepared."""
    done: int
    """How much of it is done."""
    total: int
    """How much there is; 0 if that is not known."""


@dataclass(frozen=True, slots=True)
class Started(_Body):
    """A sandbox has the function."""

    name = "started"

    id: str | None
    """The execution."""
    sandbox: str
    """The sandbox's name on its host."""
    engine: str
    """The engine that made it."""
    warm: bool
    """Whether it had been waiting."""
    enforced: Mapping[str, str]
    """What enforces each limit."""


@dataclass(frozen=True, slots=True)
class Output(_Body):
    """The function wrote something."""

    name = "output"

    id: str | None
    """The execution."""
    stream: Stream
    """Where it wrote."""
    message: str
    """The text, without a final line feed."""
    level: Level | None = None
    """How important it called it; ``None`` for what did not go through ``console`` or a logger."""
    timestamp: str | None = None
    """When, in RFC 3339 with milliseconds."""


@dataclass(frozen=True, slots=True)
class Heartbeat(_Body):
    """The execution goes on, and nothing else was to be said."""

    name = "heartbeat"

    id: str | None
    """The execution."""


@dataclass(frozen=True, slots=True)
class Part(_Body):
    """A piece of the JSON text of a value too large for one message."""

    name = "part"

    id: str | None
    """The execution."""
    index: int
    """0 for the first."""
    data: str
    """The piece."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Where the time went, in microseconds, from intake to the hand-over of the result.

    The phases add up to the total.
    """

    queued_us: int = 0
    """Waiting for a place."""
    image_us: int = 0
    """Preparing the image."""
    sandbox_us: int = 0
    """Starting the sandbox, or taking a waiting one."""
    connect_us: int = 0
    """Connecting to its cyclone."""
    ready_us: int = 0
    """Waiting for its runner."""
    execute_us: int = 0
    """Executing the function."""
    hand_over_us: int = 0
    """From the end of the execution to the hand-over of the result."""
    total_us: int = 0
    """All of it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an execution used."""

    cpu_ms: int = 0
    """Processor time, in milliseconds."""
    memory_peak_bytes: int | None = None
    """The most memory at once, in bytes, where it is known."""
    output_bytes: int = 0
    """Bytes of output messages that the function wrote, as far as they were counted."""
    output_truncated: bool = False
    """Whether output beyond the limit was cut."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a dispatcher tells about an execution besides how it ended."""

    timings: Timings = field(default_factory=Timings)
    """Where the time went."""
    usage: Usage = field(default_factory=Usage)
    """What it used."""
    image_digest: str | None = None
    """The digest of the image that ran, where it is known."""


@dataclass(frozen=True, slots=True)
class Value:
    """The function returned a value."""

    json: str
    """The value as JSON text, every character as the function's language wrote it."""


@dataclass(frozen=True, slots=True)
class Unset:
    """The function returned nothing, which is not ``null``."""


@dataclass(frozen=True, slots=True)
class InParts:
    """The function returned a value, which came in parts."""

    parts: int
    """How many."""
    sha256: str
    """SHA-256 of the value's JSON text, in lower-case hexadecimal."""


Outcome: TypeAlias = Value | Unset | InParts | Failure
"""A value, or why there is none."""


@dataclass(frozen=True, slots=True)
class Result:
    """The execution has ended."""

    name: ClassVar[str] = "result"

    id: str | None
    """The execution; ``None`` if the request could not be read."""
    outcome: Outcome
    """Its value, or why there is none."""
    report: Report = field(default_factory=Report)
    """What else is told of it."""

    def encode(self) -> str:
        """Writes the event as JSON text, a value as it came."""
        members: dict[str, object] = {"event": self.name, "id": self.id, "status": "success"}
        value = ""
        match self.outcome:
            case Value(text):
                value = f',"value":{text}'
            case Unset():
                members["unset"] = True
            case InParts(parts, sha256):
                members |= {"parts": parts, "sha256": sha256}
            case Failure() as failure:
                members |= {"status": "failure", "failure": failure.to_json()}
        members |= {"timings": present(self.report.timings), "usage": present(self.report.usage)}
        if self.report.image_digest is not None:
            members["image_digest"] = self.report.image_digest
        return f"{json.dumps(members, ensure_ascii=False, separators=(',', ':'))[:-1]}{value}}}"


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event of a later version of the protocol, kept as it came."""

    id: str | None
    """The execution."""
    name: str
    """Its name."""
    text: str
    """All of its text."""

    def encode(self) -> str:
        """Returns the event's text."""
        return self.text


Event: TypeAlias = Accepted | Progress | Started | Output | Heartbeat | Part | Result | UnknownEvent
"""One event of one execution."""


def present(body: _Body | Timings | Usage) -> dict[str, object]:
    """Returns the fields that there are; an id there always is."""
    named = {field.name: getattr(body, field.name) for field in fields(body)}  # type: ignore[arg-type]
    return {name: value for name, value in named.items() if value is not None or name == "id"}
