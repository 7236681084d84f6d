"""What must come of each cell: rules, written from what the waiter promises, not from what it does.

1. A fault that passes is waited out: success without a warning.
2. A fault that lasts at what is only told (tags, reads that a check can do without): success with a warning.
3. Any other fault that lasts: a failure whose reason names what was tried, or what is missing, and what AWS said.
4. Where only the answer's body is lost and nobody needs the body, a truncated answer of EFS is as good as a whole one. Of
   EC2 it is an error: botocore reads each body, and a cut one is broken XML.
5. Slow calls: success if the calls of a run without faults, at 12 s each, fit into the time to wait; else either a failure
   that says how long was waited, or a success: the last steps are finished also after the time to wait.
6. Where no answer can be delivered, there is none; Lambda has then tried three times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.faults.kinds import EC2, Kind
from tests.faults.scenarios import Scenario
from tests.lab.faults import DENIED, EVERY, PUT, THROTTLED, TRUNCATED, Slow


@dataclass(frozen=True)
class Expected:
    """A status; words that the reason or the warning must hold."""

    status: str
    words: tuple[str, ...] = ()


SUCCESS = Expected("SUCCESS")

OPTIONAL = {
    "DescribeSecurityGroups": "sg-f0000000",
    "DescribeVpcAttribute": "DNS attributes of the VPC not readable",
    "GetManagedPrefixListEntries": "entries of the prefix list not readable",
    "DescribeBackupPolicy": "backup policy not readable",
    "DescribeFileSystemPolicy": "file-system policy not readable",
    "DescribeAccessPoints": "access point not readable",
}
"""What an adoption can do without, and how a warning calls it. Network interfaces are needed to recognise what is ours."""

BODILESS = frozenset(
    {
        "TagResource",
        "UntagResource",
        "DeleteMountTarget",
        "ModifyMountTargetSecurityGroups",
        "Invoke",
        PUT,
    }
)
"""Nobody reads the body of these. Nor that of CreateMountTarget, where the next look shows what was made."""

ONE_RUN = 780
"""Seconds that one run waits at most. A delete may always take longer."""

TRYING = {
    "DescribeFileSystems": "describing file system fs-00000001",
    "DescribeMountTargets": "describing the mount targets of file system fs-00000001",
    "DescribeSubnets": "describing subnets subnet-0000000a",
    "DescribeNetworkInterfaces": "describing the network interfaces eni-",
    "TagResource": "writing the tag geuse-efs:",
    "UntagResource": "removing the tag geuse-efs:",
    "DeleteMountTarget": "deleting mount target fsmt-00000002",
    "ModifyMountTargetSecurityGroups": "setting the security groups of mount target fsmt-00000003",
    "Invoke": "starting another run to go on waiting",
}


def expected(scenario: Scenario, operation: str, kind: Kind, calls: Mapping[str, int], seconds: float) -> Expected:
    """What must come of a cell.

    Args:
        calls, seconds: of the scenario without faults.
    """
    if isinstance(kind.effect, Slow):
        return _slow(scenario, operation, calls, seconds)
    body_unread = kind.effect is TRUNCATED and operation in {*BODILESS, "CreateMountTarget"}
    if not kind.lasting or body_unread:
        return SUCCESS
    return Expected("NONE") if operation == PUT else _lasting(scenario, operation, kind)


def _lasting(scenario: Scenario, operation: str, kind: Kind) -> Expected:
    said = _said(operation, kind, scenario)
    if operation == "CreateTags":
        return Expected("SUCCESS", ("mount targets not tagged", said))
    if operation in OPTIONAL and scenario.adopts:
        return Expected("SUCCESS", ("unreadable", OPTIONAL[operation]))
    return Expected("FAILED", (*_trying(scenario, operation, kind), said))


def _slow(scenario: Scenario, operation: str, calls: Mapping[str, int], seconds: float) -> Expected:
    struck = sum(calls.values()) - calls[PUT] if operation == EVERY else calls[operation]
    # Polling is paced by the clock: a slow look replaces several quick ones.
    paced = operation in {"DescribeMountTargets", "DescribeFileSystems", EVERY} and scenario.wait > 2000
    if operation in {PUT, "CreateTags"} or paced or not scenario.adopts:
        return SUCCESS
    return SUCCESS if seconds + struck * 12 <= scenario.wait else Expected("EITHER", ("is not ready after",))


def _polls(scenario: Scenario, operation: str) -> bool:
    """Whether it is the look of the create path, which goes on until the time is over."""
    first = "DescribeFileSystems" if "swap" in scenario.name else "DescribeMountTargets"
    struck = first if operation == EVERY else operation
    return not scenario.adopts and struck == "DescribeMountTargets"


def _handing_on_struck(scenario: Scenario, operation: str, kind: Kind) -> bool:
    """Whether the request takes longer than one run, and starting the next one is struck too."""
    longer = scenario.wait > ONE_RUN or scenario.request_type == "Delete"
    return operation == EVERY and kind.effect is THROTTLED and longer


def _trying(scenario: Scenario, operation: str, kind: Kind) -> tuple[str, ...]:
    polls = _polls(scenario, operation)
    if kind.effect is not DENIED and (
        operation == "CreateMountTarget" or (polls and not _handing_on_struck(scenario, operation, kind))
    ):
        return ("is not ready after",)
    if operation == "CreateMountTarget":
        return ("creating a mount target in us-east-1",)
    if _handing_on_struck(scenario, operation, kind):
        return (TRYING["Invoke"],)
    if operation == EVERY:
        return (TRYING["DescribeMountTargets" if polls else "DescribeFileSystems"],)
    return (TRYING[operation],)


def _said(operation: str, kind: Kind, scenario: Scenario) -> str:
    if operation == "CreateMountTarget" and kind.effect is not DENIED:
        return "no mount target"
    if kind.effect is TRUNCATED:
        if operation in EC2:
            return "ResponseParserError"
        return "IncompleteAnswerError" if _polls(scenario, operation) else "answered without"
    return kind.code("Invoke" if _handing_on_struck(scenario, operation, kind) else operation)
