"""Events that are malformed or oversized: refused by name; a delete succeeds; the run fails where nobody can be answered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.malformed_input.conftest import FIXED
from tests.malformed_input.contract import NEEDED, allowed_event, allowed_in_event, answerable
from tests.malformed_input.inputs import INJECTED, JSON, WRONG_TYPES
from tests.malformed_input.sending import (
    PHYSICAL_ID,
    URL,
    Event,
    adoption_properties,
    event,
    no_secret,
    own_properties,
    present,
    refused,
    send,
    settle,
    succeed,
)
from tests.simulator.cloudformation import SECRET, STACK_ID
from tests.simulator.simulation import Simulation, simulate

BOTH = {"own": own_properties, "adopted": adoption_properties}


@pytest.fixture
def ready(world: Simulation) -> Simulation:
    settle(world)
    return world


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=WRONG_TYPES)
@pytest.mark.parametrize("key", NEEDED)
def test_an_event_without_what_an_answer_needs_fails_the_run_and_changes_nothing(
    ready: Simulation, key: str, wrong: str
) -> None:
    assert send(ready, {**event("Create", adoption_properties()), key: WRONG_TYPES[wrong]}) is None
    assert ready.aws.called == []


@pytest.mark.parametrize("foreign", [{}, {"Records": []}, {"source": "aws.s3"}, {"version": "2.0", "rawPath": "/"}])
def test_an_event_of_another_service_fails_the_run(ready: Simulation, foreign: Event) -> None:
    assert send(ready, foreign) is None
    assert ready.aws.called == []


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "file:///etc/passwd", "javascript:x", "x" * 9000, "HTTPS//", "s3://b/k"]
)
def test_a_response_address_that_is_none_is_refused(ready: Simulation, url: str) -> None:
    assert send(ready, event("Create", own_properties(), ResponseURL=url)) is None


@pytest.mark.parametrize("injected", INJECTED, ids=INJECTED)
def test_an_injected_request_type_is_refused(ready: Simulation, injected: str) -> None:
    sent = event(INJECTED[injected], own_properties())
    if injected == "empty":
        assert send(ready, sent) is None
    else:
        refused(ready, sent, "RequestType")
    assert ready.aws.called == []


def judged(world: Simulation, kind: str, properties: Event, key: str, value: Any) -> None:
    """Send it with that value beside the properties: it succeeds if the contract allows it there, else it is refused."""
    given = {"PhysicalResourceId": PHYSICAL_ID} if kind != "Create" else {}
    sent = event(kind, properties, **{**given, key: value})
    if allowed_in_event(kind, key, value):
        succeed(world, sent)
    else:
        refused(world, sent, key)


@pytest.mark.parametrize("injected", INJECTED.values(), ids=INJECTED)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("properties", BOTH.values(), ids=BOTH)
def test_an_injected_physical_id_is_refused_and_deleted_without_harm(
    ready: Simulation, properties: Callable[[], Event], kind: str, injected: str
) -> None:
    # CloudFormation's own limit is 1024 bytes.
    injected = injected[: 1024 // (len(injected[:1].encode(errors="replace")) or 1)]
    judged(ready, kind, properties(), "PhysicalResourceId", injected)
    assert "a" in present(ready)
    if kind == "Delete":
        assert ready.address.answers[-1]["PhysicalResourceId"] == (injected or PHYSICAL_ID)


@pytest.mark.parametrize("wrong", WRONG_TYPES.values(), ids=WRONG_TYPES)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("key", ["PhysicalResourceId", "OldResourceProperties", "GeuseEfsWaitedSeconds"])
@pytest.mark.parametrize("properties", BOTH.values(), ids=BOTH)
def test_a_wrong_type_beside_the_properties_is_refused_and_deleted(
    ready: Simulation, properties: Callable[[], Event], kind: str, key: str, wrong: Any
) -> None:
    judged(ready, kind, properties(), key, wrong)


@pytest.mark.parametrize("waited", [-1, 3601, 1e300, float("inf"), float("nan"), "60"])
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_a_time_that_no_run_can_have_waited_is_refused_and_deleted(ready: Simulation, kind: str, waited: Any) -> None:
    judged(ready, kind, adoption_properties(), "GeuseEfsWaitedSeconds", waited)


@pytest.mark.parametrize("properties", BOTH.values(), ids=BOTH)
def test_an_update_without_a_physical_id_is_refused(ready: Simulation, properties: Callable[[], Event]) -> None:
    refused(ready, event("Update", properties()), "PhysicalResourceId")


STACK_IDS = {
    "a letter": "x",
    "a word": "arn",
    "a bucket": "arn:aws:s3:::bucket",
    "colons": ":::",
    "emoji": "💥",
    "a change set": STACK_ID.replace(":stack/", ":changeSet/"),
    "another service": STACK_ID.replace("cloudformation", "lambda"),
    "no region": STACK_ID.replace("us-east-1", ""),
    "a short account": STACK_ID.replace("123456789012", "1234"),
    "an account in wide digits": STACK_ID.replace("123456789012", "１23456789012"),  # noqa: RUF001
    "a newline": f"{STACK_ID}\n",
    "more before": f" {STACK_ID}",
}


@pytest.mark.parametrize("stack_id", STACK_IDS.values(), ids=STACK_IDS)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("properties", BOTH.values(), ids=BOTH)
def test_a_stack_id_that_is_none_is_refused_and_deleted(
    ready: Simulation, properties: Callable[[], Event], kind: str, stack_id: str
) -> None:
    judged(ready, kind, properties(), "StackId", stack_id)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso-b"])
def test_a_stack_of_any_partition_succeeds(ready: Simulation, partition: str) -> None:
    judged(ready, "Create", adoption_properties(), "StackId", STACK_ID.replace(":aws:", f":{partition}:"))


@pytest.mark.parametrize("key", ["StackId", "RequestId", "LogicalResourceId"])
@pytest.mark.parametrize("length", [500, 1500])
def test_long_ids_are_answered_within_4096_bytes(ready: Simulation, key: str, length: int) -> None:
    value = STACK_ID + "x" * length
    refused(ready, event("Create", {**own_properties(), "Mystery": "💥" * 500}, **{key: value}), "Mystery")


@FIXED
@given(
    changes=st.dictionaries(
        st.sampled_from([*NEEDED, "PhysicalResourceId", "OldResourceProperties", "ResourceProperties", "Mystery"]),
        JSON,
        max_size=3,
    )
)
def test_any_json_at_any_place_of_an_event_is_allowed_or_refused_or_fails_the_run(changes: Event) -> None:
    with simulate() as world:
        settle(world)
        sent = {**event("Create", own_properties()), **changes}
        answer = send(world, sent)
        assert (answer is not None) == answerable(sent)
        if answer is not None:
            assert (answer["Status"] == "SUCCESS") == allowed_event(sent, own_properties())
        assert present(world) == {"a"}


def test_the_secret_is_neither_logged_nor_told(ready: Simulation, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in ("Create", "Update", "Delete", "Destroy"):
        for properties in (own_properties(), adoption_properties(), {"FileSystemId": URL}, {SECRET: SECRET[::-1]}):
            if SECRET not in properties and properties["FileSystemId"] != URL:
                send(ready, event(kind, properties, PhysicalResourceId=PHYSICAL_ID))
    no_secret(caplog)
