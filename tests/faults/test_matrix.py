"""Every call of the waiter, struck by every kind of fault, in every request: one answer, in time, nothing lost or left."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from tests.faults.expectations import expected
from tests.faults.kinds import KINDS, OPERATIONS, Kind
from tests.faults.matrix import Outcome, run_cell
from tests.faults.scenarios import SCENARIOS, Scenario, ask
from tests.lab.faults import EVERY
from tests.lab.lab import lab
from tests.untraced import untraced

baseline = cache(run_cell)
CELLS = [(scenario, operation, kind) for scenario in SCENARIOS for operation in OPERATIONS for kind in KINDS]
STRUCK = [cell for cell in CELLS if cell[1] in cell[0].operations]


def _cell(scenario: Scenario, operation: str, kind: Kind) -> object:
    return pytest.param(scenario, operation, kind, id=f"{scenario.name}/{operation}/{kind.name}")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.name for one in SCENARIOS])
def test_without_faults_each_request_succeeds_and_calls_exactly_what_the_matrix_strikes(scenario: Scenario) -> None:
    outcome = baseline(scenario)
    assert (outcome.status, outcome.warnings, outcome.violations, outcome.leftovers) == ("SUCCESS", "", (), ())
    assert set(outcome.calls) == set(scenario.operations) - {EVERY}


def test_every_operation_is_struck_in_some_request() -> None:
    assert {operation for _, operation, _ in STRUCK} == set(OPERATIONS)


@pytest.mark.parametrize(("scenario", "operation", "kind"), [_cell(*one) for one in STRUCK])
def test_a_fault_ends_as_the_rules_say(scenario: Scenario, operation: str, kind: Kind) -> None:
    normal = baseline(scenario)
    with untraced():
        outcome = run_cell(scenario, operation, kind)
    assert outcome.violations == ()
    if kind.window == "30 s" and operation in scenario.late:
        assert outcome.hits == 0
        return
    assert outcome.hits > 0
    _matches(outcome, scenario, operation, kind, normal)


def _matches(outcome: Outcome, scenario: Scenario, operation: str, kind: Kind, normal: Outcome) -> None:
    rule = expected(scenario, operation, kind, normal.calls, normal.seconds)
    if rule.status == "EITHER" and outcome.status == "SUCCESS":
        return
    assert outcome.status == rule.status.replace("EITHER", "FAILED"), outcome.reason
    told = outcome.reason or outcome.warnings
    for word in rule.words:
        assert word in told
    assert bool(told) == bool(rule.words)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.name for one in SCENARIOS])
def test_the_lab_sees_the_same_calls_as_botocore_with_its_validation(scenario: Scenario) -> None:
    def calls(*, validating: bool) -> tuple[list[str], dict[str, object]]:
        with lab(validating=validating) as made:
            wish, before = scenario.prepare(made, scenario.wait)
            more: dict[str, Any] = (
                {} if scenario.request_type == "Create" else {"PhysicalResourceId": scenario.physical_id}
            )
            [answer] = ask(made, scenario.request_type, wish, **more, OldResourceProperties=before)
            return made.aws.called, answer

    assert calls(validating=True) == calls(validating=False)
