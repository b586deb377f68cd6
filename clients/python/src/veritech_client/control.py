"""Ends an execution by its id."""

import asyncio
from dataclasses import dataclass
from typing import TypeAlias

from veritech_client.options import Options
from veritech_client.protocol import json_text
from veritech_client.protocol.json_text import NotJson
from veritech_client.protocol.members import Members
from veritech_client.transport import Capacity, Connection, Mailbox, Message

# How long to wait for the dispatcher that has an execution.
_ANSWER_TIMEOUT_S = 2.0

_MAX_ANSWER_BYTES = 64 * 1024
_MAX_ANSWER_DEPTH = 16
_MAX_ANSWERS = Capacity(messages=64, size=1 << 20)


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A dispatcher has ended the execution, or is about to."""

    instance: str
    """Which instance."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """No dispatcher has an execution of this id, or none that says so."""


Cancellation: TypeAlias = Cancelled | NotFound
"""What became of a request to cancel."""


class ControlError(Exception):
    """A dispatcher could not be asked: the connection to NATS takes nothing, now or for good."""


async def cancel(connection: Connection, options: Options, execution_id: str) -> Cancellation:
    """Asks every dispatcher to end an execution; the one that has it answers."""
    due = connection.time() + _ANSWER_TIMEOUT_S
    mailbox = await ask(connection, options, options.subjects.cancel(execution_id), _MAX_ANSWERS)
    try:
        while isinstance(delivery := await mailbox.next(due), Message):
            instance = _instance_that_cancelled(delivery.payload)
            if instance is not None:
                return Cancelled(instance)
    finally:
        mailbox.release()
    return NotFound()


async def ask(connection: Connection, options: Options, subject: str, capacity: Capacity) -> Mailbox:
    """Publishes an empty question, and returns the mailbox for its answers.

    Raises:
        ControlError: It could not be published.
    """
    asking = connection.ask(subject, options.draw_inbox(), b"", {}, capacity)
    await asyncio.wait({asking}, timeout=_ANSWER_TIMEOUT_S)
    if not asking.done():
        asking.cancel()
        raise ControlError("the connection to NATS did not take the question in time")
    asked = asking.result()
    if not isinstance(asked, Mailbox):
        raise ControlError(str(asked))
    return asked


def _instance_that_cancelled(payload: bytes) -> str | None:
    try:
        text = json_text.bounded(payload, _MAX_ANSWER_BYTES, _MAX_ANSWER_DEPTH)
        answer = Members(json_text.members(text))
        instance = answer.optional_text("instance") or ""
        return instance if answer.flag("cancelled") else None
    except NotJson:
        return None
