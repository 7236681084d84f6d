"""Runs one cell of the matrix, and checks what must hold in every cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from geuse_efs_waiter.adoption.ownership.ledger import INTENDED, KEY_PREFIX, RUN_SUFFIX, Ledger
from tests.fault_injection.adopting import KEY, NEIGHBOUR, neighbours
from tests.fault_injection.kinds import Kind
from tests.fault_injection.scenario import PHYSICAL_ID, Scenario, ask, service_timeout
from tests.simulator.account import Account
from tests.simulator.cloudformation import Properties
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
        unanswered = scenario.adopts and scenario.request_type == "Create" and not answers
        violations += _intact(made.aws, foreign) + _left(leftovers, scenario, unanswered=unanswered)
        violations += _left_for_good(made, scenario)
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
    ours = {name for text in _ledgers(aws).values() for name in text.created.values()}
    return {
        name: list(one.groups)
        for name, one in aws.mount_targets.items()
        if one.state(aws.clock.now()) and (name not in ours or not scenario.adopts)
    }


def _ledgers(aws: Account) -> dict[tuple[str, str], Ledger]:
    return {
        (name, key): Ledger.parse(value, "us-east-1")
        for name in aws.file_systems
        for key, value in aws.tags_now(name).items()
        if key.startswith(KEY_PREFIX) and not key.endswith(RUN_SUFFIX)
    }


def _owned(aws: Account, scenario: Scenario, foreign: dict[str, list[str]]) -> list[str]:
    """Right after the struck request: all that was made stands in a ledger."""
    if not scenario.adopts or scenario.retains:
        return []
    ledgers = _ledgers(aws).values()
    owned = {name for one in ledgers for name in one.created.values()}
    intended = {zone for one in ledgers for zone, name in one.created.items() if name == INTENDED}
    return [
        f"{name} in {one.description['AvailabilityZoneName']} is nobody's"
        for name, one in aws.mount_targets.items()
        if one.state(aws.clock.now()) in {"creating", "available"}
        and name not in {*foreign, *owned}
        and one.description["AvailabilityZoneName"] not in intended
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
    wrong += _succeeds(made, "Delete", last, PhysicalResourceId=present)
    if scenario.neighbour:
        wrong += _succeeds(made, "Delete", neighbours(scenario.wait), StackId=NEIGHBOUR, PhysicalResourceId=PHYSICAL_ID)
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


def _left(leftovers: tuple[str, ...], scenario: Scenario, *, unanswered: bool) -> list[str]:
    """What may be left: what is retained, and the word for a create that was never answered; and these must be."""
    word = {f"{KEY}.ended{RUN_SUFFIX}"} if unanswered else set()
    retained = {one for one in leftovers if scenario.retains and one.startswith("fsmt-")}
    wrong = [f"left over, or missing: {one}" for one in {*leftovers} ^ word ^ retained]
    return wrong + (["nothing is retained"] if scenario.retains and not retained else [])


def _leftovers(aws: Account, foreign: dict[str, list[str]]) -> tuple[str, ...]:
    present = (name for name, one in aws.mount_targets.items() if one.state(aws.clock.now()))
    tags = (key for name in aws.file_systems for key in aws.tags_now(name))
    return (*(name for name in present if name not in foreign), *tags)


def _left_for_good(made: Simulation, scenario: Scenario) -> list[str]:
    """The word for a create that was never answered goes with the next neighbour who comes when it is of no use any more."""
    if not made.aws.tags_now():
        return []
    made.aws.clock.sleep(31 * 3600)
    ask(made, "Delete", neighbours(scenario.wait), NEIGHBOUR)
    return [f"left for good: {one}" for one in made.aws.tags_now()]


def _intact(aws: Account, foreign: dict[str, list[str]]) -> list[str]:
    lost = [
        f"{name} of somebody else was touched"
        for name, groups in foreign.items()
        if aws.mount_targets[name].groups != groups or aws.mount_targets[name].deleting_at != float("inf")
    ]
    return lost + ([] if "fs-00000001" in aws.file_systems else ["the file system is gone"])
