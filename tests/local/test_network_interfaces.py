from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator import LocalAws


def _mount_target(aws: LocalAws, network: Any, n: int = 0, **options: Any) -> dict[str, Any]:
    created: dict[str, Any] = aws.client("efs").create_mount_target(
        FileSystemId=network.file_system_id, SubnetId=network.subnet_ids[n], **options
    )
    return created


def _group(aws: LocalAws, network: Any, name: str) -> str:
    made = aws.client("ec2").create_security_group(GroupName=name, Description=name, VpcId=network.vpc_id)
    return str(made["GroupId"])


def _filtered(aws: LocalAws, name: str, value: str) -> list[str]:
    found = aws.client("ec2").describe_network_interfaces(Filters=[{"Name": name, "Values": [value]}])
    return [item["NetworkInterfaceId"] for item in found["NetworkInterfaces"]]


def test_a_mount_target_has_a_requester_managed_interface_that_names_it(aws: LocalAws, network: Any) -> None:
    group_id = _group(aws, network, "nfs")
    target = _mount_target(aws, network, SecurityGroups=[group_id])
    found = aws.client("ec2").describe_network_interfaces(NetworkInterfaceIds=[target["NetworkInterfaceId"]])
    (interface,) = found["NetworkInterfaces"]
    named = f"Mount target {target['MountTargetId']} for file system {network.file_system_id}"
    assert interface["Description"] == named
    assert interface["RequesterManaged"] is True
    assert interface["PrivateIpAddress"] == target["IpAddress"]
    assert [group["GroupId"] for group in interface["Groups"]] == [group_id]


def test_the_interface_can_be_tagged(aws: LocalAws, network: Any) -> None:
    interface_id = _mount_target(aws, network)["NetworkInterfaceId"]
    ec2 = aws.client("ec2")
    ec2.create_tags(Resources=[interface_id], Tags=[{"Key": "Name", "Value": "shared"}])
    (found,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])["NetworkInterfaces"]
    assert found["TagSet"] == [{"Key": "Name", "Value": "shared"}]
    assert _filtered(aws, "tag:Name", "sha*") == [interface_id]


def test_the_interface_follows_the_security_groups_of_its_mount_target(aws: LocalAws, network: Any) -> None:
    target = _mount_target(aws, network, SecurityGroups=[_group(aws, network, "before")])
    after = _group(aws, network, "after")
    aws.client("efs").modify_mount_target_security_groups(MountTargetId=target["MountTargetId"], SecurityGroups=[after])
    assert _filtered(aws, "group-id", after) == [target["NetworkInterfaceId"]]


def test_the_interface_leaves_when_its_mount_target_is_gone(aws: LocalAws, network: Any, eventually: Any) -> None:
    aws.configure(mount_target_deletion_seconds=0.1)
    target = _mount_target(aws, network)
    aws.client("efs").delete_mount_target(MountTargetId=target["MountTargetId"])
    assert _filtered(aws, "vpc-id", network.vpc_id) == [target["NetworkInterfaceId"]]
    eventually(lambda: _filtered(aws, "vpc-id", network.vpc_id) == [])


@pytest.mark.parametrize("name", ["network-interface-id", "description", "vpc-id", "subnet-id"])
def test_interfaces_are_found_by_filter(name: str, aws: LocalAws, network: Any) -> None:
    first, second = _mount_target(aws, network, 0), _mount_target(aws, network, 1)
    wanted = {
        "network-interface-id": first["NetworkInterfaceId"],
        "description": f"Mount target {first['MountTargetId']} *",
        "vpc-id": network.vpc_id,
        "subnet-id": first["SubnetId"],
    }
    both = [first["NetworkInterfaceId"], second["NetworkInterfaceId"]]
    assert _filtered(aws, name, wanted[name]) == (both if name == "vpc-id" else both[:1])
    assert _filtered(aws, name, "something else") == []


def test_an_unknown_interface_and_an_unknown_filter_are_refused(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match=r"InvalidNetworkInterfaceID\.NotFound"):
        aws.client("ec2").describe_network_interfaces(NetworkInterfaceIds=["eni-0123456789abcdef0"])
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        _filtered(aws, "colour", "blue")


def test_a_security_group_and_a_subnet_in_use_cannot_be_deleted(aws: LocalAws, network: Any) -> None:
    ec2, group_id = aws.client("ec2"), _group(aws, network, "nfs")
    target = _mount_target(aws, network, SecurityGroups=[group_id])
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_security_group(GroupId=group_id)
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_subnet(SubnetId=network.subnet_ids[0])
    aws.client("efs").delete_mount_target(MountTargetId=target["MountTargetId"])
    ec2.delete_security_group(GroupId=group_id)
    ec2.delete_subnet(SubnetId=network.subnet_ids[0])
