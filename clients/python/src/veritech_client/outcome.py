"""How a call ended."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from veritech_client.protocol import json_text
from veritech_client.protocol.event import Report, Result, Unset, Value
from veritech_client.protocol.failure import Failure, FailureCode


class FoundBy(StrEnum):
    """Who found a failure."""

    DISPATCHER = "dispatcher"
    """The dispatcher: this is its result."""
    CLIENT = "client"
    """The client.

    An ``internal`` failure then means that a dispatcher did not keep to the protocol; its ``violation`` detail
    says how.
    """


class NoValue(ValueError):
    """The function returned nothing."""

    def __str__(self) -> str:
        return "the function returned nothing"


class UnreadableValue(ValueError):
    """A value that Python cannot hold, though it is JSON; :attr:`CallResult.json` has its text."""


@dataclass(frozen=True, slots=True)
class CallResult:
    """A call whose function returned."""

    id: str
    """The execution of the last attempt."""
    attempts: int
    """How many attempts it took."""
    json: str | None
    """The value as JSON text; ``None`` if it is unset, which is not ``null``."""
    report: Report
    """What the dispatcher tells besides."""

    def value(self) -> Any:
        """Reads the value.

        Raises:
            NoValue: The function returned nothing.
            UnreadableValue: The value holds half a surrogate pair, a number that no ``float`` can hold, or an
                integer of more digits than Python reads.

        Examples:
            >>> CallResult("x-1", 1, '{"sum": 3}', Report()).value()
            {'sum': 3}
        """
        if self.json is None:
            raise NoValue
        try:
            return json_text.decode_value(self.json)
        except json_text.NotJson as error:
            raise UnreadableValue(f"the value {error}") from None

    def event(self) -> Result:
        """Returns the result as one event, the value whole."""
        return Result(self.id, Unset() if self.json is None else Value(self.json), self.report)


class CallError(Exception):
    """A call that has no value.

    Examples:
        >>> async def sum_of(client, request):
        ...     try:
        ...         return (await client.call(request)).value()
        ...     except CallError as error:
        ...         if error.code is FailureCode.EXCEPTION:
        ...             return None
        ...         raise
    """

    def __init__(self, failure: Failure, found_by: FoundBy, execution_id: str, attempts: int, report: Report) -> None:
        super().__init__(failure, found_by, execution_id, attempts, report)
        self.failure = failure
        """Why, after the last attempt."""
        self.found_by = found_by
        """Who found that out."""
        self.id = execution_id
        """The execution of the last attempt."""
        self.attempts = attempts
        """How many attempts were made."""
        self.report = report
        """What the dispatcher tells besides; empty if the client found the failure."""

    @property
    def code(self) -> FailureCode:
        """Returns what went wrong: a stable name to branch on."""
        return self.failure.code

    def event(self) -> Result:
        """Returns the failure as a result event, as a dispatcher would send it."""
        return Result(self.id, self.failure, self.report)

    def __str__(self) -> str:
        return str(self.failure)
