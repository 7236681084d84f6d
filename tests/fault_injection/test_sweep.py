"""Not only the first call of an operation may fail: each write of each request is struck in turn.

`make check` strikes each call, and those of the long adoptions too.
"""

from __future__ import annotations

import pytest

from tests.fault_injection.scenario import Scenario
from tests.fault_injection.scenarios import LONG_ADOPTIONS, SCENARIOS
from tests.fault_injection.sweep import WRITES, numbers, strike_each

pytestmark = pytest.mark.usefixtures("quiet")

WRITING = [
    (scenario, operation)
    for scenario in SCENARIOS
    for operation in WRITES
    if operation in scenario.operations and scenario not in LONG_ADOPTIONS
]


@pytest.mark.parametrize(
    ("scenario", "operation"), WRITING, ids=[f"{scenario.name}/{operation}" for scenario, operation in WRITING]
)
def test_whichever_write_a_fault_strikes_the_request_ends_as_without_it(scenario: Scenario, operation: str) -> None:
    cells, wrong = strike_each(scenario, operation)
    assert wrong == []
    assert cells > 0


def test_a_short_series_is_struck_as_a_whole_and_of_a_long_one_both_ends_and_the_middle() -> None:
    assert list(numbers(12)) == list(range(12))
    assert list(numbers(100)) == [0, 1, 2, 3, 4, 5, 50, 97, 98, 99]
