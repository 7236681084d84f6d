"""Each request of CloudFormation ends in exactly one well-formed answer, whatever happens meanwhile."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from geuse_efs_waiter import handler, run_context
from geuse_efs_waiter.errors import InvalidRequestError
from geuse_efs_waiter.run_context import RunContext
from tests.simulator.account import Account
from tests.simulator.cloudformation import LOGICAL_ID, SECRET, STACK_ID, Stack
from tests.simulator.faults import DENIED, PUT, RESET, Effect, Fault, Slow
from tests.simulator.functions import Context

Desired = dict[str, Any]
NEW = "fs-00000002"
PHYSICAL_ID, NEW_PHYSICAL_ID = "geuse-efs:fs-00000001", f"geuse-efs:{NEW}"


def update(stack: Stack, desired: Desired, old: Desired, present: str = PHYSICAL_ID) -> tuple[str, str]:
    """The status and the physical id of the answer to an update, and the reason of a failure in place of the id."""
    answer = stack.request("Update", desired, PhysicalResourceId=present, OldResourceProperties=old)
    assert answer["Status"] == "SUCCESS" or answer["PhysicalResourceId"] == present, "a failure must replace nothing"
    return answer["Status"], answer["Reason"] or answer["PhysicalResourceId"]


def test_create_waits_tags_and_answers_with_attributes(stack: Stack, desired: Desired, targets: dict[str, str]) -> None:
    answer = stack.request("Create", desired)
    assert answer["Status"] == "SUCCESS"
    assert answer["PhysicalResourceId"] == PHYSICAL_ID
    assert (answer["StackId"], answer["LogicalResourceId"]) == (STACK_ID, LOGICAL_ID)
    assert answer["RequestId"].endswith("-000000000002")
    assert 85 <= stack.aws.clock.now() <= 91
    assert stack.function.runs == 1
    in_b = {key: value for key, value in answer["Data"].items() if not key.startswith(("us-east-1a", "us-east-1c"))}
    assert in_b == {
        "FileSystemId": "fs-00000001",
        "Warnings": "",
        "AvailabilityZones": "us-east-1a,us-east-1b,us-east-1c",
        "us-east-1b.MountTargetId": targets["us-east-1b"],
        "us-east-1b.SubnetId": "subnet-0000000b",
        "us-east-1b.AvailabilityZoneId": "use1-az2",
        "us-east-1b.IpAddress": "10.0.0.2",
        "us-east-1b.Ipv6Address": "",
        "us-east-1b.NetworkInterfaceId": "eni-00000002",
    }
    assert all(tags["Name"] == "S/Efs" for tags in stack.aws.interface_tags.values())


def test_only_the_stacks_own_mount_targets_count(stack: Stack, desired: Desired) -> None:
    stack.aws.add_mount_target("subnet-0000000f", ready_in=0, final_state="error")
    assert stack.request("Create", desired)["Status"] == "SUCCESS"


def test_a_mount_target_that_is_not_listed_yet_is_waited_for(stack: Stack, desired: Desired) -> None:
    stack.aws.fail("DescribeMountTargets", {"MountTargets": []}, times=3)
    assert stack.request("Create", desired)["Status"] == "SUCCESS"


@pytest.mark.parametrize("present", [PHYSICAL_ID, "invented-by-cloudformation", "geuse-efs:unknown", "S-Efs-1ABC"])
def test_an_update_without_a_change_keeps_the_physical_id_or_takes_the_place_of_an_invented_one(
    stack: Stack, desired: Desired, present: str
) -> None:
    # Where roll-back is off, the retry of a create without a response is an update of what CloudFormation gave an id.
    assert update(stack, desired, desired, present) == ("SUCCESS", PHYSICAL_ID)


def test_delete_asks_once_whether_an_adoption_lives_on_it_and_succeeds(stack: Stack, desired: Desired) -> None:
    answer = stack.request("Delete", desired, PhysicalResourceId=PHYSICAL_ID)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", PHYSICAL_ID)
    assert stack.aws.called == ["DescribeSecurityGroups"]


@pytest.mark.parametrize("properties", [{}, {"FileSystemId": "nonsense"}, {"Unknown": "x"}])
def test_delete_after_a_create_that_never_worked_succeeds_with_the_id_given(stack: Stack, properties: Desired) -> None:
    answer = stack.request("Delete", properties, PhysicalResourceId="storage-Efs-INVENTED")
    assert answer["PhysicalResourceId"] == "storage-Efs-INVENTED"
    assert answer["Status"] == "SUCCESS"


def test_the_time_over_fails_and_says_which_mount_target_is_missing(stack: Stack, desired: Desired) -> None:
    stack.aws.add_mount_target("subnet-0000000d", ready_in=0)
    name = stack.aws.add_mount_target("subnet-0000000e", ready_in=10_000)
    desired["MountTargets"]["us-east-1e"] = name
    answer = stack.request("Create", desired)
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"] == PHYSICAL_ID
    assert "file system fs-00000001 is not ready after 300 s" in answer["Reason"]
    assert f"mount target {name} in us-east-1e is creating" in answer["Reason"]
    assert "us-east-1a" not in answer["Reason"]
    assert "wait_timeout" in answer["Reason"]
    assert "log group /aws/lambda/waiter" in answer["Reason"]


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_the_reason_of_a_failed_create_says_how_to_keep_the_log(
    request_type: str, stack: Stack, desired: Desired
) -> None:
    desired["MountTargets"]["us-east-1a"] = "fsmt-99999999"
    answer = stack.request(request_type, desired, PhysicalResourceId=PHYSICAL_ID)
    assert answer["Status"] == "FAILED"
    assert ("kept by cdk deploy --no-rollback" in answer["Reason"]) == (request_type == "Create")


def test_a_vanished_mount_target_is_named(stack: Stack, desired: Desired, targets: dict[str, str]) -> None:
    gone = targets["us-east-1c"]
    del stack.aws.mount_targets[gone]
    assert f"{gone} in us-east-1c is not listed" in stack.request("Create", desired)["Reason"]


def test_a_mount_target_in_error_fails_at_once(stack: Stack, desired: Desired, targets: dict[str, str]) -> None:
    stack.aws.mount_targets[targets["us-east-1a"]].final_state = "error"
    stack.aws.mount_targets[targets["us-east-1a"]].ready_at = 2
    answer = stack.request("Create", desired)
    assert f"mount target {targets['us-east-1a']} in us-east-1a is error" in answer["Reason"]
    assert "delete the mount target and try again" in answer["Reason"]
    assert stack.aws.clock.now() < 10


# Longer than one run


def test_a_wait_longer_than_one_run_goes_on_in_the_next(
    stack: Stack, desired: Desired, targets: dict[str, str]
) -> None:
    stack.aws.mount_targets[targets["us-east-1a"]].ready_at = 1800
    answer = stack.request("Create", {**desired, "WaitTimeoutSeconds": "2400"})
    assert answer["Status"] == "SUCCESS"
    assert stack.function.runs == 3
    assert 1800 <= stack.aws.clock.now() <= 1806


def test_the_time_over_is_counted_over_all_runs(stack: Stack, desired: Desired, targets: dict[str, str]) -> None:
    stack.aws.mount_targets[targets["us-east-1a"]].ready_at = 10_000
    answer = stack.request("Create", {**desired, "WaitTimeoutSeconds": "2400"})
    assert "is not ready after 2400 s" in answer["Reason"]
    assert 2400 <= stack.aws.clock.now() <= 2401


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("times", [1, float("inf")])
@pytest.mark.parametrize("effect", [RESET, Slow(60)])
def test_a_lost_invocation_is_neither_repeated_nor_taken_for_a_failure(
    stack: Stack, desired: Desired, effect: Effect, times: float, after: bool
) -> None:
    stack.aws.mount_targets[desired["MountTargets"]["us-east-1a"]].ready_at = 1000
    stack.aws.fail("Invoke", effect, times, after=after)
    taken = after or effect is not RESET
    answers = stack.ask("Create", {**desired, "WaitTimeoutSeconds": "2400"})
    assert [answer["Status"] for answer in answers] == ["SUCCESS"] * (1 + taken)
    assert answers == answers[:1] * len(answers)
    assert stack.aws.count("Invoke") == 1
    assert 1000 <= stack.address.taken_at[0] <= 1006


def test_an_invocation_that_the_service_refused_is_repeated(stack: Stack, desired: Desired) -> None:
    stack.aws.mount_targets[desired["MountTargets"]["us-east-1a"]].ready_at = 1000
    stack.aws.fail("Invoke", "TooManyRequestsException", times=3)
    assert stack.request("Create", {**desired, "WaitTimeoutSeconds": "2400"})["Status"] == "SUCCESS"
    assert (stack.aws.count("Invoke"), stack.function.runs) == (4, 2)


# Crashes


def test_an_unexpected_error_is_answered_without_its_details(
    stack: Stack, desired: Desired, caplog: pytest.LogCaptureFixture
) -> None:
    stack.aws.fail("DescribeMountTargets", {"MountTargets": [7]})
    answer = stack.request("Create", desired)
    assert "unexpected TypeError in the waiter" in answer["Reason"]
    assert "Traceback" in caplog.text
    assert SECRET not in caplog.text


# Answering


def test_an_answer_refused_twice_is_sent_again(stack: Stack, desired: Desired) -> None:
    stack.aws.fail(PUT, "ServiceUnavailable", times=2)
    assert stack.request("Create", desired)["Status"] == "SUCCESS"
    assert [status for status, _, _ in stack.address.puts] == [503, 503, 200]
    assert stack.function.runs == 1


def test_an_answer_refused_for_a_whole_run_is_sent_by_the_next(
    stack: Stack, desired: Desired, caplog: pytest.LogCaptureFixture
) -> None:
    stack.aws.creation_seconds = 0
    stack.aws.fail(PUT, "InternalServerError", times=60)
    assert stack.request("Delete", desired, PhysicalResourceId="x")["Status"] == "SUCCESS"
    assert stack.function.runs == 2
    assert SECRET not in caplog.text


def test_too_many_attributes_become_a_failure_that_says_so(stack: Stack, desired: Desired) -> None:
    for number in range(20):
        subnet = stack.aws.add_subnet(f"subnet-1000{number:04x}", "us-east-1a")
        desired["MountTargets"][f"zone-{number}"] = stack.aws.add_mount_target(subnet, ready_in=0)
    answer = stack.request("Create", desired)
    assert answer["Status"] == "FAILED"
    assert "CloudFormation takes 4096" in answer["Reason"]
    assert answer["PhysicalResourceId"] == PHYSICAL_ID


@pytest.mark.parametrize("letter", ["x", "ü", "€", "😀", '"', "\n"])
def test_a_reason_too_long_is_cut_by_bytes(stack: Stack, desired: Desired, letter: str) -> None:
    stack.aws.fail("DescribeMountTargets", Fault("BadRequest", letter * 9000))
    answer = stack.request("Create", desired)
    assert answer["Reason"].endswith("[cut]")
    assert answer["Reason"].startswith("describing the mount targets of file system fs-00000001 failed with BadRequest")


def test_no_log_line_holds_the_response_url(stack: Stack, desired: Desired, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stack.aws.fail(PUT, "ServiceUnavailable")
    stack.request("Create", desired)
    stack.request("Create", {**desired, "Unknown": "x"})
    assert "waiting for fs-00000001" in caplog.text
    assert SECRET not in caplog.text


def test_an_unreachable_answer_address_is_not_told_to_the_log(
    stack: Stack, desired: Desired, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stack.aws.fail(PUT, RESET, times=float("inf"))
    with pytest.raises(Exception, match="did not take the response") as caught:
        stack.request("Create", desired)
    assert SECRET not in caplog.text + str(caught.value)


# Events to which no response is possible


@pytest.mark.parametrize("missing", ["ResponseURL", "StackId", "RequestId", "LogicalResourceId", "RequestType"])
def test_an_event_without_what_a_response_needs_fails_the_run(aws: Account, missing: str) -> None:
    event = dict.fromkeys(("ResponseURL", "StackId", "RequestId", "LogicalResourceId", "RequestType"), "https://x")
    del event[missing]
    with pytest.raises(InvalidRequestError, match=f"the event has no {missing}"):
        handler.run(
            event, Context(aws.clock, 900), RunContext(efs=aws.client("efs"), stack_id=STACK_ID), lambda *_: None
        )


# Clients


def test_a_run_makes_its_ec2_client_once_and_only_if_it_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs 100 ms and 22 MiB, and an adoption needs one at every step."""
    make = mock.Mock()
    monkeypatch.setattr(run_context, "ec2_client", make)
    context = RunContext(efs=mock.Mock(), stack_id="")
    assert make.call_count == 0
    assert context.ec2() is context.ec2()
    assert make.call_count == 1


# The replacement guard


@pytest.fixture
def swap(stack: Stack, desired: Desired) -> Desired:
    """An update that brings another file system."""
    stack.aws.creation_seconds = 0
    stack.aws.clock.time = 100_000
    stack.aws.add_file_system(NEW)
    return {
        **desired,
        "FileSystemId": NEW,
        "MountTargets": {"us-east-1a": stack.aws.add_mount_target(file_system_id=NEW)},
    }


def test_a_swap_is_refused_and_says_what_would_be_lost(stack: Stack, desired: Desired, swap: Desired) -> None:
    status, reason = update(stack, swap, desired)
    assert status == "FAILED"
    assert "would replace file system fs-00000001 by fs-00000002, which is new and empty" in reason
    assert "lose sight of the data in fs-00000001" in reason
    assert "allow_replacement=True" in reason
    # Nor does it help that the update before was allowed to.
    assert update(stack, swap, {**desired, "AllowReplacement": "true"}) == (status, reason)


def test_the_roll_back_of_a_refused_swap_succeeds(stack: Stack, desired: Desired, swap: Desired) -> None:
    assert update(stack, desired, swap) == ("SUCCESS", PHYSICAL_ID)


def test_an_allowed_swap_goes_through_with_a_new_physical_id(stack: Stack, desired: Desired, swap: Desired) -> None:
    assert update(stack, {**swap, "AllowReplacement": "true"}, desired) == ("SUCCESS", NEW_PHYSICAL_ID)


@pytest.mark.parametrize("age", [10, 100_000])
def test_the_roll_back_of_an_allowed_swap_succeeds_at_any_age(
    stack: Stack, desired: Desired, swap: Desired, age: int
) -> None:
    # The old file system may itself be a minute old.
    old, new = (stack.aws.file_systems[name].description for name in ("fs-00000001", NEW))
    old["CreationTime"] = new["CreationTime"] - timedelta(seconds=age)
    swapped = {**swap, "AllowReplacement": "true"}
    assert update(stack, desired, swapped, NEW_PHYSICAL_ID) == ("SUCCESS", PHYSICAL_ID)


def test_a_file_system_that_is_gone_may_be_replaced(stack: Stack, desired: Desired, swap: Desired) -> None:
    stack.aws.file_systems.pop("fs-00000001")
    assert update(stack, swap, desired) == ("SUCCESS", NEW_PHYSICAL_ID)


def test_a_swap_is_refused_when_the_present_file_system_cannot_be_described(
    stack: Stack, desired: Desired, swap: Desired
) -> None:
    stack.aws.fail("DescribeFileSystems", DENIED, times=1000)
    status, reason = update(stack, swap, desired)
    assert status == "FAILED"
    assert "describing file system fs-00000001 failed with AccessDeniedException" in reason


# What an answer holds


def test_warnings_are_cut_before_a_healthy_deployment_fails(stack: Stack, aws: Account, desired: Desired) -> None:
    # Six zones with long ids, and interfaces that may not be tagged.
    zones = {letter * 64: aws.add_mount_target(f"subnet-0000000{letter}") for letter in "abcdef"}
    aws.fail("CreateTags", Fault("UnauthorizedOperation", "x" * 2000, 403), times=1000)
    answer = stack.request("Create", {**desired, "MountTargets": zones}, LogicalResourceId="L" * 255)
    assert answer["Status"] == "SUCCESS"
    assert answer["Data"]["Warnings"].startswith("mount targets not tagged")
    assert answer["Data"]["Warnings"].endswith("[cut]")
    assert len(stack.address.puts[-1][2]) <= 4096


# Tags of the network interfaces


def test_interfaces_that_cannot_be_tagged_warn_and_do_not_fail(stack: Stack, desired: Desired) -> None:
    stack.aws.fail("CreateTags", Fault("UnauthorizedOperation", "no"), times=float("inf"))
    answer = stack.request("Create", desired)
    assert answer["Status"] == "SUCCESS"
    assert "mount targets not tagged" in answer["Data"]["Warnings"]
    assert "UnauthorizedOperation" in answer["Data"]["Warnings"]


def test_nothing_to_tag_needs_no_ec2(stack: Stack, desired: Desired) -> None:
    assert stack.request("Create", {**desired, "Tags": []})["Status"] == "SUCCESS"
    assert stack.aws.count("CreateTags") == 0


def test_an_ipv6_only_mount_target_has_an_empty_ip_address(
    stack: Stack, desired: Desired, targets: dict[str, str]
) -> None:
    described = stack.aws.mount_targets[targets["us-east-1a"]].description
    del described["IpAddress"]
    described["Ipv6Address"] = "2001:db8::1"
    data = stack.request("Create", desired)["Data"]
    assert (data["us-east-1a.IpAddress"], data["us-east-1a.Ipv6Address"]) == ("", "2001:db8::1")


def test_six_zones_fit_into_an_answer(stack: Stack, desired: Desired) -> None:
    desired["MountTargets"] = {
        f"ap-northeast-1{letter}": stack.aws.add_mount_target(f"subnet-0000000{letter}", ready_in=0)
        for letter in "abcdef"
    }
    for name in desired["MountTargets"].values():
        stack.aws.mount_targets[name].description.update(
            SubnetId="subnet-0123456789abcdef0",
            Ipv6Address="2600:1f18:1234:5678:1234:5678:1234:5678",
            IpAddress="255.255.255.255",
        )
    answer = stack.request("Create", desired)
    assert answer["Status"] == "SUCCESS"
    assert len(json.dumps(answer)) < 4096
