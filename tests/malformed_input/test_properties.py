"""Properties that are wrong: refused by name, nothing changed, one response."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.malformed_input.inputs import EXAMPLES, INJECTED, JSON, WRONG_TYPES, is_good
from tests.malformed_input.sending import (
    BOTH,
    Event,
    adopted_properties,
    changed,
    created_properties,
    event,
    prepared,
    refused,
    send,
    succeed,
)
from tests.simulator.simulation import Simulation

pytestmark = pytest.mark.usefixtures("quiet")

COMMON = ("FileSystemId", "SecurityGroupIds", "SecurityGroupIds.0", "Tags", "WaitTimeoutSeconds")
CREATED = (*COMMON, "MountTargets", "MountTargets.us-east-1a", "AllowReplacement", "AllowDeletionWhileAdopted")
ADOPTED = (
    *COMMON,
    "Adopt",
    *(f"Adopt.{key}" for key in (*adopted_properties()["Adopt"], "KmsKeyArn", "AllowDeletionWhileAdopted")),
    *("Adopt.Subnets.us-east-1b", "Adopt.Clients.0"),
)
PLACES = [*((created_properties, place) for place in CREATED), *((adopted_properties, place) for place in ADOPTED)]
PLACE = pytest.mark.parametrize(("properties", "place"), PLACES, ids=[f"{make.__name__}/{at}" for make, at in PLACES])

BOOLEANS = (True, False)
GOOD: dict[str, Any] = {
    "SecurityGroupIds": ([],),
    "Tags": ([],),
    "WaitTimeoutSeconds": range(1, 2401),
    "AllowReplacement": BOOLEANS,
    "AllowDeletionWhileAdopted": BOOLEANS,
    "Adopt.AllowDeletionWhileAdopted": BOOLEANS,
    "Adopt.Clients": ([],),
    "Adopt.AccessPointIds": ([],),
    "Adopt.CreateMissing": BOOLEANS,
    "Adopt.RetainCreated": BOOLEANS,
    "Adopt.Severities": ({},),
    # Empty is none: the CDK leaves it out then.
    "Adopt.KmsKeyArn": ("",),
}
"""What of the wrong inputs is right at some places."""


@BOTH
def test_what_the_others_change_is_good_and_succeeds(simulation: Simulation, properties: Callable[[], Event]) -> None:
    succeed(simulation, event("Create", properties()))
    succeed(simulation, event("Update", properties(), OldResourceProperties=properties()))


# One test per place: hundreds of tests would take longer to report than to run.
@PLACE
def test_an_injected_text_or_a_wrong_type_is_refused_by_the_name_of_its_place(
    properties: Callable[[], Event], place: str
) -> None:
    wrong: dict[str, str] = {}
    for name, value in {**INJECTED, **WRONG_TYPES}.items():
        sent = event("Create", changed(properties(), place, value))
        with prepared() as simulation:
            try:
                if is_good(GOOD, place, value):
                    succeed(simulation, sent)
                else:
                    refused(simulation, sent, place)
            except AssertionError as error:
                wrong[name] = str(error)
    assert wrong == {}


@EXAMPLES
@given(at=st.sampled_from(PLACES), value=JSON, kind=st.sampled_from(["Create", "Update", "Delete"]))
def test_any_json_at_any_place_is_refused_and_deleted(
    at: tuple[Callable[[], Event], str], value: Any, kind: str
) -> None:
    properties, place = at
    sent = event(kind, changed(properties(), place, value))
    with prepared() as simulation:
        if kind == "Delete":
            succeed(simulation, sent)
        elif is_good(GOOD, place, value):
            assert send(simulation, sent) is not None
        else:
            refused(simulation, sent, place)
        assert simulation.aws.mount_targets["fsmt-00000001"].groups == ["sg-f0000000"]


@pytest.mark.parametrize("wrong", WRONG_TYPES.values(), ids=WRONG_TYPES)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_properties_that_are_no_mapping_or_another_are_refused_and_deleted(
    simulation: Simulation, kind: str, wrong: Any
) -> None:
    if kind == "Delete":
        succeed(simulation, event(kind, wrong))
    else:
        named = "FileSystemId" if isinstance(wrong, dict) else "ResourceProperties"
        refused(simulation, event(kind, wrong), named)
    assert simulation.aws.tags_now() == {}


@BOTH
@pytest.mark.parametrize("key", ["Mystery", "filesystemid", "__proto__", "Adopt ", "x" * 5000, "💥", "\x00"])
def test_an_unknown_key_is_refused(simulation: Simulation, properties: Callable[[], Event], key: str) -> None:
    refused(simulation, event("Create", {**properties(), key: "x"}), key[:200], "is unknown")


def test_a_created_file_systems_property_is_unknown_in_an_adoption(simulation: Simulation) -> None:
    refused(simulation, event("Create", {**adopted_properties(), "AllowReplacement": "true"}), "AllowReplacement")
