"""Puts a value together that came in parts."""

import hashlib

from veritech_client.protocol import json_text
from veritech_client.protocol.event import Part

_MAX_VALUE_DEPTH = 136


class BrokenParts(Exception):
    """Parts that make no value."""


class PartsTooLarge(Exception):
    """Parts that make a larger value than this client puts together."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(size, limit)
        self.size = size
        self.limit = limit

    def __str__(self) -> str:
        return f"the value is larger than {self.limit} bytes, the most that this client puts together"


class Parts:
    """The parts of a value, so far."""

    def __init__(self, max_bytes: int) -> None:
        self._text = bytearray()
        self._digest = hashlib.sha256()
        self._count = 0
        self._max_bytes = max_bytes

    def push(self, part: Part) -> None:
        """Takes the next part.

        Raises:
            BrokenParts: It is not the next one, or empty.
            PartsTooLarge: The value grows beyond its bound.
        """
        if part.index != self._count:
            raise BrokenParts(f"part {part.index} of the value came where part {self._count} was due")
        # Without this, the number of parts would have no bound.
        if not part.data:
            raise BrokenParts(f"part {part.index} of the value is empty")
        piece = part.data.encode()
        size = len(self._text) + len(piece)
        if size > self._max_bytes:
            raise PartsTooLarge(size, self._max_bytes)
        self._text += piece
        self._digest.update(piece)
        self._count += 1

    def finish(self, parts: int, sha256: str) -> str:
        """Returns the value's JSON text, if it is the one that the result speaks of.

        Raises:
            BrokenParts: It is not.
        """
        if self._count != parts:
            raise BrokenParts(f"the result speaks of {parts} parts, {self._count} came")
        if self._digest.hexdigest() != sha256:
            raise BrokenParts("the parts are not those that the result's SHA-256 speaks of")
        try:
            text = json_text.bounded(bytes(self._text), self._max_bytes, _MAX_VALUE_DEPTH)
            json_text.check(text)
        except json_text.NotJson as error:
            raise BrokenParts(f"the parts make no JSON text: it {error}") from None
        return text
