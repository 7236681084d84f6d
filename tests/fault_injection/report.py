"""Writes the fault matrix as Markdown: ``python -m tests.fault_injection.report``; with ``--summary`` only what is wrong."""

from __future__ import annotations

import logging
import os
import sys
from collections import Counter

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from tests.fault_injection.expectations import judged
from tests.fault_injection.kinds import KINDS, OPERATIONS, Kind
from tests.fault_injection.matrix import Outcome, run_cell
from tests.fault_injection.scenario import Scenario, service_timeout
from tests.fault_injection.scenarios import SCENARIOS

HEAD = """# Fault matrix

Each cell is one request whose one operation is struck, through the real handler on a virtual clock: outcome, seconds until
the first answer, calls of AWS, and what a following Delete left behind. `-`: the request never calls the operation; `!`: an
invariant is broken, or the end is another than the rules say (`tests/fault_injection/expectations.py`).
Made by `python -m tests.fault_injection.report`.
"""


def outcome_of(outcome: Outcome) -> str:
    """In one word."""
    if outcome.status == "SUCCESS":
        return "warned" if outcome.warnings else "ok"
    return {"FAILED": "failed", "NONE": "no answer"}[outcome.status]


def main() -> int:
    """Write the tables; 1 if something is wrong."""
    logging.disable(logging.ERROR)
    tally: Counter[str] = Counter()
    broken: list[str] = []
    tables = [line for scenario in SCENARIOS for line in _table(scenario, tally, broken)]
    summary = [f"{number} {word}" for word, number in sorted(tally.items())]
    found = [f"{tally.total()} cells: {', '.join(summary)}.", *([] if "--summary" in sys.argv else tables)]
    foot = ["", "Wrong:", "", *([f"- {line}" for line in broken] or ["- none"]), ""]
    sys.stdout.write("\n".join([HEAD, *found, *foot]))
    return int(bool(broken))


def _table(scenario: Scenario, tally: Counter[str], broken: list[str]) -> list[str]:
    normal = run_cell(scenario)
    head = [
        f"\n## {scenario.name}\n",
        f"Waits {scenario.wait} s, CloudFormation {service_timeout(scenario.wait)} s.\n",
        f"Without faults: {normal.seconds:.0f} s, {normal.calls.total()} calls.\n",
        f"| operation | {' | '.join(kind.name for kind in KINDS)} |",
        f"|---|{'---|' * len(KINDS)}",
    ]
    rows = [
        f"| {operation} | {' | '.join(_cell(scenario, operation, kind, normal, tally, broken) for kind in KINDS)} |"
        for operation in OPERATIONS
    ]
    return head + rows


def _cell(
    scenario: Scenario, operation: str, kind: Kind, normal: Outcome, tally: Counter[str], broken: list[str]
) -> str:
    if operation not in scenario.operations:
        tally["not called"] += 1
        return "-"
    outcome = run_cell(scenario, operation, kind)
    word = outcome_of(outcome)
    tally[word] += 1
    if wrong := judged(scenario, operation, kind, outcome, normal):
        broken.append(f"{scenario.name} / {operation} / {kind.name}: {wrong}")
    left = f", left {len(outcome.leftovers)}" if outcome.leftovers else ""
    mark = "! " if wrong else ""
    return f"{mark}{word} {outcome.seconds:.0f} s, {outcome.calls.total()}{left}"


if __name__ == "__main__":
    sys.exit(main())
