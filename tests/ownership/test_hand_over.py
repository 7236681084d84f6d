"""A mount target that others use stays, and lets their clients in."""

from __future__ import annotations

from tests.fault_injection.adopting import NEIGHBOUR, NEIGHBOURS, OURS, neighbours
from tests.fault_injection.scenario import ask
from tests.fault_injection.scenarios import SCENARIOS
from tests.simulator.simulation import simulate


def test_also_where_the_update_that_gives_up_the_zone_brings_another_group() -> None:
    scenario = next(one for one in SCENARIOS if one.name == "adopt: update")
    with simulate() as made:
        desired, before = scenario.prepare(made, 300)
        # From the second zone on: the neighbour uses what the update gives up.
        theirs = neighbours(300)
        theirs["Adopt"]["Subnets"] = {"us-east-1b": "subnet-0000000b"}
        ask(made, "Create", theirs, NEIGHBOUR)
        [ours] = made.aws.targets_now("us-east-1b")
        assert made.aws.mount_targets[ours].groups == [OURS]
        [answer] = ask(made, "Update", desired, OldResourceProperties=before)
        assert answer["Status"] == "SUCCESS", answer["Reason"]
        assert made.aws.mount_targets[ours].groups == [NEIGHBOURS]
