"""The kinds of functions, and what each must return.

A dispatcher has checked a value against its kind before a caller gets it, so that it may be used as the type
below: ``verdict: Qualification = result.value()``.
"""

from enum import StrEnum
from typing import Literal, NotRequired, TypedDict


class Kind(StrEnum):
    """What a function is for, and so what it must return."""

    RESOLVER = "resolver"
    """Computes any JSON value of a declared type."""
    QUALIFICATION = "qualification"
    """Judges something: success, warning, failure or unknown."""
    VALIDATION = "validation"
    """Says whether something is valid."""
    CODE_GENERATION = "code_generation"
    """Writes code."""
    ACTION = "action"
    """Does something."""


class ResponseType(StrEnum):
    """The type that a resolver's value must have.

    ``null`` fits ``any`` only; a value that is not set fits every type.
    """

    ANY = "any"
    """Any JSON."""
    STRING = "string"
    """A string."""
    INTEGER = "integer"
    """A whole number within ±(2^53 - 1), however it is spelt: ``1``, ``1.0``, ``1e0``."""
    NUMBER = "number"
    """A number."""
    BOOLEAN = "boolean"
    """``true`` or ``false``."""
    OBJECT = "object"
    """An object."""
    ARRAY = "array"
    """An array."""


class Qualification(TypedDict):
    """What a qualification returns."""

    result: Literal["success", "warning", "failure", "unknown"]
    """The verdict."""
    message: NotRequired[str | None]
    """Why; there unless the verdict is success."""


class Validation(TypedDict):
    """What a validation returns."""

    valid: bool
    """Whether it is valid."""
    message: NotRequired[str | None]
    """Why not; there unless it is valid."""


class CodeGeneration(TypedDict):
    """What a code generation returns."""

    format: str
    """The language or format of the code, such as ``yaml``."""
    code: str
    """The code."""


class Action(TypedDict):
    """What an action returns."""

    status: Literal["ok", "warning", "error"]
    """How it went."""
    payload: NotRequired[object]
    """Whatever the action has to say to the program that called it."""
    message: NotRequired[str | None]
    """What was not as it should be; there unless it went well."""
