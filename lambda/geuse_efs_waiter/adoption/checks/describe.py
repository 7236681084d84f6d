"""The calls behind one observation: each reads one thing and knows nothing of the others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from geuse_efs_waiter.adoption.checks.observed import IngressRule, ObservedSecurityGroup, ObservedSubnet, ObservedVpc
from geuse_efs_waiter.aws.clients import EC2Client, EFSClient
from geuse_efs_waiter.aws.describe import pages
from geuse_efs_waiter.aws.retries import IncompleteResponseError, code_of

_NO_POLICY = "PolicyNotFound"
_NO_ACCESS_POINT = "AccessPointNotFound"
_NO_VPC = "InvalidVpcID.NotFound"


def subnets(ec2: EC2Client, subnet_ids: Sequence[str]) -> dict[str, ObservedSubnet]:
    """The subnets that exist. Asked for by filter: an unknown id is absent, and does not spoil the others."""
    found = pages(ec2.describe_subnets, "Subnets", Filters=[{"Name": "subnet-id", "Values": list(subnet_ids)}])
    return {
        entry["SubnetId"]: ObservedSubnet(
            subnet_id=entry["SubnetId"],
            availability_zone=entry["AvailabilityZone"],
            availability_zone_id=entry.get("AvailabilityZoneId", ""),
            vpc_id=entry["VpcId"],
            maps_public_ip=bool(entry.get("MapPublicIpOnLaunch", False)),
            free_addresses=int(entry.get("AvailableIpAddressCount", 0)),
            ipv6_native=bool(entry.get("Ipv6Native", False)),
        )
        for entry in found
    }


def security_groups(ec2: EC2Client, group_ids: Sequence[str]) -> dict[str, ObservedSecurityGroup]:
    """The security groups that exist, by filter as above."""
    wanted = [{"Name": "group-id", "Values": list(group_ids)}]
    found = pages(ec2.describe_security_groups, "SecurityGroups", Filters=wanted)
    return {
        entry["GroupId"]: ObservedSecurityGroup(entry["GroupId"], tuple(map(_rule, entry.get("IpPermissions", []))))
        for entry in found
    }


def _rule(given: Mapping[str, Any]) -> IngressRule:
    return IngressRule(
        protocol=str(given.get("IpProtocol", "")),
        from_port=given.get("FromPort"),
        to_port=given.get("ToPort"),
        cidrs=tuple(item["CidrIp"] for item in given.get("IpRanges", [])),
        cidrs_v6=tuple(item["CidrIpv6"] for item in given.get("Ipv6Ranges", [])),
        prefix_list_ids=tuple(item["PrefixListId"] for item in given.get("PrefixListIds", [])),
        group_ids=tuple(item["GroupId"] for item in given.get("UserIdGroupPairs", []) if "GroupId" in item),
    )


def prefix_list(ec2: EC2Client, prefix_list_id: str) -> tuple[str, ...]:
    """The CIDRs of one managed prefix list, AWS's own ones too."""
    found = pages(ec2.get_managed_prefix_list_entries, "Entries", PrefixListId=prefix_list_id)
    return tuple(entry["Cidr"] for entry in found)


def vpc(ec2: EC2Client, vpc_id: str) -> ObservedVpc | None:
    """The DNS attributes of a VPC, one per call; None if there is no such VPC."""
    try:
        support = ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsSupport")
        hostnames = ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsHostnames")
    except ClientError as error:
        if code_of(error) == _NO_VPC:
            return None
        raise
    try:
        return ObservedVpc(vpc_id, support["EnableDnsSupport"]["Value"], hostnames["EnableDnsHostnames"]["Value"])
    except KeyError as missing:
        raise IncompleteResponseError(f"DescribeVpcAttribute answered without {missing}") from missing


def backup(efs: EFSClient, file_system_id: str) -> str:
    """The status of the backup policy; without a policy nothing is backed up."""
    try:
        answer = efs.describe_backup_policy(FileSystemId=file_system_id)
    except ClientError as error:
        if code_of(error) == _NO_POLICY:
            return "DISABLED"
        raise
    try:
        return answer["BackupPolicy"]["Status"]
    except KeyError as missing:
        raise IncompleteResponseError(f"DescribeBackupPolicy answered without {missing}") from missing


def policy(efs: EFSClient, file_system_id: str) -> Mapping[str, Any] | None:
    """The file-system policy, None if there is none.

    Raises:
        IncompleteResponseError: if the policy is no JSON object, as in a truncated answer.
    """
    try:
        answer = efs.describe_file_system_policy(FileSystemId=file_system_id)
    except ClientError as error:
        if code_of(error) == _NO_POLICY:
            return None
        raise
    try:
        document = json.loads(answer["Policy"])
    except (KeyError, ValueError) as wrong:
        raise IncompleteResponseError(f"DescribeFileSystemPolicy answered without a policy: {wrong}") from wrong
    if not isinstance(document, dict):
        raise IncompleteResponseError("DescribeFileSystemPolicy answered with a policy that is no object")
    return document


def owner_of(efs: EFSClient, access_point_id: str) -> str | None:
    """The file system of an access point, None if there is no such access point."""
    try:
        answer = efs.describe_access_points(AccessPointId=access_point_id)
    except ClientError as error:
        if code_of(error) == _NO_ACCESS_POINT:
            return None
        raise
    if "AccessPoints" not in answer:
        raise IncompleteResponseError("DescribeAccessPoints answered without AccessPoints")
    return answer["AccessPoints"][0]["FileSystemId"] if answer["AccessPoints"] else None
