"""What EFS, EC2 and CloudFormation do, as their references say, seen through plain clients of the simulator."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.simulator.account import Account
from tests.simulator.faults import TRUNCATED
from tests.simulator.names import REGION, VPC
from tests.simulator.records import Outcome
from tests.simulator.simulation import simulate

UNKNOWN = {name: f"{name}-0a1b2c3d4e5f60789" for name in ("fs", "fsmt", "fsap", "subnet", "sg", "eni", "vpc", "pl")}
TAGS = [{"Key": "Name", "Value": "shared"}]
FILE_SYSTEM = "fs-00000001"
SUBNETS = [f"subnet-0000000{letter}" for letter in "abc"]


@contextmanager
def refused(code: str, status: int = 400) -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    given = caught.value.response
    assert (given["Error"]["Code"], given["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)


@pytest.fixture
def aws() -> Account:
    """An account with one file system; mount targets take a second."""
    account = Account(creation_seconds=1, deletion_seconds=1)
    account.add_file_system(FILE_SYSTEM)
    return account


@pytest.fixture
def efs(aws: Account) -> Any:
    return aws.client("efs")


@pytest.fixture
def ec2(aws: Account) -> Any:
    return aws.client("ec2")


def create(efs: Any, number: int = 0, **more: Any) -> dict[str, Any]:
    created: dict[str, Any] = efs.create_mount_target(
        **{"FileSystemId": FILE_SYSTEM, "SubnetId": SUBNETS[number], **more}
    )
    return created


def states(efs: Any) -> list[str]:
    return [target["LifeCycleState"] for target in efs.describe_mount_targets(FileSystemId=FILE_SYSTEM)["MountTargets"]]


def interfaces(ec2: Any, **filters: str) -> list[dict[str, Any]]:
    given = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    found: list[dict[str, Any]] = ec2.describe_network_interfaces(Filters=given)["NetworkInterfaces"]
    return found


# The life of a mount target


def test_a_mount_target_is_creating_until_its_time_is_over_and_may_end_in_error(aws: Account, efs: Any) -> None:
    aws.outcomes = {"us-east-1b": Outcome("error"), SUBNETS[2]: Outcome("creating")}
    for number in range(3):
        assert create(efs, number)["LifeCycleState"] == "creating"
    aws.clock.sleep(1)
    assert states(efs) == ["available", "error", "creating"]


def test_a_deleted_mount_target_keeps_its_interface_until_it_is_gone(aws: Account, efs: Any, ec2: Any) -> None:
    name = create(efs)["MountTargetId"]
    efs.delete_mount_target(MountTargetId=name)
    assert (states(efs), len(interfaces(ec2, vpc_id=VPC))) == (["deleting"], 1)
    aws.clock.sleep(1)
    assert (states(efs), interfaces(ec2, vpc_id=VPC)) == ([], [])


def test_what_a_mount_target_uses_cannot_be_deleted_before_it_is_gone(aws: Account, efs: Any, ec2: Any) -> None:
    group = aws.add_security_group("sg-10000001")
    created = create(efs, SecurityGroups=[group])

    def refuses_all() -> None:
        with refused("DependencyViolation"):
            ec2.delete_security_group(GroupId=group)
        with refused("DependencyViolation"):
            ec2.delete_subnet(SubnetId=SUBNETS[0])
        with refused("FileSystemInUse", 409):
            efs.delete_file_system(FileSystemId=FILE_SYSTEM)

    refuses_all()
    efs.delete_mount_target(MountTargetId=created["MountTargetId"])
    refuses_all()
    aws.clock.sleep(1)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_subnet(SubnetId=SUBNETS[0])
    efs.delete_file_system(FileSystemId=FILE_SYSTEM)


def test_tags_are_added_replaced_and_removed(efs: Any) -> None:
    efs.tag_resource(ResourceId=FILE_SYSTEM, Tags=[*TAGS, {"Key": "a", "Value": "b"}])
    efs.tag_resource(ResourceId=FILE_SYSTEM, Tags=[{"Key": "a", "Value": "c"}])
    efs.untag_resource(ResourceId=FILE_SYSTEM, TagKeys=["Name", "never set"])
    [described] = efs.describe_file_systems(FileSystemId=FILE_SYSTEM)["FileSystems"]
    assert {tag["Key"]: tag["Value"] for tag in described["Tags"]} == {"a": "c"}


# Finding


def test_mount_targets_are_found_by_exactly_one_id(aws: Account, efs: Any) -> None:
    names = [create(efs, number)["MountTargetId"] for number in range(2)]
    aws.access_points["fsap-00000001"] = FILE_SYSTEM

    def found(**by: str) -> list[str]:
        return [target["MountTargetId"] for target in efs.describe_mount_targets(**by)["MountTargets"]]

    assert found(FileSystemId=FILE_SYSTEM) == found(AccessPointId="fsap-00000001") == names
    assert found(MountTargetId=names[1]) == names[1:]
    for wrong in ({}, {"FileSystemId": FILE_SYSTEM, "MountTargetId": names[0]}):
        with refused("BadRequest"):
            found(**wrong)


def test_mount_targets_come_ten_a_page_whatever_max_items_says(aws: Account, efs: Any) -> None:
    for number in range(11):
        aws.add_mount_target(aws.add_subnet(f"subnet-1000000{number:x}", f"{REGION}{number:x}"))
    first = efs.describe_mount_targets(FileSystemId=FILE_SYSTEM, MaxItems=100)
    second = efs.describe_mount_targets(FileSystemId=FILE_SYSTEM, Marker=first["NextMarker"])
    assert (len(first["MountTargets"]), len(second["MountTargets"])) == (10, 1)
    assert "NextMarker" not in second


@pytest.mark.parametrize(
    ("operation", "listed"),
    [("describe_network_interfaces", "NetworkInterfaces"),
     ("describe_subnets", "Subnets"),
     ("describe_security_groups", "SecurityGroups")],
)  # fmt: skip
def test_network_interfaces_subnets_and_groups_come_in_pages(
    aws: Account, efs: Any, ec2: Any, operation: str, listed: str
) -> None:
    for number in range(6):
        aws.add_security_group(f"sg-1000000{number}")
        create(efs, SubnetId=f"subnet-0000000{'abcdef'[number]}")
    call, ours = getattr(ec2, operation), [{"Name": "vpc-id", "Values": [VPC]}]
    every = call(Filters=ours)
    first = call(Filters=ours, MaxResults=5)
    second = call(Filters=ours, MaxResults=5, NextToken=first["NextToken"])
    assert [*first[listed], *second[listed]] == every[listed]
    assert len(first[listed]) == 5
    assert "NextToken" not in every


def test_a_mount_target_has_a_requester_managed_interface_that_names_it(aws: Account, efs: Any, ec2: Any) -> None:
    groups = [aws.add_security_group(f"sg-1000000{number}") for number in range(2)]
    created = create(efs, SecurityGroups=groups[:1])
    aws.clock.sleep(1)
    name = created["MountTargetId"]
    efs.modify_mount_target_security_groups(MountTargetId=name, SecurityGroups=groups)
    assert efs.describe_mount_target_security_groups(MountTargetId=name)["SecurityGroups"] == groups
    [interface] = interfaces(ec2, group_id=groups[1])
    assert interface["Description"] == f"Mount target {name} for file system {FILE_SYSTEM}"
    assert interface["RequesterManaged"] is True
    assert (interface["PrivateIpAddress"], interface["SubnetId"]) == (created["IpAddress"], created["SubnetId"])


@pytest.mark.parametrize("name", ["network-interface-id", "description", "subnet-id"])
def test_interfaces_are_found_by_filter_and_an_unknown_value_finds_none(efs: Any, ec2: Any, name: str) -> None:
    first, _ = create(efs, 0), create(efs, 1)
    wanted = {
        "network-interface-id": first["NetworkInterfaceId"],
        "description": f"Mount target {first['MountTargetId']} *",
        "subnet-id": first["SubnetId"],
    }
    found = interfaces(ec2, **{name: wanted[name]})
    assert [interface["NetworkInterfaceId"] for interface in found] == [first["NetworkInterfaceId"]]
    assert interfaces(ec2, **{name: "something-else"}) == []


def test_an_unknown_filter_is_refused(ec2: Any) -> None:
    with refused("InvalidParameterValue"):
        interfaces(ec2, colour="blue")


# Refusals

NOT_THERE: list[tuple[str, dict[str, Any], str]] = [
    ("describe_file_systems", {"FileSystemId": UNKNOWN["fs"]}, "FileSystemNotFound"),
    ("delete_file_system", {"FileSystemId": UNKNOWN["fs"]}, "FileSystemNotFound"),
    ("describe_backup_policy", {"FileSystemId": UNKNOWN["fs"]}, "FileSystemNotFound"),
    ("describe_file_system_policy", {"FileSystemId": UNKNOWN["fs"]}, "FileSystemNotFound"),
    ("describe_file_system_policy", {"FileSystemId": FILE_SYSTEM}, "PolicyNotFound"),
    ("describe_mount_targets", {"FileSystemId": UNKNOWN["fs"]}, "FileSystemNotFound"),
    ("describe_mount_targets", {"MountTargetId": UNKNOWN["fsmt"]}, "MountTargetNotFound"),
    ("describe_mount_targets", {"AccessPointId": UNKNOWN["fsap"]}, "AccessPointNotFound"),
    ("describe_access_points", {"AccessPointId": UNKNOWN["fsap"]}, "AccessPointNotFound"),
    ("describe_mount_target_security_groups", {"MountTargetId": UNKNOWN["fsmt"]}, "MountTargetNotFound"),
    ("delete_mount_target", {"MountTargetId": UNKNOWN["fsmt"]}, "MountTargetNotFound"),
    ("modify_mount_target_security_groups", {"MountTargetId": UNKNOWN["fsmt"]}, "MountTargetNotFound"),
    ("create_mount_target", {"FileSystemId": UNKNOWN["fs"], "SubnetId": SUBNETS[0]}, "FileSystemNotFound"),
    ("tag_resource", {"ResourceId": UNKNOWN["fs"], "Tags": TAGS}, "FileSystemNotFound"),
    ("untag_resource", {"ResourceId": UNKNOWN["fs"], "TagKeys": ["Name"]}, "FileSystemNotFound"),
]
INVALID: list[tuple[str, dict[str, Any], str]] = [
    ("describe_network_interfaces", {"NetworkInterfaceIds": [UNKNOWN["eni"]]}, "InvalidNetworkInterfaceID.NotFound"),
    ("create_tags", {"Resources": [UNKNOWN["eni"]], "Tags": TAGS}, "InvalidNetworkInterfaceID.NotFound"),
    ("describe_subnets", {"SubnetIds": [UNKNOWN["subnet"]]}, "InvalidSubnetID.NotFound"),
    ("describe_security_groups", {"GroupIds": [UNKNOWN["sg"]]}, "InvalidGroup.NotFound"),
    ("describe_vpc_attribute", {"VpcId": UNKNOWN["vpc"], "Attribute": "enableDnsSupport"}, "InvalidVpcID.NotFound"),
    ("get_managed_prefix_list_entries", {"PrefixListId": UNKNOWN["pl"]}, "InvalidPrefixListID.NotFound"),
]


@pytest.mark.parametrize(("operation", "given", "code"), NOT_THERE)
def test_efs_refuses_an_unknown_id(efs: Any, operation: str, given: dict[str, Any], code: str) -> None:
    with refused(code, 404):
        getattr(efs, operation)(**given)


@pytest.mark.parametrize(("operation", "given", "code"), INVALID)
def test_ec2_refuses_an_unknown_id(ec2: Any, operation: str, given: dict[str, Any], code: str) -> None:
    with refused(code):
        getattr(ec2, operation)(**given)


def test_a_file_system_without_a_backup_policy_says_so(aws: Account, efs: Any) -> None:
    aws.file_systems[FILE_SYSTEM].backup = None
    with refused("PolicyNotFound", 404):
        efs.describe_backup_policy(FileSystemId=FILE_SYSTEM)


def test_a_mount_target_needs_a_subnet_groups_and_a_file_system_that_are_there(aws: Account, efs: Any) -> None:
    with refused("SubnetNotFound"):
        create(efs, SubnetId=UNKNOWN["subnet"])
    with refused("SecurityGroupNotFound"):
        create(efs, SecurityGroups=[UNKNOWN["sg"]])
    aws.add_file_system("fs-00000002", LifeCycleState="creating")
    with refused("IncorrectFileSystemLifeCycleState", 409):
        create(efs, FileSystemId="fs-00000002")


def test_a_zone_takes_one_mount_target_and_a_full_subnet_none(aws: Account, efs: Any) -> None:
    with refused("NoFreeAddressesInSubnet", 409):
        create(efs, SubnetId=aws.add_subnet("subnet-10000001", "us-east-1a", AvailableIpAddressCount=0))
    create(efs)
    with refused("MountTargetConflict", 409):
        create(efs, SubnetId=aws.add_subnet("subnet-10000002", "us-east-1a"))


def test_a_mount_target_takes_five_security_groups_and_only_while_it_is_available(aws: Account, efs: Any) -> None:
    groups = [aws.add_security_group(f"sg-1000000{number}") for number in range(6)]
    with refused("SecurityGroupLimitExceeded"):
        create(efs, SecurityGroups=groups)
    given = {"MountTargetId": create(efs, SecurityGroups=groups[:5])["MountTargetId"]}
    with refused("IncorrectMountTargetState", 409):
        efs.modify_mount_target_security_groups(**given, SecurityGroups=groups[:1])
    aws.clock.sleep(1)
    with refused("SecurityGroupLimitExceeded"):
        efs.modify_mount_target_security_groups(**given, SecurityGroups=groups)


def test_file_systems_and_interfaces_take_fifty_tags(efs: Any, ec2: Any) -> None:
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(50)]
    interface = create(efs)["NetworkInterfaceId"]
    efs.tag_resource(ResourceId=FILE_SYSTEM, Tags=tags)
    ec2.create_tags(Resources=[interface], Tags=tags)
    # The error of EFS for the 51st is not documented.
    with refused("BadRequest"):
        efs.tag_resource(ResourceId=FILE_SYSTEM, Tags=TAGS)
    with refused("TagLimitExceeded"):
        ec2.create_tags(Resources=[interface], Tags=TAGS)


def test_a_body_that_breaks_off_is_an_empty_answer_of_efs(aws: Account, efs: Any) -> None:
    aws.fail("DescribeMountTargets", TRUNCATED, after=True)
    assert "MountTargets" not in efs.describe_mount_targets(FileSystemId=FILE_SYSTEM)


# Custom resources


def requests_of(answer: Callable[[str], dict[str, Any]]) -> tuple[str, list[tuple[str, str | None]]]:
    """Deploy a custom resource that gives these answers: why it failed, and the requests that it got."""

    def code(event: Any, _: Any) -> None:
        body = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
        body |= {"PhysicalResourceId": event.get("PhysicalResourceId"), **answer(event["RequestType"])}
        request = urllib.request.Request(event["ResponseURL"], method="PUT", headers={"Content-Type": ""})  # noqa: S310 (it is the simulator's)
        request.data = json.dumps(body).encode()
        urllib.request.urlopen(request, timeout=10)  # noqa: S310 (it is the simulator's)

    with simulate(Account(), code=code) as made:
        return str(made.stack.deploy({})), made.stack.requests


def test_a_failed_create_is_followed_by_a_delete_with_the_id_it_answered() -> None:
    reason, sent = requests_of(
        lambda kind: {
            "Status": "FAILED" if kind == "Create" else "SUCCESS",
            "Reason": "no",
            "PhysicalResourceId": "mine",
        }
    )
    assert "no" in reason
    assert sent == [("Create", None), ("Delete", "mine")]


def test_a_failed_create_without_an_id_is_followed_by_a_delete_with_an_invented_one() -> None:
    _, sent = requests_of(lambda kind: {"Status": "FAILED" if kind == "Create" else "SUCCESS", "Reason": "no"})
    assert [kind for kind, _ in sent] == ["Create", "Delete"]
    assert sent[1][1]


def test_a_create_without_an_id_is_a_failure() -> None:
    assert "Invalid PhysicalResourceId" in requests_of(lambda _: {"Status": "SUCCESS"})[0]


def test_an_answer_over_4096_bytes_is_a_failure() -> None:
    data = {"Text": "x" * 4096}
    reason, _ = requests_of(
        lambda kind: {"Status": "SUCCESS", "PhysicalResourceId": "mine", "Data": data if kind == "Create" else {}}
    )
    assert "Response object is too long." in reason
