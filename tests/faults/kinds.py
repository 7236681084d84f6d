"""The kinds of faults of the matrix: the lab's, each with the time in which it strikes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tests.lab import ec2, efs
from tests.lab.faults import (
    DENIED,
    EVERY,
    KILLED,
    PUT,
    RESET,
    SERVER_ERROR,
    THROTTLED,
    TRUNCATED,
    UNAVAILABLE,
    Effect,
    Fault,
    Slow,
)

# What the waiter calls: CloudFormation alone deletes file systems, subnets and groups.
EFS = tuple(name for name in efs.OPERATIONS if name not in {"DeleteFileSystem", "DescribeMountTargetSecurityGroups"})
EC2 = tuple(name for name in ec2.OPERATIONS if name not in {"DeleteSubnet", "DeleteSecurityGroup"})
OPERATIONS = (*EFS, *EC2, "Invoke", PUT, EVERY)

Window = Literal["once", "60 s", "30 s", "ever"]


def service_of(operation: str) -> str:
    """Which service the operation belongs to."""
    return {"Invoke": "lambda", PUT: "s3"}.get(operation, "ec2" if operation in EC2 else "efs")


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes:
        effect: what a call ends in.
        window: once; 60 s from the first call; 30 s from the beginning of the request, as a new role; for ever.
        after: the call takes effect all the same.
    """

    name: str
    effect: Effect
    window: Window
    after: bool = False

    @property
    def lasting(self) -> bool:
        """Whether it never ends, and the call never works."""
        return self.window == "ever" and not isinstance(self.effect, Slow)

    def code(self, operation: str) -> str:
        """The error code that the operation ends in."""
        assert callable(self.effect), self.effect
        fault: Fault = self.effect(service_of(operation))
        return fault.code

    def rule(self, begun: float) -> dict[str, Any]:
        """As `Account.fail` takes it, for a request that begins now."""
        times = 1 if self.window == "once" else float("inf")
        limits = {"60 s": {"lasting": 60.0}, "30 s": {"until": begun + 30}}.get(self.window, {})
        return {"effect": self.effect, "times": times, "after": self.after, **limits}


KINDS = (
    Kind("throttled once", THROTTLED, "once"),
    Kind("throttled 60 s", THROTTLED, "60 s"),
    Kind("throttled for ever", THROTTLED, "ever"),
    Kind("500", SERVER_ERROR, "once"),
    Kind("503", UNAVAILABLE, "once"),
    Kind("reset before", RESET, "once"),
    Kind("reset after", RESET, "once", after=True),
    Kind("truncated once", TRUNCATED, "once", after=True),
    Kind("truncated for ever", TRUNCATED, "ever", after=True),
    Kind("denied 30 s", DENIED, "30 s"),
    Kind("denied for ever", DENIED, "ever"),
    Kind("slow", Slow(12), "ever"),
    Kind("killed after", KILLED, "once", after=True),
)
