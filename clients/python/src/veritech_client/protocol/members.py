"""Reads the members of a JSON object, each as what it must be."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from veritech_client.protocol import json_text
from veritech_client.protocol.json_text import NotJson

Choice = TypeVar("Choice", bound=StrEnum)


class Members:
    """The members of an object, each as text; what nobody asks for is ignored.

    Each method raises :class:`NotJson`, with the member's name, where it is missing or of another type. The
    ``optional_`` ones return ``None`` for a member that is missing or ``null``.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def raw(self, name: str) -> str | None:
        """Returns a member as it was written, ``null`` too, or ``None`` if there is none."""
        return self._texts.get(name)

    def text(self, name: str) -> str:
        """Returns a string."""
        value = self._decoded(name)
        if not isinstance(value, str):
            raise NotJson(f"must have a string `{name}`")
        return value

    def optional_text(self, name: str) -> str | None:
        """Returns a string, or ``None``."""
        return self.text(name) if self._is_there(name) else None

    def whole(self, name: str, *, bits: int = 64, default: int | None = None) -> int:
        """Returns a whole number that an unsigned integer of so many bits holds."""
        if default is not None and name not in self._texts:
            return default
        value = self._decoded(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << bits:
            raise NotJson(f"must have a whole number `{name}` of at most {bits} bits")
        return value

    def optional_whole(self, name: str, *, bits: int = 64) -> int | None:
        """Returns a whole number, or ``None``."""
        return self.whole(name, bits=bits) if self._is_there(name) else None

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """Returns a Boolean."""
        if default is not None and name not in self._texts:
            return default
        value = self._decoded(name)
        if not isinstance(value, bool):
            raise NotJson(f"must have a Boolean `{name}`")
        return value

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        """Returns one of several names."""
        try:
            return choices(self.text(name))
        except NotJson:
            raise
        except ValueError:
            raise NotJson(f"must have a `{name}` that is one of {', '.join(choices)}") from None

    def optional_choice(self, name: str, choices: type[Choice]) -> Choice | None:
        """Returns one of several names, or ``None``."""
        return self.choice(name, choices) if self._is_there(name) else None

    def texts(self, name: str) -> Mapping[str, str]:
        """Returns an object all of whose members are strings."""
        value = self._decoded(name)
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise NotJson(f"must have an object of strings `{name}`")
        return value

    def details(self, name: str) -> Mapping[str, object]:
        """Returns an object of anything; an empty one if there is none."""
        value = self._decoded(name) if name in self._texts else {}
        if not isinstance(value, dict):
            raise NotJson(f"must have an object `{name}`")
        return value

    def nested(self, name: str) -> "Members":
        """Returns the members of an object; none if there is no object."""
        return Members(json_text.members(self._texts.get(name, "{}")))

    def nested_list(self, name: str) -> "list[Members]":
        """Returns the members of each object in an array; none if there is no array."""
        elements = json_text.elements(self._texts.get(name, "[]"))
        return [Members(json_text.members(element)) for element in elements]

    def optional_nested(self, name: str) -> "Members | None":
        """Returns the members of an object, or ``None``."""
        return self.nested(name) if self._is_there(name) else None

    def _is_there(self, name: str) -> bool:
        return self._texts.get(name, "null") != "null"

    def _decoded(self, name: str) -> object:
        text = self._texts.get(name)
        if text is None:
            raise NotJson(f"lacks `{name}`")
        return json_text.decode(text)
