"""The name of one execution."""

import re
import uuid

EXPECTED = "must be 1 to 128 of `A-Z`, `a-z`, `0-9`, `_` and `-`"
"""What an id must be, for messages."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


def is_execution_id(text: str) -> bool:
    """Says whether ``text`` can name an execution.

    Examples:
        >>> is_execution_id("order-17"), is_execution_id("no spaces")
        (True, False)
    """
    return _ID.fullmatch(text) is not None


def draw() -> str:
    """Draws an id at random: it is a capability, for whoever knows it may cancel the execution."""
    return str(uuid.uuid4())
