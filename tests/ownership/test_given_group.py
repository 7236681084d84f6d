"""With a group that others may carry too, the answer to the creation is the only proof of who has made a mount target."""

from __future__ import annotations

from tests.fault_injection.adopting import KEY, neighbours, theirs
from tests.fault_injection.scenario import ask
from tests.simulator.simulation import simulate


def test_what_is_listed_late_is_still_known_as_ours() -> None:
    desired = neighbours(300)
    desired["Adopt"]["OwnGroup"] = "false"
    with simulate() as made:
        theirs(made)
        made.aws.clock.sleep(60)
        # As late as is taken for possible, while the tags are seen at once.
        made.aws.staleness = lambda: 4.9 if made.aws.called[-1] == "DescribeMountTargets" else 0.0
        [answer] = ask(made, "Create", desired)
        assert answer["Status"] == "SUCCESS", answer["Reason"]
        assert made.aws.count("CreateMountTarget") == 1
        ask(made, "Delete", desired)
        assert made.aws.targets_now("us-east-1c") == []
        assert KEY not in made.aws.tags_now()
