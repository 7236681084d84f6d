"""The requests of an adoption, through the handler: findings first, then only what is missing, then one answer."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from geuse_efs_waiter.adoption.ownership.ledger import LONGEST_VALUE, Ledger
from tests.fault_injection.adopting import CLIENTS, KEY, NEXT, OURS, THEIRS, adoption
from tests.simulator.account import Account
from tests.simulator.cloudformation import STACK_ID, Stack
from tests.simulator.faults import RESET, Fault
from tests.simulator.records import Outcome

Desired = dict[str, Any]
PHYSICAL_ID = "geuse-efs:fs-00000001"


@pytest.fixture
def aws() -> Account:
    """A file system of another owner, with a mount target in zone a that lets the clients in."""
    account = Account()
    account.add_file_system()
    for group in (THEIRS, OURS, NEXT):
        account.add_security_group(group, admits=[CLIENTS])
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


def ledger(aws: Account) -> Ledger | None:
    text = aws.tags_now().get(KEY)
    return Ledger.parse(text, "us-east-1") if text else None


def test_create_makes_what_is_missing_writes_the_ledger_first_and_answers(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    answer = stack.request("Create", desired)
    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert answer["PhysicalResourceId"] == PHYSICAL_ID
    assert answer["Data"]["us-east-1a.MountTargetId"] == "fsmt-00000001"
    assert answer["Data"]["us-east-1b.MountTargetId"] == "fsmt-00000002"
    assert answer["Data"]["Warnings"] == ""
    operations = aws.called
    assert operations.index("TagResource") < operations.index("CreateMountTarget")
    written = ledger(aws)
    assert written is not None
    assert written.claims == {"us-east-1a", "us-east-1b", "us-east-1c"}
    assert written.created == {"us-east-1b": "fsmt-00000002", "us-east-1c": "fsmt-00000003"}
    assert {key for key in aws.tags_now() if key.startswith("geuse-efs:")} == {KEY, f"{KEY}.run"}
    assert aws.interface_tags["eni-00000001"] == {}
    assert aws.interface_tags["eni-00000002"] == {"Name": "S/Efs"}


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
    assert ledger(aws) is None


def test_errors_refuse_before_anything_is_changed_and_all_are_told(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    aws.add_security_group(THEIRS)
    desired["Adopt"]["CreateMissing"] = "false"
    answer = stack.request("Create", desired)
    assert answer["Status"] == "FAILED"
    for text in ("ingress-missing", "mount-target-missing", "us-east-1b", "us-east-1c", "log group /aws/lambda/waiter"):
        assert text in answer["Reason"]
    assert not {"TagResource", "CreateMountTarget"} & set(aws.called)


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


def test_delete_removes_what_was_made_and_the_ledger_and_nothing_else(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    stack.request("Create", desired)
    assert delete(stack, desired)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a"}
    assert aws.mount_targets["fsmt-00000001"].groups == [THEIRS]
    assert aws.tags_now() == {}


def test_delete_keeps_what_was_made_if_told_so(stack: Stack, aws: Account, desired: Desired) -> None:
    desired["Adopt"]["RetainCreated"] = "true"
    stack.request("Create", desired)
    assert delete(stack, desired)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a", "us-east-1b", "us-east-1c"}
    assert aws.tags_now() == {}


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


def test_delete_reads_nothing_else_of_malformed_properties(stack: Stack, aws: Account, desired: Desired) -> None:
    stack.request("Create", desired)
    assert delete(stack, {"FileSystemId": "fs-00000001", "Adopt": {"Mystery": "x"}})["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a"}


def test_delete_of_a_cancelled_create_leaves_word_for_the_run_that_may_still_come(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    assert delete(stack, desired, "invented-by-cloudformation")["Status"] == "SUCCESS"
    assert list(aws.tags_now()) == [f"{KEY}.ended.run"]


def test_the_last_to_leave_removes_the_ledger_of_a_cancelled_create_that_was_handed_over(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    neighbour: dict[str, Any] = {"StackId": STACK_ID.replace("storage", "neighbour")}
    stack.request("Create", desired)
    assert stack.request("Create", {**desired, "SecurityGroupIds": [NEXT]}, **neighbour)["Status"] == "SUCCESS"
    delete(stack, desired, "invented-by-cloudformation")
    stack.request("Delete", {**desired, "SecurityGroupIds": [NEXT]}, PhysicalResourceId=PHYSICAL_ID, **neighbour)
    assert zones(aws) == {"us-east-1a"}
    assert ledger(aws) is None


def test_a_run_that_was_overtaken_gives_no_answer(
    stack: Stack, aws: Account, desired: Desired, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    delete(stack, desired, "invented-by-cloudformation")
    aws.set_tags({f"{KEY}.run": "f" * 30})
    with pytest.raises(AssertionError, match="expected exactly one answer, got 0"):
        stack.request("Create", desired)
    assert "no response: a later request has taken over" in caplog.text


def test_the_time_of_a_request_is_that_of_its_signature() -> None:
    from geuse_efs_waiter.cloudformation.request import Request  # noqa: PLC0415

    event = dict.fromkeys(("RequestType", "StackId", "RequestId", "LogicalResourceId"), "x")
    signed = Request.parse(
        {**event, "ResponseURL": "https://x/y?X-Amz-Algorithm=A&X-Amz-Date=20260102T030405Z&X-Amz-Z=1"}
    )
    assert signed.sent_at == 1767323045
    assert Request.parse({**event, "ResponseURL": "https://x/y"}).sent_at is None


def test_a_zone_more_and_a_zone_less_in_one_update(stack: Stack, aws: Account, desired: Desired) -> None:
    two = {**desired, "Adopt": {**desired["Adopt"], "Subnets": {f"us-east-1{z}": f"subnet-0000000{z}" for z in "ab"}}}
    other = {**desired, "Adopt": {**desired["Adopt"], "Subnets": {f"us-east-1{z}": f"subnet-0000000{z}" for z in "ac"}}}
    stack.request("Create", two)
    assert update(stack, other, two)["Status"] == "SUCCESS"
    assert zones(aws) == {"us-east-1a", "us-east-1c"}


def test_another_security_group_is_put_on_ours_and_not_on_theirs(stack: Stack, aws: Account, desired: Desired) -> None:
    stack.request("Create", desired)
    assert update(stack, {**desired, "SecurityGroupIds": [NEXT]}, desired)["Status"] == "SUCCESS"
    assert aws.mount_targets["fsmt-00000001"].groups == [THEIRS]
    assert aws.mount_targets["fsmt-00000002"].groups == [NEXT]


def failed_move(stack: Stack, aws: Account, desired: Desired) -> Desired:
    """An update to another file system, which made a mount target there and failed; its properties."""
    aws.add_file_system("fs-00000002")
    aws.add_mount_target("subnet-0000000a", "fs-00000002", groups=(THEIRS,), ready_in=0)
    stack.request("Create", desired)
    moved = {**desired, "FileSystemId": "fs-00000002"}
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
    assert aws.tags_now("fs-00000002") == {}
    assert all(aws.targets_now(f"us-east-1{zone}") for zone in "abc")


def test_a_roll_back_without_rights_on_the_other_file_system_takes_a_minute_longer(
    stack: Stack, aws: Account, desired: Desired, caplog: pytest.LogCaptureFixture
) -> None:
    desired["WaitTimeoutSeconds"] = "100"
    moved, begun = failed_move(stack, aws, desired), aws.clock.now()
    aws.fail("DescribeFileSystems", "AccessDeniedException", float("inf"), when=lambda given: "2" in str(given))
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
    assert aws.tags_now() == {}


@pytest.mark.parametrize("own_group", ["true", "false"])
def test_a_creation_whose_answer_is_lost_is_not_repeated_blindly(
    stack: Stack, aws: Account, desired: Desired, own_group: str
) -> None:
    aws.fail("CreateMountTarget", RESET, after=True)
    desired["Adopt"]["OwnGroup"] = own_group
    assert stack.request("Create", desired)["Status"] == "SUCCESS"
    written = ledger(aws)
    assert written is not None
    # With a group that others may carry too, a lost answer leaves no proof: left behind rather than taken.
    assert ("us-east-1b" in written.created) == (own_group == "true")
    assert "us-east-1c" in written.created


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
    assert "us-east-1b has creating" in answer["Reason"]


def test_a_ledger_of_another_version_is_respected_and_never_touched(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    aws.set_tags({"geuse-efs:0000000000000000": "v9 something new"})
    stack.request("Create", desired)
    assert delete(stack, desired)["Status"] == "SUCCESS"
    # It may use the zones: what was made there stays, and says so.
    assert zones(aws) == {"us-east-1a", "us-east-1b", "us-east-1c"}
    assert aws.tags_now()["geuse-efs:0000000000000000"] == "v9 something new"
    written = ledger(aws)
    assert written is not None
    assert set(written.created) == {"us-east-1b", "us-east-1c"}


def test_a_release_in_progress_that_never_ends_is_named(stack: Stack, aws: Account, desired: Desired) -> None:
    value = Ledger(leaving=frozenset({"us-east-1b"}), since=1_700_000_000, writing="x").encode("us-east-1")
    aws.set_tags({"geuse-efs:0000000000000000": value})
    reason = stack.request("Create", desired)["Reason"]
    assert (
        "the tag geuse-efs:0000000000000000 says that another deployment is just giving up one of these zones" in reason
    )


def test_a_ledger_that_somebody_removes_meanwhile_stops_everything(
    stack: Stack, aws: Account, desired: Desired
) -> None:
    def remove(*_: object) -> None:
        if aws.count("TagResource"):
            aws.set_tags({})

    aws.before_effect = remove
    answer = stack.request("Create", desired)
    assert answer["Status"] == "FAILED"
    assert f"the tag {KEY}" in answer["Reason"]
    assert aws.count("CreateMountTarget") == 0


def test_a_ledger_reads_back_as_it_was_written() -> None:
    written = Ledger(
        claims=frozenset({"us-east-1a", "us-east-1b"}),
        leaving=frozenset({"us-east-1c"}),
        since=1_700_000_000,
        created={"us-east-1a": "fsmt-00000001", "us-east-1c": ""},
        group="sg-00000001",
        own_group=True,
        writing="abc.1",
        settled=("11111111", "22222222"),
    )
    assert Ledger.parse(written.encode("us-east-1"), "us-east-1") == written


@pytest.mark.parametrize("text", ["", "v2 c=a", "v1 c=a;b", "v1  c=a", "v1 t=x", "nonsense", "v1 c=a c=b"])
def test_what_is_not_of_this_version_claims_everything(text: str) -> None:
    assert Ledger.parse(text, "us-east-1").claims_zone("us-east-1f")


def test_a_full_ledger_of_six_zones_fits_into_a_tag() -> None:
    six = [f"us-east-1{letter}" for letter in "abcdef"]
    full = Ledger(
        claims=frozenset(six),
        leaving=frozenset(six),
        since=1_700_000_000,
        created=dict.fromkeys(six, "fsmt-0123456789abcdef0"),
        group="sg-0123456789abcdef0",
        writing="0" * 23 + ".99",
        settled=("11111111", "22222222"),
    )
    assert len(full.encode("us-east-1")) <= LONGEST_VALUE


def test_a_ledger_too_long_for_a_tag_is_an_error_and_never_cut() -> None:
    with pytest.raises(Exception, match=r"the ledger would have \d+ characters, a tag takes 256; adopt in fewer"):
        Ledger(created={f"us-east-1{letter}": "fsmt-" + "0" * 40 for letter in "abcdefgh"}).encode("us-east-1")
