"""What a caller asks for."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Self, TypeAlias

from veritech_client.protocol import execution_id as ids
from veritech_client.protocol import image
from veritech_client.protocol.failure import Failure, FailureCode, shortened
from veritech_client.protocol.kind import Kind, ResponseType

MAX_HANDLER_BYTES = 256
"""The longest name of a handler, in bytes."""

MAX_ENV_VARIABLES = 256
"""The most variables in ``env``."""

MAX_ENV_NAME_BYTES = 256
"""The longest name of a variable in ``env``, in bytes."""

Json: TypeAlias = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None
"""What Python writes as JSON."""


class Language(StrEnum):
    """The language of a function's source."""

    JAVASCRIPT = "javascript"
    """JavaScript, as an ES module."""
    TYPESCRIPT = "typescript"
    """TypeScript, as an ES module; types are stripped, not checked."""
    PYTHON = "python"
    """Python 3."""


class Network(StrEnum):
    """What a function can reach."""

    NONE = "none"
    """Nothing."""
    EGRESS = "egress"
    """The outside, where configuration and engine allow it."""


class Replies(StrEnum):
    """Which events the mailbox gets."""

    EVENTS = "events"
    """Every event."""
    RESULT = "result"
    """The result alone, in one message."""


class OnCallerLost(StrEnum):
    """What happens when nobody reads the mailbox any more."""

    FINISH = "finish"
    """The execution goes on."""
    CANCEL = "cancel"
    """The execution is cancelled."""


class InvalidRequest(ValueError):
    """A request that can be seen to be wrong before it is sent."""

    def __init__(self, field: str, problem: str, kind: str | None = None) -> None:
        super().__init__(field, problem, kind)
        self.field = field
        """The field, as a path such as ``limits.cpus``."""
        self.problem = problem
        """What it must be."""
        self.kind = kind
        """The kind that was asked for, if there is no such kind."""

    def __str__(self) -> str:
        return f"`{self.field}` {self.problem}"

    def failure(self) -> Failure:
        """Returns the failure that a call of the request ends with."""
        if self.kind is not None:
            return Failure.new(FailureCode.UNSUPPORTED_KIND, str(self), kind=self.kind)
        return Failure.new(FailureCode.INVALID_REQUEST, str(self), field=self.field)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedLimits:
    """What a function may use. Each limit that is ``None`` has a configured default."""

    memory_bytes: int | None = None
    """Memory of everything in the sandbox, in bytes."""
    cpus: float | None = None
    """Processors, such as ``0.5`` or ``2``."""
    cpu_time_ms: int | None = None
    """Processor time, in milliseconds."""
    processes: int | None = None
    """Processes and threads at once."""
    disk_bytes: int | None = None
    """Bytes of scratch files."""
    output_bytes: int | None = None
    """Bytes of output; more is cut."""
    result_bytes: int | None = None
    """Bytes of the value's JSON text."""


@dataclass(frozen=True, slots=True)
class RemoteFunctionRequest:
    """A function to execute: its kind, code, inputs, and the image to run it in.

    It is checked when it is called; a call of one that is wrong ends with ``invalid_request``.

    Examples:
        >>> request = RemoteFunctionRequest(
        ...     Kind.RESOLVER,
        ...     "builtin/quickjs",
        ...     "export default ({ name }) => `Hello, ${name}!`",
        ...     inputs={"name": "world"},
        ... )
        >>> request.container_tag
        'latest'
    """

    kind: Kind
    """What the function is for."""
    container_image: str
    """The OCI name of the image to run it in."""
    code: str
    """The function's source."""
    container_tag: str = "latest"
    """The image's tag, or digest ``sha256:…``."""
    id: str | None = None
    """Names the execution; each attempt draws one at random if it is ``None``."""
    language: Language | None = None
    """The language of the source; the image's own if ``None``."""
    handler: str | None = None
    """The export to call; the default one if ``None`` (Python: ``handler``)."""
    inputs: Json = field(default_factory=dict)
    """The handler's first argument."""
    response_type: ResponseType = ResponseType.ANY
    """The type that a resolver's value must have."""
    timeout_ms: int | None = None
    """How long the function may run, in milliseconds."""
    queue_timeout_ms: int | None = None
    """How long the request may wait for a sandbox, in milliseconds."""
    limits: RequestedLimits = RequestedLimits()
    """What the function may use."""
    network: Network = Network.NONE
    """What the function can reach."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables to set inside the language before the code loads."""
    replies: Replies = Replies.EVENTS
    """Which events the mailbox gets."""
    on_caller_lost: OnCallerLost = OnCallerLost.FINISH
    """What happens when nobody reads the mailbox any more."""

    @classmethod
    def from_json(cls, members: Mapping[str, object]) -> Self:
        """Returns the request that a JSON object, as it is on the wire, stands for.

        Raises:
            InvalidRequest: A member is missing, unknown, or not what it must be.

        Examples:
            >>> members = {"kind": "resolver", "container_image": "builtin/quickjs", "code": ""}
            >>> RemoteFunctionRequest.from_json(members).kind
            <Kind.RESOLVER: 'resolver'>
        """
        given = dict(members)
        _refuse_unknown(cls, given, "")
        for name in ("kind", "container_image", "code"):
            if name not in given:
                raise InvalidRequest(name, "is missing")
        limits = given.get("limits", {})
        if not isinstance(limits, Mapping):
            raise InvalidRequest("limits", "must be an object")
        _refuse_unknown(RequestedLimits, limits, "limits.")
        request = cls(**{**given, "limits": RequestedLimits(**limits)})  # type: ignore[arg-type]
        request.validate()
        return cls(**{field.name: _typed(request, field.name) for field in fields(cls)})  # type: ignore[arg-type]

    def validate(self) -> None:
        """Checks everything that does not depend on a dispatcher's configuration.

        Raises:
            InvalidRequest: Names the first field that is wrong, and what it must be.
        """
        kind = _text("kind", self.kind)
        if kind not in list(Kind):
            raise InvalidRequest("kind", f"must be one of {', '.join(Kind)}", kind=shortened(kind, 64))
        if not image.is_image(_text("container_image", self.container_image)):
            raise InvalidRequest("container_image", image.IMAGE_EXPECTED)
        if not image.is_tag(_text("container_tag", self.container_tag)):
            raise InvalidRequest("container_tag", image.TAG_EXPECTED)
        _text("code", self.code)
        if self.id is not None and not ids.is_execution_id(_text("id", self.id)):
            raise InvalidRequest("id", ids.EXPECTED)
        if self.handler is not None:
            handler = _text("handler", self.handler)
            if not 1 <= len(handler.encode()) <= MAX_HANDLER_BYTES or "\0" in handler:
                raise InvalidRequest("handler", f"must be the name of an export, 1 to {MAX_HANDLER_BYTES} bytes long")
        for name, choices in _CHOICES.items():
            _one_of(name, getattr(self, name), choices)
        if self.kind != Kind.RESOLVER and self.response_type != ResponseType.ANY:
            raise InvalidRequest("response_type", f"is for resolvers only, this is a {self.kind}")
        for name in ("timeout_ms", "queue_timeout_ms"):
            _whole(name, getattr(self, name), 64)
        _validate_limits(self.limits)
        _validate_env(self.env)

    def encode(self, execution_id: str) -> bytes:
        """Checks the request and writes it as JSON text, with this ``id``.

        Raises:
            InvalidRequest: It is wrong, or its inputs cannot be written as JSON.
        """
        self.validate()
        members: dict[str, object] = {
            "kind": self.kind,
            "container_image": self.container_image,
            "container_tag": self.container_tag,
            "code": self.code,
            "id": execution_id,
        }
        for name in _OPTIONAL:
            value = getattr(self, name)
            if value is not None:
                members[name] = value
        limits = {
            field.name: limit
            for field in fields(self.limits)
            if (limit := getattr(self.limits, field.name)) is not None
        }
        if limits:
            members["limits"] = limits
        if self.env:
            members["env"] = dict(self.env)
        text = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
        # The inputs alone can fail to be JSON, and should then be named.
        return f'{text[:-1]},"inputs":{_encode_inputs(self.inputs)}}}'.encode()


_CHOICES: dict[str, type[StrEnum]] = {
    "language": Language,
    "response_type": ResponseType,
    "network": Network,
    "replies": Replies,
    "on_caller_lost": OnCallerLost,
}

_OPTIONAL = ("handler", "timeout_ms", "queue_timeout_ms", *_CHOICES)


def _typed(request: RemoteFunctionRequest, name: str) -> object:
    """Returns a field of a checked request; a name of a choice becomes the choice."""
    value = getattr(request, name)
    choices = Kind if name == "kind" else _CHOICES.get(name)
    return value if choices is None or value is None else choices(value)


def _refuse_unknown(cls: type[RemoteFunctionRequest | RequestedLimits], given: Mapping[str, object], at: str) -> None:
    known = [field.name for field in fields(cls)]
    for name in given:
        if name not in known:
            raise InvalidRequest(f"{at}{shortened(str(name), 64)}", f"is unknown, there are {', '.join(known)}")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(name, "must be a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidRequest(name, "must not hold half a surrogate pair") from None
    return value


def _one_of(name: str, value: object, choices: type[StrEnum]) -> None:
    if value is None and name == "language":
        return
    if value not in list(choices):
        raise InvalidRequest(name, f"must be one of {', '.join(choices)}")


def _whole(name: str, value: object, bits: int) -> None:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << bits
    if value is not None and not fits:
        raise InvalidRequest(name, f"must be a whole number from 0 to {(1 << bits) - 1}")


def _validate_limits(limits: object) -> None:
    if not isinstance(limits, RequestedLimits):
        raise InvalidRequest("limits", "must be `RequestedLimits`")
    for name in ("memory_bytes", "cpu_time_ms", "disk_bytes", "output_bytes", "result_bytes"):
        _whole(f"limits.{name}", getattr(limits, name), 64)
    _whole("limits.processes", limits.processes, 32)
    cpus: object = limits.cpus
    fits = isinstance(cpus, int | float) and not isinstance(cpus, bool) and 0 < cpus <= sys.float_info.max
    if cpus is not None and not fits:
        raise InvalidRequest("limits.cpus", "must be a number over 0")


def _validate_env(env: object) -> None:
    if not isinstance(env, Mapping):
        raise InvalidRequest("env", "must be a mapping of strings")
    if len(env) > MAX_ENV_VARIABLES:
        raise InvalidRequest("env", f"must have at most {MAX_ENV_VARIABLES} variables, got {len(env)}")
    for name, value in env.items():
        encoded = _text("env", name).encode()
        if not 1 <= len(encoded) <= MAX_ENV_NAME_BYTES or b"=" in encoded or b"\0" in encoded:
            raise InvalidRequest("env", f"must have names of 1 to {MAX_ENV_NAME_BYTES} bytes without `=`")
        if "\0" in _text(f"env.{name}", value):
            raise InvalidRequest(f"env.{name}", "must not hold a NUL character")


def _encode_inputs(inputs: object) -> str:
    try:
        text = json.dumps(inputs, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequest("inputs", "must not hold half a surrogate pair") from None
    except RecursionError:
        raise InvalidRequest("inputs", "is nested too deep") from None
    except (TypeError, ValueError) as error:
        raise InvalidRequest("inputs", f"cannot be written as JSON: {error}") from None
    return text
