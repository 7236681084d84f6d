"""What the waiter may do for one adoption: on this file system, in this VPC, with these tags; nothing account-wide.

Sources: the service authorization reference of EFS and EC2; EFS API reference, CreateMountTarget, DeleteMountTarget and
ModifyMountTargetSecurityGroups, each of which names the EC2 rights that its caller needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aws_cdk import IResolvable, Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from constructs import Construct

from geuse_efs.waiter_function import subnet_arns, tagging_right

LEDGER_TAGS = "geuse-efs:*"


def define_rights(
    scope: Construct,
    role: iam.IRole,
    *,
    file_system_id: str,
    file_system_arn: str,
    vpc: ec2.IVpc,
    subnet_ids: Sequence[str],
    tags: IResolvable,
    access_points: Sequence[efs.IAccessPoint],
    create_missing: bool,
) -> iam.ManagedPolicy:
    """A policy of its own for each adopted file system.

    Its id holds that of the file system: when another one is adopted, CloudFormation removes the old policy only after the
    old adoption was released. It is a managed one, because all inline policies of a role together have 10,240 characters,
    which four adoptions would exceed; a role takes ten managed policies (IAM's default quota).
    """
    efs_right = _for(file_system_arn)
    statements = [
        efs_right(
            "LookAtFileSystem",
            "DescribeFileSystems",
            "DescribeMountTargets",
            "DescribeBackupPolicy",
            "DescribeFileSystemPolicy",
        ),
        _looking_around(scope),
        _prefix_lists(scope),
        iam.PolicyStatement(
            sid="KeepLedger",
            actions=["elasticfilesystem:TagResource", "elasticfilesystem:UntagResource"],
            resources=[file_system_arn],
            conditions={"ForAllValues:StringLike": {"aws:TagKeys": [LEDGER_TAGS]}},
        ),
        # Also without create_missing: the last adoption to leave a zone deletes what another one had made there.
        efs_right("Release", "DeleteMountTarget", "ModifyMountTargetSecurityGroups"),
        _releasing_interfaces(scope, vpc),
    ]
    if access_points:
        arns = [file_system_arn, *(one.access_point_arn for one in access_points)]
        statements.append(
            iam.PolicyStatement(
                sid="LookAtAccessPoints", actions=["elasticfilesystem:DescribeAccessPoints"], resources=arns
            )
        )
    if create_missing:
        statements += [
            efs_right("Create", "CreateMountTarget"),
            *_creating_interfaces(scope, vpc, subnet_arns(Stack.of(scope), subnet_ids)),
            tagging_right(scope, lambda: subnet_ids, [tags]),
        ]
    name = "Rights" if Token.is_unresolved(file_system_id) else f"Rights-{file_system_id}"
    document = iam.PolicyDocument(minimize=False, statements=statements)
    return iam.ManagedPolicy(scope, name, roles=[role], document=document)


def _for(file_system_arn: str) -> Callable[..., iam.PolicyStatement]:
    def statement(sid: str, *actions: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            sid=sid, actions=[f"elasticfilesystem:{action}" for action in actions], resources=[file_system_arn]
        )

    return statement


def _looking_around(scope: Construct) -> iam.PolicyStatement:
    """EC2's Describe calls know no resources; the region is all that can be named."""
    return iam.PolicyStatement(
        sid="LookAtNetwork",
        actions=[
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcAttribute",
        ],
        resources=["*"],
        conditions={"StringEquals": {"ec2:Region": Stack.of(scope).region}},
    )


def _prefix_lists(scope: Construct) -> iam.PolicyStatement:
    # Lists may be AWS's own or another account's, shared: any account.
    arn = Stack.of(scope).format_arn(service="ec2", account="*", resource="prefix-list", resource_name="*")
    return iam.PolicyStatement(sid="LookAtPrefixLists", actions=["ec2:GetManagedPrefixListEntries"], resources=[arn])


def _creating_interfaces(scope: Construct, vpc: ec2.IVpc, subnets: list[str]) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(sid="CreateInterfacesInSubnets", actions=["ec2:CreateNetworkInterface"], resources=subnets),
        iam.PolicyStatement(
            sid="CreateInterfaces",
            actions=["ec2:CreateNetworkInterface"],
            resources=[_every(scope, "network-interface"), _every(scope, "security-group")],
            conditions=_in(scope, vpc),
        ),
    ]


def _releasing_interfaces(scope: Construct, vpc: ec2.IVpc) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="ReleaseInterfaces",
        actions=["ec2:DeleteNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"],
        resources=[_every(scope, "network-interface"), _every(scope, "security-group")],
        conditions=_in(scope, vpc),
    )


def _every(scope: Construct, resource: str) -> str:
    return Stack.of(scope).format_arn(service="ec2", resource=resource, resource_name="*")


def _in(scope: Construct, vpc: ec2.IVpc) -> dict[str, dict[str, str]]:
    arn = Stack.of(scope).format_arn(service="ec2", resource="vpc", resource_name=vpc.vpc_id)
    return {"ArnEquals": {"ec2:Vpc": arn}}
