"""Runs one cell of the matrix, and checks what must hold in every cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from geuse_efs_waiter.adoption.adoptions import FILE_SYSTEM_TAG
from tests.fault_injection.adopting import NEIGHBOUR, NEIGHBOURS, neighbours
from tests.fault_injection.kinds import Kind
from tests.fault_injection.scenario import PHYSICAL_ID, Scenario, ask, service_timeout
from tests.simulator.account import Account
from tests.simulator.cloudformation import Properties
from tests.simulator.ec2 import DeleteSecurityGroup
from tests.simulator.faults import EVERY, KILLED, PUT
from tests.simulator.simulation import Simulation, simulate

MANY = 1000
"""Answers to one request: more than its runs can give."""


@dataclass(frozen=True)
class Outcome:
    """What came of one cell.

    `begins` tells after how many seconds each operation was called first, `leftovers` what a following Delete has left of
    what was made.
    """

    status: str
    reason: str
    warnings: str
    seconds: float
    calls: Counter[str]
    begins: dict[str, float]
    hits: int
    leftovers: tuple[str, ...]
    violations: tuple[str, ...]


def run_cell(scenario: Scenario, operation: str = "", kind: Kind | None = None, skip: int = 0) -> Outcome:
    """One request struck by one fault, after so many calls that are not, then what follows, without faults."""
    with simulate() as made:
        desired, before = scenario.prepare(made, scenario.wait)
        made.aws.clock.sleep(30)
        foreign = _foreign(made.aws, scenario)
        begun, calls_before = made.aws.clock.now(), len(made.aws.calls)
        struck = made.aws.fail(operation, skip=skip, **kind.rule) if kind else None
        answers = _struck(made, scenario, desired, before)
        made.aws.rules.clear()
        taken = [at for at in made.address.taken_at if at >= begun]
        calls = Counter(called for _, called, _ in made.aws.calls[calls_before:])
        begins = {called: at - begun for at, called, _ in reversed(made.aws.calls[calls_before:])}
        violations = _answered(answers, taken, begun, scenario, made.function.overrun)
        violations += _number_of(answers, scenario, operation, kind)
        violations += _owned(made.aws, scenario, foreign)
        violations += _cleaned(made, scenario, desired, before, answers)
        leftovers = _leftovers(made.aws, foreign) if scenario.adopts else ()
        violations += _intact(made.aws, foreign) + _left(leftovers, scenario)
        last: dict[str, Any] = answers[0] if answers else {"Status": "NONE", "Reason": "", "Data": {}}
        return Outcome(
            last["Status"],
            last["Reason"],
            last["Data"].get("Warnings", ""),
            (taken[0] if taken else made.aws.clock.now()) - begun,
            calls,
            begins,
            struck.hits if struck else 0,
            leftovers,
            tuple(violations),
        )


def _struck(made: Simulation, scenario: Scenario, desired: Properties, before: Properties) -> list[dict[str, Any]]:
    more: dict[str, Any] = {}
    if scenario.request_type != "Create":
        more["PhysicalResourceId"] = scenario.physical_id
    if scenario.request_type == "Update":
        more["OldResourceProperties"] = before
    return ask(made, scenario.request_type, desired, **more)


def _answered(
    answers: list[dict[str, Any]], taken: list[float], begun: float, scenario: Scenario, overrun: int
) -> list[str]:
    """One answer, in time. Whoever was told twice was told the same, as CloudFormation takes the first."""
    wrong = [f"{overrun} runs longer than Lambda lets them"] if overrun else []
    if answers and any(one != answers[0] for one in answers):
        wrong.append(f"{len(answers)} different answers")
    if taken and taken[0] - begun > service_timeout(scenario.wait):
        wrong.append(
            f"answered after {taken[0] - begun:.0f} s, CloudFormation waits {service_timeout(scenario.wait)} s"
        )
    return wrong


def _number_of(answers: list[dict[str, Any]], scenario: Scenario, operation: str, kind: Kind | None) -> list[str]:
    """One. None only where none can be delivered, or Lambda has given up. More, which are the same, only where they must be.

    S3 may have taken an answer and not said so. Lambda may have taken an invocation and not said so: then two runs wait, of
    which only those of an adoption know of each other, and they only if they can read.
    """
    fewest = most = 1
    if kind and kind.effect is KILLED and kind.window == "three times":
        # A run that takes up where a killed one would have handed on may need no other.
        fewest, most = (1, 1) if operation == "Invoke" else (0, 0)
    elif kind and operation == PUT:
        fewest, most = (1, MANY) if kind.after or kind.slow else (not kind.lasting, 1)
    elif kind and kind.after and operation in {"Invoke", EVERY}:
        blind = operation == EVERY and kind.lasting
        most = MANY if blind else 1 + (not scenario.adopts)
    return [] if fewest <= len(answers) <= most else [f"{len(answers)} answers"]


def _foreign(aws: Account, scenario: Scenario) -> dict[str, list[str]]:
    """The mount targets that the waiter did not make, with their groups."""
    own = _own_groups(aws)
    return {
        name: list(target.groups)
        for name, target in aws.mount_targets.items()
        if target.state(aws.clock.now()) and (own.isdisjoint(target.groups) or not scenario.adopts)
    }


def _own_groups(aws: Account) -> set[str]:
    return {name for name in aws.security_groups if FILE_SYSTEM_TAG in (aws.group_tags_at(name) or {})}


def _owned(aws: Account, scenario: Scenario, foreign: dict[str, list[str]]) -> list[str]:
    """Right after the struck request: all that was made carries the own group of an adoption."""
    own = _own_groups(aws)
    return [
        f"{name} in {target.description['AvailabilityZoneName']} is nobody's"
        for name, target in aws.mount_targets.items()
        if scenario.adopts and target.state(aws.clock.now()) and name not in foreign and own.isdisjoint(target.groups)
    ]


def _cleaned(
    made: Simulation, scenario: Scenario, desired: Properties, before: Properties, answers: list[dict[str, Any]]
) -> list[str]:
    """What CloudFormation does next: roll a failed update back, or delete what it replaced; then delete everything."""
    wrong = []
    last, present = desired, answers[0]["PhysicalResourceId"] if answers else "invented-by-cloudformation"
    if scenario.request_type == "Delete":
        present = scenario.physical_id
    elif scenario.request_type == "Update" and (not answers or answers[0]["Status"] != "SUCCESS"):
        last, present = before, scenario.physical_id
        wrong += _succeeds(made, "Update", last, OldResourceProperties=desired, PhysicalResourceId=present)
    elif scenario.request_type == "Update" and present != scenario.physical_id:
        wrong += _succeeds(made, "Delete", before, PhysicalResourceId=scenario.physical_id)
    if scenario.neighbour:
        wrong += _succeeds(made, "Delete", neighbours(scenario.wait), StackId=NEIGHBOUR, PhysicalResourceId=PHYSICAL_ID)
        DeleteSecurityGroup(made.aws, NEIGHBOURS)
    wrong += _succeeds(made, "Delete", last, PhysicalResourceId=present)
    return wrong


def _succeeds(made: Simulation, kind: str, properties: Properties, **more: Any) -> list[str]:
    """A request without faults, half a minute later: one answer, a success, in time."""
    made.aws.clock.sleep(30)
    begun, earlier = made.aws.clock.now(), len(made.address.taken_at)
    answers, limit = ask(made, kind, properties, **more), int(properties["ServiceTimeout"])
    wrong = [f"{kind} afterwards: {one['Reason']}" for one in answers if one["Status"] != "SUCCESS"]
    if len(answers) != 1 or made.address.taken_at[earlier] - begun > limit:
        wrong.append(f"{kind} afterwards: {len(answers)} answers, or too late")
    return wrong


def _left(leftovers: tuple[str, ...], scenario: Scenario) -> list[str]:
    """What may be left is what is retained, and that must be."""
    retained = {name for name in leftovers if scenario.retains}
    wrong = [f"left over: {name}" for name in {*leftovers} - retained]
    return wrong + (["nothing is retained"] if scenario.retains and not retained else [])


def _leftovers(aws: Account, foreign: dict[str, list[str]]) -> tuple[str, ...]:
    """Mount targets, tags of a file system, and own groups that CloudFormation cannot delete."""
    present = [name for name, target in aws.mount_targets.items() if target.state(aws.clock.now())]
    tags = [key for name in aws.file_systems for key in aws.tags_now(name)]
    stuck = [group for group in _own_groups(aws) if any(group in aws.mount_targets[name].groups for name in present)]
    return (*(name for name in present if name not in foreign), *tags, *stuck)


def _intact(aws: Account, foreign: dict[str, list[str]]) -> list[str]:
    lost = [
        f"{name} of somebody else was touched"
        for name, groups in foreign.items()
        if aws.mount_targets[name].groups != groups or aws.mount_targets[name].deleting_at != float("inf")
    ]
    return lost + ([] if "fs-00000001" in aws.file_systems else ["the file system is gone"])
