"""What must come of each cell: rules, written from what the waiter promises, not from what it does.

1. A fault that passes is waited out: success without a warning.
2. A fault that lasts at what only leads to a warning (tags, reads that a check can do without): success with a warning.
3. Any other fault that lasts: a failure whose reason names what was tried, or what is missing, and what AWS said.
4. Where a call takes effect and only its answer is lost, and the next observation shows what it did, it has worked. Whether
   another run was started is not looked for: both go on.
5. Where only the answer's body is lost and nobody needs the body, a truncated answer of EFS is as good as a whole one. Of
   EC2 it is an error: botocore reads each body, and a cut one is broken XML.
6. Slow calls: success if the calls of a run without faults, at 12 s each, fit into the time to wait; else either a failure
   that says how long was waited, or a success: the last steps are finished also after the time to wait. An adoption does not
   change anything on the ground of an observation that took so long.
7. Where no answer can be delivered, there is none; Lambda has then tried three times. So it is where all three are killed; but
   where the first had only to hand on to the next run, the second goes on itself.
8. What is refused without a fault is refused with one that passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.fault_injection.kinds import EC2, Kind
from tests.fault_injection.matrix import Outcome
from tests.fault_injection.scenario import ONE_RUN, Scenario
from tests.simulator.faults import DENIED, EVERY, KILLED, PUT, THROTTLED, TRUNCATED


@dataclass(frozen=True)
class Expected:
    """A status; words that the reason or the warning must hold."""

    status: str
    words: tuple[str, ...] = ()


SUCCESS = Expected("SUCCESS")

OPTIONAL = {
    "DescribeVpcAttribute": "DNS attributes of the VPC not readable",
    "GetManagedPrefixListEntries": "entries of the prefix list not readable",
    "DescribeBackupPolicy": "backup policy not readable",
    "DescribeFileSystemPolicy": "file-system policy not readable",
    "DescribeAccessPoints": "access point not readable",
}
"""What an adoption can do without, and how a warning calls it."""

BODILESS = frozenset({"CreateMountTarget", "DeleteMountTarget", "ModifyMountTargetSecurityGroups", "Invoke", PUT})
"""Nobody reads the body of these: the next observation shows what was made."""

FOUND_AGAIN = BODILESS
"""What these did is seen at the next observation, or does not matter."""
OBSERVED = frozenset({"DescribeSecurityGroups", "DescribeMountTargets", "DescribeNetworkInterfaces", EVERY})
"""What an adoption reads before each change. It does not act on what took longer than 5 s to read."""
CHANGES = frozenset({"CreateMountTarget", "DeleteMountTarget", "ModifyMountTargetSecurityGroups"})
IAM_PROPAGATION = 60
OWN_TIME = frozenset({"CreateTags", "Invoke", PUT})
"""The steps with a time of their own: a denial passes if it does within 60 s of their beginning, else of the request's."""

TRYING = {
    "DescribeFileSystems": "describing file system {described}",
    "DescribeMountTargets": "describing the mount targets of file system {file_system}",
    "DescribeSubnets": "describing ",
    "DescribeNetworkInterfaces": "describing the network interfaces of file system {file_system}",
    "DescribeSecurityGroups": "describing the adoptions of file system {described}",
    "CreateTags": "tagging security group sg-0000000",
    "CreateMountTarget": "creating a mount target in us-east-1",
    "DeleteMountTarget": "deleting mount target {deletes}",
    "ModifyMountTargetSecurityGroups": "setting the security groups of mount target {regroups}",
    "Invoke": "invoking the function again to go on waiting",
}


def expected(scenario: Scenario, operation: str, kind: Kind, without: Outcome) -> Expected:
    """What must come of a cell.

    Args:
        without: what comes of the scenario without faults.
    """
    normal = Expected("FAILED", (scenario.refusal,)) if scenario.refusal else SUCCESS
    if kind.slow:
        return normal if scenario.refusal else _slow(scenario, operation, without.calls, without.seconds)
    if kind.effect is KILLED and kind.window == "three times":
        return normal if operation == "Invoke" else Expected("NONE")
    unread = kind.effect is TRUNCATED and operation in BODILESS
    late = kind.effect is DENIED and without.begins.get(operation, 0) > IAM_PROPAGATION and operation not in OWN_TIME
    # What is removed with DeleteTags is of no use any more, and of no harm.
    if not (kind.lasting or late) or unread or operation == "DeleteTags" or (kind.after and operation in FOUND_AGAIN):
        return normal
    return Expected("NONE") if operation == PUT else _lasting(scenario, operation, kind)


def judged(scenario: Scenario, operation: str, kind: Kind, outcome: Outcome, without: Outcome) -> str:
    """What is wrong with a cell: a broken invariant, a fault that struck nothing, or another end than the rules say."""
    wrong = list(outcome.violations) + ([] if outcome.hits else ["not struck"])
    rule, text = expected(scenario, operation, kind, without), outcome.reason or outcome.warnings
    if rule.status == "EITHER" and outcome.status == "SUCCESS":
        return "; ".join(wrong)
    as_expected = all(word in text for word in rule.words) and bool(text) == bool(rule.words)
    if outcome.status != rule.status.replace("EITHER", "FAILED") or not as_expected:
        wrong.append(f"expected {rule}, got {outcome.status}: {text}")
    return "; ".join(wrong)


def _lasting(scenario: Scenario, operation: str, kind: Kind) -> Expected:
    said = _said(operation, kind, scenario)
    if operation == "CreateTags" and not scenario.adopts:
        return Expected("SUCCESS", ("mount targets not tagged", said))
    if operation in OPTIONAL and scenario.adopts:
        return Expected("SUCCESS", ("unreadable", OPTIONAL[operation]))
    return Expected("FAILED", (*_trying(scenario, operation, kind), said))


def _slow(scenario: Scenario, operation: str, calls: Mapping[str, int], seconds: float) -> Expected:
    if scenario.adopts and operation in OBSERVED and scenario.operations & CHANGES:
        return Expected("FAILED", ("is not ready after", "too long to act on"))
    struck = sum(calls.values()) - calls[PUT] if operation == EVERY else calls[operation]
    if operation in {PUT, "CreateTags"} or not scenario.adopts:
        return SUCCESS
    return SUCCESS if seconds + struck * 12 <= scenario.wait else Expected("EITHER", ("is not ready after",))


def _polls(scenario: Scenario, operation: str) -> bool:
    """Whether it is what the create path observes, which goes on until the time is over."""
    first = scenario.request_type != "Delete" and "swap" not in scenario.name
    return not scenario.adopts and (operation == "DescribeMountTargets" or (operation == EVERY and first))


def _longer(scenario: Scenario) -> bool:
    """Whether the request may take longer than one run."""
    return scenario.wait > ONE_RUN or (scenario.adopts and scenario.request_type == "Delete")


def _handing_on_struck(scenario: Scenario, operation: str, kind: Kind) -> bool:
    """Whether the request takes longer than one run, and starting the next one is struck too."""
    return operation == EVERY and kind.effect is THROTTLED and _longer(scenario)


def _trying(scenario: Scenario, operation: str, kind: Kind) -> tuple[str, ...]:
    polls = _polls(scenario, operation)
    if kind.effect is not DENIED and (
        operation in CHANGES or (polls and not _handing_on_struck(scenario, operation, kind))
    ):
        return ("is not ready after",)
    if _handing_on_struck(scenario, operation, kind):
        return (TRYING["Invoke"],)
    if operation == EVERY:
        observes = "DescribeSecurityGroups" if scenario.request_type == "Delete" else "DescribeFileSystems"
        operation = "DescribeMountTargets" if polls else observes
    return (TRYING[operation].format_map(vars(scenario)),)


def _said(operation: str, kind: Kind, scenario: Scenario) -> str:
    if kind.effect is TRUNCATED:
        if operation in EC2 or (operation == EVERY and scenario.request_type == "Delete"):
            return "ResponseParserError"
        return "IncompleteResponseError" if _polls(scenario, operation) else "answered without"
    if operation == EVERY and scenario.request_type == "Delete" and not _handing_on_struck(scenario, operation, kind):
        operation = "DescribeSecurityGroups"
    return kind.code("Invoke" if _handing_on_struck(scenario, operation, kind) else operation)
