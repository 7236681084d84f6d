"""Properties that are wrong: refused by name, nothing changed, one answer. What is not allowed never succeeds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.malformed_input.conftest import FIXED
from tests.malformed_input.contract import PROPERTIES, allowed_property
from tests.malformed_input.inputs import INJECTED, JSON, WRONG_TYPES
from tests.malformed_input.sending import (
    PHYSICAL_ID,
    Event,
    adoption_properties,
    changed,
    event,
    no_secret,
    own_properties,
    refused,
    send,
    settle,
    succeed,
)
from tests.simulator.simulation import Simulation, simulate

BOTH: dict[str, Callable[[], Event]] = {"own": own_properties, "adopted": adoption_properties}
OWN_TEXTS = ("FileSystemId", "MountTargets.us-east-1a", "SecurityGroupIds.0", "WaitTimeoutSeconds", "AllowReplacement")
ADOPTED_TEXTS = (
    "FileSystemId",
    "SecurityGroupIds.0",
    "WaitTimeoutSeconds",
    "Adopt.VpcId",
    "Adopt.Subnets.us-east-1b",
    "Adopt.Clients.0",
    "Adopt.AccessPointIds.0",
    "Adopt.CreateMissing",
    "Adopt.RetainCreated",
    "Adopt.IpAddressType",
    "Adopt.OwnGroup",
    "Adopt.RoleArn",
    "Adopt.KmsKeyArn",
)
PLACES_OWN = ("FileSystemId", "MountTargets", "SecurityGroupIds", "Tags", "WaitTimeoutSeconds", "AllowReplacement")
PLACES_ADOPTED = (
    *("FileSystemId", "SecurityGroupIds", "Tags", "WaitTimeoutSeconds", "Adopt"),
    *(f"Adopt.{key}" for key in (*adoption_properties()["Adopt"], "KmsKeyArn")),
)


@pytest.fixture
def ready(world: Simulation) -> Simulation:
    settle(world)
    return world


def judged(world: Simulation, properties: Event, place: str, value: Any) -> None:
    """Send it with that value at that place: it succeeds if the contract allows it there, else it is refused."""
    sent = event("Create", changed(properties, place, value))
    if allowed_property(place, value):
        succeed(world, sent)
    else:
        refused(world, sent, place)


@pytest.mark.parametrize("properties", BOTH.values(), ids=BOTH)
def test_what_the_others_change_is_good_and_succeeds(ready: Simulation, properties: Callable[[], Event]) -> None:
    succeed(ready, event("Create", properties()))
    succeed(ready, event("Update", properties(), PhysicalResourceId=PHYSICAL_ID, OldResourceProperties=properties()))


@pytest.mark.parametrize("place", [one for one in PROPERTIES if one not in ("Adopt", "Adopt.KmsKeyArn")])
def test_the_contract_allows_what_the_others_change(place: str) -> None:
    value: Any = {**adoption_properties(), **own_properties()}
    for step in place.split("."):
        value = value[int(step) if isinstance(value, list) else step]
    assert allowed_property(place, value)


@pytest.mark.parametrize("injected", INJECTED.values(), ids=INJECTED)
@pytest.mark.parametrize("place", OWN_TEXTS)
def test_an_injected_text_is_refused_on_the_create_path(
    ready: Simulation, place: str, injected: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    refused(ready, event("Create", changed(own_properties(), place, injected)), place)
    assert ready.aws.called == []
    no_secret(caplog)


@pytest.mark.parametrize("injected", INJECTED.values(), ids=INJECTED)
@pytest.mark.parametrize("place", ADOPTED_TEXTS)
def test_an_injected_text_is_refused_in_an_adoption(ready: Simulation, place: str, injected: str) -> None:
    judged(ready, adoption_properties(), place, injected)


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=WRONG_TYPES)
@pytest.mark.parametrize("place", PLACES_OWN)
def test_a_wrong_type_is_refused_on_the_create_path(ready: Simulation, place: str, wrong: str) -> None:
    judged(ready, own_properties(), place, WRONG_TYPES[wrong])


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=WRONG_TYPES)
@pytest.mark.parametrize("place", PLACES_ADOPTED)
def test_a_wrong_type_is_refused_in_an_adoption(ready: Simulation, place: str, wrong: str) -> None:
    judged(ready, adoption_properties(), place, WRONG_TYPES[wrong])


@pytest.mark.parametrize("wrong", WRONG_TYPES.values(), ids=WRONG_TYPES)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_properties_that_are_no_mapping_or_another_are_refused_and_deleted(
    ready: Simulation, kind: str, wrong: Any
) -> None:
    given = event(kind, wrong, PhysicalResourceId=PHYSICAL_ID)
    if kind == "Delete":
        succeed(ready, given)
    else:
        refused(ready, given, "FileSystemId" if isinstance(wrong, dict) else "ResourceProperties")
    assert ready.aws.tags_now() == {}


@pytest.mark.parametrize("key", ["Mystery", "filesystemid", "__proto__", "Adopt ", "x" * 5000, "💥", "\x00"])
@pytest.mark.parametrize("properties", BOTH.values(), ids=BOTH)
def test_an_unknown_key_is_refused(ready: Simulation, properties: Callable[[], Event], key: str) -> None:
    answer = refused(ready, event("Create", {**properties(), key: "x"}), key[:200])
    assert "is unknown" in answer["Reason"]


@FIXED
@given(place=st.sampled_from(PLACES_OWN), value=JSON, kind=st.sampled_from(["Create", "Update"]))
def test_any_json_at_any_place_of_the_create_path_is_allowed_or_refused(place: str, value: Any, kind: str) -> None:
    with simulate() as world:
        settle(world)
        sent = event(kind, changed(own_properties(), place, value), PhysicalResourceId=PHYSICAL_ID)
        if allowed_property(place, value):
            assert send(world, sent)
        else:
            refused(world, sent, place)


@FIXED
@given(place=st.sampled_from(PLACES_ADOPTED), value=JSON, kind=st.sampled_from(["Create", "Update", "Delete"]))
def test_any_json_at_any_place_of_an_adoption_is_allowed_or_refused_or_deleted(
    place: str, value: Any, kind: str
) -> None:
    with simulate() as world:
        settle(world)
        sent = event(kind, changed(adoption_properties(), place, value), PhysicalResourceId=PHYSICAL_ID)
        if kind == "Delete":
            succeed(world, sent)
        elif allowed_property(place, value):
            assert send(world, sent)
        else:
            refused(world, sent, place)
        assert world.aws.mount_targets["fsmt-00000001"].groups == ["sg-f0000000"]
