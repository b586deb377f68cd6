"""What a client and its calls can be told."""

import re
import uuid
from dataclasses import dataclass, field

from veritech_client.header import Tenant, TraceContext
from veritech_client.protocol.request import RemoteFunctionRequest
from veritech_client.protocol.subject import Subjects, is_prefix
from veritech_client.retry import Backoff, Retry

# What dispatchers have by default, for requests that do not say.
_DEFAULT_TIMEOUT_MS = 30_000
_DEFAULT_QUEUE_TIMEOUT_MS = 10_000

# The most of any option: as good as no limit, and exact as a `float`.
_MOST = 2**53

_MAX_INBOX_PREFIX_BYTES = 128
_INBOX_PREFIX = re.compile(r"[!-)+-\-/-=?-~]+(?:\.[!-)+-\-/-=?-~]+)*")


class InvalidOption(ValueError):
    """An option that is not what it must be."""

    def __init__(self, option: str, expected: str) -> None:
        super().__init__(option, expected)
        self.option = option
        """The option."""
        self.expected = expected
        """What it must be."""

    def __str__(self) -> str:
        return f"`{self.option}` must be {self.expected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a client behaves.

    Raises:
        InvalidOption: Names the option and what it must be.

    Examples:
        >>> options = Options(subject_prefix="staging", retry=Retry.NEVER)
    """

    subject_prefix: str = ""
    """Where dispatchers listen: tokens of ``A-Z``, ``a-z``, ``0-9``, ``_``, ``-``, separated by dots; empty for
    none."""
    inbox_prefix: str = "_INBOX"
    """Where mailboxes lie; dispatchers answer only below prefixes they know."""
    accept_timeout_ms: int = 2000
    """How long to wait for a dispatcher to say that it has the request, in milliseconds."""
    deadline_grace_ms: int = 30_000
    """What is added to the request's ``queue_timeout_ms`` and ``timeout_ms`` to make the deadline of a call that
    has none of its own: the time for images to be had, sandboxes to be made, and attempts to be repeated."""
    retry: Retry = Retry.SAFE
    """Which failures are answered by another attempt."""
    backoff: Backoff = field(default_factory=Backoff)
    """How long to wait between attempts."""
    max_event_bytes: int = 8 << 20
    """The largest event that is read, in bytes."""
    max_value_bytes: int = 64 << 20
    """The largest value that is put together from parts, in bytes of JSON text; as Python objects it takes
    several times as much."""
    mailbox_capacity: int = 8192
    """How many events may wait for a slow reader of one call. More are lost, which ends the call with
    ``sequence_gap``."""
    mailbox_bytes: int = 128 << 20
    """How many bytes of events may wait for a slow reader of one call, likewise."""

    def __post_init__(self) -> None:
        if not is_prefix(self.subject_prefix):
            raise InvalidOption(
                "subject_prefix",
                "tokens of `A-Z`, `a-z`, `0-9`, `_` and `-`, separated by dots, of at most 128 bytes",
            )
        inbox = self.inbox_prefix
        if len(inbox) > _MAX_INBOX_PREFIX_BYTES or not _INBOX_PREFIX.fullmatch(inbox):
            raise InvalidOption(
                "inbox_prefix",
                "tokens without spaces, `*` and `>`, separated by dots, of 1 to 128 bytes of ASCII",
            )
        for name in ("accept_timeout_ms", "deadline_grace_ms"):
            _expect_whole(name, getattr(self, name), 0)
        for name in ("max_event_bytes", "max_value_bytes", "mailbox_capacity", "mailbox_bytes"):
            _expect_whole(name, getattr(self, name), 1)
        _expect_retry(self.retry)
        _expect_whole("backoff.first_ms", self.backoff.first_ms, 0)
        _expect_whole("backoff.factor", self.backoff.factor, 1)
        _expect_whole("backoff.longest_ms", self.backoff.longest_ms, 0)

    @property
    def subjects(self) -> Subjects:
        """Returns the subjects to meet dispatchers on."""
        return Subjects(self.subject_prefix)

    def draw_inbox(self) -> str:
        """Draws the subject of a new mailbox."""
        return f"{self.inbox_prefix}.{uuid.uuid4().hex}"

    def patience_ms(self, request: RemoteFunctionRequest) -> int:
        """Returns how long a call of ``request`` may take if it has no deadline of its own."""
        queued = _DEFAULT_QUEUE_TIMEOUT_MS if request.queue_timeout_ms is None else request.queue_timeout_ms
        running = _DEFAULT_TIMEOUT_MS if request.timeout_ms is None else request.timeout_ms
        return queued + running + self.deadline_grace_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """What is special about one call.

    Raises:
        InvalidOption: Names the option and what it must be.

    Examples:
        >>> options = CallOptions(deadline_ms=5000, tenant=Tenant("billing"))
    """

    deadline_ms: int | None = None
    """How long all attempts together may take, in milliseconds; by default what the request allows, and
    :attr:`Options.deadline_grace_ms`."""
    retry: Retry | None = None
    """Which failures are answered by another attempt, if not those of :attr:`Options.retry`."""
    trace: TraceContext | None = None
    """The trace that the execution belongs to."""
    tenant: Tenant | None = None
    """Whose fair share it counts against."""

    def __post_init__(self) -> None:
        if self.deadline_ms is not None:
            _expect_whole("deadline_ms", self.deadline_ms, 0)
        if self.retry is not None:
            _expect_retry(self.retry)

    def headers(self) -> dict[str, str]:
        """Returns the headers of the call's requests."""
        return {name: text for sent in (self.trace, self.tenant) if sent for name, text in sent.headers()}


def _expect_whole(name: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST:
        raise InvalidOption(name, f"a whole number from {least} to {_MOST}")


def _expect_retry(value: object) -> None:
    if not isinstance(value, Retry):
        raise InvalidOption("retry", f"one of {', '.join(f'`Retry.{name}`' for name in Retry.__members__)}")
