"""What the waiter may do for an adoption, and what it may not: both are promises to the owner of the file system."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam

from geuse_efs import GeuseEfs
from tests.construct.adopting import ARN, ID, adopt, adopt_known, group, known, permissions_in, permissions_of
from tests.construct.templates import (
    MANAGED_POLICY,
    POLICY,
    Resources,
    import_vpc,
    listed,
    of_type,
    resources_of,
    statements_of,
    without_joins,
)

FILE_SYSTEM_ARN = ARN.replace("arn:aws:", "arn:<AWS::Partition>:")
EC2 = "arn:<AWS::Partition>:ec2:us-east-1:111122223333"
SHARED_EC2 = "arn:<AWS::Partition>:ec2:us-east-1:*"
"""A VPC and its subnets may belong to another account that shares them."""
IN_THE_VPC = {"ArnLike": {"ec2:Vpc": f"{SHARED_EC2}:vpc/vpc-0123456789abcdef0"}}
SUBNETS = [f"{SHARED_EC2}:subnet/subnet-0000000{letter}" for letter in "abc"]
INTERFACES = f"{EC2}:network-interface/*"
GROUPS = f"{EC2}:security-group/*"

DESCRIBING: Resources = {
    "DescribeFileSystem": {
        "Action": [
            "elasticfilesystem:DescribeBackupPolicy",
            "elasticfilesystem:DescribeFileSystemPolicy",
            "elasticfilesystem:DescribeFileSystems",
            "elasticfilesystem:DescribeMountTargets",
        ],
        "Resource": FILE_SYSTEM_ARN,
    },
    "DescribeVpc": {
        "Action": "ec2:DescribeVpcAttribute",
        "Resource": f"{SHARED_EC2}:vpc/vpc-0123456789abcdef0",
    },
    "DescribeNetwork": {
        "Action": [
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
        ],
        "Resource": "*",
        "Condition": {"StringEquals": {"ec2:Region": "us-east-1"}},
    },
    "ReadPrefixLists": {
        "Action": "ec2:GetManagedPrefixListEntries",
        "Resource": f"{SHARED_EC2}:prefix-list/*",
    },
}
OF_WHAT_IT_CREATED: Resources = {
    "KeepNotes": {
        "Action": ["ec2:CreateTags", "ec2:DeleteTags"],
        "Resource": GROUPS,
        "Condition": {
            "StringEquals": {"aws:ResourceTag/geuse-efs:file-system": ID},
            "ForAllValues:StringLike": {"aws:TagKeys": ["geuse-efs:run:*", "geuse-efs:retained"]},
        },
    },
    "ReleaseMountTargets": {
        "Action": ["elasticfilesystem:DeleteMountTarget", "elasticfilesystem:ModifyMountTargetSecurityGroups"],
        "Resource": FILE_SYSTEM_ARN,
    },
    "DeleteNetworkInterfaces": {
        "Action": "ec2:DeleteNetworkInterface",
        "Resource": INTERFACES,
        "Condition": IN_THE_VPC,
    },
    "ChangeSecurityGroups": {
        "Action": "ec2:ModifyNetworkInterfaceAttribute",
        "Resource": [INTERFACES, GROUPS],
        "Condition": IN_THE_VPC,
    },
    "TagNetworkInterfaces": {
        "Action": "ec2:CreateTags",
        "Resource": INTERFACES,
        "Condition": {
            "ArnLike": {"ec2:Subnet": SUBNETS},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["Name", "geusemaker:created-by"]},
        },
    },
}
CREATING: Resources = {
    "CreateMountTargets": {"Action": "elasticfilesystem:CreateMountTarget", "Resource": FILE_SYSTEM_ARN},
    "CreateNetworkInterfaces": {"Action": "ec2:CreateNetworkInterface", "Resource": [INTERFACES, *SUBNETS]},
    "UseSecurityGroups": {
        "Action": "ec2:CreateNetworkInterface",
        "Resource": GROUPS,
        "Condition": IN_THE_VPC,
    },
    "CreateServiceLinkedRole": {
        "Action": "iam:CreateServiceLinkedRole",
        "Resource": "arn:<AWS::Partition>:iam::111122223333:role/aws-service-role/elasticfilesystem.amazonaws.com/"
        "AWSServiceRoleForAmazonElasticFileSystem",
        "Condition": {"StringEquals": {"iam:AWSServiceName": "elasticfilesystem.amazonaws.com"}},
    },
}


def _permissions(stack: Stack) -> Resources:
    """By Sid, readable; every one allows."""
    statements: Resources = without_joins(statements_of(permissions_of(stack)))
    assert {statement.pop("Effect") for statement in statements.values()} == {"Allow"}
    return {
        sid: {key: value for key, value in statement.items() if key != "Sid"} for sid, statement in statements.items()
    }


def _policies(stack: Stack) -> list[dict[str, Any]]:
    """All statements of all policies of the waiter."""
    resources = resources_of(stack)
    policies = (of_type(resources, POLICY) | of_type(resources, MANAGED_POLICY)).values()
    return [without_joins(statement) for policy in policies for statement in statements_of(policy).values()]


def _actions(stack: Stack) -> set[str]:
    return {action for statement in _policies(stack) for action in listed(statement["Action"])}


def test_may_do_exactly_this(app: App) -> None:
    stack, _ = adopt_known(app)
    assert _permissions(stack) == DESCRIBING | OF_WHAT_IT_CREATED | CREATING


def test_may_create_nothing_if_nothing_is_to_be_created(app: App) -> None:
    stack, _ = adopt_known(app, create_missing=False)
    assert _permissions(stack) == DESCRIBING | OF_WHAT_IT_CREATED


@pytest.mark.parametrize(
    "action",
    [
        "elasticfilesystem:CreateMountTarget",
        "ec2:CreateNetworkInterface",
        "iam:CreateServiceLinkedRole",
    ],
)
def test_may_create_only_if_something_is_to_be_created(
    action: str, stack: Stack, vpc: ec2.IVpc, new_app: Callable[..., App]
) -> None:
    adopt(stack, vpc, create_missing=False)
    other = Stack(new_app(), "Storage")
    adopt(other, import_vpc(other))
    assert action not in _actions(stack)
    assert action in _actions(other)


def test_keeps_what_it_needs_to_release_what_was_created_before(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, create_missing=False)
    needed = {"elasticfilesystem:DeleteMountTarget", "ec2:DeleteNetworkInterface", "ec2:DeleteTags"}
    assert needed <= _actions(stack)


def test_looks_at_access_points_that_are_named_only(app: App) -> None:
    stack = known(app)
    point = efs.AccessPoint.from_access_point_id(stack, "Point", "fsap-00000000")
    adopt(stack, import_vpc(stack), access_points=[point])
    expected = {
        "Action": "elasticfilesystem:DescribeAccessPoints",
        "Resource": [
            FILE_SYSTEM_ARN,
            "arn:<AWS::Partition>:elasticfilesystem:us-east-1:111122223333:access-point/fsap-00000000",
        ],
    }
    assert _permissions(stack)["DescribeAccessPoints"] == expected


def test_looks_at_no_access_point_if_none_is_named(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    assert not [action for action in _actions(stack) if "AccessPoint" in action]


FORBIDDEN = (
    *("elasticfilesystem:Put", "elasticfilesystem:Update", "elasticfilesystem:DeleteFileSystem"),
    *("elasticfilesystem:CreateFileSystem", "elasticfilesystem:CreateAccessPoint"),
    *("elasticfilesystem:DeleteAccessPoint", "elasticfilesystem:CreateTags", "elasticfilesystem:DeleteTags"),
    *("elasticfilesystem:DeleteReplication", "elasticfilesystem:CreateReplication", "elasticfilesystem:Backup"),
    *("elasticfilesystem:Client", "elasticfilesystem:DeleteFileSystemPolicy"),
    *("ec2:Authorize", "ec2:Revoke", "ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup", "backup:"),
    *(
        f"iam:{verb}"
        for verb in ("Attach", "CreateRole", "CreatePolicy", "Delete", "Detach", "PassRole", "Put", "Update")
    ),
    *("kms:", "logs:CreateLogGroup"),
)


@pytest.mark.parametrize("create_missing", [True, False])
def test_may_do_nothing_that_is_forbidden(*, create_missing: bool, stack: Stack, vpc: ec2.IVpc) -> None:
    point = efs.AccessPoint.from_access_point_id(stack, "Point", "fsap-00000000")
    storage = adopt(stack, vpc, create_missing=create_missing, access_points=[point], retain_created=True)
    storage.add_access_point("Data")
    assert [action for action in _actions(stack) if action.startswith(FORBIDDEN)] == []


def test_its_policy_is_never_replaced_for_its_description_or_its_path(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    properties = permissions_of(stack)["Properties"]
    assert (properties["Description"], properties["Path"]) == ("", "/")


def test_no_action_has_a_wildcard(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    assert not [action for action in _actions(stack) if "*" in action]


def test_may_do_nothing_everywhere_but_describe_in_ec2_in_its_region(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    everywhere = [statement for statement in _policies(stack) if "*" in listed(statement["Resource"])]
    assert all(action.startswith("ec2:Describe") for statement in everywhere for action in listed(statement["Action"]))
    assert [statement["Condition"] for statement in everywhere] == [
        {"StringEquals": {"ec2:Region": {"Ref": "AWS::Region"}}}
    ]


def test_every_permission_on_efs_is_on_this_file_system(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    resources = {
        resource
        for statement in _policies(stack)
        if any(action.startswith("elasticfilesystem:") for action in listed(statement["Action"]))
        for resource in listed(statement["Resource"])
    }
    [resource] = resources
    assert resource == f"arn:<AWS::Partition>:elasticfilesystem:<AWS::Region>:<AWS::AccountId>:file-system/{ID}"


def test_tags_no_file_system(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, tags={"team": "ml"})
    assert [statement for statement in _policies(stack) if "agResource" in str(statement["Action"])] == []


@pytest.mark.parametrize(
    "action", ["CreateNetworkInterface", "DeleteNetworkInterface", "ModifyNetworkInterfaceAttribute"]
)
def test_touches_interfaces_in_its_vpc_or_its_subnets_only(action: str, app: App) -> None:
    stack, _ = adopt_known(app)
    touching = [statement for statement in _policies(stack) if f"ec2:{action}" in listed(statement["Action"])]
    assert touching
    for statement in touching:
        assert statement.get("Condition") == IN_THE_VPC or listed(statement["Resource"]) == [INTERFACES, *SUBNETS]


def test_creates_in_the_subnets_of_the_selection_only(app: App) -> None:
    stack, _ = adopt_known(app, vpc_subnets=ec2.SubnetSelection(availability_zones=["us-east-1b"]))
    permissions = _permissions(stack)
    assert permissions["CreateNetworkInterfaces"]["Resource"] == [INTERFACES, SUBNETS[1]]
    assert listed(permissions["TagNetworkInterfaces"]["Condition"]["ArnLike"]["ec2:Subnet"]) == [SUBNETS[1]]


def test_may_set_the_tags_that_reach_it(app: App) -> None:
    stack, _ = adopt_known(app, tags={"cost-centre": "42"})
    Tags.of(app).add("team", "ml")
    condition = _permissions(stack)["TagNetworkInterfaces"]["Condition"]
    keys = condition["ForAllValues:StringEquals"]["aws:TagKeys"]
    assert keys == ["Name", "cost-centre", "geusemaker:created-by", "team"]


def test_an_id_as_an_arn_gives_the_same_permissions(app: App, new_app: Callable[..., App]) -> None:
    by_arn, by_id = (
        adopt_known(given_app, file_system_id=given)[0] for given_app, given in ((app, ARN), (new_app(), ID))
    )
    assert permissions_of(by_arn) == permissions_of(by_id)


def test_an_arn_with_the_partition_known_at_deployment_gives_the_same_permissions(
    app: App, new_app: Callable[..., App]
) -> None:
    stack = known(app)
    adopt(stack, import_vpc(stack), file_system_id=ARN.replace("arn:aws:", f"arn:{stack.partition}:"))
    assert permissions_of(stack) == permissions_of(adopt_known(new_app())[0])


def test_an_id_known_at_deployment_gives_permissions_on_that_file_system(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, file_system_id=CfnParameter(stack, "Given").value_as_string)
    assert str(_permissions(stack)["ReleaseMountTargets"]["Resource"]).endswith(":file-system/<Given>")


def test_another_file_system_is_another_policy(stack: Stack, vpc: ec2.IVpc, new_app: Callable[..., App]) -> None:
    # CloudFormation creates the new one first and deletes the old one last, so the old adoption can be released.
    adopt(stack, vpc)
    other = Stack(new_app(), "Storage")
    adopt(other, import_vpc(other), file_system_id="fs-76543210")
    assert not permissions_in(resources_of(stack)).keys() & permissions_in(resources_of(other)).keys()


def test_the_permissions_of_each_adoption_are_its_own(stack: Stack, vpc: ec2.IVpc) -> None:
    for number in range(2):
        GeuseEfs.adopt(stack, f"Efs{number}", file_system_id=f"fs-0000000{number}", vpc=vpc)
    policies = permissions_in(resources_of(stack)).values()
    released = [
        without_joins(statements_of(policy)["ReleaseMountTargets"]["Resource"]).rpartition("/")[2]
        for policy in policies
    ]
    assert released == ["fs-00000000", "fs-00000001"]


def test_an_adoption_beside_a_created_one_adds_nothing_to_the_permissions_of_the_other(
    stack: Stack, vpc: ec2.IVpc, new_app: Callable[..., App]
) -> None:
    alone = Stack(new_app(), "Storage")
    GeuseEfs(alone, "Created", vpc=import_vpc(alone))
    GeuseEfs(stack, "Created", vpc=vpc)
    adopt(stack, vpc)
    both, one = (of_type(resources_of(each), POLICY)["GeuseEfsWaiterPolicy412A21E1"] for each in (stack, alone))
    assert both == one


def test_a_function_that_only_adopts_has_no_permissions_beside_its_adoptions(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    general = of_type(resources_of(stack), POLICY)["GeuseEfsWaiterPolicy412A21E1"]
    assert sorted(statements_of(general)) == ["ContinueWaiting", "Log"]


def test_a_grant_never_writes_a_policy_of_the_file_system(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = adopt(stack, vpc)
    storage.grant_root_access(iam.AccountPrincipal("444455556666"))
    assert "FileSystemPolicy" not in json.dumps(
        [resource["Properties"] for resource in resources_of(stack).values()]
    ).replace("DescribeFileSystemPolicy", "")


INLINE_QUOTA = 10_240
"""Characters of all inline policies of a role together, white space not counted (IAM and STS quotas)."""

MANAGED_QUOTA = 6_144
"""Characters of one managed policy; a role takes ten of them."""


def test_many_file_systems_fit_into_the_policies_of_a_role(app: App) -> None:
    stack = known(app)
    vpc = import_vpc(stack, [f"us-east-1{letter}" for letter in "abcdef"])
    for number in range(10):
        GeuseEfs(stack, f"Created{number}", vpc=vpc)
        name = f"fs-0123456789abcde{number:02}"
        GeuseEfs.adopt(stack, f"Efs{number}", file_system_id=name, vpc=vpc, clients=[group(stack, str(number))])
    resources = resources_of(stack)
    assert sum(_length(policy) for policy in of_type(resources, POLICY).values()) < INLINE_QUOTA
    assert max(_length(policy) for policy in of_type(resources, MANAGED_POLICY).values()) < MANAGED_QUOTA


def _length(policy: dict[str, Any]) -> int:
    return len(json.dumps(without_joins(policy["Properties"]["PolicyDocument"]), separators=(",", ":")))
