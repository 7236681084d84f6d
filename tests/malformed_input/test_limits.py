"""Values of a good form that do not fit: too many, twice, in another zone, of another kind. At the limit they succeed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.malformed_input.sending import BOTH, adopted_properties, changed, created_properties, event, refused, succeed
from tests.simulator.simulation import Simulation

pytestmark = pytest.mark.usefixtures("quiet")


def tags(number: int, value: str = "x") -> list[dict[str, str]]:
    return [{"key": f"key-{place}", "value": value} for place in range(number)]


def groups(number: int) -> list[str]:
    return [f"sg-{place:08x}" for place in range(1, number + 1)]


TOO_MUCH: dict[str, tuple[str, Any]] = {
    "51 tags": ("Tags", tags(51)),
    "800 long tags": ("Tags", tags(800, "x" * 256)),
    "a tag twice": ("Tags", tags(1) * 2),
    "a tag too long": ("Tags", tags(1, "x" * 257)),
    "a tag key too long": ("Tags", [{"key": "x" * 129, "value": ""}]),
    "a tag without a key": ("Tags", [{"key": "", "value": ""}]),
    "a reserved tag": ("Tags", [{"key": "AWS:x", "value": ""}]),
    "half a character in a tag": ("Tags", tags(1, "\ud800")),
    "six groups": ("SecurityGroupIds", groups(6)),
    "200 equal groups": ("SecurityGroupIds", groups(1) * 200),
    "a group twice": ("SecurityGroupIds", groups(1) * 2),
    "a wait of a second too much": ("WaitTimeoutSeconds", "2401"),
    "no wait": ("WaitTimeoutSeconds", "0"),
    "a wait in wide digits": ("WaitTimeoutSeconds", "６０"),  # noqa: RUF001
}
JUST_FITS: dict[str, tuple[str, Any]] = {
    "50 tags": ("Tags", tags(50, "x" * 256)),
    "no tags": ("Tags", []),
    "the longest wait": ("WaitTimeoutSeconds", "2400"),
}


@pytest.mark.parametrize(("place", "value"), TOO_MUCH.values(), ids=TOO_MUCH)
@BOTH
def test_too_much_is_refused(simulation: Simulation, properties: Any, place: str, value: Any) -> None:
    refused(simulation, event("Create", changed(properties(), place, value)), place)


@pytest.mark.parametrize(("place", "value"), JUST_FITS.values(), ids=JUST_FITS)
@BOTH
def test_what_just_fits_succeeds(simulation: Simulation, properties: Any, place: str, value: Any) -> None:
    succeed(simulation, event("Create", changed(properties(), place, value)))


@pytest.mark.parametrize("number", [0, 5])
def test_up_to_five_groups_succeed(simulation: Simulation, number: int) -> None:
    succeed(simulation, event("Create", changed(created_properties(), "SecurityGroupIds", groups(number))))


@pytest.mark.parametrize("number", [60, 800])
def test_many_zones_end_in_an_answer_that_fits(simulation: Simulation, number: int) -> None:
    many = {f"zone-{place}": f"subnet-{place:08x}" for place in range(number)}
    refused(simulation, event("Create", changed(adopted_properties(), "Adopt.Subnets", many)), "subnet-00000000")


# Zones

TARGET = "fsmt-00000001"
"""In us-east-1a."""


def test_a_mount_target_under_the_name_of_another_zone_is_refused_before_it_is_tagged(simulation: Simulation) -> None:
    sent = event("Create", changed(created_properties(), "MountTargets", {"us-east-1b": TARGET}))
    answer = refused(simulation, sent, "subnet-0000000a.us-east-1b")
    assert (
        "subnet subnet-0000000a is in us-east-1a, expected us-east-1b; give the availability_zone" in answer["Reason"]
    )


def test_an_adopted_subnet_under_the_name_of_another_zone_is_refused_before_anything_is_changed(
    simulation: Simulation,
) -> None:
    sent = event("Create", changed(adopted_properties(), "Adopt.Subnets", {"us-east-1c": "subnet-0000000b"}))
    answer = refused(simulation, sent, "subnet-0000000b.us-east-1c")
    assert "is in us-east-1b, expected us-east-1c" in answer["Reason"]


@pytest.mark.parametrize("key", ["PrivateSubnet1", "mars-1a", "us-east-1a-c8f3a9d0", "us-west-2a", "us-east-1"])
def test_a_name_that_is_no_zone_of_the_region_may_name_any_mount_target(simulation: Simulation, key: str) -> None:
    """Where zones are not known at synth, a zone is called by its subnet's construct id, which is anything."""
    answer = succeed(simulation, event("Create", changed(created_properties(), "MountTargets", {key: TARGET})))
    assert answer["Data"][f"{key}.MountTargetId"] == TARGET
    assert answer["Data"]["AvailabilityZones"] == "us-east-1a"


def test_a_mount_target_under_two_names_is_refused(simulation: Simulation) -> None:
    twice = {"us-east-1a": TARGET, "PrivateSubnet1": TARGET}
    refused(simulation, event("Create", changed(created_properties(), "MountTargets", twice)), "MountTargets")


# Forms that are nearly right

NEARLY: dict[str, tuple[str, str]] = {
    "an ARN of another service": ("FileSystemId", "arn:aws:s3:us-east-1:123456789012:file-system/fs-00000001"),
    "an ARN of an access point": (
        "FileSystemId",
        "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1",
    ),
    "a short id": ("FileSystemId", "fs-0000001"),
    "a prefix list that is none": ("Adopt.Clients.0", "pl-$(id)"),
    "a CIDR out of range": ("Adopt.Clients.0", "10.0.0.0/33"),
    "a range of addresses": ("Adopt.Clients.0", "10.0.0.1-10.0.0.9"),
    "a role of no account": ("Adopt.RoleArn", "arn:aws:iam::x:role/waiter"),
    "a user": ("Adopt.RoleArn", "arn:aws:iam::123456789012:user/waiter"),
    "an alias without an ARN": ("Adopt.KmsKeyArn", "alias/mine"),
    "a key of another service": ("Adopt.KmsKeyArn", "arn:aws:s3:us-east-1:123456789012:key/x"),
    "a zone for a subnet": ("Adopt.Subnets.us-east-1b", "us-east-1b"),
}


@pytest.mark.parametrize(("place", "value"), NEARLY.values(), ids=NEARLY)
def test_a_form_that_is_nearly_right_is_refused(simulation: Simulation, place: str, value: str) -> None:
    refused(simulation, event("Create", changed(adopted_properties(), place, value)), place)
