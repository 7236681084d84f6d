"""What a call of AWS may end in instead of its answer, and the rules that say which calls do.

Sources: the error lists of the EFS, EC2, Lambda and S3 API references; EFS throttles with HTTP 400 (ansible#36040,
aws/res#99). What a client makes of a broken connection, a late and a cut answer is what botocore was seen to make of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError

PUT = "PUT"
"""The answer of a custom resource, sent to the address that CloudFormation gave."""
EVERY = "every call"
"""Every operation of an API; not the PUT of the answer, which is none."""

Parameters = dict[str, Any]
Answer = dict[str, Any]

_STATUS = {
    "AccessDeniedException": 403,
    "AccessPointNotFound": 404,
    "FileSystemInUse": 409,
    "FileSystemNotFound": 404,
    "IncorrectFileSystemLifeCycleState": 409,
    "IncorrectMountTargetState": 409,
    "InternalServerError": 500,
    "MountTargetConflict": 409,
    "MountTargetNotFound": 404,
    "NoFreeAddressesInSubnet": 409,
    "PolicyNotFound": 404,
    "ServiceUnavailable": 503,
    "UnauthorizedOperation": 403,
}
"""Where it is not 400."""


class Fault(Exception):
    """An error answer: code, message, HTTP status."""

    def __init__(self, code: str, message: str = "said by the simulator", status: int | None = None) -> None:
        super().__init__(code)
        self.code, self.message = code, message
        self.status = status or _STATUS.get(code, 400)


class Killed(BaseException):
    """The end of a run without a trace, as when its sandbox crashes."""


class Broken(Enum):
    """What is no answer at all."""

    RESET = "the connection breaks"
    TRUNCATED = "status 200 with half of the body"
    KILLED = "the caller dies during the call"


RESET, TRUNCATED, KILLED = Broken


@dataclass(frozen=True)
class Slow:
    """The call takes longer; a client that has waited for its `timeout` gives up, and the call takes effect all the same."""

    seconds: float


def _each(*errors: tuple[str, int]) -> Callable[[str], Fault]:
    """An error that EFS, EC2, Lambda and S3 each call otherwise."""
    by_service = dict(zip(("efs", "ec2", "lambda", "s3"), errors, strict=True))

    def fault(service: str) -> Fault:
        code, status = by_service[service]
        return Fault(code, status=status)

    return fault


THROTTLED = _each(
    ("ThrottlingException", 400),
    ("RequestLimitExceeded", 503),
    ("TooManyRequestsException", 429),
    ("SlowDown", 503),
)
SERVER_ERROR = _each(
    ("InternalServerError", 500), ("InternalError", 500), ("ServiceException", 500), ("InternalError", 500)
)
UNAVAILABLE = _each(
    ("ServiceUnavailable", 503), ("Unavailable", 503), ("ServiceUnavailable", 503), ("ServiceUnavailable", 503)
)
DENIED = _each(
    ("AccessDeniedException", 403),
    ("UnauthorizedOperation", 403),
    ("AccessDeniedException", 403),
    ("AccessDenied", 403),
)

Effect = Fault | Broken | Slow | Answer | Callable[[str], Fault]

KINDS: dict[str, tuple[Effect, bool]] = {
    "throttled": (THROTTLED, False),
    "server error": (SERVER_ERROR, False),
    "server error after": (SERVER_ERROR, True),
    "unavailable": (UNAVAILABLE, False),
    "denied": (DENIED, False),
    "reset": (RESET, False),
    "reset after": (RESET, True),
    "truncated": (TRUNCATED, True),
    "slow": (Slow(12), False),
    "slow after": (Slow(12), True),
    "silent after": (Slow(60), True),
    "killed": (KILLED, False),
    "killed after": (KILLED, True),
}
"""By name: what the call ends in, and whether only after it took effect. For tests that draw one."""


@dataclass
class Rule:
    """Which calls end in a fault. `hits` counts those that did.

    Attributes:
        operation: its name, `PUT` or `EVERY`.
        effect: what they end in; an answer is given instead of the true one.
        times: how many of them.
        after: they take effect all the same; for a slow call: before the delay, and not at its end.
        when: tells by the parameters whether a call is meant.
        skip: how many of the calls that are meant go through first.
        until: seconds on the account's clock when it is over.
        lasting: seconds after the first call that was meant and not let through when it is over.
    """

    operation: str
    effect: Effect
    times: float = 1
    after: bool = False
    when: Callable[[Parameters], bool] = lambda _: True
    skip: int = 0
    until: float = float("inf")
    lasting: float = float("inf")
    hits: int = 0
    first: float | None = None

    def strikes(self, operation: str, parameters: Parameters, now: float) -> bool:
        """Whether this call is struck; it is counted then."""
        meant = operation == self.operation or (self.operation == EVERY and operation != PUT)
        if not meant or not self.when(parameters):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.first = now if self.first is None else self.first
        struck = self.hits < self.times and now < min(self.until, self.first + self.lasting)
        self.hits += struck
        return struck


class Sleeping(Protocol):
    """Where the seconds of a slow call pass."""

    def sleep(self, seconds: float, /) -> None: ...


def strike(rule: Rule, service: str, carry_out: Callable[[], Answer], clock: Sleeping, timeout: float) -> Answer:
    """End a call as the rule says.

    Args:
        service: whose call it is; errors differ by service.
        carry_out: lets it take effect.
        clock: where the seconds of a slow call pass.
        timeout: seconds that the client waits for an answer.

    Raises:
        Fault: an error answer.
        BotoCoreError, ResponseParserError: what botocore makes of something that is no answer.
        Killed: the caller dies.
    """
    effect = rule.effect(service) if callable(rule.effect) else rule.effect
    if isinstance(effect, Slow):
        return _slowly(effect.seconds, carry_out, clock, timeout, effect_first=rule.after)
    if rule.after:
        carry_out()
    if isinstance(effect, Fault):
        # One object for many calls: it must not keep the frames of the earlier ones alive.
        raise effect.with_traceback(None)
    if isinstance(effect, Broken):
        return _broken(effect, service)
    return effect


def _slowly(
    seconds: float, carry_out: Callable[[], Answer], clock: Sleeping, timeout: float, *, effect_first: bool
) -> Answer:
    if effect_first:
        answer = carry_out()
    clock.sleep(min(seconds, timeout))
    if not effect_first:
        answer = carry_out()
    if seconds > timeout:
        raise ReadTimeoutError(endpoint_url="https://aws.invalid")
    return answer


def _broken(effect: Broken, service: str) -> Answer:
    """A cut body of EFS is read as an empty answer, one of EC2 as broken XML; S3's answer to a PUT is all head."""
    if effect is KILLED:
        raise Killed
    if effect is RESET or service == "s3":
        raise ConnectionClosedError(endpoint_url="https://aws.invalid")
    if service == "ec2":
        raise ResponseParserError("Unable to parse response, invalid XML received")
    return {}
