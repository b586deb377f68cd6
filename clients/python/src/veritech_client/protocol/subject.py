"""The NATS subjects and headers that callers and dispatchers meet on."""

import re

from veritech_client.protocol.kind import Kind

SERVICE_NAME = "veritech"
"""The name of the service in ``$SRV`` discovery (NATS ADR-32)."""

SEQUENCE_HEADER = "Veritech-Sequence"
"""The header with an event's number in its execution: 1, 2, 3 …"""

TENANT_HEADER = "Veritech-Tenant"
"""The header that says whose fair share a request counts against."""

_PREFIX = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*+")
_MAX_PREFIX_BYTES = 128


class Subjects:
    """Subjects under an optional prefix.

    Examples:
        >>> Subjects("staging").function(Kind.RESOLVER)
        'staging.veritech.function.resolver'
    """

    def __init__(self, prefix: str) -> None:
        """Takes a prefix that :func:`is_prefix` approves of."""
        self._start = f"{prefix}." if prefix else ""

    def function(self, kind: Kind) -> str:
        """Returns the subject of requests of one kind."""
        return f"{self._start}veritech.function.{kind}"

    def cancel(self, execution_id: str) -> str:
        """Returns the subject that cancels one execution."""
        return f"{self._start}veritech.control.cancel.{execution_id}"


def is_prefix(text: str) -> bool:
    """Says whether ``text`` can start a subject without being more than itself; an empty one means none."""
    return text == "" or (len(text) <= _MAX_PREFIX_BYTES and _PREFIX.fullmatch(text) is not None)
