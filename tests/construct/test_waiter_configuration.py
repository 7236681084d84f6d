"""`WaiterFunction.configure`: the function as an organisation demands it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from geuse_efs import GeuseEfs, WaiterFunction
from tests.construct.adopting import ID, group, known
from tests.construct.templates import (
    FUNCTION,
    LOG_GROUP,
    MANAGED_POLICY,
    POLICY,
    ROLE,
    in_a_cycle,
    of_type,
    properties_of,
    resources_of,
)

ROLE_ARN = "arn:aws:iam::111122223333:role/central"


def test_a_role_that_is_given_gets_the_policies(stack: Stack, vpc: ec2.IVpc) -> None:
    WaiterFunction.configure(stack, role=iam.Role.from_role_arn(stack, "Central", ROLE_ARN))
    GeuseEfs(stack, "Created", vpc=vpc)
    GeuseEfs.adopt(stack, "Adopted", file_system_id=ID, vpc=vpc)
    resources = resources_of(stack)
    policies = [policy for kind in (POLICY, MANAGED_POLICY) for policy in of_type(resources, kind).values()]
    assert [policy["Properties"]["Roles"] for policy in policies] == [["central"]] * 2
    assert (of_type(resources, ROLE), properties_of(FUNCTION, stack)["Role"]) == ({}, ROLE_ARN)


def test_an_immutable_role_gets_no_policy(stack: Stack, vpc: ec2.IVpc) -> None:
    WaiterFunction.configure(stack, role=iam.Role.from_role_arn(stack, "Central", ROLE_ARN, mutable=False), vpc=vpc)
    GeuseEfs(stack, "Created", vpc=vpc)
    GeuseEfs.adopt(stack, "Adopted", file_system_id=ID, vpc=vpc)
    resources = resources_of(stack)
    assert [of_type(resources, kind) for kind in (POLICY, MANAGED_POLICY, ROLE)] == [{}] * 3
    assert properties_of(FUNCTION, stack)["Role"] == ROLE_ARN


def test_a_role_of_another_account_is_refused(app: App) -> None:
    stack = known(app)
    role = iam.Role.from_role_arn(stack, "Central", ROLE_ARN.replace("111122223333", "444455556666"))
    with pytest.raises(
        ValueError, match="Known/Central of account 444455556666, Known is in account 111122223333; a fun"
    ):
        WaiterFunction.configure(stack, role=role)


def test_a_function_in_a_vpc_may_have_interfaces_there(stack: Stack, vpc: ec2.IVpc) -> None:
    subnets = ec2.SubnetSelection(availability_zones=["us-east-1a"])
    WaiterFunction.configure(stack, vpc=vpc, vpc_subnets=subnets, security_groups=[group(stack)])
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert properties_of(FUNCTION, stack)["VpcConfig"] == {
        "SecurityGroupIds": ["sg-11111111"],
        "SubnetIds": ["subnet-0000000a"],
    }
    [arn] = properties_of(ROLE, stack)["ManagedPolicyArns"]
    assert arn["Fn::Join"][1][-1] == ":iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
    assert in_a_cycle(resources_of(stack)) == []


def test_its_log_group_may_be_given_or_get_a_key(stack: Stack, vpc: ec2.IVpc) -> None:
    other = Stack(stack, "Other")
    WaiterFunction.configure(other, log_group=logs.LogGroup.from_log_group_name(other, "Logs", "central"))
    key = "arn:aws:kms:us-east-1:111122223333:key/1"
    WaiterFunction.configure(stack, log_encryption_key=kms.Key.from_key_arn(stack, "Key", key))
    assert properties_of(LOG_GROUP, stack)["KmsKeyId"] == key
    assert of_type(resources_of(other), LOG_GROUP) == {}
    assert properties_of(FUNCTION, other)["LoggingConfig"]["LogGroup"] == "central"


def test_its_runtime_may_be_an_older_python(stack: Stack, vpc: ec2.IVpc) -> None:
    WaiterFunction.configure(stack, runtime=lambda_.Runtime.PYTHON_3_12)
    assert properties_of(FUNCTION, stack)["Runtime"] == "python3.12"


MISTAKES: Mapping[str, tuple[Callable[[Stack], dict[str, Any]], str]] = {
    "groups without a VPC": (lambda stack: {"security_groups": [group(stack)]}, "were given without vpc; give the VPC"),
    "a key beside a log group": (
        lambda stack: {
            "log_group": logs.LogGroup(stack, "Logs"),
            "log_encryption_key": kms.Key(stack, "Key"),
        },
        "log_encryption_key was given with log_group",
    ),
    "an old Python": (
        lambda _: {"runtime": lambda_.Runtime.PYTHON_3_10},
        r"runtime is python3\.10, allowed are Python 3\.11",
    ),
    "another language": (
        lambda _: {"runtime": lambda_.Runtime.NODEJS_22_X},
        r"runtime is nodejs22\.x, allowed are Python",
    ),
    "a role's name": (
        lambda _: {"role": "central"},
        r"role is 'central', allowed is aws_iam\.IRole; give for example iam\.R",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(mistake: str, stack: Stack) -> None:
    given, message = MISTAKES[mistake]
    with pytest.raises(ValueError, match=message):
        WaiterFunction.configure(stack, **given(stack))


@pytest.mark.parametrize("first", [GeuseEfs, None])
def test_is_refused_when_the_function_exists(first: type[GeuseEfs] | None, stack: Stack, vpc: ec2.IVpc) -> None:
    if first:
        first(stack, "Efs", vpc=vpc)
    else:
        WaiterFunction.configure(stack)
    with pytest.raises(
        ValueError, match=r"of Storage exists already; call WaiterFunction\.configure once per stack, before"
    ):
        WaiterFunction.configure(stack)
