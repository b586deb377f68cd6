"""Reads what a dispatcher sends to a mailbox, and believes nothing of it that is not as it must be."""

from dataclasses import fields
from enum import StrEnum

from veritech_client.protocol import execution_id, json_text
from veritech_client.protocol.event import (
    Accepted,
    Event,
    Heartbeat,
    InParts,
    Level,
    Outcome,
    Output,
    Part,
    Phase,
    Progress,
    Report,
    Result,
    Started,
    Stream,
    Timings,
    UnknownEvent,
    Unset,
    Usage,
    Value,
)
from veritech_client.protocol.failure import Failure, FailureCode, Origin
from veritech_client.protocol.json_text import NotJson
from veritech_client.protocol.members import Members

# That of a value, and what wraps it.
_MAX_EVENT_DEPTH = 136


def event(data: bytes, max_bytes: int) -> Event:
    """Reads an event of at most ``max_bytes``; unknown members are ignored.

    Raises:
        NotJson: Says what is wrong with it.
    """
    text = json_text.bounded(data, max_bytes, _MAX_EVENT_DEPTH)
    members = Members(json_text.members(text))
    name = members.text("event")
    found = members.optional_text("id")
    if found is not None and not execution_id.is_execution_id(found):
        raise NotJson(f"has a wrong `id`, which {execution_id.EXPECTED}")
    match name:
        case "accepted":
            return Accepted(found, members.text("instance"), members.whole("heartbeat_ms"))
        case "progress":
            phase = members.choice("phase", Phase)
            return Progress(found, phase, members.whole("done"), members.whole("total"))
        case "started":
            sandbox, engine = members.text("sandbox"), members.text("engine")
            return Started(found, sandbox, engine, members.flag("warm"), members.texts("enforced"))
        case "output":
            return Output(
                found,
                members.choice("stream", Stream),
                members.text("message"),
                members.optional_choice("level", Level),
                members.optional_text("timestamp"),
            )
        case "heartbeat":
            return Heartbeat(found)
        case "part":
            return Part(found, members.whole("index", bits=32), members.text("data"))
        case "result":
            return Result(found, _outcome(members), _report(members))
        case _:
            return UnknownEvent(found, name, text)


def _outcome(members: Members) -> Outcome:
    succeeded = members.choice("status", _Status) is _Status.SUCCESS
    value = members.raw("value")
    unset = members.flag("unset", default=False)
    parts = members.optional_whole("parts", bits=32)
    sha256 = members.optional_text("sha256")
    failure = members.optional_nested("failure")
    match succeeded, value, unset, parts, sha256, failure:
        case True, str(text), False, None, None, None:
            return Value(text)
        case True, None, True, None, None, None:
            return Unset()
        case True, None, False, int(count), str(digest), None:
            return InParts(count, digest)
        case False, None, False, None, None, Members() as told:
            return Failure(
                told.choice("code", FailureCode),
                told.choice("origin", Origin),
                told.flag("retryable"),
                told.text("message"),
                told.details("details"),
            )
        case _:
            raise NotJson("is a result without exactly one of a value, unset, parts and a failure")


def _report(members: Members) -> Report:
    timings = members.nested("timings")
    usage = members.nested("usage")
    return Report(
        Timings(*(timings.whole(field.name, default=0) for field in fields(Timings))),
        Usage(
            usage.whole("cpu_ms", default=0),
            usage.optional_whole("memory_peak_bytes"),
            usage.whole("output_bytes", default=0),
            usage.flag("output_truncated", default=False),
        ),
        members.optional_text("image_digest"),
    )


class _Status(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
