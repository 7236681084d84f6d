"""Whoever is told to keep deletes nothing that it has made, whatever was said before."""

from __future__ import annotations

import copy

from tests.fault_injection.adopting import neighbours, theirs
from tests.fault_injection.scenario import ask
from tests.simulator.simulation import simulate

NEIGHBOURS_LEDGER = "geuse-efs:0000000000000000"


def test_not_even_what_an_earlier_update_has_left_to_a_neighbour_who_is_gone_since() -> None:
    desired = neighbours(300)
    smaller = copy.deepcopy(desired)
    smaller["Adopt"]["Subnets"] = {"us-east-1a": "subnet-0000000a"}
    keeping = copy.deepcopy(smaller)
    keeping["Adopt"]["RetainCreated"] = "true"
    with simulate() as made:
        theirs(made)
        ask(made, "Create", desired)
        made.aws.set_tags({**made.aws.tags_now(), NEIGHBOURS_LEDGER: "v1 c=c"})
        ask(made, "Update", smaller, OldResourceProperties=desired)
        [ours] = made.aws.targets_now("us-east-1c")
        made.aws.set_tags({key: one for key, one in made.aws.tags_now().items() if key != NEIGHBOURS_LEDGER})
        ask(made, "Update", keeping, OldResourceProperties=smaller)
        assert made.aws.targets_now("us-east-1c") == [ours]
