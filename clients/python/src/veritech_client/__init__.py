"""The caller's library: remote function calls over NATS.

A :class:`Client` publishes a request to the dispatchers and gives back a :class:`Call`: an asynchronous iterator over
events that ends with exactly one result.

::

              .-------------------- Call ---------------------.
    request ->| publish -> events -> failed before it started? |-> result
              |    ^                          |                |
              |    '------- wait a little <---'                |
              '------------------------------------------------'

Nothing waits for ever: each call has a deadline, and within it a silent dispatcher is noticed after three heartbeats.
Everything is bounded: messages that wait, bytes of an event, bytes of a value. What an attempt and its successors
decide is in modules without clock, socket or task (``attempt``, ``parts``, ``retry``); ``driver`` carries it out. One
module knows the NATS library: ``transport``.
"""

from veritech_client.call import Call
from veritech_client.client import Client
from veritech_client.control import Cancellation, Cancelled, ControlError, NotFound
from veritech_client.driver import CallClosed
from veritech_client.header import InvalidHeader, Tenant, TraceContext
from veritech_client.options import CallOptions, InvalidOption, Options
from veritech_client.outcome import CallError, CallResult, FoundBy, NoValue, UnreadableValue
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
from veritech_client.protocol.kind import (
    Action,
    CodeGeneration,
    Kind,
    Qualification,
    ResponseType,
    Validation,
)
from veritech_client.protocol.request import (
    InvalidRequest,
    Json,
    Language,
    Network,
    OnCallerLost,
    RemoteFunctionRequest,
    Replies,
    RequestedLimits,
)
from veritech_client.retry import Backoff, Retry
from veritech_client.status import EndpointStatus, InstanceStatus
from veritech_client.transport import ConnectError

__all__ = [
    "Accepted",
    "Action",
    "Backoff",
    "Call",
    "CallClosed",
    "CallError",
    "CallOptions",
    "CallResult",
    "Cancellation",
    "Cancelled",
    "Client",
    "CodeGeneration",
    "ConnectError",
    "ControlError",
    "EndpointStatus",
    "Event",
    "Failure",
    "FailureCode",
    "FoundBy",
    "Heartbeat",
    "InParts",
    "InstanceStatus",
    "InvalidHeader",
    "InvalidOption",
    "InvalidRequest",
    "Json",
    "Kind",
    "Language",
    "Level",
    "Network",
    "NoValue",
    "NotFound",
    "OnCallerLost",
    "Options",
    "Origin",
    "Outcome",
    "Output",
    "Part",
    "Phase",
    "Progress",
    "Qualification",
    "RemoteFunctionRequest",
    "Replies",
    "Report",
    "RequestedLimits",
    "ResponseType",
    "Result",
    "Retry",
    "Started",
    "Stream",
    "Tenant",
    "Timings",
    "TraceContext",
    "UnknownEvent",
    "UnreadableValue",
    "Unset",
    "Usage",
    "Validation",
    "Value",
]
