"""Who is told to create nothing creates nothing."""

from __future__ import annotations

from typing import Any

from tests.fault_injection.adopting import neighbours, theirs
from tests.fault_injection.scenario import ask
from tests.simulator.simulation import simulate


def test_not_even_where_a_mount_target_goes_after_it_was_judged() -> None:
    desired = neighbours(300)
    desired["Adopt"] |= {"CreateMissing": "false", "Subnets": {"us-east-1a": "subnet-0000000a"}}
    with simulate() as made:
        theirs(made)
        [target] = made.aws.mount_targets.values()

        def gone(operation: str, _: dict[str, Any]) -> None:
            # The first thing after the judgement.
            if operation == "TagResource":
                target.gone_at = min(target.gone_at, made.aws.clock.now())

        made.aws.before_effect = gone
        [answer] = ask(made, "Create", desired)
        assert "us-east-1a has no mount target" in answer["Reason"]
        assert made.aws.count("CreateMountTarget") == 0
