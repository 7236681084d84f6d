"""The word that a cancelled create leaves on a file system goes when it is of no use any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fault_injection.adopting import KEY, NEIGHBOUR, neighbours, theirs
from tests.fault_injection.scenario import ask
from tests.simulator.cloudformation import response_url
from tests.simulator.simulation import Simulation, simulate

HOUR = 3600
ENDED = f"{KEY}.ended.run"
CANCELLED: dict[str, Any] = {"PhysicalResourceId": "invented-by-cloudformation"}


@pytest.fixture
def cancelled() -> Iterator[Simulation]:
    """A file system of somebody else's, where a create was cancelled before it began."""
    with simulate() as made:
        theirs(made)
        ask(made, "Delete", neighbours(300), **CANCELLED)
        assert list(made.aws.tags_now()) == [ENDED]
        yield made


def test_a_create_that_lambda_has_held_back_for_hours_finds_itself_superseded(cancelled: Simulation) -> None:
    sent = cancelled.aws.clock.wall() - 60
    cancelled.aws.clock.sleep(5 * HOUR)
    ask(cancelled, "Create", neighbours(300), NEIGHBOUR)
    assert ask(cancelled, "Create", neighbours(300), ResponseURL=response_url(sent)) == []


@pytest.mark.parametrize("kind", ["Create", "Delete"])
def test_a_neighbour_that_acts_later_than_anything_can_come_removes_it(cancelled: Simulation, kind: str) -> None:
    cancelled.aws.clock.sleep(30 * HOUR + 60)
    [answer] = ask(cancelled, kind, neighbours(300), NEIGHBOUR)
    assert answer["Status"] == "SUCCESS"
    assert ENDED not in cancelled.aws.tags_now()


def test_it_is_removed_by_one_call_and_nothing_is_read_for_it(cancelled: Simulation) -> None:
    def calls() -> list[str]:
        before = len(cancelled.aws.called)
        ask(cancelled, "Create", neighbours(300), NEIGHBOUR)
        ask(cancelled, "Delete", neighbours(300), NEIGHBOUR)
        return sorted(cancelled.aws.called[before:])

    young = calls()
    cancelled.aws.clock.sleep(31 * HOUR)
    assert calls() == sorted([*young, "UntagResource"])


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_a_removal_that_fails_is_left_to_the_next(cancelled: Simulation, code: str) -> None:
    cancelled.aws.clock.sleep(31 * HOUR)
    cancelled.aws.fail("UntagResource", code)
    [answer] = ask(cancelled, "Create", neighbours(300), NEIGHBOUR)
    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert ENDED in cancelled.aws.tags_now()
    ask(cancelled, "Delete", neighbours(300), NEIGHBOUR)
    assert cancelled.aws.tags_now() == {}


def test_tags_of_others_that_look_alike_stay(cancelled: Simulation) -> None:
    cancelled.aws.set_tags({"backup.ended.run": "000000000", "geuse-efs:0000000000000000.run": "000000000"})
    cancelled.aws.clock.sleep(31 * HOUR)
    ask(cancelled, "Create", neighbours(300), NEIGHBOUR)
    assert {"backup.ended.run", "geuse-efs:0000000000000000.run"} <= set(cancelled.aws.tags_now())
