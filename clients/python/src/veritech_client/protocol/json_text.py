"""JSON text from the network: bounded before anything parses it, and stricter than Python's own reader.

Python's ``json`` takes ``NaN``, halves of surrogate pairs and ``1e400``, and gives up on integers of more
than 4300 digits with an error of its own. Here each of these is a :class:`NotJson`, or is not looked at.
"""

import json
import math
import re
from itertools import accumulate
from typing import NoReturn

_SPACE = re.compile(r"[ \t\n\r]*+")

# A string, closed or not; nothing in it is ever tried twice.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)

_BRACKETS = re.compile(r"[^\[\]{}]++")

# More digits than any integer of the protocol has.
_MAX_WIRE_DIGITS = 20

# As many as Python reads by default.
_MAX_VALUE_DIGITS = 4300


class NotJson(ValueError):
    """Text that is not JSON, not within its bounds, or not of the right shape."""


def bounded(data: bytes, max_bytes: int, max_depth: int) -> str:
    """Returns ``data`` as text if it is UTF-8, not too long and not nested too deep.

    The text need not be JSON; if it is, no parser will recurse deeper.

    Raises:
        NotJson: A bound is exceeded.
    """
    if len(data) > max_bytes:
        raise NotJson(f"is {len(data)} bytes long, the limit is {max_bytes}")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotJson(f"is not UTF-8 after byte {error.start}") from None
    if deeper_than(text, max_depth):
        raise NotJson(f"is nested more than {max_depth} levels deep")
    return text


def deeper_than(text: str, max_depth: int) -> bool:
    """Says whether arrays and objects in ``text`` lie more than ``max_depth`` levels deep."""
    if text.count("[") + text.count("{") <= max_depth:
        return False
    brackets = _BRACKETS.sub("", _STRING.sub("", text))
    depths = accumulate(1 if bracket in "[{" else -1 for bracket in brackets)
    return max(depths, default=0) > max_depth


def members(text: str) -> dict[str, str]:
    """Returns the members of the one object that ``text`` holds, each as it was written.

    Raises:
        NotJson: The text is no object, or names a member twice.
    """
    found: dict[str, str] = {}
    at = _take(text, _skip(text, 0), "{")
    while not text.startswith("}", at):
        if found:
            at = _take(text, at, ",")
        if not text.startswith('"', at):
            raise NotJson(f"lacks the name of a member at character {at}")
        name, at = _scan(text, at, _STRICT)
        at = _take(text, _skip(text, at), ":")
        _, end = _scan(text, at, _SKIM)
        if name in found:
            raise NotJson("names a member twice")
        found[str(name)] = text[at:end]
        at = _skip(text, end)
    _end(text, at + 1)
    return found


def elements(text: str) -> list[str]:
    """Returns the elements of the one array that ``text`` holds, each as it was written.

    Raises:
        NotJson: The text is no array.
    """
    found: list[str] = []
    at = _take(text, _skip(text, 0), "[")
    while not text.startswith("]", at):
        if found:
            at = _take(text, at, ",")
        _, end = _scan(text, at, _SKIM)
        found.append(text[at:end])
        at = _skip(text, end)
    _end(text, at + 1)
    return found


def check(text: str) -> None:
    """Checks that ``text`` is JSON, and keeps nothing of it.

    Raises:
        NotJson: It is not.
    """
    _, at = _scan(text, _skip(text, 0), _SKIM)
    _end(text, at)


def decode(text: str) -> object:
    """Reads a member of a message; integers of more than 20 digits become floating-point numbers.

    Raises:
        NotJson: It is not JSON, or holds what no message may: half a surrogate pair, or a number that is
            too large.
    """
    return _decode(text, _STRICT)


def decode_value(text: str) -> object:
    """Reads a function's value.

    Raises:
        NotJson: It is not JSON, or holds what a Python value cannot: half a surrogate pair, a number that no
            ``float`` can hold, an integer of more than 4300 digits or what else is Python's limit.
    """
    return _decode(text, _VALUE)


def _decode(text: str, decoder: json.JSONDecoder) -> object:
    value, at = _scan(text, _skip(text, 0), decoder)
    _end(text, at)
    # Only an escape can bring half a pair in: the text itself was UTF-8.
    if "\\u" in text and not _is_unicode(value):
        raise NotJson("holds half a surrogate pair")
    return value


def _is_unicode(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _take(text: str, at: int, sign: str) -> int:
    """Takes one sign of punctuation and the space after it."""
    if not text.startswith(sign, at):
        raise NotJson(f"lacks `{sign}` at character {at}")
    return _skip(text, at + 1)


def _end(text: str, at: int) -> None:
    if _skip(text, at) != len(text):
        raise NotJson("goes on after its end")


def _scan(text: str, at: int, decoder: json.JSONDecoder) -> tuple[object, int]:
    try:
        return decoder.raw_decode(text, at)
    except RecursionError:
        raise NotJson("is nested too deep for this place of the program") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"is not JSON: {error.msg} at character {error.pos}") from None


def _refuse(constant: str) -> NoReturn:
    raise NotJson(f"is not JSON: {constant}")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJson("holds a number that is too large")
    return number


def _wire_integer(text: str) -> int | float:
    return int(text) if len(text) <= _MAX_WIRE_DIGITS else _float(text)


def _value_integer(text: str) -> int:
    try:
        if len(text) <= _MAX_VALUE_DIGITS:
            return int(text)
    except ValueError:
        # The program has set a limit of its own, which is lower.
        pass
    raise NotJson("holds an integer of more digits than Python reads")


def _nothing(_: object) -> None:
    """Takes the place of what is looked at for its grammar only."""


_STRICT = json.JSONDecoder(parse_constant=_refuse, parse_int=_wire_integer, parse_float=_float)
_VALUE = json.JSONDecoder(parse_constant=_refuse, parse_int=_value_integer, parse_float=_float)
_SKIM = json.JSONDecoder(parse_constant=_refuse, parse_int=_nothing, parse_float=_nothing, object_pairs_hook=_nothing)
