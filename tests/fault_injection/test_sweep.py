"""Not only the first call of an operation may fail: each write of each request is struck in turn.

With FAULTS=all, as in `make check`, each call is, and those of the long adoptions too.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fault_injection.kinds import KINDS, Kind
from tests.fault_injection.matrix import run_cell
from tests.fault_injection.scenario import Scenario
from tests.fault_injection.scenarios import ALL_FAULTS, LONG_ADOPTIONS, SCENARIOS
from tests.simulator.faults import EVERY, PUT

pytestmark = pytest.mark.usefixtures("quiet")

WRITES = {
    "CreateTags",
    "DeleteTags",
    "CreateMountTarget",
    "DeleteMountTarget",
    "ModifyMountTargetSecurityGroups",
    "Invoke",
    PUT,
}
SINGLE = {"throttled once", "500", "503", "reset before", "reset after", "killed after"}
"""What AWS may do to a single call."""
SWEPT = [
    (scenario, operation)
    for scenario in SCENARIOS
    for operation in sorted(scenario.operations - {EVERY})
    if ALL_FAULTS or (operation in WRITES and scenario not in LONG_ADOPTIONS)
]


def numbers(calls: int) -> Iterator[int]:
    """Which of so many calls are struck: all, but of a long poll the first six, one in the middle and the last three."""
    return iter(range(calls) if calls <= 12 else (*range(6), calls // 2, *range(calls - 3, calls)))


def wrong_end(scenario: Scenario, operation: str, kind: Kind, number: int, status: str) -> str:
    """What is wrong, if the request does not end as without the fault."""
    outcome = run_cell(scenario, operation, kind, skip=number)
    problems = list(outcome.violations)
    if outcome.status != status or outcome.warnings:
        problems.append(f"{outcome.status}, {outcome.reason or outcome.warnings}")
    if outcome.hits != 1:
        problems.append(f"{outcome.hits} hits")
    return "; ".join(problems)


@pytest.mark.parametrize(
    ("scenario", "operation"), SWEPT, ids=[f"{scenario.name}/{operation}" for scenario, operation in SWEPT]
)
def test_whichever_call_a_fault_strikes_the_request_ends_as_without_it(scenario: Scenario, operation: str) -> None:
    normal = run_cell(scenario)
    cells = [(kind, number) for number in numbers(normal.calls[operation]) for kind in KINDS if kind.name in SINGLE]
    ends = {
        f"{kind.name} at call {number}": wrong_end(scenario, operation, kind, number, normal.status)
        for kind, number in cells
    }
    assert {cell: problem for cell, problem in ends.items() if problem} == {}
    assert cells


def test_a_short_series_is_struck_as_a_whole_and_of_a_long_one_both_ends_and_the_middle() -> None:
    assert list(numbers(12)) == list(range(12))
    assert list(numbers(100)) == [0, 1, 2, 3, 4, 5, 50, 97, 98, 99]
