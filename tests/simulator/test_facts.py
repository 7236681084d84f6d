"""What EFS and EC2 refuse, as their references say: a simulator that let it pass would hide a mistake of the waiter's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.simulator.account import Account
from tests.simulator.names import FILE_SYSTEM, REGION, VPC
from tests.simulator.records import Outcome

SUBNETS = [f"subnet-0000000{letter}" for letter in "abc"]
UNKNOWN = {name: f"{name}-0a1b2c3d4e5f60789" for name in ("fs", "fsmt", "fsap", "subnet", "sg", "eni", "vpc", "pl")}
TAGS = [{"Key": "Name", "Value": "shared"}]


@pytest.fixture
def aws() -> Account:
    """An account with one file system; mount targets take a second."""
    account = Account(creation_seconds=1, deletion_seconds=1)
    account.add_file_system()
    return account


@contextmanager
def refused(code: str, status: int = 400) -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    given = caught.value.response
    assert (given["Error"]["Code"], given["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)


def create(aws: Account, number: int = 0, **more: Any) -> dict[str, Any]:
    given = {"FileSystemId": FILE_SYSTEM, "SubnetId": SUBNETS[number], **more}
    created: dict[str, Any] = aws.client("efs").create_mount_target(**given)
    return created


def listed(aws: Account) -> tuple[list[str], int]:
    """The states of the mount targets, and how many network interfaces there are."""
    targets = aws.client("efs").describe_mount_targets(FileSystemId=FILE_SYSTEM)["MountTargets"]
    filters = [{"Name": "vpc-id", "Values": [VPC]}]
    interfaces = aws.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return [target["LifeCycleState"] for target in targets], len(interfaces)


@pytest.mark.parametrize(
    ("operation", "given", "code", "status"),
    [
        ("describe_file_systems", {"FileSystemId": UNKNOWN["fs"]}, "FileSystemNotFound", 404),
        ("describe_backup_policy", {"FileSystemId": UNKNOWN["fs"]}, "FileSystemNotFound", 404),
        ("describe_file_system_policy", {"FileSystemId": UNKNOWN["fs"]}, "FileSystemNotFound", 404),
        ("describe_file_system_policy", {"FileSystemId": FILE_SYSTEM}, "PolicyNotFound", 404),
        ("describe_mount_targets", {"FileSystemId": UNKNOWN["fs"]}, "FileSystemNotFound", 404),
        ("describe_mount_targets", {"AccessPointId": UNKNOWN["fsap"]}, "AccessPointNotFound", 404),
        ("describe_mount_targets", {}, "BadRequest", 400),
        ("describe_access_points", {"AccessPointId": UNKNOWN["fsap"]}, "AccessPointNotFound", 404),
        ("delete_mount_target", {"MountTargetId": UNKNOWN["fsmt"]}, "MountTargetNotFound", 404),
        ("modify_mount_target_security_groups", {"MountTargetId": UNKNOWN["fsmt"]}, "MountTargetNotFound", 404),
        ("create_mount_target", {"FileSystemId": UNKNOWN["fs"], "SubnetId": SUBNETS[0]}, "FileSystemNotFound", 404),
        ("create_mount_target", {"FileSystemId": FILE_SYSTEM, "SubnetId": UNKNOWN["subnet"]}, "SubnetNotFound", 400),
        ("create_tags", {"Resources": [UNKNOWN["eni"]], "Tags": TAGS}, "InvalidNetworkInterfaceID.NotFound", 400),
        ("describe_security_groups", {"GroupIds": [UNKNOWN["sg"]]}, "InvalidGroup.NotFound", 400),
        ("describe_network_interfaces", {"Filters": [{"Name": "x", "Values": []}]}, "InvalidParameterValue", 400),
        ("describe_vpc_attribute", {"VpcId": UNKNOWN["vpc"], "Attribute": "x"}, "InvalidVpcID.NotFound", 400),
        ("get_managed_prefix_list_entries", {"PrefixListId": UNKNOWN["pl"]}, "InvalidPrefixListID.NotFound", 400),
    ],
)
def test_what_does_not_exist_is_refused(
    aws: Account, operation: str, given: dict[str, Any], code: str, status: int
) -> None:
    with refused(code, status):
        getattr(aws.direct(), operation)(**given)


def test_a_mount_target_is_creating_until_its_time_is_over_and_may_end_in_error(aws: Account) -> None:
    aws.outcomes = {"us-east-1b": Outcome("error"), SUBNETS[2]: Outcome("creating")}
    for number in range(3):
        assert create(aws, number)["LifeCycleState"] == "creating"
    aws.clock.sleep(1)
    assert listed(aws) == (["available", "error", "creating"], 3)


def test_what_a_mount_target_uses_cannot_be_deleted_before_it_is_gone(aws: Account) -> None:
    group = aws.add_security_group("sg-10000001")
    name = create(aws, SecurityGroups=[group])["MountTargetId"]

    def refuses_all(states: list[str]) -> None:
        assert listed(aws) == (states, 1)
        with refused("DependencyViolation"):
            aws.direct().delete_security_group(GroupId=group)
        with refused("DependencyViolation"):
            aws.direct().delete_subnet(SubnetId=SUBNETS[0])
        with refused("FileSystemInUse", 409):
            aws.direct().delete_file_system(FileSystemId=FILE_SYSTEM)

    refuses_all(["creating"])
    aws.client("efs").delete_mount_target(MountTargetId=name)
    refuses_all(["deleting"])
    aws.clock.sleep(1)
    assert listed(aws) == ([], 0)
    aws.direct().delete_security_group(GroupId=group)
    aws.direct().delete_subnet(SubnetId=SUBNETS[0])
    aws.direct().delete_file_system(FileSystemId=FILE_SYSTEM)


def test_a_zone_takes_one_mount_target_and_a_full_subnet_none(aws: Account) -> None:
    with refused("NoFreeAddressesInSubnet", 409):
        create(aws, SubnetId=aws.add_subnet("subnet-10000001", "us-east-1a", AvailableIpAddressCount=0))
    create(aws)
    with refused("MountTargetConflict", 409):
        create(aws, SubnetId=aws.add_subnet("subnet-10000002", "us-east-1a"))
    aws.file_systems[FILE_SYSTEM].description["LifeCycleState"] = "creating"
    with refused("IncorrectFileSystemLifeCycleState", 409):
        create(aws, 1)


def test_a_mount_target_takes_five_security_groups_and_only_while_it_is_available(aws: Account) -> None:
    groups = [aws.add_security_group(f"sg-1000000{number}") for number in range(6)]
    modify = aws.client("efs").modify_mount_target_security_groups
    with refused("SecurityGroupLimitExceeded"):
        create(aws, SecurityGroups=groups)
    with refused("SecurityGroupNotFound"):
        create(aws, SecurityGroups=[UNKNOWN["sg"]])
    name = create(aws, SecurityGroups=groups[:5])["MountTargetId"]
    with refused("IncorrectMountTargetState", 409):
        modify(MountTargetId=name, SecurityGroups=groups[:1])
    aws.clock.sleep(1)
    with refused("SecurityGroupLimitExceeded"):
        modify(MountTargetId=name, SecurityGroups=groups)


def test_interfaces_take_fifty_tags(aws: Account) -> None:
    given = {"Resources": [create(aws)["NetworkInterfaceId"]]}
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(50)]
    aws.client("ec2").create_tags(**given, Tags=tags)
    with refused("TagLimitExceeded"):
        aws.client("ec2").create_tags(**given, Tags=TAGS)


def test_mount_targets_come_ten_per_page_whatever_max_items_says(aws: Account) -> None:
    for number in range(11):
        aws.add_mount_target(aws.add_subnet(f"subnet-1000000{number:x}", f"{REGION}{number:x}"))
    first = aws.client("efs").describe_mount_targets(FileSystemId=FILE_SYSTEM, MaxItems=100)
    second = aws.client("efs").describe_mount_targets(FileSystemId=FILE_SYSTEM, Marker=first["NextMarker"])
    assert (len(first["MountTargets"]), len(second["MountTargets"])) == (10, 1)


def test_a_mount_target_has_a_requester_managed_interface_that_names_it(aws: Account) -> None:
    created = create(aws)
    [interface] = aws.client("ec2").describe_network_interfaces(Filters=[])["NetworkInterfaces"]
    expected = f"Mount target {created['MountTargetId']} for file system {FILE_SYSTEM}"
    assert (interface["Description"], interface["RequesterManaged"]) == (expected, True)
    assert (interface["PrivateIpAddress"], interface["SubnetId"]) == (created["IpAddress"], created["SubnetId"])
