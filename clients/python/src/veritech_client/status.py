"""What the dispatchers say about themselves."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from veritech_client.control import ask
from veritech_client.options import Options
from veritech_client.protocol import json_text
from veritech_client.protocol.json_text import NotJson
from veritech_client.protocol.members import Members
from veritech_client.protocol.subject import SERVICE_NAME
from veritech_client.transport import Capacity, Connection, Message

_LOG = logging.getLogger("veritech_client")

# How long to collect answers at most, and without another one coming.
_LONGEST_S = 1.0
_IDLE_S = 0.3

_MAX_INSTANCES = 1024
_MAX_ANSWER_BYTES = 1 << 20
_MAX_ANSWER_DEPTH = 32
_MAX_ANSWERS = Capacity(messages=_MAX_INSTANCES, size=64 << 20)


@dataclass(frozen=True, slots=True)
class EndpointStatus:
    """Something that an instance serves."""

    name: str
    """Its name."""
    subject: str
    """Where it listens."""
    queue_group: str
    """The queue group it shares its work with."""
    num_requests: int
    """Requests it took."""
    num_errors: int
    """Requests that failed."""
    last_error: str
    """The last failure."""
    processing_time: int
    """Time spent on requests, in nanoseconds."""
    average_processing_time: int
    """The same for one request."""
    data: object
    """Veritech's own figures: places, executions that run and wait, warm sandboxes and more."""


@dataclass(frozen=True, slots=True)
class InstanceStatus:
    """One instance of the dispatcher, as it answers ``$SRV.STATS`` (NATS ADR-32)."""

    name: str
    """The service's name: ``veritech``."""
    id: str
    """The instance."""
    version: str
    """Its version."""
    started: str
    """When it was started, in RFC 3339."""
    metadata: Mapping[str, str]
    """What else it tells about itself."""
    endpoints: tuple[EndpointStatus, ...]
    """What it serves."""


async def collect(connection: Connection, options: Options) -> list[InstanceStatus]:
    """Asks every dispatcher, and collects what comes within the window, in the order of their ids."""
    until = connection.time() + _LONGEST_S
    mailbox = await ask(connection, options, f"$SRV.STATS.{SERVICE_NAME}", _MAX_ANSWERS)
    instances: list[InstanceStatus] = []
    try:
        while len(instances) < _MAX_INSTANCES and connection.time() < until:
            delivery = await mailbox.next(min(until, connection.time() + _IDLE_S))
            if not isinstance(delivery, Message):
                break
            try:
                instances.append(_instance(delivery.payload))
            except NotJson as error:
                _LOG.debug("ignored an answer to `$SRV.STATS` that is none: it %s", error)
    finally:
        mailbox.release()
    return sorted(instances, key=lambda instance: instance.id)


def _instance(payload: bytes) -> InstanceStatus:
    text = json_text.bounded(payload, _MAX_ANSWER_BYTES, _MAX_ANSWER_DEPTH)
    members = Members(json_text.members(text))
    return InstanceStatus(
        members.text("name"),
        members.text("id"),
        members.text("version"),
        members.optional_text("started") or "",
        members.texts("metadata") if members.raw("metadata") is not None else {},
        tuple(_endpoint(endpoint) for endpoint in members.nested_list("endpoints")),
    )


def _endpoint(members: Members) -> EndpointStatus:
    data = members.raw("data")
    return EndpointStatus(
        members.text("name"),
        members.text("subject"),
        members.optional_text("queue_group") or "",
        members.whole("num_requests", default=0),
        members.whole("num_errors", default=0),
        members.optional_text("last_error") or "",
        members.whole("processing_time", default=0),
        members.whole("average_processing_time", default=0),
        None if data is None else json_text.decode(data),
    )
