"""Strikes each call of an operation in turn, not only the first.

``python -m tests.fault_injection.sweep`` strikes those of all operations.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from tests.fault_injection.kinds import KINDS, Kind
from tests.fault_injection.matrix import run_cell
from tests.fault_injection.scenario import Scenario
from tests.fault_injection.scenarios import SCENARIOS
from tests.simulator.faults import EVERY, PUT

WRITES = (
    "CreateTags",
    "DeleteTags",
    "CreateMountTarget",
    "DeleteMountTarget",
    "ModifyMountTargetSecurityGroups",
    "Invoke",
    PUT,
)
SWEPT = tuple(
    kind
    for kind in KINDS
    if kind.name in {"throttled once", "500", "503", "reset before", "reset after", "killed after"}
)
"""What AWS may do to a single call."""
BEYOND = 12


def numbers(calls: int) -> Iterator[int]:
    """Which of so many calls are struck: all, but of a long poll the first six, one in the middle and the last three."""
    return iter(range(calls) if calls <= BEYOND else (*range(6), calls // 2, *range(calls - 3, calls)))


def strike_each(scenario: Scenario, operation: str) -> tuple[int, list[str]]:
    """How many cells there are, and what is wrong with which: each must end as without the fault."""
    normal, cells, wrong = run_cell(scenario), 0, []
    for number in numbers(normal.calls[operation]):
        for kind in SWEPT:
            cells += 1
            if problem := _wrong_end(scenario, operation, kind, number, normal.status):
                wrong.append(f"{scenario.name} / {operation} {number} / {kind.name}: {problem}")
    return cells, wrong


def _wrong_end(scenario: Scenario, operation: str, kind: Kind, number: int, status: str) -> str:
    outcome = run_cell(scenario, operation, kind, skip=number)
    problems = list(outcome.violations)
    if outcome.status != status or outcome.warnings:
        problems.append(f"{outcome.status}, {outcome.reason or outcome.warnings}")
    if outcome.hits != 1:
        problems.append(f"{outcome.hits} hits")
    return "; ".join(problems)


def main() -> int:
    """Strike all; 1 if something is wrong."""
    logging.disable(logging.ERROR)
    cells, wrong = 0, list[str]()
    for scenario in SCENARIOS:
        for operation in sorted(scenario.operations - {EVERY}):
            more, problems = strike_each(scenario, operation)
            cells, wrong = cells + more, wrong + problems
    sys.stdout.write("\n".join([*wrong, f"{cells} single calls struck, {len(wrong)} with a wrong end", ""]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
