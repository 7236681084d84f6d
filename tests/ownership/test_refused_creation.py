"""A creation that the service refuses has made nothing, unless an earlier attempt may have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from geuse_efs_waiter.adoption.ownership.ledger import Ledger
from tests.fault_injection.adopting import KEY, adoption, theirs
from tests.fault_injection.scenario import ask
from tests.simulator.faults import KILLED, RESET, THROTTLED, Slow
from tests.simulator.names import REGION
from tests.simulator.simulation import Simulation, simulate

REFUSED = "NoFreeAddressesInSubnet"
RECORDED = {"us-east-1b": ""}
Prepare = Callable[[Simulation], Any]


def nothing(_: Simulation) -> None:
    """The first attempt is the one that is refused."""


def throttled(made: Simulation) -> None:
    made.aws.fail("CreateMountTarget", THROTTLED)


def made_and_told(made: Simulation) -> None:
    made.aws.fail("CreateMountTarget", Slow(1))


def answer_lost(made: Simulation) -> None:
    made.aws.fail("CreateMountTarget", RESET, after=True)


def run_crashed(made: Simulation) -> None:
    made.aws.fail("CreateMountTarget", KILLED, after=True)


def create(made: Simulation, prepare: Prepare) -> dict[str, str]:
    """Adopt two zones, of which one lacks a mount target; what is recorded after the refusal."""
    theirs(made)
    made.aws.clock.sleep(300)
    # Until the refusal no look shows what has been made meanwhile.
    before = made.aws.clock.now() - 1
    made.aws.staleness = lambda: made.aws.clock.now() - before if made.aws.called[-1] == "DescribeMountTargets" else 0.0
    prepare(made)
    made.aws.fail("CreateMountTarget", REFUSED)
    [answer] = ask(made, "Create", adoption("ab", 300))
    assert answer["Status"] == "FAILED"
    assert "creating a mount target in us-east-1b" in answer["Reason"]
    assert f"failed with {REFUSED}" in answer["Reason"]
    made.aws.staleness = lambda: 0.0
    made.aws.rules.clear()
    made.aws.clock.sleep(1)
    return dict(Ledger.parse(made.aws.tags_now()[KEY], REGION).created)


def delete(made: Simulation) -> float:
    """CloudFormation deletes what has failed; the seconds that takes."""
    began = made.aws.clock.now()
    [answer] = ask(made, "Delete", adoption("ab", 300))
    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert made.aws.targets_now("us-east-1b") == []
    assert KEY not in made.aws.tags_now()
    return made.aws.clock.now() - began


@pytest.mark.parametrize("before", [nothing, throttled])
def test_nothing_is_looked_for_that_was_never_made(before: Prepare) -> None:
    with simulate() as made:
        assert create(made, before) == {}
        assert delete(made) < 15


@pytest.mark.parametrize("before", [made_and_told, answer_lost, run_crashed])
def test_what_may_have_been_made_before_is_found_and_deleted(before: Prepare) -> None:
    with simulate() as made:
        assert create(made, before) == RECORDED
        assert len(made.aws.targets_now("us-east-1b")) == 1
        delete(made)


def unwritable(made: Simulation) -> None:
    made.aws.fail("TagResource", "BadRequest", when=lambda _: "CreateMountTarget" in made.aws.called)


def test_a_record_that_cannot_be_struck_out_does_not_hide_the_refusal() -> None:
    with simulate() as made:
        assert create(made, unwritable) == RECORDED
        assert delete(made) > 30
