"""What a caller may send beside the request."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from veritech_client.protocol.subject import TENANT_HEADER

_MAX_TRACESTATE_BYTES = 512  # as W3C asks for at least
_MAX_TENANT_BYTES = 128

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_LINE = re.compile(r"[ -~]+")


class InvalidHeader(ValueError):
    """Text that a header cannot hold."""

    def __init__(self, header: str, expected: str) -> None:
        super().__init__(header, expected)
        self.header = header
        """The header."""
        self.expected = expected
        """What it must be."""

    def __str__(self) -> str:
        return f"`{self.header}` must be {self.expected}"


@dataclass(frozen=True, slots=True)
class TraceContext:
    """A trace that executions are to belong to, as `W3C <https://www.w3.org/TR/trace-context/>`_ writes it.

    Raises:
        InvalidHeader: The text is not of the right form.

    Examples:
        >>> trace = TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    """

    traceparent: str
    """The span: ``<version>-<trace id>-<parent id>-<flags>``."""
    tracestate: str | None = None
    """The vendors' part."""

    def __post_init__(self) -> None:
        if not _TRACEPARENT.fullmatch(self.traceparent):
            raise InvalidHeader("traceparent", "`<version>-<trace id>-<parent id>-<flags>` in lower-case hexadecimal")
        if self.tracestate is not None and not _is_line(self.tracestate, _MAX_TRACESTATE_BYTES):
            raise InvalidHeader("tracestate", f"1 to {_MAX_TRACESTATE_BYTES} printable ASCII characters")

    def headers(self) -> Iterator[tuple[str, str]]:
        """Returns the headers that carry it."""
        yield "traceparent", self.traceparent
        if self.tracestate is not None:
            yield "tracestate", self.tracestate


@dataclass(frozen=True, slots=True)
class Tenant:
    """Whose fair share an execution counts against, where the dispatchers trust callers to say so.

    Raises:
        InvalidHeader: A header cannot hold the name.

    Examples:
        >>> tenant = Tenant("billing")
    """

    name: str
    """Its name, 1 to 128 printable ASCII characters."""

    def __post_init__(self) -> None:
        if not _is_line(self.name, _MAX_TENANT_BYTES):
            raise InvalidHeader(TENANT_HEADER, f"1 to {_MAX_TENANT_BYTES} printable ASCII characters")

    def headers(self) -> Iterator[tuple[str, str]]:
        """Returns the header that carries it."""
        yield TENANT_HEADER, self.name


def _is_line(text: str, max_bytes: int) -> bool:
    return len(text) <= max_bytes and _LINE.fullmatch(text) is not None
