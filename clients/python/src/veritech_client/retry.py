"""Whether a failed attempt is followed by another, and when."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from veritech_client.protocol.failure import FailureCode
from veritech_client.protocol.kind import Kind

# Whatever the factor, a wait has reached its longest by then.
_MAX_EXPONENT = 64


class Retry(StrEnum):
    """Which failures are answered by another attempt.

    Failures of the function or of the request never are.
    """

    NEVER = "never"
    """None."""
    SAFE = "safe"
    """Those of attempts in which the function was certainly not started.

    ``no_responders``, ``overloaded``, ``expired``, and before ``started`` ``shutting_down``,
    ``image_pull_failed``, ``sandbox_start_failed`` and ``sandbox_lost``; also ``not_accepted``, but that not
    for actions, since the first attempt might yet start.
    """
    ALWAYS = "always"
    """Also those after which the function may have been executed, wholly or in part.

    For functions that may be executed twice.
    """


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait between attempts.

    Longer each time, and never quite the same, so that callers who failed together do not come back together.
    """

    first_ms: int = 100
    """The wait after the first attempt, in milliseconds."""
    factor: int = 2
    """What each further wait is multiplied by."""
    longest_ms: int = 5000
    """The longest wait, in milliseconds."""

    def wait_ms(self, attempt: int, jitter: float) -> float:
        """Returns the wait after attempt number ``attempt``, counted from 1.

        It is between half and all of its nominal length, as ``jitter`` from 0 to 1 says.
        """
        exponent = min(attempt - 1, _MAX_EXPONENT)
        nominal: int = min(self.first_ms * max(self.factor, 1) ** exponent, self.longest_ms)
        return nominal / 2 * (1 + jitter)


class Reached(Enum):
    """Whether the function may have run in an attempt."""

    NOT_STARTED = auto()
    """Events are sent, and none said that it was started."""
    STARTED = auto()
    """It was started."""
    UNKNOWN = auto()
    """Only the result is sent, so nobody knows."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What decides between attempts of one call. Times are seconds of one clock."""

    retry: Retry
    backoff: Backoff
    kind: Kind
    deadline: float

    def judge(self, attempt: int, code: FailureCode, reached: Reached, now: float, jitter: float) -> float | None:
        """Returns when attempt number ``attempt`` is followed by another, or ``None`` if by none."""
        match self.retry:
            case Retry.NEVER:
                again = False
            case Retry.SAFE:
                again = self._is_safe(code, reached)
            case Retry.ALWAYS:
                again = self._is_safe(code, reached) or _may_succeed_again(code)
        at = now + self.backoff.wait_ms(attempt, jitter) / 1000
        # An attempt that could only be cut short is not worth making.
        return at if again and at < self.deadline else None

    def _is_safe(self, code: FailureCode, reached: Reached) -> bool:
        match code:
            # By their nature these come before the function is started.
            case (
                FailureCode.NO_RESPONDERS
                | FailureCode.OVERLOADED
                | FailureCode.EXPIRED
                | FailureCode.IMAGE_PULL_FAILED
                | FailureCode.SANDBOX_START_FAILED
            ):
                return reached is not Reached.STARTED
            # These may come at any time.
            case FailureCode.SHUTTING_DOWN | FailureCode.SANDBOX_LOST:
                return reached is Reached.NOT_STARTED
            case FailureCode.NOT_ACCEPTED:
                return self.kind != Kind.ACTION
            case _:
                return False


def _may_succeed_again(code: FailureCode) -> bool:
    """Says whether the failure says nothing about the function and the request."""
    return code in (FailureCode.DISPATCHER_LOST, FailureCode.SEQUENCE_GAP) or code.retryable


def must_be_ended(code: FailureCode, is_repeated: bool) -> bool:
    """Says whether an attempt that the client gave up, and that may still be executing, is to be ended.

    One that was taken and then lost from sight is left alone unless another takes its place: half an action
    is worse than a whole one.
    """
    match code:
        case FailureCode.NOT_ACCEPTED | FailureCode.DEADLINE_EXCEEDED:
            return True
        case FailureCode.DISPATCHER_LOST | FailureCode.SEQUENCE_GAP:
            return is_repeated
        case _:
            return False
