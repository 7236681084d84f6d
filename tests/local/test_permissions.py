"""The policies of a role are evaluated against the resource and the condition keys that IAM's reference names."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.emulator.local_aws import LocalAws

PREFIX = f"us-east-1:{LocalAws.account}"


@pytest.fixture
def place(local_aws: LocalAws) -> LocalAws:
    """The local AWS that evaluates policies, as if just started."""
    local_aws.reset()
    local_aws.configure(mount_target_seconds=0)
    return local_aws


def _client(aws: LocalAws, service: str, *statements: dict[str, Any]) -> Any:
    """A client with the permissions of a role that has these statements."""
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    documents = [json.dumps({"Version": "2012-10-17", "Statement": part}) for part in ([trust], list(statements))]
    role = iam.create_role(RoleName="limited", AssumeRolePolicyDocument=documents[0])["Role"]["Arn"]
    iam.put_role_policy(RoleName="limited", PolicyName="limits", PolicyDocument=documents[1])
    given = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], aws.region)
    make: Any = session.client
    return make(service, endpoint_url=aws.endpoint_url)


def _refused(code: str) -> Any:
    return pytest.raises(ClientError, match=code)


def _network(aws: LocalAws) -> tuple[list[str], list[dict[str, Any]]]:
    """Two file systems, and the mount target of each, in a subnet of its own."""
    ec2, efs = aws.client("ec2"), aws.client("efs")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    names = [efs.create_file_system(CreationToken=token, Encrypted=True)["FileSystemId"] for token in "ab"]
    targets = []
    for number, name in enumerate(names):
        block = f"10.0.{number}.0/24"
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
        targets.append(efs.create_mount_target(FileSystemId=name, SubnetId=subnet))
    return names, targets


def test_a_call_about_a_mount_target_needs_the_permission_on_its_file_system(place: LocalAws) -> None:
    (own, other), (target, foreign) = _network(place)
    actions = ["elasticfilesystem:Describe*", "elasticfilesystem:TagResource"]
    resource = f"arn:aws:elasticfilesystem:{PREFIX}:file-system/{own}"
    efs = _client(place, "efs", {"Effect": "Allow", "Action": actions, "Resource": resource})
    efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])
    efs.tag_resource(ResourceId=own, Tags=[{"Key": "a", "Value": "b"}])
    with _refused("AccessDenied"):
        efs.describe_mount_target_security_groups(MountTargetId=foreign["MountTargetId"])
    with _refused("AccessDenied"):
        efs.describe_file_systems(FileSystemId=other)
    with _refused("AccessDenied"):
        efs.delete_mount_target(MountTargetId=target["MountTargetId"])


def test_calls_of_ec2_can_be_limited_to_a_subnet_and_to_a_region(place: LocalAws) -> None:
    _, (target, foreign) = _network(place)
    tagging = {
        "Effect": "Allow",
        "Action": "ec2:CreateTags",
        "Resource": f"arn:aws:ec2:{PREFIX}:network-interface/*",
        "Condition": {"ArnEquals": {"ec2:Subnet": [f"arn:aws:ec2:{PREFIX}:subnet/{target['SubnetId']}"]}},
    }
    here, elsewhere = (
        {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": {"StringEquals": {"ec2:Region": region}}}
        for action, region in (("ec2:DescribeSubnets", "us-east-1"), ("ec2:DescribeVpcs", "eu-west-1"))
    )
    ec2, tags = _client(place, "ec2", tagging, here, elsewhere), [{"Key": "Name", "Value": "shared"}]
    ec2.create_tags(Resources=[target["NetworkInterfaceId"]], Tags=tags)
    ec2.describe_subnets()
    with _refused("UnauthorizedOperation"):
        ec2.create_tags(Resources=[foreign["NetworkInterfaceId"]], Tags=tags)
    with _refused("UnauthorizedOperation"):
        ec2.describe_vpcs()


def test_tagging_a_security_group_can_be_limited_to_those_with_a_tag(place: LocalAws) -> None:
    admin = place.client("ec2")
    vpc = admin.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    own, other = (
        admin.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("own", "other")
    )
    admin.create_tags(Resources=[own], Tags=[{"Key": "owner", "Value": "x"}])
    statement = {
        "Effect": "Allow",
        "Action": ["ec2:CreateTags", "ec2:DeleteTags"],
        "Resource": f"arn:aws:ec2:{PREFIX}:security-group/*",
        "Condition": {"StringEquals": {"aws:ResourceTag/owner": "x"}},
    }
    ec2, tags = _client(place, "ec2", statement), [{"Key": "Name", "Value": "shared"}]
    ec2.create_tags(Resources=[own], Tags=tags)
    ec2.delete_tags(Resources=[own], Tags=tags)
    with _refused("UnauthorizedOperation"):
        ec2.create_tags(Resources=[other], Tags=tags)
