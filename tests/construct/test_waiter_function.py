"""The function behind the custom resources: one per stack, with no permission that it does not need."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import App, Environment, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from geuse_efs import GeuseEfs
from tests.construct.adopting import adopt
from tests.construct.templates import (
    FUNCTION,
    LOG_GROUP,
    MANAGED_POLICY,
    POLICY,
    READINESS,
    ROLE,
    Resource,
    Resources,
    import_vpc,
    listed,
    of_type,
    properties_of,
    resources_of,
    statements_of,
    the,
    without_joins,
)

ONE_EACH = (FUNCTION, ROLE, POLICY, LOG_GROUP)


def _statements(stack: Stack) -> Resources:
    return statements_of(the(POLICY, stack))


def test_ten_file_systems_share_one(stack: Stack, vpc: ec2.IVpc) -> None:
    for number in range(10):
        GeuseEfs(stack, f"Efs{number}", vpc=vpc)
    resources = resources_of(stack)
    assert len(of_type(resources, READINESS)) == 10
    assert {kind: len(of_type(resources, kind)) for kind in ONE_EACH} == dict.fromkeys(ONE_EACH, 1)


def test_file_systems_anywhere_in_the_stack_share_one(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(Construct(Construct(stack, "Deep"), "Deeper"), "Efs", vpc=vpc)
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert len(of_type(resources_of(stack), FUNCTION)) == 1


def test_each_stack_has_its_own(app: App) -> None:
    stacks = [Stack(app, name) for name in ("One", "Two")]
    for stack in stacks:
        GeuseEfs(stack, "Efs", vpc=import_vpc(stack))
    counts = [len(of_type(resources_of(stack), FUNCTION)) for stack in stacks]
    assert counts == [1, 1]


def test_may_do_exactly_this(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    actions = {sid: listed(statement["Action"]) for sid, statement in _statements(stack).items()}
    assert actions == {
        "Log": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "DescribeMountTargets": ["elasticfilesystem:DescribeMountTargets"],
        "CompareFileSystems": ["elasticfilesystem:DescribeFileSystems"],
        "DescribeAdoptions": ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets"],
        "TagNetworkInterfaces": ["ec2:CreateTags"],
        "ContinueWaiting": ["lambda:InvokeFunction"],
    }


FORBIDDEN = (
    *(f"elasticfilesystem:{verb}" for verb in ("Create", "Delete", "Modify", "Put", "Update")),
    *("logs:CreateLogGroup", "ec2:Delete", "ec2:Modify", "iam:", "backup:", "*"),
)


def test_may_do_nothing_that_is_forbidden(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    actions = [action for statement in _statements(stack).values() for action in listed(statement["Action"])]
    assert [action for action in actions if action.startswith(FORBIDDEN) or action.endswith("*")] == []


def test_may_describe_adoptions_everywhere_in_its_region_and_nothing_else(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    statements = _statements(stack)
    # EC2's Describe calls know no resources.
    everywhere = statements.pop("DescribeAdoptions")
    assert everywhere["Condition"] == {"StringEquals": {"ec2:Region": {"Ref": "AWS::Region"}}}
    wanted = [resource for statement in statements.values() for resource in listed(statement["Resource"])]
    assert "*" not in wanted
    assert not any(isinstance(resource, str) for resource in wanted)


def test_looks_at_the_file_systems_of_its_stack_only(stack: Stack, vpc: ec2.IVpc) -> None:
    file_systems = [GeuseEfs(stack, name, vpc=vpc) for name in ("One", "Two")]
    expected = [stack.resolve(file_system.file_system_arn) for file_system in file_systems]
    assert _statements(stack)["DescribeMountTargets"]["Resource"] == expected
    # Both file systems of a replacement; the id of the new one is not known to the policy of the old one.
    assert _statements(stack)["CompareFileSystems"]["Condition"] == {
        "StringEquals": {"aws:ResourceTag/aws:cloudformation:stack-id": {"Ref": "AWS::StackId"}}
    }


def test_logs_to_its_own_group_only(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    [log_group] = of_type(resources_of(stack), LOG_GROUP)
    assert _statements(stack)["Log"]["Resource"] == {"Fn::GetAtt": [log_group, "Arn"]}


def test_invokes_itself_only(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    [function] = of_type(resources_of(stack), FUNCTION)
    assert _statements(stack)["ContinueWaiting"]["Resource"] == {"Fn::GetAtt": [function, "Arn"]}


def test_tags_network_interfaces_of_its_subnets_only_with_its_keys_only(app: App) -> None:
    stack = Stack(app, "Known", env=Environment(account="111122223333", region="cn-north-1"))
    GeuseEfs(stack, "Efs", vpc=import_vpc(stack, ["cn-north-1a", "cn-north-1b"]), deployment="gpu-7")
    ec2_arn = "arn:<AWS::Partition>:ec2:cn-north-1:111122223333"
    shared = ec2_arn.replace("111122223333", "*")  # as a subnet may be, by another account
    statement = without_joins(_statements(stack)["TagNetworkInterfaces"])
    assert statement["Resource"] == f"{ec2_arn}:network-interface/*"
    assert statement["Condition"] == {
        "ArnLike": {"ec2:Subnet": [f"{shared}:subnet/subnet-0000000{letter}" for letter in "ab"]},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["Name", "geusemaker:created-by", "geusemaker:deployment"]},
    }


def test_a_subnet_of_two_file_systems_is_named_once(stack: Stack, vpc: ec2.IVpc) -> None:
    for name in ("One", "Two"):
        GeuseEfs(stack, name, vpc=vpc)
    assert len(_statements(stack)["TagNetworkInterfaces"]["Condition"]["ArnLike"]["ec2:Subnet"]) == 3


def test_has_no_managed_policy(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert set(properties_of(ROLE, stack)) == {"AssumeRolePolicyDocument"}


def test_only_lambda_assumes_its_role(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    [statement] = properties_of(ROLE, stack)["AssumeRolePolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Principal"]) == ("sts:AssumeRole", {"Service": "lambda.amazonaws.com"})


def test_is_configured_exactly_so(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    properties = properties_of(FUNCTION, stack)
    [log_group], [role] = (list(of_type(resources_of(stack), kind)) for kind in (LOG_GROUP, ROLE))
    del properties["Code"]
    assert properties == {
        "Description": "Waits until the mount targets of EFS file systems are ready",
        "Handler": "geuse_efs_waiter.handler.handler",
        "Runtime": "python3.14",
        "Environment": {"Variables": {"GEUSE_EFS_STACK_ID": {"Ref": "AWS::StackId"}}},
        "MemorySize": 256,
        "Timeout": 900,
        "Role": {"Fn::GetAtt": [role, "Arn"]},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": {"Ref": log_group}},
    }


def test_keeps_its_logs_for_a_year_and_takes_them_along(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    log_group = the(LOG_GROUP, stack)
    assert (log_group["Properties"], log_group["DeletionPolicy"]) == ({"RetentionInDays": 365}, "Delete")


def test_a_permissions_boundary_of_the_stack_is_that_of_its_role(stack: Stack, vpc: ec2.IVpc) -> None:
    boundary = "arn:aws:iam::111122223333:policy/Boundary"
    iam.PermissionsBoundary.of(stack).apply(iam.ManagedPolicy.from_managed_policy_arn(stack, "Boundary", boundary))
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert properties_of(ROLE, stack)["PermissionsBoundary"] == boundary


def _create_and_adopt(stack: Stack) -> None:
    vpc = import_vpc(stack)
    GeuseEfs(stack, "Created", vpc=vpc)
    adopt(stack, vpc)
    Tags.of(stack).add("team", "ml")


@pytest.fixture
def with_precreated_role(app: App) -> Stack:
    """A stack whose roles somebody else creates."""
    stack = Stack(app, "Central", env=Environment(account="111122223333", region="us-east-1"))
    iam.Role.customize_roles(stack, use_precreated_roles={"Central/GeuseEfsWaiter/Role": "central-waiter"})
    _create_and_adopt(stack)
    return stack


def test_uses_a_precreated_role_and_defines_no_role_and_no_policy(with_precreated_role: Stack) -> None:
    resources = resources_of(with_precreated_role)
    assert [kind for kind in (ROLE, POLICY, MANAGED_POLICY) if of_type(resources, kind)] == []
    [function] = of_type(resources, FUNCTION).values()
    role_arn = without_joins(function["Properties"]["Role"])
    assert role_arn == "arn:<AWS::Partition>:iam::111122223333:role/central-waiter"


def _reported(stack: Stack) -> list[Resource]:
    """The statements in the CDK's report for who creates the role."""
    assembly = Path(str(App.of(stack).synth().directory))  # type: ignore[union-attr]
    [role] = json.loads((assembly / "iam-policy-report.json").read_text())["roles"]
    return [*role["identityPolicyStatements"], *role["managedPolicyStatements"]]


def test_the_report_for_a_precreated_role_has_the_statements_that_would_be_defined(
    with_precreated_role: Stack, stack: Stack
) -> None:
    _create_and_adopt(stack)
    resources = resources_of(stack)
    policies = [*of_type(resources, POLICY).values(), *of_type(resources, MANAGED_POLICY).values()]
    defined = [sid for policy in policies for sid in statements_of(policy)]
    assert [statement["Sid"] for statement in _reported(with_precreated_role)] == defined


def test_the_report_for_a_precreated_role_names_every_tag(with_precreated_role: Stack) -> None:
    conditions = [
        statement["Condition"]["ForAllValues:StringEquals"]
        for statement in _reported(with_precreated_role)
        if statement["Sid"] == "TagNetworkInterfaces"
    ]
    assert conditions == [{"aws:TagKeys": ["Name", "geusemaker:created-by", "team"]}] * 2


def test_a_report_without_precreated_roles_leaves_the_policy_as_it_is(
    stack: Stack, new_app: Callable[..., App]
) -> None:
    _create_and_adopt(stack)
    reporting = Stack(new_app(), "Storage")
    iam.Role.customize_roles(reporting, prevent_synthesis=False)
    _create_and_adopt(reporting)
    assert the(POLICY, reporting)["Properties"]["PolicyDocument"] == the(POLICY, stack)["Properties"]["PolicyDocument"]


@pytest.mark.parametrize("resource_type", [FUNCTION, ROLE, LOG_GROUP])
def test_tags_of_the_stack_reach_it(resource_type: str, stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    Tags.of(stack).add("team", "ml")
    assert {"Key": "team", "Value": "ml"} in properties_of(resource_type, stack)["Tags"]


def test_another_construct_of_its_id_is_refused(stack: Stack, vpc: ec2.IVpc) -> None:
    Construct(stack, "GeuseEfsWaiter")
    with pytest.raises(ValueError, match="Storage has a construct GeuseEfsWaiter that is not geuse-efs's; rename it"):
        GeuseEfs(stack, "Efs", vpc=vpc)
