"""The stack that created a file system does not pull its mount targets from under adoptions in other stacks."""

from __future__ import annotations

from typing import Any

import pytest

from geuse_efs_waiter.adoption.ownership.notes import RETAINED_TAG
from tests.fault_injection.adopting import NEIGHBOUR, NEIGHBOURS, define_own_group
from tests.simulator.account import Account
from tests.simulator.cloudformation import Stack
from tests.simulator.ec2 import DeleteSecurityGroup

Desired = dict[str, Any]
PHYSICAL_ID = "geuse-efs:fs-00000001"


@pytest.fixture
def adopted(aws: Account) -> Account:
    """An adoption in another stack wants zones b and c."""
    define_own_group(aws, NEIGHBOURS, NEIGHBOUR, "bc")
    return aws


def delete(stack: Stack, desired: Desired, physical_id: str = PHYSICAL_ID) -> dict[str, Any]:
    return stack.request("Delete", desired, PhysicalResourceId=physical_id)


def update(stack: Stack, desired: Desired, old: Desired) -> dict[str, Any]:
    return stack.request("Update", desired, PhysicalResourceId=PHYSICAL_ID, OldResourceProperties=old)


def without(desired: Desired, zone: str, **more: Any) -> Desired:
    left = {key: value for key, value in desired["MountTargets"].items() if key != f"us-east-1{zone}"}
    return {**desired, "MountTargets": left, **more}


@pytest.mark.usefixtures("adopted")
def test_its_deletion_is_refused_while_an_adoption_lives(stack: Stack, desired: Desired) -> None:
    answer = delete(stack, desired)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", PHYSICAL_ID)
    for words in (
        "file system fs-00000001",
        "mount target fsmt-00000002 in us-east-1b is wanted by stack neighbour (security group sg-0000000b)",
        "mount target fsmt-00000003 in us-east-1c",
        "allow_deletion_while_adopted=True",
    ):
        assert words in answer["Reason"]
    for words in ("us-east-1a", "roll-back"):
        assert words not in answer["Reason"]


def test_it_passes_when_the_adoption_is_gone(stack: Stack, adopted: Account, desired: Desired) -> None:
    delete(stack, desired)
    DeleteSecurityGroup(adopted, NEIGHBOURS)
    assert delete(stack, desired)["Status"] == "SUCCESS"


def test_it_passes_when_the_adoption_was_retained_and_is_gone(stack: Stack, adopted: Account, desired: Desired) -> None:
    adopted.set_group_tags(NEIGHBOURS, {**(adopted.group_tags_at(NEIGHBOURS) or {}), RETAINED_TAG: "true"})
    assert delete(stack, desired)["Status"] == "SUCCESS"


def test_an_adoption_of_another_file_system_does_not_matter(stack: Stack, aws: Account, desired: Desired) -> None:
    define_own_group(aws, NEIGHBOURS, NEIGHBOUR, "bc", "fs-00000002")
    assert delete(stack, desired)["Status"] == "SUCCESS"


@pytest.mark.usefixtures("adopted")
def test_it_passes_where_the_stack_insists(stack: Stack, desired: Desired) -> None:
    assert delete(stack, {**desired, "AllowDeletionWhileAdopted": "true"})["Status"] == "SUCCESS"
    assert stack.aws.called == []


@pytest.mark.usefixtures("adopted")
def test_it_passes_where_nobody_has_answered_the_create(stack: Stack, desired: Desired) -> None:
    assert delete(stack, desired, "invented-by-cloudformation")["Status"] == "SUCCESS"


def test_it_passes_where_the_file_system_is_gone(stack: Stack, adopted: Account, desired: Desired) -> None:
    adopted.file_systems.clear()
    assert delete(stack, desired)["Status"] == "SUCCESS"


def test_a_subnet_that_does_not_exist_is_wanted_in_no_zone(stack: Stack, adopted: Account, desired: Desired) -> None:
    del adopted.subnets["subnet-0000000b"], adopted.subnets["subnet-0000000c"]
    assert delete(stack, desired)["Status"] == "SUCCESS"


def test_permissions_that_are_missing_are_named(stack: Stack, adopted: Account, desired: Desired) -> None:
    adopted.fail("DescribeSecurityGroups", "UnauthorizedOperation", float("inf"))
    reason = delete(stack, desired)["Reason"]
    assert "describing the adoptions of file system fs-00000001 failed with UnauthorizedOperation" in reason
    assert "allow the call" in reason


@pytest.mark.usefixtures("adopted")
def test_an_update_that_drops_a_wanted_zone_is_refused(stack: Stack, desired: Desired) -> None:
    reason = update(stack, without(desired, "b"), desired)["Reason"]
    assert "mount target fsmt-00000002 in us-east-1b is wanted by stack neighbour" in reason


def test_a_roll_back_that_drops_a_wanted_zone_is_refused_and_passes_when_it_is_continued_without_the_adoption(
    stack: Stack, adopted: Account, desired: Desired
) -> None:
    before = without(desired, "c")
    reason = update(stack, before, desired)["Reason"]
    assert "mount target fsmt-00000003 in us-east-1c is wanted by stack neighbour" in reason
    assert "continue the roll-back (continue-update-rollback); to skip this resource there deletes it" in reason
    DeleteSecurityGroup(adopted, NEIGHBOURS)
    assert update(stack, before, desired)["Status"] == "SUCCESS"


@pytest.mark.usefixtures("adopted")
def test_an_update_that_drops_another_zone_passes(stack: Stack, desired: Desired) -> None:
    assert update(stack, without(desired, "a"), desired)["Status"] == "SUCCESS"


@pytest.mark.usefixtures("adopted")
def test_an_update_that_drops_a_wanted_zone_passes_where_the_stack_insists(stack: Stack, desired: Desired) -> None:
    fewer = without(desired, "b", AllowDeletionWhileAdopted="true")
    assert update(stack, fewer, desired)["Status"] == "SUCCESS"


@pytest.mark.usefixtures("adopted")
def test_an_update_that_drops_nothing_does_not_ask(stack: Stack, desired: Desired) -> None:
    assert update(stack, {**desired, "WaitTimeoutSeconds": "400"}, desired)["Status"] == "SUCCESS"
    assert stack.aws.count("DescribeSecurityGroups") == 0


def test_an_update_that_replaces_the_mount_target_of_a_wanted_zone_passes(
    stack: Stack, adopted: Account, desired: Desired
) -> None:
    another = adopted.add_mount_target("subnet-0000000b", ready_in=0)
    moved = {**desired, "MountTargets": {**desired["MountTargets"], "us-east-1b": another}}
    assert update(stack, moved, desired)["Status"] == "SUCCESS"


def test_a_swap_of_the_file_system_is_refused_while_an_adoption_lives_on_the_present_one(
    stack: Stack, adopted: Account, desired: Desired
) -> None:
    adopted.add_file_system("fs-00000002")
    target = adopted.add_mount_target("subnet-0000000a", "fs-00000002", ready_in=0)
    swap = {"FileSystemId": "fs-00000002", "MountTargets": {"us-east-1a": target}, "AllowReplacement": "true"}
    reason = update(stack, {**desired, **swap}, desired)["Reason"]
    assert "file system fs-00000001: mount target fsmt-00000002 in us-east-1b is wanted by" in reason
