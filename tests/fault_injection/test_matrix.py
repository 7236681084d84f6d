"""Every call of the waiter, struck by every kind of fault, in every request: one answer, in time, nothing lost or left."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from tests.fault_injection.expectations import judged
from tests.fault_injection.kinds import KINDS, OPERATIONS
from tests.fault_injection.matrix import run_cell
from tests.fault_injection.scenario import Scenario, ask
from tests.fault_injection.scenarios import ALL_FAULTS, LONG_ADOPTIONS, SCENARIOS
from tests.simulator.faults import EVERY
from tests.simulator.simulation import simulate

pytestmark = pytest.mark.usefixtures("quiet")

baseline = cache(run_cell)
# Long waits cost most, and most of their calls are those of the short ones: `make check` strikes them.
STRUCK = [
    (scenario, operation)
    for scenario in SCENARIOS
    for operation in OPERATIONS
    if operation in scenario.operations and (ALL_FAULTS or scenario not in LONG_ADOPTIONS)
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_without_faults_each_request_ends_well_and_calls_exactly_what_the_matrix_strikes(scenario: Scenario) -> None:
    outcome = baseline(scenario)
    status = "FAILED" if scenario.refusal else "SUCCESS"
    assert (outcome.status, outcome.warnings, outcome.violations) == (status, "", ())
    assert scenario.refusal in outcome.reason
    assert bool(outcome.leftovers) == scenario.retains
    assert set(outcome.calls) == set(scenario.operations) - {EVERY}


def test_every_operation_is_struck_in_some_request() -> None:
    assert {operation for _, operation in STRUCK} == set(OPERATIONS)


# One test for all kinds: two thousand tests more would take longer to collect and to report than their cells to run.
@pytest.mark.parametrize(
    ("scenario", "operation"), STRUCK, ids=[f"{scenario.name}/{name}" for scenario, name in STRUCK]
)
def test_every_kind_of_fault_ends_as_the_rules_say(scenario: Scenario, operation: str) -> None:
    without = baseline(scenario)
    outcomes = {kind: run_cell(scenario, operation, kind) for kind in KINDS}
    wrong = {kind.name: judged(scenario, operation, kind, outcome, without) for kind, outcome in outcomes.items()}
    assert {name: problem for name, problem in wrong.items() if problem} == {}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_the_simulator_sees_the_same_calls_as_botocore_with_its_validation(scenario: Scenario) -> None:
    def calls(*, validating: bool) -> tuple[list[str], dict[str, object]]:
        with simulate(validating=validating) as made:
            desired, before = scenario.prepare(made, scenario.wait)
            more: dict[str, Any] = (
                {} if scenario.request_type == "Create" else {"PhysicalResourceId": scenario.physical_id}
            )
            [answer] = ask(made, scenario.request_type, desired, **more, OldResourceProperties=before)
            return made.aws.called, answer

    assert calls(validating=True) == calls(validating=False)
