"""The kinds of faults of the matrix: the simulator's, each with the time in which it strikes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tests.simulator import ec2, efs
from tests.simulator.account import READ_TIMEOUT
from tests.simulator.faults import (
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

Window = Literal["once", "three times", "60 s", "30 s", "ever"]


def service_of(operation: str) -> str:
    """Which service the operation belongs to."""
    return {"Invoke": "lambda", PUT: "s3"}.get(operation, "ec2" if operation in EC2 else "efs")


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes:
        effect: what a call ends in.
        window: once; three times; 60 s, or 30 s as of a new role, from the first call on; for ever.
        after: the call takes effect all the same.
    """

    name: str
    effect: Effect
    window: Window
    after: bool = False

    @property
    def lasting(self) -> bool:
        """Whether it never ends, and the call never works."""
        return self.window == "ever" and not self.slow

    @property
    def slow(self) -> bool:
        """Whether there is an answer, only late."""
        return isinstance(self.effect, Slow) and self.effect.seconds <= READ_TIMEOUT

    @property
    def lost(self) -> bool:
        """Whether the call takes effect, and the caller hears that it has not, or nothing."""
        return self.after and self.effect is not KILLED

    def code(self, operation: str) -> str:
        """The error code that the operation ends in."""
        if self.effect is RESET:
            return "ConnectionClosedError"
        if isinstance(self.effect, Slow):
            return "ReadTimeoutError"
        assert callable(self.effect), self.effect
        fault: Fault = self.effect(service_of(operation))
        return fault.code

    @property
    def rule(self) -> dict[str, Any]:
        """As `Account.fail` takes it."""
        times = {"once": 1, "three times": 3}.get(self.window, float("inf"))
        lasting = {"60 s": 60.0, "30 s": 30.0}.get(self.window, float("inf"))
        return {"effect": self.effect, "times": times, "after": self.after, "lasting": lasting}


SILENT = Slow(READ_TIMEOUT + 45)
"""The client gives up before."""

KINDS = (
    Kind("throttled once", THROTTLED, "once"),
    Kind("throttled 60 s", THROTTLED, "60 s"),
    Kind("throttled for ever", THROTTLED, "ever"),
    Kind("500", SERVER_ERROR, "once"),
    Kind("500 after", SERVER_ERROR, "once", after=True),
    Kind("503", UNAVAILABLE, "once"),
    Kind("reset before", RESET, "once"),
    Kind("reset after", RESET, "once", after=True),
    Kind("reset after for ever", RESET, "ever", after=True),
    Kind("silent once", SILENT, "once", after=True),
    Kind("silent for ever", SILENT, "ever", after=True),
    Kind("truncated once", TRUNCATED, "once", after=True),
    Kind("truncated for ever", TRUNCATED, "ever", after=True),
    Kind("denied 30 s", DENIED, "30 s"),
    Kind("denied for ever", DENIED, "ever"),
    Kind("slow", Slow(12), "ever"),
    Kind("killed after", KILLED, "once", after=True),
    Kind("killed three times", KILLED, "three times"),
)
