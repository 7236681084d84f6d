"""Events that are malformed: refused by name; a delete succeeds; the run fails where no response is possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.malformed_input.inputs import EXAMPLES, INJECTED, JSON, WRONG_TYPES, is_good
from tests.malformed_input.sending import (
    BOTH,
    IDS,
    Event,
    adopted_properties,
    created_properties,
    event,
    prepared,
    refused,
    send,
    succeed,
    zones_with_mount_targets,
)
from tests.simulator.cloudformation import SECRET, STACK_ID
from tests.simulator.simulation import Simulation

pytestmark = pytest.mark.usefixtures("quiet")

NEEDED = ("RequestType", "ResponseURL", *IDS)
"""Without these no response is possible."""
KINDS = pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])

GOOD: dict[str, Any] = {
    "OldResourceProperties": ({}, WRONG_TYPES["mapping"]),
    "GeuseEfsWaitedSeconds": (30, 1.5),
}
"""What of the wrong types is right at some places."""


@pytest.mark.parametrize("wrong", [*WRONG_TYPES, "missing"])
@pytest.mark.parametrize("key", NEEDED)
def test_an_event_without_what_a_response_needs_fails_the_run_and_changes_nothing(
    simulation: Simulation, key: str, wrong: str
) -> None:
    sent = {**event("Create", adopted_properties()), key: WRONG_TYPES.get(wrong)}
    if wrong == "missing":
        del sent[key]
    assert send(simulation, sent) is None
    assert simulation.aws.called == []


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "file:///etc/passwd", "javascript:x", "x" * 9000, "HTTPS//", "s3://b/k", SECRET]
)
def test_a_response_url_that_is_none_is_refused_without_showing_it(simulation: Simulation, url: str) -> None:
    assert send(simulation, event("Create", created_properties(), ResponseURL=url)) is None


@pytest.mark.parametrize("injected", INJECTED, ids=INJECTED)
def test_an_injected_request_type_is_refused(simulation: Simulation, injected: str) -> None:
    sent = event(INJECTED[injected], created_properties())
    if injected == "empty":
        assert send(simulation, sent) is None
    else:
        refused(simulation, sent, "RequestType", "expected Create, Update or Delete")
    assert simulation.aws.called == []


def refused_or_deleted(simulation: Simulation, kind: str, sent: Event, key: str) -> None:
    """Nothing may block a deletion."""
    if kind == "Delete":
        succeed(simulation, sent)
    else:
        refused(simulation, sent, key)
    assert "a" in zones_with_mount_targets(simulation)


@KINDS
@BOTH
def test_any_physical_id_of_one_line_is_taken_and_deleted_without_harm(
    properties: Callable[[], Event], kind: str
) -> None:
    """Where roll-back is off, an update may carry an id that CloudFormation invented."""
    for text in INJECTED.values():
        # CloudFormation's own limit is 1024 bytes.
        injected = text[: 1024 // (len(text[:1].encode(errors="replace")) or 1)]
        with prepared() as simulation:
            sent = event(kind, properties(), PhysicalResourceId=injected)
            if "\n" in injected or (kind, injected) == ("Update", ""):
                refused_or_deleted(simulation, kind, sent, "PhysicalResourceId")
            else:
                succeed(simulation, sent)
            assert "a" in zones_with_mount_targets(simulation)
            if kind == "Delete" and injected:
                assert simulation.address.answers[-1]["PhysicalResourceId"] == injected


@pytest.mark.parametrize("key", ["PhysicalResourceId", "OldResourceProperties", "GeuseEfsWaitedSeconds"])
@KINDS
@BOTH
def test_a_wrong_type_beside_the_properties_is_refused_and_deleted(
    properties: Callable[[], Event], kind: str, key: str
) -> None:
    for value in WRONG_TYPES.values():
        with prepared() as simulation:
            sent = event(kind, properties(), **{key: value})
            if is_good(GOOD, key, value):
                succeed(simulation, sent)
            else:
                refused_or_deleted(simulation, kind, sent, key)


BESIDE: dict[str, tuple[str, Any]] = {
    "less than nothing waited": ("GeuseEfsWaitedSeconds", -1),
    "more than an hour waited": ("GeuseEfsWaitedSeconds", 3601),
    "a number too large waited": ("GeuseEfsWaitedSeconds", 1e300),
    "infinity waited": ("GeuseEfsWaitedSeconds", float("inf")),
    "no number waited": ("GeuseEfsWaitedSeconds", float("nan")),
    "a text waited": ("GeuseEfsWaitedSeconds", "60"),
    "a change set": ("StackId", STACK_ID.replace(":stack/", ":changeSet/")),
    "another service": ("StackId", STACK_ID.replace("cloudformation", "lambda")),
    "a short account": ("StackId", STACK_ID.replace("123456789012", "1234")),
    "an account in wide digits": ("StackId", STACK_ID.replace("123456789012", "１23456789012")),  # noqa: RUF001
    "a newline": ("StackId", f"{STACK_ID}\n"),
    "more before": ("StackId", f" {STACK_ID}"),
}


@pytest.mark.parametrize(("key", "value"), BESIDE.values(), ids=BESIDE)
@KINDS
@BOTH
def test_a_value_of_a_wrong_form_beside_the_properties_is_refused_and_deleted(
    simulation: Simulation, properties: Callable[[], Event], kind: str, key: str, value: Any
) -> None:
    refused_or_deleted(simulation, kind, event(kind, properties(), **{key: value}), key)


@KINDS
@pytest.mark.parametrize(
    "stack_id", ["x", "arn", "arn:aws:s3:::bucket", ":::", "💥", STACK_ID.replace("us-east-1", "")]
)
def test_a_stack_id_without_the_region_of_the_response_url_fails_the_run(
    simulation: Simulation, kind: str, stack_id: str
) -> None:
    assert send(simulation, event(kind, created_properties(), StackId=stack_id)) is None
    assert simulation.aws.called == []


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso-b"])
def test_a_stack_of_any_partition_succeeds(simulation: Simulation, partition: str) -> None:
    succeed(simulation, event("Create", adopted_properties(), StackId=STACK_ID.replace(":aws:", f":{partition}:")))


@pytest.mark.parametrize("key", IDS)
@pytest.mark.parametrize("length", [500, 1500])
def test_long_ids_are_answered_within_4096_bytes(simulation: Simulation, key: str, length: int) -> None:
    sent = event("Create", {**created_properties(), "Mystery": "💥" * 500}, **{key: STACK_ID + "x" * length})
    refused(simulation, sent, "Mystery")


def one_line(key: str, value: Any) -> bool:
    return key == "PhysicalResourceId" and isinstance(value, str) and "\n" not in value


@EXAMPLES
@given(key=st.sampled_from([*NEEDED, "PhysicalResourceId", "OldResourceProperties", "ResourceProperties"]), value=JSON)
def test_any_json_at_any_place_of_an_event_is_refused_or_fails_the_run(key: str, value: Any) -> None:
    sent = {**event("Create", created_properties()), key: value}
    with prepared() as simulation:
        if key in ("ResponseURL", "StackId") or (key in NEEDED and not isinstance(value, str)):
            assert send(simulation, sent) is None
        elif (
            key in ("RequestId", "LogicalResourceId")
            or one_line(key, value)
            or (key, type(value)) == ("OldResourceProperties", dict)
        ):
            succeed(simulation, sent)
        else:
            refused(simulation, sent, "FileSystemId" if isinstance(value, dict) and key.startswith("Res") else key)
        assert zones_with_mount_targets(simulation) == {"a"}
