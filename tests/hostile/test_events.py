"""Events that are malformed, of other stacks, oversized, replayed or out of order."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile.conftest import FIXED
from tests.hostile.sending import URL, Event, adoption_properties, event, no_secret, own_properties, send, settle
from tests.hostile.test_properties import INJECTED, JSON, WRONG_TYPES
from tests.lab.clock import EPOCH
from tests.lab.cloudformation import SECRET, STACK_ID, response_url
from tests.lab.lab import Lab, lab

NEEDED = ("RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId")
PHYSICAL_ID = "geuse-efs:fs-00000001"
NEIGHBOUR = STACK_ID.replace("storage", "neighbour")


@pytest.fixture
def ready(world: Lab) -> Lab:
    settle(world)
    return world


def present(world: Lab) -> set[str]:
    """The zones that have a mount target."""
    return {zone for zone in "abcdef" if world.aws.targets_now(f"us-east-1{zone}")}


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=WRONG_TYPES)
@pytest.mark.parametrize("key", NEEDED)
def test_an_event_without_what_an_answer_needs_fails_the_run_and_changes_nothing(
    ready: Lab, key: str, wrong: str
) -> None:
    assert send(ready, {**event("Create", adoption_properties()), key: WRONG_TYPES[wrong]}) is None
    assert ready.aws.called == []


@pytest.mark.parametrize("foreign", [{}, {"Records": []}, {"source": "aws.s3"}, {"version": "2.0", "rawPath": "/"}])
def test_an_event_of_another_service_fails_the_run(ready: Lab, foreign: Event) -> None:
    assert send(ready, foreign) is None
    assert ready.aws.called == []


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "file:///etc/passwd", "javascript:x", "x" * 9000, "HTTPS//", "s3://b/k"]
)
def test_a_response_address_that_is_none_is_refused(ready: Lab, url: str) -> None:
    assert send(ready, event("Create", own_properties(), ResponseURL=url)) is None


@pytest.mark.parametrize("injected", INJECTED, ids=INJECTED)
def test_an_injected_request_type_is_refused(ready: Lab, injected: str) -> None:
    answer = send(ready, event(INJECTED[injected], own_properties()))
    assert answer is None if injected == "empty" else answer is not None
    assert answer is None or "RequestType is" in answer["Reason"]
    assert ready.aws.called == []


@pytest.mark.parametrize("injected", INJECTED.values(), ids=INJECTED)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_an_injected_physical_id_is_answered_and_deletes_nothing(ready: Lab, kind: str, injected: str) -> None:
    # CloudFormation's own limit is 1024 bytes.
    injected = injected[: 1024 // (len(injected[:1].encode(errors="replace")) or 1)]
    answer = send(ready, event(kind, own_properties(), PhysicalResourceId=injected))
    assert answer is not None
    if kind == "Delete":
        assert answer["PhysicalResourceId"] == (injected or PHYSICAL_ID)
    assert present(ready) == {"a"}


@pytest.mark.parametrize("wrong", WRONG_TYPES.values(), ids=WRONG_TYPES)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("key", ["PhysicalResourceId", "OldResourceProperties", "GeuseEfsWaitedSeconds"])
def test_a_wrong_type_beside_the_properties_is_answered_or_refused(ready: Lab, kind: str, key: str, wrong: Any) -> None:
    answer = send(ready, event(kind, adoption_properties(), **{key: wrong}))
    assert answer is None or "unexpected" not in answer["Reason"]
    assert "a" in present(ready)


@pytest.mark.parametrize("key", ["StackId", "RequestId", "LogicalResourceId"])
@pytest.mark.parametrize("length", [500, 1500])
def test_long_ids_are_answered_within_4096_bytes(ready: Lab, key: str, length: int) -> None:
    value = STACK_ID + "x" * length
    assert send(ready, event("Create", {**own_properties(), "Mystery": "💥" * 500}, **{key: value}))


@pytest.mark.parametrize("stack_id", ["x", "arn", "arn:aws:s3:::bucket", ":::", "💥"])
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_a_stack_id_that_is_no_arn_is_answered(ready: Lab, kind: str, stack_id: str) -> None:
    given_event = event(kind, adoption_properties(), StackId=stack_id, PhysicalResourceId=PHYSICAL_ID)
    answer = send(ready, given_event)
    assert answer is None or "unexpected" not in answer["Reason"]


@FIXED
@given(
    changes=st.dictionaries(
        st.sampled_from([*NEEDED, "PhysicalResourceId", "OldResourceProperties", "ResourceProperties", "Mystery"]),
        JSON,
        max_size=3,
    )
)
def test_any_json_at_any_place_of_an_event_is_answered_once_or_refused(changes: Event) -> None:
    with lab() as world:
        settle(world)
        answer = send(world, {**event("Create", own_properties()), **changes})
        assert answer is None or "unexpected" not in answer["Reason"]
        assert present(world) == {"a"}


def test_the_secret_is_neither_logged_nor_told(ready: Lab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in ("Create", "Update", "Delete", "Destroy"):
        for properties in (own_properties(), adoption_properties(), {"FileSystemId": URL}, {SECRET: SECRET[::-1]}):
            if SECRET not in properties and properties["FileSystemId"] != URL:
                send(ready, event(kind, properties, PhysicalResourceId=PHYSICAL_ID))
    no_secret(caplog)


# Other stacks, replays, wrong order


def test_another_stacks_delete_deletes_nothing_of_ours(ready: Lab) -> None:
    assert send(ready, event("Create", adoption_properties()))
    assert send(ready, event("Delete", adoption_properties(), StackId=NEIGHBOUR, PhysicalResourceId=PHYSICAL_ID))
    assert present(ready) == {"a", "b"}
    assert send(ready, event("Delete", adoption_properties(), PhysicalResourceId=PHYSICAL_ID))
    assert present(ready) == {"a"}


def test_another_logical_id_of_the_same_stack_deletes_nothing_of_ours(ready: Lab) -> None:
    assert send(ready, event("Create", adoption_properties()))
    assert send(
        ready, event("Delete", adoption_properties(), LogicalResourceId="Other", PhysicalResourceId=PHYSICAL_ID)
    )
    assert present(ready) == {"a", "b"}


def at(moment: int) -> str:
    """A ResponseURL signed at that second."""
    return response_url(EPOCH + moment)


ORDERS = [
    "D", "DD", "DC", "DCD", "CC", "CCD", "CCC", "UD", "CDU", "CDUD", "CUUD", "UCD", "CDC", "CDCD", "UU", "CUDU", "DDD", "CDD",
    "UDC", "DUC", "CUCD", "DUD", "CCDD", "UCUD",
]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
def test_requests_in_any_order_are_each_answered_and_a_last_delete_leaves_what_was_there(
    ready: Lab, order: str
) -> None:
    kinds = {"C": "Create", "U": "Update", "D": "Delete"}
    for place, letter in enumerate((*order, "D")):
        more = {} if letter == "C" else {"PhysicalResourceId": PHYSICAL_ID}
        ready.aws.clock.sleep(30)
        sent = event(
            kinds[letter], adoption_properties(), ResponseURL=at(1600 + 60 * place), RequestId=f"r-{place}", **more
        )
        answer = send(ready, sent)
        assert answer is not None
        assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert present(ready) == {"a"}
    assert ready.aws.tags_now() == {}


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_an_old_request_that_is_replayed_after_a_later_one_says_nothing_and_changes_nothing(
    ready: Lab, kind: str
) -> None:
    old = event(kind, adoption_properties(), ResponseURL=at(1600), PhysicalResourceId=PHYSICAL_ID)
    assert send(ready, event("Create", adoption_properties(), ResponseURL=at(1900)))
    tags, puts = ready.aws.tags_now(), len(ready.address.puts)
    ready.function.run(old)
    assert len(ready.address.puts) == puts
    assert ready.aws.tags_now() == tags
    assert present(ready) == {"a", "b"}


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_the_same_event_twice_gets_the_same_answer_twice(ready: Lab, kind: str) -> None:
    given_event = event(kind, adoption_properties(), PhysicalResourceId=PHYSICAL_ID)
    first = send(ready, given_event)
    ready.aws.clock.sleep(60)
    assert send(ready, given_event) == first


def test_an_update_of_what_was_deleted_by_hand_makes_it_anew(ready: Lab) -> None:
    assert send(ready, event("Create", adoption_properties()))
    [name] = ready.aws.targets_now("us-east-1b")
    ready.aws.client("efs").delete_mount_target(MountTargetId=name)
    ready.aws.clock.sleep(30)
    answer = send(ready, event("Update", adoption_properties(), PhysicalResourceId=PHYSICAL_ID))
    assert answer is not None
    assert answer["Data"]["us-east-1b.MountTargetId"] not in {"", name}
