"""The requests of an adoption, through the handler: findings first, then only what is missing, then one answer."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from geuse_efs_waiter.adoption.adoptions import Adoption
from geuse_efs_waiter.adoption.ownership.notes import RETAINED_TAG, RUN_TAG, Note
from tests.fault_injection.adopting import (
    CLIENTS,
    GIVEN,
    NEIGHBOUR,
    NEIGHBOURS,
    OURS,
    OURS_ELSEWHERE,
    THEIRS,
    adoption,
    define_own_group,
)
from tests.simulator.account import Account
from tests.simulator.cloudformation import STACK_ID, Stack, response_url
from tests.simulator.ec2 import DeleteSecurityGroup
from tests.simulator.faults import RESET, Fault
from tests.simulator.records import Outcome

Desired = dict[str, Any]
PHYSICAL_ID = "geuse-efs:fs-00000001"


@pytest.fixture
def aws() -> Account:
    """A file system of another owner, with a mount target in zone a that lets the clients in."""
    account = Account()
    account.add_file_system()
    for group in (THEIRS, GIVEN):
        account.add_security_group(group, admits=[CLIENTS])
    define_own_group(account, OURS, STACK_ID, "abc")
    account.add_mount_target("subnet-0000000a", groups=(THEIRS,), ready_in=0)
    return account


@pytest.fixture
def desired() -> Desired:
    """Zones a, b and c."""
    return adoption("abc", 300, Clients=[CLIENTS], AccessPointIds=[])


def update(stack: Stack, desired: Desired, old: Desired) -> dict[str, Any]:
    return stack.request("Update", desired, PhysicalResourceId=PHYSICAL_ID, OldResourceProperties=old)


def delete(stack: Stack, desired: Desired, physical_id: str = PHYSICAL_ID) -> dict[str, Any]:
    return stack.request("Delete", desired, PhysicalResourceId=physical_id)


def zones(aws: Account) -> set[str]:
    return {f"us-east-1{zone}" for zone in "abcdef" if aws.targets_now(f"us-east-1{zone}")}


def notes(aws: Account) -> list[Note]:
    """Those on the own group, in the order of their runs."""
    tags = [{"Key": key, "Value": value} for key, value in (aws.group_tags_at(OURS) or {}).items()]
    found = Adoption.from_description({"GroupId": OURS, "Tags": tags}).notes
    return [found[serial] for serial in sorted(found)]


def test_create_makes_what_is_missing_with_the_own_group_and_answers(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    answer = stack.request("Create", desired)
    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert answer["PhysicalResourceId"] == PHYSICAL_ID
    assert answer["Data"]["us-east-1a.MountTargetId"] == "fsmt-00000001"
    assert answer["Data"]["us-east-1b.MountTargetId"] == "fsmt-00000002"
    assert answer["Data"]["Warnings"] == ""
    assert [aws.mount_targets[f"fsmt-0000000{number}"].groups for number in (1, 2, 3)] == [[THEIRS], [OURS], [OURS]]
    assert aws.interface_tags["eni-00000001"] == {}
    assert aws.interface_tags["eni-00000002"] == {"Name": "S/Efs"}


def test_it_is_noted_on_the_own_group_before_it_begins_and_when_it_is_done(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    stack.request("Create", desired)
    operations = aws.called
    assert operations.index("CreateTags") < operations.index("CreateMountTarget")
    [note] = notes(aws)
    assert note.done
    assert len(note.settled) == 1


def test_nothing_is_written_to_the_file_system(stack: Stack, aws: Account, desired: Desired) -> None:
    stack.request("Create", desired)
    assert aws.tags_now() == {}


def test_zones_are_created_one_at_a_time(stack: Stack, aws: Account, desired: Desired) -> None:
    aws.creation_seconds = 3
    stack.request("Create", desired)
    made = [(when, given["SubnetId"]) for when, operation, given in aws.calls if operation == "CreateMountTarget"]
    assert [subnet for _, subnet in made] == ["subnet-0000000b", "subnet-0000000c"]
    assert made[0][0] < made[1][0]


def test_an_arn_does_as_well_as_an_id(stack: Stack, desired: Desired) -> None:
    desired["FileSystemId"] = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-00000001"
    answer = stack.request("Create", desired)
    assert answer["PhysicalResourceId"] == PHYSICAL_ID
    assert answer["Data"]["FileSystemId"] == "fs-00000001"
    assert delete(stack, desired)["Status"] == "SUCCESS"


def test_an_arn_of_another_region_is_refused_with_the_same_physical_id(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    desired["FileSystemId"] = "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-00000001"
    answer = stack.request("Create", desired)
    assert "file-system-elsewhere" in answer["Reason"]
    assert answer["PhysicalResourceId"] == PHYSICAL_ID
    assert notes(aws) == []


def test_errors_refuse_before_anything_is_changed_and_all_are_told(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    aws.add_security_group(THEIRS)
    desired["Adopt"]["CreateMissing"] = "false"
    answer = stack.request("Create", desired)
    assert answer["Status"] == "FAILED"
    for text in ("ingress-missing", "mount-target-missing", "us-east-1b", "us-east-1c", "log group /aws/lambda/waiter"):
        assert text in answer["Reason"]
    assert not {"CreateTags", "CreateMountTarget"} & set(aws.called)


def test_warnings_are_told_in_an_attribute(stack: Stack, aws: Account, desired: Desired) -> None:
    aws.file_systems["fs-00000001"].backup = "DISABLED"
    answer = stack.request("Create", desired)
    assert answer["Status"] == "SUCCESS"
    assert "backup-off" in answer["Data"]["Warnings"]


def test_a_severity_can_be_lowered_and_the_zone_is_left_alone(stack: Stack, aws: Account, desired: Desired) -> None:
    desired["Adopt"] |= {"CreateMissing": "false", "Severities": {"mount-target-missing": "warning"}}
    answer = stack.request("Create", desired)
    assert answer["Status"] == "SUCCESS"
    assert answer["Data"]["us-east-1a.IpAddress"] == "10.0.0.1"
    assert answer["Data"]["us-east-1b.IpAddress"] == ""
    assert zones(aws) == {"us-east-1a"}


def test_a_file_system_that_does_not_exist_is_a_finding_that_names_the_region(stack: Stack, desired: Desired) -> None:
    answer = stack.request("Create", {**desired, "FileSystemId": "fs-99999999"})
    assert "file-system-not-found" in answer["Reason"]
    assert "us-east-1" in answer["Reason"]


def test_delete_removes_what_was_made_and_nothing_else(stack: Stack, aws: Account, desired: Desired) -> None:
    stack.request("Create", desired)
    assert delete(stack, desired)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a"}
    assert aws.mount_targets["fsmt-00000001"].groups == [THEIRS]
    DeleteSecurityGroup(aws, OURS)


def test_delete_keeps_what_was_made_if_told_so(stack: Stack, aws: Account, desired: Desired) -> None:
    desired["Adopt"]["RetainCreated"] = "true"
    stack.request("Create", desired)
    assert delete(stack, desired)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a", "us-east-1b", "us-east-1c"}
    assert RETAINED_TAG in (aws.group_tags_at(OURS) or {})


def test_the_roll_back_of_a_first_deployment_keeps_what_was_made_if_only_another_resource_failed(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    """Its Delete does not differ from one of years later, but CloudFormation deletes the group: it ends in ROLLBACK_FAILED."""
    desired["Adopt"]["RetainCreated"] = "true"
    stack.request("Create", desired)
    assert delete(stack, desired)["Status"] == "SUCCESS"
    with pytest.raises(Fault, match="DependencyViolation"):
        DeleteSecurityGroup(aws, OURS)
    # The way out: delete the stack, which retains the group now, and adopt again. What was made serves.
    again = {**desired, "Adopt": {**desired["Adopt"], "OwnGroupId": NEIGHBOURS}}
    define_own_group(aws, NEIGHBOURS, NEIGHBOUR, "abc")
    assert stack.request("Create", again, StackId=NEIGHBOUR)["Status"] == "SUCCESS"
    assert aws.count("CreateMountTarget") == 2
    # Or by hand: first the mount targets, then the group.
    for name in ("fsmt-00000002", "fsmt-00000003"):
        aws.client("efs").delete_mount_target(MountTargetId=name)
    aws.clock.sleep(60)
    DeleteSecurityGroup(aws, OURS)


def test_delete_of_a_creation_that_failed_keeps_nothing_even_if_told_so(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    """CloudFormation deletes the group then, and cannot while a mount target carries it."""
    desired["Adopt"]["RetainCreated"] = "true"
    aws.fail("CreateMountTarget", "NoFreeAddressesInSubnet", when=lambda given: given["SubnetId"][-1] == "c")
    assert stack.request("Create", desired)["Status"] == "FAILED"
    assert delete(stack, desired)["Status"] == "SUCCESS"
    DeleteSecurityGroup(aws, OURS)


def test_an_update_keeps_what_was_made_in_a_zone_given_up_if_told_so(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    desired["Adopt"]["RetainCreated"] = "true"
    stack.request("Create", desired)
    fewer = {**desired, "Adopt": {**desired["Adopt"], "Subnets": {"us-east-1a": "subnet-0000000a"}}}
    assert update(stack, fewer, desired)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a", "us-east-1b", "us-east-1c"}


def test_delete_of_a_file_system_that_is_gone_succeeds(stack: Stack, aws: Account, desired: Desired) -> None:
    stack.request("Create", desired)
    aws.file_systems.clear()
    assert delete(stack, desired)["Status"] == "SUCCESS"


@pytest.mark.parametrize("name", ["nonsense", None, ["fs-00000001"]])
def test_delete_without_a_file_system_id_succeeds_without_a_call(
    stack: Stack, aws: Account, desired: Desired, name: Any
) -> None:
    assert delete(stack, {**desired, "FileSystemId": name}, "geuse-efs:unknown")["Status"] == "SUCCESS"
    assert aws.called == []


@pytest.mark.parametrize("own", ["nonsense", None, ["sg-00000001"]])
def test_delete_without_an_own_group_succeeds_without_a_call(
    stack: Stack, aws: Account, desired: Desired, own: Any
) -> None:
    desired["Adopt"]["OwnGroupId"] = own
    assert delete(stack, desired)["Status"] == "SUCCESS"
    assert aws.called == []


def test_delete_after_the_own_group_is_gone_succeeds(stack: Stack, aws: Account, desired: Desired) -> None:
    DeleteSecurityGroup(aws, OURS)
    assert delete(stack, desired)["Status"] == "SUCCESS"


def test_a_create_after_the_own_group_is_gone_fails(stack: Stack, aws: Account, desired: Desired) -> None:
    DeleteSecurityGroup(aws, OURS)
    assert f"security group {OURS} is gone, or its adoption, or its tags" in stack.request("Create", desired)["Reason"]
    assert aws.count("CreateMountTarget") == 0


def test_delete_reads_nothing_else_of_malformed_properties(stack: Stack, aws: Account, desired: Desired) -> None:
    stack.request("Create", desired)
    malformed = {"FileSystemId": "fs-00000001", "Adopt": {"Mystery": "x", "OwnGroupId": OURS}}
    assert delete(stack, malformed)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a"}


def test_delete_of_a_cancelled_create_waits_until_that_one_has_stopped(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    begun = aws.clock.now()
    assert delete(stack, desired, "invented-by-cloudformation")["Status"] == "SUCCESS"
    assert 35 <= aws.clock.now() - begun < 40


def test_a_create_that_comes_after_its_delete_finds_itself_superseded(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    sent = aws.clock.wall()
    aws.clock.sleep(5)
    delete(stack, desired, "invented-by-cloudformation")
    assert stack.ask("Create", desired, ResponseURL=response_url(sent)) == []
    assert zones(aws) == {"us-east-1a"}


def test_an_update_of_a_create_that_was_never_answered_keeps_the_invented_id(stack: Stack, desired: Desired) -> None:
    """Another id would be a replacement, and CloudFormation would delete the present adoption."""
    invented: dict[str, Any] = {"PhysicalResourceId": "invented-by-cloudformation", "OldResourceProperties": desired}
    answer = stack.request("Update", desired, **invented)
    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert answer["PhysicalResourceId"] == "invented-by-cloudformation"


def test_a_run_that_was_overtaken_gives_no_answer(
    stack: Stack, aws: Account, desired: Desired, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    aws.set_group_tags(OURS, {**(aws.group_tags_at(OURS) or {}), f"{RUN_TAG}{'f' * 24}": Note().encode()})
    with pytest.raises(AssertionError, match="expected exactly one answer, got 0"):
        stack.request("Create", desired)
    assert "no response: a later request has written its note" in caplog.text


def test_notes_that_cannot_be_removed_are_a_line_in_the_log(
    stack: Stack, aws: Account, desired: Desired, caplog: pytest.LogCaptureFixture
) -> None:
    stack.request("Create", desired)
    aws.fail("DeleteTags", "UnauthorizedOperation")
    assert update(stack, desired, desired)["Status"] == "SUCCESS"
    assert f"removing old notes of security group {OURS} failed with UnauthorizedOperation" in caplog.text


def test_the_time_of_a_request_is_that_of_its_signature() -> None:
    from geuse_efs_waiter.cloudformation.request import Request  # noqa: PLC0415

    event = dict.fromkeys(("RequestType", "StackId", "RequestId", "LogicalResourceId"), "x")
    signed = Request.parse(
        {**event, "ResponseURL": "https://x/y?X-Amz-Algorithm=A&X-Amz-Date=20260102T030405Z&X-Amz-Z=1"}
    )
    assert signed.sent_at == 1767323045
    assert Request.parse({**event, "ResponseURL": "https://x/y"}).sent_at is None


def test_what_another_adoption_has_created_is_a_finding_that_names_its_stack(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    stack.request("Create", desired)
    define_own_group(aws, NEIGHBOURS, NEIGHBOUR, "b")
    reason = stack.request("Create", theirs_too(desired, "error"), StackId=NEIGHBOUR)["Reason"]
    assert "mount-target-of-adoption fsmt-00000002" in reason
    assert f"created by the adoption of stack storage (security group {OURS})" in reason


def theirs_too(desired: Desired, severity: str = "off") -> Desired:
    """What a neighbour wants: zone b, in spite of whose the mount target there is."""
    severities = {"mount-target-of-adoption": severity}
    adopt = {"OwnGroupId": NEIGHBOURS, "Subnets": {"us-east-1b": "subnet-0000000b"}, "Severities": severities}
    return {**desired, "Adopt": {**desired["Adopt"], **adopt}}


def test_the_owner_does_not_pull_it_from_under_a_neighbour_and_can_go_when_that_one_is_gone(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    stack.request("Create", desired)
    define_own_group(aws, NEIGHBOURS, NEIGHBOUR, "b")
    assert stack.request("Create", theirs_too(desired), StackId=NEIGHBOUR)["Status"] == "SUCCESS"
    fewer = {**desired, "Adopt": {**desired["Adopt"], "Subnets": {"us-east-1a": "subnet-0000000a"}}}
    for answer in (update(stack, fewer, desired), delete(stack, desired)):
        assert "is wanted by stack neighbour" in answer["Reason"]
    assert zones(aws) == {"us-east-1a", "us-east-1b", "us-east-1c"}
    stack.request("Delete", theirs_too(desired), PhysicalResourceId=PHYSICAL_ID, StackId=NEIGHBOUR)
    DeleteSecurityGroup(aws, NEIGHBOURS)
    assert delete(stack, desired)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a"}


def test_an_owner_that_insists_deletes_it_under_a_neighbour(stack: Stack, aws: Account, desired: Desired) -> None:
    stack.request("Create", desired)
    define_own_group(aws, NEIGHBOURS, NEIGHBOUR, "b")
    stack.request("Create", theirs_too(desired), StackId=NEIGHBOUR)
    desired["Adopt"]["AllowDeletionWhileAdopted"] = "true"
    assert delete(stack, desired)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a"}


def test_a_zone_more_and_a_zone_less_in_one_update(stack: Stack, aws: Account, desired: Desired) -> None:
    two = {**desired, "Adopt": {**desired["Adopt"], "Subnets": {f"us-east-1{z}": f"subnet-0000000{z}" for z in "ab"}}}
    other = {**desired, "Adopt": {**desired["Adopt"], "Subnets": {f"us-east-1{z}": f"subnet-0000000{z}" for z in "ac"}}}
    stack.request("Create", two)
    assert update(stack, other, two)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a", "us-east-1c"}


def test_a_given_security_group_is_put_on_ours_and_not_on_theirs(stack: Stack, aws: Account, desired: Desired) -> None:
    stack.request("Create", desired)
    assert update(stack, {**desired, "SecurityGroupIds": [GIVEN]}, desired)["Status"] == "SUCCESS"
    assert aws.mount_targets["fsmt-00000001"].groups == [THEIRS]
    assert aws.mount_targets["fsmt-00000002"].groups == [OURS, GIVEN]


def failed_move(stack: Stack, aws: Account, desired: Desired) -> Desired:
    """An update to another file system, which made a mount target there and failed; its properties."""
    aws.add_file_system("fs-00000002")
    aws.add_mount_target("subnet-0000000a", "fs-00000002", groups=(THEIRS,), ready_in=0)
    define_own_group(aws, OURS_ELSEWHERE, STACK_ID, "abc", "fs-00000002")
    stack.request("Create", desired)
    moved = {**desired, "FileSystemId": "fs-00000002", "Adopt": {**desired["Adopt"], "OwnGroupId": OURS_ELSEWHERE}}
    aws.outcomes["subnet-0000000c"] = Outcome("error")
    assert update(stack, moved, desired)["Status"] == "FAILED"
    assert aws.targets_now("us-east-1b", "fs-00000002")
    return moved


def test_a_roll_back_gives_up_what_the_update_began_on_another_file_system(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    moved = failed_move(stack, aws, desired)
    assert update(stack, desired, moved)["Status"] == "SUCCESS"
    assert [aws.targets_now(f"us-east-1{zone}", "fs-00000002") for zone in "bc"] == [[], []]
    assert aws.targets_now("us-east-1a", "fs-00000002")
    DeleteSecurityGroup(aws, OURS_ELSEWHERE)
    assert all(aws.targets_now(f"us-east-1{zone}") for zone in "abc")


def test_a_roll_back_without_rights_on_the_other_file_system_takes_a_minute_longer(
    stack: Stack, aws: Account, desired: Desired, caplog: pytest.LogCaptureFixture
) -> None:
    desired["WaitTimeoutSeconds"] = "100"
    moved, begun = failed_move(stack, aws, desired), aws.clock.now()
    aws.fail("DescribeMountTargets", "AccessDeniedException", float("inf"), when=lambda given: "2" in str(given))
    assert update(stack, desired, moved)["Status"] == "SUCCESS"
    assert "what was begun on fs-00000002 may be left there" in caplog.text
    assert aws.clock.now() - begun < 90


def test_a_roll_back_goes_on_in_spite_of_errors_that_have_come_up_since(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    stack.request("Create", desired)
    aws.add_security_group(THEIRS)
    refused = {**desired, "Tags": [{"key": "Name", "value": "other"}]}
    assert "ingress-missing" in update(stack, refused, desired)["Reason"]
    assert update(stack, desired, refused)["Status"] == "SUCCESS"


def test_a_creation_that_fails_for_good_names_zone_subnet_and_cause(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    full = Fault("NoFreeAddressesInSubnet", "the subnet is full", status=409)
    aws.fail("CreateMountTarget", full, times=99, when=lambda given: given["SubnetId"] == "subnet-0000000c")
    answer = stack.request("Create", desired)
    assert "creating a mount target in us-east-1c (subnet-0000000c) of file system fs-00000001" in answer["Reason"]
    assert "NoFreeAddressesInSubnet: the subnet is full" in answer["Reason"]
    assert delete(stack, desired)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a"}


def test_a_creation_that_is_refused_has_made_nothing_that_a_delete_would_wait_for(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    aws.fail("CreateMountTarget", "NoFreeAddressesInSubnet")
    assert stack.request("Create", desired)["Status"] == "FAILED"
    begun = aws.clock.now()
    assert delete(stack, desired)["Status"] == "SUCCESS"
    assert aws.clock.now() - begun < 15


def test_a_creation_whose_answer_is_lost_is_found_again(stack: Stack, aws: Account, desired: Desired) -> None:
    aws.fail("CreateMountTarget", RESET, after=True)
    assert stack.request("Create", desired)["Status"] == "SUCCESS"
    assert aws.count("CreateMountTarget") == 2
    assert delete(stack, desired)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a"}


def test_a_mount_target_that_is_being_deleted_is_waited_for_and_made_anew(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    name = aws.add_mount_target("subnet-0000000b", groups=(THEIRS,), ready_in=0)
    aws.client("efs").delete_mount_target(MountTargetId=name)
    assert stack.request("Create", desired)["Status"] == "SUCCESS"
    assert aws.targets_now("us-east-1b") not in ([], [name])


def test_a_mount_target_in_error_is_refused(stack: Stack, aws: Account, desired: Desired) -> None:
    aws.add_mount_target("subnet-0000000b", groups=(THEIRS,), ready_in=0, final_state="error")
    assert "mount-target-failed" in stack.request("Create", desired)["Reason"]


def test_one_of_ours_that_ends_in_error_fails_at_once(stack: Stack, aws: Account, desired: Desired) -> None:
    aws.outcomes["us-east-1b"] = Outcome("error", seconds=5)
    answer = stack.request("Create", desired)
    assert "in us-east-1b is error" in answer["Reason"]


def test_a_wait_longer_than_one_run_goes_on_and_makes_nothing_twice(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    aws.creation_seconds = 1500
    answer = stack.request("Create", {**desired, "WaitTimeoutSeconds": "2400"})
    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert stack.function.runs >= 2
    assert aws.count("CreateMountTarget") == 2


def test_the_time_over_names_the_zones(stack: Stack, aws: Account, desired: Desired) -> None:
    aws.creation_seconds = 5000
    answer = stack.request("Create", desired)
    assert "is not ready after 300 s" in answer["Reason"]
    assert "in us-east-1b is creating" in answer["Reason"]
