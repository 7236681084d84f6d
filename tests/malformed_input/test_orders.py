"""Requests of other stacks, replayed ones, and ones out of order."""

from __future__ import annotations

import pytest

from tests.fault_injection.adopting import NEIGHBOUR, NEIGHBOURS, OURS, define_own_group
from tests.fault_injection.scenario import PHYSICAL_ID
from tests.malformed_input.sending import (
    Event,
    adopted_properties,
    created_properties,
    event,
    refused,
    succeed,
    zones_with_mount_targets,
)
from tests.simulator.clock import EPOCH
from tests.simulator.cloudformation import STACK_ID, response_url
from tests.simulator.simulation import Simulation

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def neighbours(simulation: Simulation) -> Event:
    """Properties of an adoption in another stack, which has a security group of its own and wants a zone of its own."""
    define_own_group(simulation.aws, NEIGHBOURS, NEIGHBOUR, "e")
    properties = adopted_properties()
    adopt = {**properties["Adopt"], "OwnGroupId": NEIGHBOURS, "Subnets": {"us-east-1e": "subnet-0000000e"}}
    return {**properties, "Adopt": adopt}


def test_another_stacks_delete_deletes_nothing_of_ours(simulation: Simulation, neighbours: Event) -> None:
    succeed(simulation, event("Create", adopted_properties()))
    succeed(simulation, event("Delete", neighbours, StackId=NEIGHBOUR))
    assert zones_with_mount_targets(simulation) == {"a", "b"}
    succeed(simulation, event("Delete", adopted_properties()))
    assert zones_with_mount_targets(simulation) == {"a"}


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_neighbour_with_our_physical_id_has_notes_of_its_own_and_takes_nothing_of_ours(
    simulation: Simulation, neighbours: Event, kind: str
) -> None:
    succeed(simulation, event("Create", adopted_properties()))
    tags, before = simulation.aws.group_tags_at(OURS), simulation.aws.targets_now("us-east-1b")
    for sent in (kind, "Delete"):
        simulation.aws.clock.sleep(60)
        succeed(simulation, event(sent, neighbours, StackId=NEIGHBOUR, PhysicalResourceId=PHYSICAL_ID))
        assert simulation.aws.group_tags_at(OURS) == tags
        assert simulation.aws.targets_now("us-east-1b") == before
    succeed(simulation, event("Delete", adopted_properties()))
    assert zones_with_mount_targets(simulation) == {"a"}


def test_a_neighbours_update_that_would_replace_our_file_system_is_refused(simulation: Simulation) -> None:
    simulation.aws.clock.sleep(60)
    simulation.aws.add_file_system("fs-00000002")
    swapped = event("Update", {**created_properties(), "FileSystemId": "fs-00000002"}, StackId=NEIGHBOUR)
    reason = refused(simulation, swapped, "fs-00000001.fs-00000002", "would replace")["Reason"]
    assert "allow_replacement=True" in reason


def at(moment: int) -> str:
    """A ResponseURL signed at that second."""
    return response_url(EPOCH + moment)


ORDERS = [
    "D", "DD", "DC", "DCD", "CC", "CCD", "CCC", "UD", "CDU", "CDUD", "CUUD", "UCD", "CDC", "CDCD", "UU", "CUDU", "DDD", "CDD",
    "UDC", "DUC", "CUCD", "DUD", "CCDD", "UCUD",
]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
def test_requests_in_any_order_are_each_answered_and_a_last_delete_leaves_what_was_there(
    simulation: Simulation, order: str
) -> None:
    kinds = {"C": "Create", "U": "Update", "D": "Delete"}
    for place, letter in enumerate((*order, "D")):
        simulation.aws.clock.sleep(30)
        signed = {"ResponseURL": at(1600 + 60 * place), "RequestId": f"r-{place}"}
        succeed(simulation, event(kinds[letter], adopted_properties(), **signed))
        if letter == "D":
            # CloudFormation deletes the own group then, and makes one again before it asks for anything else.
            define_own_group(simulation.aws, OURS, STACK_ID, "bcd")
    assert zones_with_mount_targets(simulation) == {"a"}


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_an_old_request_that_is_replayed_after_a_later_one_says_nothing_and_changes_nothing(
    simulation: Simulation, kind: str
) -> None:
    old = event(kind, adopted_properties(), ResponseURL=at(1600))
    succeed(simulation, event("Create", adopted_properties(), ResponseURL=at(1900)))
    tags, puts = simulation.aws.group_tags_at(OURS), len(simulation.address.puts)
    simulation.function.run(old)
    assert len(simulation.address.puts) == puts
    assert simulation.aws.group_tags_at(OURS) == tags
    assert zones_with_mount_targets(simulation) == {"a", "b"}


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_the_same_event_twice_gets_the_same_answer_twice(simulation: Simulation, kind: str) -> None:
    given_event = event(kind, adopted_properties())
    first = succeed(simulation, given_event)
    simulation.aws.clock.sleep(60)
    assert succeed(simulation, given_event) == first


def test_an_update_of_what_was_deleted_by_hand_makes_it_anew(simulation: Simulation) -> None:
    succeed(simulation, event("Create", adopted_properties()))
    [name] = simulation.aws.targets_now("us-east-1b")
    simulation.aws.client("efs").delete_mount_target(MountTargetId=name)
    simulation.aws.clock.sleep(30)
    answer = succeed(simulation, event("Update", adopted_properties()))
    assert answer["Data"]["us-east-1b.MountTargetId"] not in {"", name}
