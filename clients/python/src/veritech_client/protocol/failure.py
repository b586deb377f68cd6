"""Why an execution has no value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

MAX_MESSAGE_BYTES = 8 * 1024
"""The longest message of a failure, in bytes."""


class Origin(StrEnum):
    """Who has to change something before the same request can succeed."""

    USER = "user"
    """The function did it."""
    REQUEST = "request"
    """The request asked for it."""
    SYSTEM = "system"
    """It is Veritech's or the host's doing."""


class FailureCode(StrEnum):
    """What went wrong: stable names that programs branch on."""

    INVALID_REQUEST = "invalid_request"
    """A field of the request is missing, malformed or out of its limits."""
    UNSUPPORTED_KIND = "unsupported_kind"
    """No such kind of function."""
    UNSUPPORTED_IMAGE = "unsupported_image"
    """The image cannot or may not be run here."""
    DUPLICATE_ID = "duplicate_id"
    """An execution of this id is in flight."""
    OVERLOADED = "overloaded"
    """No place is free and none can be waited for."""
    EXPIRED = "expired"
    """The request waited for a place longer than it wanted to."""
    SHUTTING_DOWN = "shutting_down"
    """The dispatcher is stopping."""
    IMAGE_PULL_FAILED = "image_pull_failed"
    """The image could not be had."""
    SANDBOX_START_FAILED = "sandbox_start_failed"
    """The sandbox could not be started."""
    SANDBOX_LOST = "sandbox_lost"
    """The engine lost the sandbox."""
    SYNTAX_ERROR = "syntax_error"
    """The code does not parse."""
    EXCEPTION = "exception"
    """The code threw."""
    INVALID_HANDLER = "invalid_handler"
    """The handler is missing or not callable."""
    INVALID_RESULT = "invalid_result"
    """The value is not JSON, or not what the kind or ``response_type`` demands."""
    RESULT_TOO_LARGE = "result_too_large"
    """The value is larger than ``result_bytes``, or than one message where one must do."""
    OUT_OF_MEMORY = "out_of_memory"
    """The sandbox ran out of ``memory_bytes``."""
    DISK_FULL = "disk_full"
    """The sandbox ran out of ``disk_bytes``."""
    TOO_MANY_PROCESSES = "too_many_processes"
    """The sandbox ran out of ``processes``."""
    CPU_EXHAUSTED = "cpu_exhausted"
    """The sandbox used up ``cpu_time_ms``."""
    TIMED_OUT = "timed_out"
    """The function ran for longer than ``timeout_ms``."""
    CANCELLED = "cancelled"
    """The execution was cancelled."""
    RUNNER_EXITED = "runner_exited"
    """The runner ended without a result."""
    PROTOCOL_ERROR = "protocol_error"
    """What came out of the sandbox was not the protocol."""
    INTERNAL = "internal"
    """A bug in Veritech."""
    NO_RESPONDERS = "no_responders"
    """Nobody serves the subject. Found by the client."""
    DISPATCHER_LOST = "dispatcher_lost"
    """Nothing was heard for three heartbeats. Found by the client."""
    NOT_ACCEPTED = "not_accepted"
    """No dispatcher said that it had taken the request. Found by the client."""
    SEQUENCE_GAP = "sequence_gap"
    """An event is missing. Found by the client."""
    DEADLINE_EXCEEDED = "deadline_exceeded"
    """The caller's own deadline passed. Found by the client."""
    REQUEST_TOO_LARGE = "request_too_large"
    """The request does not fit into one message. Found by the client."""

    @property
    def origin(self) -> Origin:
        """Returns who has to change something."""
        if self in _OF_REQUESTS:
            return Origin.REQUEST
        return Origin.SYSTEM if self in _OF_SYSTEMS else Origin.USER

    @property
    def retryable(self) -> bool:
        """Returns whether the same request may succeed if it is sent again."""
        return self in _RETRYABLE


_OF_REQUESTS = frozenset(
    {
        FailureCode.INVALID_REQUEST,
        FailureCode.UNSUPPORTED_KIND,
        FailureCode.UNSUPPORTED_IMAGE,
        FailureCode.DUPLICATE_ID,
        FailureCode.CANCELLED,
        FailureCode.REQUEST_TOO_LARGE,
    }
)

_RETRYABLE = frozenset(
    {
        FailureCode.OVERLOADED,
        FailureCode.EXPIRED,
        FailureCode.SHUTTING_DOWN,
        FailureCode.IMAGE_PULL_FAILED,
        FailureCode.SANDBOX_START_FAILED,
        FailureCode.SANDBOX_LOST,
        FailureCode.NO_RESPONDERS,
        FailureCode.NOT_ACCEPTED,
    }
)

_OF_SYSTEMS = _RETRYABLE | {
    FailureCode.INTERNAL,
    FailureCode.DISPATCHER_LOST,
    FailureCode.SEQUENCE_GAP,
    FailureCode.DEADLINE_EXCEEDED,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an execution has no value."""

    code: FailureCode
    """What went wrong."""
    origin: Origin
    """Who has to change something."""
    retryable: bool
    """Whether the same request may succeed if it is sent again."""
    message: str
    """The same for a person, at most 8 KiB."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Figures and positions, by code."""

    @classmethod
    def new(cls, code: FailureCode, message: str, **details: object) -> Self:
        """Returns a failure of this code; a longer message is cut.

        Examples:
            >>> Failure.new(FailureCode.NOT_ACCEPTED, "nobody took it", limit_ms=2000).retryable
            True
        """
        return cls(code, code.origin, code.retryable, shortened(message, MAX_MESSAGE_BYTES), details)

    def to_json(self) -> dict[str, object]:
        """Returns the failure as the JSON object it is on the wire."""
        members: dict[str, object] = {
            "code": self.code,
            "origin": self.origin,
            "retryable": self.retryable,
            "message": self.message,
        }
        if self.details:
            members["details"] = dict(self.details)
        return members

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def shortened(text: str, max_bytes: int) -> str:
    """Cuts ``text`` to at most ``max_bytes`` of UTF-8, never inside a character."""
    return text.encode("utf-8", "backslashreplace")[:max_bytes].decode("utf-8", "ignore")
