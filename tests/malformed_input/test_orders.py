"""Requests of other stacks, replayed ones, and ones out of order."""

from __future__ import annotations

import pytest

from tests.fault_injection.adopting import KEY, NEIGHBOUR
from tests.malformed_input.sending import (
    PHYSICAL_ID,
    adoption_properties,
    event,
    own_properties,
    present,
    refused,
    settle,
    succeed,
)
from tests.simulator.clock import EPOCH
from tests.simulator.cloudformation import response_url
from tests.simulator.simulation import Simulation


@pytest.fixture
def ready(world: Simulation) -> Simulation:
    settle(world)
    return world


def test_another_stacks_delete_deletes_nothing_of_ours(ready: Simulation) -> None:
    succeed(ready, event("Create", adoption_properties()))
    succeed(ready, event("Delete", adoption_properties(), StackId=NEIGHBOUR, PhysicalResourceId=PHYSICAL_ID))
    assert present(ready) == {"a", "b"}
    succeed(ready, event("Delete", adoption_properties(), PhysicalResourceId=PHYSICAL_ID))
    assert present(ready) == {"a"}


def test_another_logical_id_of_the_same_stack_deletes_nothing_of_ours(ready: Simulation) -> None:
    succeed(ready, event("Create", adoption_properties()))
    succeed(ready, event("Delete", adoption_properties(), LogicalResourceId="Other", PhysicalResourceId=PHYSICAL_ID))
    assert present(ready) == {"a", "b"}


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_neighbour_with_our_physical_id_keeps_a_ledger_of_its_own_and_takes_nothing_of_ours(
    ready: Simulation, kind: str
) -> None:
    succeed(ready, event("Create", adoption_properties()))
    ours, before = ready.aws.tags_now()[KEY], ready.aws.targets_now("us-east-1b")
    theirs = {"StackId": NEIGHBOUR, "PhysicalResourceId": PHYSICAL_ID}
    for sent in (kind, "Delete"):
        ready.aws.clock.sleep(60)
        succeed(ready, event(sent, adoption_properties(), **theirs))
        assert ready.aws.tags_now()[KEY] == ours
        assert ready.aws.targets_now("us-east-1b") == before
    succeed(ready, event("Delete", adoption_properties(), PhysicalResourceId=PHYSICAL_ID))
    assert present(ready) == {"a"}


def test_a_neighbours_update_that_would_replace_our_file_system_is_refused(ready: Simulation) -> None:
    of_ours = {"StackId": NEIGHBOUR, "PhysicalResourceId": PHYSICAL_ID}
    swapped = event("Update", {**own_properties(), "FileSystemId": "fs-00000002"}, **of_ours)
    reason = refused(ready, swapped, "fs-00000001.fs-00000002", said="would replace")["Reason"]
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
    ready: Simulation, order: str
) -> None:
    kinds = {"C": "Create", "U": "Update", "D": "Delete"}
    for place, letter in enumerate((*order, "D")):
        more = {} if letter == "C" else {"PhysicalResourceId": PHYSICAL_ID}
        ready.aws.clock.sleep(30)
        sent = event(
            kinds[letter], adoption_properties(), ResponseURL=at(1600 + 60 * place), RequestId=f"r-{place}", **more
        )
        succeed(ready, sent)
    assert present(ready) == {"a"}
    assert ready.aws.tags_now() == {}


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_an_old_request_that_is_replayed_after_a_later_one_says_nothing_and_changes_nothing(
    ready: Simulation, kind: str
) -> None:
    old = event(kind, adoption_properties(), ResponseURL=at(1600), PhysicalResourceId=PHYSICAL_ID)
    succeed(ready, event("Create", adoption_properties(), ResponseURL=at(1900)))
    tags, puts = ready.aws.tags_now(), len(ready.address.puts)
    ready.function.run(old)
    assert len(ready.address.puts) == puts
    assert ready.aws.tags_now() == tags
    assert present(ready) == {"a", "b"}


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_the_same_event_twice_gets_the_same_answer_twice(ready: Simulation, kind: str) -> None:
    given_event = event(kind, adoption_properties(), PhysicalResourceId=PHYSICAL_ID)
    first = succeed(ready, given_event)
    ready.aws.clock.sleep(60)
    assert succeed(ready, given_event) == first


def test_an_update_of_what_was_deleted_by_hand_makes_it_anew(ready: Simulation) -> None:
    succeed(ready, event("Create", adoption_properties()))
    [name] = ready.aws.targets_now("us-east-1b")
    ready.aws.client("efs").delete_mount_target(MountTargetId=name)
    ready.aws.clock.sleep(30)
    answer = succeed(ready, event("Update", adoption_properties(), PhysicalResourceId=PHYSICAL_ID))
    assert answer["Data"]["us-east-1b.MountTargetId"] not in {"", name}
