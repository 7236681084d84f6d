"""What the waiter may do for one adoption: on this file system, in this VPC, with these tags; nothing account-wide.

Sources: the service authorization reference of EFS and EC2; EFS API reference, CreateMountTarget, DeleteMountTarget and
ModifyMountTargetSecurityGroups, each of which names the EC2 rights that its caller needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aws_cdk import IResolvable, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from constructs import Construct

from geuse_efs.policies import Place, allow, document, lazily
from geuse_efs.waiter_function import WaiterFunction

LEDGER_TAGS = "geuse-efs:*"


def define_rights(
    scope: Construct,
    waiter: WaiterFunction,
    *,
    file_system_id: str,
    file_system_arn: str,
    vpc: ec2.IVpc,
    subnet_ids: Sequence[str],
    tags: IResolvable,
    access_points: Sequence[efs.IAccessPoint],
    create_missing: bool,
) -> iam.CfnManagedPolicy:
    """A policy of its own for each adopted file system.

    Its id holds that of the file system: when another one is adopted, CloudFormation removes the old policy only after the
    old adoption was released. It is a managed one, because all inline policies of a role together have 10,240 characters,
    which four adoptions would exceed; a role takes ten managed policies (IAM's default quota).
    """
    place, efs_right = waiter.place, _for(file_system_arn)
    in_the_vpc = {"ArnEquals": {"ec2:Vpc": place.ec2_arn("vpc", vpc.vpc_id)}}
    statements: list[dict[str, Any] | IResolvable] = [
        efs_right(
            "LookAtFileSystem",
            "DescribeFileSystems",
            "DescribeMountTargets",
            "DescribeBackupPolicy",
            "DescribeFileSystemPolicy",
        ),
        _looking_around(place),
        # Lists may be AWS's own or another account's, shared: any account.
        allow("LookAtPrefixLists", "ec2:GetManagedPrefixListEntries", place.ec2_arn("prefix-list", account="*")),
        allow(
            "KeepLedger",
            ["elasticfilesystem:TagResource", "elasticfilesystem:UntagResource"],
            file_system_arn,
            {"ForAllValues:StringLike": {"aws:TagKeys": [LEDGER_TAGS]}},
        ),
        # Also without create_missing: the last adoption to leave a zone deletes what another one had made there.
        efs_right("Release", "DeleteMountTarget", "ModifyMountTargetSecurityGroups"),
        allow(
            "ReleaseInterfaces",
            ["ec2:DeleteNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"],
            _interfaces_and_groups(place),
            in_the_vpc,
        ),
    ]
    if access_points:
        arns = [file_system_arn, *(one.access_point_arn for one in access_points)]
        statements.append(allow("LookAtAccessPoints", "elasticfilesystem:DescribeAccessPoints", arns))
    if create_missing:
        statements += [
            efs_right("Create", "CreateMountTarget"),
            allow("CreateInterfacesInSubnets", "ec2:CreateNetworkInterface", place.subnet_arns(subnet_ids)),
            allow("CreateInterfaces", "ec2:CreateNetworkInterface", _interfaces_and_groups(place), in_the_vpc),
            lazily(lambda: waiter.tagging_right(subnet_ids, [tags])),
        ]
    name = "Rights" if Token.is_unresolved(file_system_id) else f"Rights-{file_system_id}"
    return iam.CfnManagedPolicy(
        Construct(scope, name),
        "Resource",
        # As an L2 writes them: CloudFormation replaces a policy whose description or path changes.
        description="",
        path="/",
        roles=[waiter.role_name],
        policy_document=document(statements),
    )


def _for(file_system_arn: str) -> Callable[..., dict[str, Any]]:
    def statement(sid: str, *actions: str) -> dict[str, Any]:
        return allow(sid, [f"elasticfilesystem:{action}" for action in actions], file_system_arn)

    return statement


def _looking_around(place: Place) -> dict[str, Any]:
    """EC2's Describe calls know no resources; the region is all that can be named."""
    return allow(
        "LookAtNetwork",
        [
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcAttribute",
        ],
        "*",
        {"StringEquals": {"ec2:Region": place.region}},
    )


def _interfaces_and_groups(place: Place) -> list[str]:
    return [place.ec2_arn("network-interface"), place.ec2_arn("security-group")]
