"""The kinds of faults, and when each strikes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tests.fakes.aws import RESET, Fault

PUT, EVERY = "PUT", "every call"
EFS = (
    "DescribeFileSystems",
    "DescribeMountTargets",
    "DescribeBackupPolicy",
    "DescribeFileSystemPolicy",
    "DescribeAccessPoints",
    "TagResource",
    "UntagResource",
    "CreateMountTarget",
    "DeleteMountTarget",
    "ModifyMountTargetSecurityGroups",
)
EC2 = (
    "DescribeSubnets",
    "DescribeSecurityGroups",
    "DescribeVpcAttribute",
    "GetManagedPrefixListEntries",
    "DescribeNetworkInterfaces",
    "CreateTags",
)
OPERATIONS = (*EFS, *EC2, "Invoke", PUT, EVERY)

# Code and HTTP status as each service gives them. EFS throttles with HTTP 400, S3 with 503.
_ERRORS: dict[str, dict[str, tuple[str, int]]] = {
    "throttled": {
        "efs": ("ThrottlingException", 400),
        "ec2": ("RequestLimitExceeded", 503),
        "lambda": ("TooManyRequestsException", 429),
        "s3": ("SlowDown", 503),
    },
    "500": {
        "efs": ("InternalServerError", 500),
        "ec2": ("InternalError", 500),
        "lambda": ("ServiceException", 500),
        "s3": ("InternalError", 500),
    },
    "503": {
        "efs": ("ServiceUnavailable", 503),
        "ec2": ("Unavailable", 503),
        "lambda": ("ServiceUnavailable", 503),
        "s3": ("ServiceUnavailable", 503),
    },
    "denied": {
        "efs": ("AccessDeniedException", 403),
        "ec2": ("UnauthorizedOperation", 403),
        "lambda": ("AccessDeniedException", 403),
        "s3": ("AccessDenied", 403),
    },
}

Window = Literal["once", "60 s", "30 s", "ever"]


def service_of(operation: str) -> str:
    """Which service the operation belongs to."""
    return {"Invoke": "lambda", PUT: "s3"}.get(operation, "ec2" if operation in EC2 else "efs")


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes:
        what: throttled, 500, 503, denied, reset, truncated, slow or killed.
        window: once; 60 s from the first call; 30 s from the beginning of the request, as a new role; for ever.
        after: the call takes effect all the same.
    """

    name: str
    what: str
    window: Window
    after: bool = False

    @property
    def lasting(self) -> bool:
        """Whether it never ends, and the call never works."""
        return self.window == "ever" and self.what != "slow"

    @property
    def slow_seconds(self) -> float:
        return 12.0 if self.what == "slow" else 0.0

    @property
    def killed(self) -> bool:
        return self.what == "killed"

    @property
    def takes_effect(self) -> bool:
        return self.after or self.what in {"slow", "killed"}

    def fault(self, operation: str) -> Fault | dict[str, Any] | None:
        """What the call ends in instead of its answer; None if it ends as always."""
        if self.what == "reset":
            return RESET
        if self.what == "truncated":
            return {}
        if self.what not in _ERRORS:
            return None
        code, status = _ERRORS[self.what][service_of(operation)]
        return Fault(code, status=status)

    @property
    def status_of_put(self) -> int | None:
        """The HTTP status of a PUT, None if there is none."""
        return _ERRORS[self.what]["s3"][1] if self.what in _ERRORS else None


KINDS = (
    Kind("throttled once", "throttled", "once"),
    Kind("throttled 60 s", "throttled", "60 s"),
    Kind("throttled for ever", "throttled", "ever"),
    Kind("500", "500", "once"),
    Kind("503", "503", "once"),
    Kind("reset before", "reset", "once"),
    Kind("reset after", "reset", "once", after=True),
    Kind("truncated once", "truncated", "once", after=True),
    Kind("truncated for ever", "truncated", "ever", after=True),
    Kind("denied 30 s", "denied", "30 s"),
    Kind("denied for ever", "denied", "ever"),
    Kind("slow", "slow", "ever"),
    Kind("killed after", "killed", "once"),
)


@dataclass
class Injected:
    """One kind of fault at one operation, from one moment on; `hits` counts the calls that it struck."""

    operation: str
    kind: Kind
    begun: float
    hits: int = 0
    first: float | None = None

    def strikes(self, operation: str, now: float) -> bool:
        """Whether this call is struck; a call that is struck is counted."""
        if self.operation not in {operation, EVERY} or (self.operation == EVERY and operation == PUT):
            return False
        self.first = now if self.first is None else self.first
        struck = {
            "once": self.hits == 0,
            "60 s": now < self.first + 60,
            "30 s": now < self.begun + 30,
            "ever": True,
        }[self.kind.window]
        self.hits += struck
        return struck
