"""The permissions of the waiter for one adoption: on this file system, in this VPC, with these tags; nothing account-wide.

Sources: the service authorization reference of EFS and EC2; EFS API reference, CreateMountTarget, DeleteMountTarget and
ModifyMountTargetSecurityGroups, each of which names the EC2 permissions that its caller needs; EFS user guide, "Using
service-linked roles".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jsii
from aws_cdk import Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from constructs import Construct, IValidation

from geuse_efs import limits
from geuse_efs.tags import FILE_SYSTEM_TAG, AllTags
from geuse_efs.waiter_function import WaiterFunction, ec2_arn, subnet_arns, tagging_statement

NOTES = ["geuse-efs:run:*", "geuse-efs:retained"]
_SERVICE = "elasticfilesystem.amazonaws.com"


def define_adoption_policy(
    scope: Construct,
    waiter: WaiterFunction,
    *,
    file_system_id: str,
    file_system_arn: str,
    vpc: ec2.IVpc,
    subnet_ids: Sequence[str],
    tags: AllTags,
    access_points: Sequence[efs.IAccessPoint],
    create_missing: bool,
) -> iam.ManagedPolicy | None:
    """A policy of its own per adopted file system; None for a role that takes no policies.

    Its construct id holds the id of the file system: when another one is adopted, CloudFormation removes the old policy only
    after the old adoption was released. It is a managed policy, because all inline policies of a role together have 10,240
    characters, which four adoptions would exceed; a role takes ten managed policies (IAM's default quota).
    """
    if not waiter.role_takes_policies:
        return None
    access_point_arns = [access_point.access_point_arn for access_point in access_points]
    arns = subnet_arns(scope, subnet_ids)
    # Without create_missing too, what an earlier deployment created is tagged at each update, and deleted in the end.
    statements = [
        *_describe(scope, file_system_arn, vpc, access_point_arns),
        *_release(scope, file_system_id, file_system_arn, vpc),
        *(_create(scope, file_system_arn, vpc, arns) if create_missing else ()),
        tagging_statement(scope, arns, [tags]),
    ]
    name = "Rights" if Token.is_unresolved(file_system_id) else f"Rights-{file_system_id}"
    policy = iam.ManagedPolicy(scope, name, roles=[waiter.role], statements=statements)
    policy.node.add_validation(_PolicyFits(policy))
    return policy


@jsii.implements(IValidation)
class _PolicyFits:
    """How long the policy is, is known at the end of the synthesis only: it names the keys of all tags."""

    def __init__(self, policy: iam.ManagedPolicy) -> None:
        self._policy = policy

    def validate(self) -> list[str]:
        document = Stack.of(self._policy).resolve(self._policy.document)
        length = _length(document)
        if length <= limits.MAX_MANAGED_POLICY_LENGTH:
            return []
        mistake = (
            f"the permissions of the adoption have about {length} characters, IAM takes {limits.MAX_MANAGED_POLICY_LENGTH} in "
            "a managed policy; select fewer subnets with vpc_subnets (one per availability zone), give fewer access_points or "
            "fewer or shorter tag keys"
        )
        return [mistake]


def _length(value: Any) -> int:
    """Characters of the policy as IAM counts them: without white space, and with a guess for what is known at deployment."""
    match value:
        case {"Fn::Join": [separator, [*parts]]}:
            return sum(_length(part) - 2 for part in parts) + len(separator) * (len(parts) - 1) + 2
        case {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::ImportValue": _}:
            return limits.ASSUMED_TOKEN_LENGTH
        case dict():
            return 2 + sum(len(key) + 4 + _length(inner) for key, inner in value.items())
        case list():
            return 2 + sum(1 + _length(inner) for inner in value)
    return len(str(value)) + 2


def _describe(
    scope: Construct, file_system_arn: str, vpc: ec2.IVpc, access_point_arns: Sequence[str]
) -> list[iam.PolicyStatement]:
    statements = [
        _efs(
            "DescribeFileSystem",
            file_system_arn,
            "DescribeBackupPolicy",
            "DescribeFileSystemPolicy",
            "DescribeFileSystems",
            "DescribeMountTargets",
        ),
        iam.PolicyStatement(
            sid="DescribeVpc",
            actions=["ec2:DescribeVpcAttribute"],
            resources=[ec2_arn(scope, "vpc", vpc.vpc_id, account="*")],
        ),
        # The other Describe calls of EC2 know no resources; a condition on the region is the narrowest there is.
        iam.PolicyStatement(
            sid="DescribeNetwork",
            actions=[
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
            ],
            resources=["*"],
            conditions={"StringEquals": {"ec2:Region": Stack.of(scope).region}},
        ),
        # A list may be AWS's own, or shared by another account.
        iam.PolicyStatement(
            sid="ReadPrefixLists",
            actions=["ec2:GetManagedPrefixListEntries"],
            resources=[ec2_arn(scope, "prefix-list", account="*")],
        ),
    ]
    if access_point_arns:
        arns = [file_system_arn, *access_point_arns]
        statements.append(
            iam.PolicyStatement(
                sid="DescribeAccessPoints", actions=["elasticfilesystem:DescribeAccessPoints"], resources=arns
            )
        )
    return statements


def _release(scope: Construct, file_system_id: str, file_system_arn: str, vpc: ec2.IVpc) -> list[iam.PolicyStatement]:
    """Needed without create_missing too: what an earlier deployment created is deleted in the end."""
    in_vpc = _in_vpc(scope, vpc)
    return [
        # The runs of the adoption see each other by notes on its own group.
        iam.PolicyStatement(
            sid="KeepNotes",
            actions=["ec2:CreateTags", "ec2:DeleteTags"],
            resources=[ec2_arn(scope, "security-group")],
            conditions={
                "StringEquals": {f"aws:ResourceTag/{FILE_SYSTEM_TAG}": file_system_id},
                "ForAllValues:StringLike": {"aws:TagKeys": NOTES},
            },
        ),
        _efs("ReleaseMountTargets", file_system_arn, "DeleteMountTarget", "ModifyMountTargetSecurityGroups"),
        iam.PolicyStatement(
            sid="DeleteNetworkInterfaces",
            actions=["ec2:DeleteNetworkInterface"],
            resources=[ec2_arn(scope, "network-interface")],
            conditions=in_vpc,
        ),
        iam.PolicyStatement(
            sid="ChangeSecurityGroups",
            actions=["ec2:ModifyNetworkInterfaceAttribute"],
            resources=[ec2_arn(scope, "network-interface"), ec2_arn(scope, "security-group")],
            conditions=in_vpc,
        ),
    ]


def _create(
    scope: Construct, file_system_arn: str, vpc: ec2.IVpc, subnet_arns: Sequence[str]
) -> list[iam.PolicyStatement]:
    return [
        _efs("CreateMountTargets", file_system_arn, "CreateMountTarget"),
        # A network interface that is created has no ec2:Vpc and no ec2:Subnet yet: it is limited by the subnets beside it.
        iam.PolicyStatement(
            sid="CreateNetworkInterfaces",
            actions=["ec2:CreateNetworkInterface"],
            resources=[ec2_arn(scope, "network-interface"), *subnet_arns],
        ),
        iam.PolicyStatement(
            sid="UseSecurityGroups",
            actions=["ec2:CreateNetworkInterface"],
            resources=[ec2_arn(scope, "security-group")],
            conditions=_in_vpc(scope, vpc),
        ),
        # For the first mount target of an account.
        iam.PolicyStatement(
            sid="CreateServiceLinkedRole",
            actions=["iam:CreateServiceLinkedRole"],
            resources=[
                Stack.of(scope).format_arn(
                    service="iam",
                    region="",
                    resource="role",
                    resource_name=f"aws-service-role/{_SERVICE}/AWSServiceRoleForAmazonElasticFileSystem",
                )
            ],
            conditions={"StringEquals": {"iam:AWSServiceName": _SERVICE}},
        ),
    ]


def _efs(sid: str, file_system_arn: str, *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=sid, actions=[f"elasticfilesystem:{action}" for action in actions], resources=[file_system_arn]
    )


def _in_vpc(scope: Construct, vpc: ec2.IVpc) -> dict[str, Any]:
    """The VPC may belong to another account that shares it (AWS RAM); its id is unique in the region."""
    return {"ArnLike": {"ec2:Vpc": ec2_arn(scope, "vpc", vpc.vpc_id, account="*")}}
