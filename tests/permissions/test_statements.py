"""Every statement of every template says what the service authorization reference knows: AWS ignores the others in silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App

from tests.construct.example_stacks import CONTEXT, define_example_stacks
from tests.construct.templates import resources_of
from tests.permissions.statements import complaints, statements
from tests.simulator.names import arn

INTERFACES, SUBNET, GROUPS = (
    arn("ec2", name) for name in ("network-interface/*", "subnet/subnet-1", "security-group/*")
)
IN_VPC = {"ArnEquals": {"ec2:Vpc": arn("ec2", "vpc/vpc-1")}}


def test_actions_resources_and_condition_keys_of_every_statement_exist_together(new_app: Callable[..., App]) -> None:
    found, seen = set[str](), set[str]()
    for stack in define_example_stacks(new_app(CONTEXT)):
        for logical_id, statement in statements(resources_of(stack)):
            seen.add(statement.get("Sid", logical_id))
            found |= {
                f"{stack.stack_name} {logical_id} {statement.get('Sid')}: {each}" for each in complaints(statement)
            }
    assert len(seen) > 10, "the stacks have lost their policies"
    assert sorted(found) == []


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an action that does not exist": (
        {"Action": "elasticfilesystem:DescribeEverything", "Resource": "*"},
        "there is no action elasticfilesystem:DescribeEverything",
    ),
    "a key that new interfaces do not have": (
        {"Action": "ec2:CreateNetworkInterface", "Resource": [INTERFACES, SUBNET], "Condition": IN_VPC},
        "ec2:CreateNetworkInterface on network-interface has no condition key ec2:Vpc",
    ),
    "a key of tags where nothing is tagged": (
        {"Action": "ec2:DescribeSubnets", "Resource": "*", "Condition": {"StringLike": {"aws:TagKeys": "x"}}},
        "ec2:DescribeSubnets on * has no condition key aws:TagKeys",
    ),
    "a tag of what is just being created": (
        {
            "Action": "ec2:CreateNetworkInterface",
            "Resource": INTERFACES,
            "Condition": {"Null": {"aws:ResourceTag/x": "true"}},
        },
        "ec2:CreateNetworkInterface on network-interface has no condition key aws:ResourceTag/x",
    ),
    "a resource that the action does not know": (
        {"Action": "ec2:DeleteNetworkInterface", "Resource": [INTERFACES, GROUPS]},
        f"none of the actions is authorised against {GROUPS}",
    ),
    "a resource where there is none": (
        {"Action": "ec2:DescribeSubnets", "Resource": SUBNET},
        f"ec2:DescribeSubnets is never authorised against {SUBNET}",
    ),
}


@pytest.mark.parametrize(("statement", "complaint"), WRONG.values(), ids=WRONG)
def test_a_statement_that_can_never_hold_is_found(statement: dict[str, Any], complaint: str) -> None:
    assert complaint in complaints(statement)


RIGHT: dict[str, dict[str, Any]] = {
    "keys of one pair": {"Action": "ec2:CreateNetworkInterface", "Resource": GROUPS, "Condition": IN_VPC},
    "wildcards": {"Action": "elasticfilesystem:Client*", "Resource": arn("elasticfilesystem", "*")},
    "a global key": {
        "Action": "elasticfilesystem:ClientMount",
        "Condition": {"Bool": {"aws:SecureTransport": "true", "elasticfilesystem:AccessedViaMountTarget": "true"}},
    },
    "a tag of what is there": {
        "Action": "elasticfilesystem:DescribeFileSystems",
        "Resource": arn("elasticfilesystem", "file-system/*"),
        "Condition": {"StringEquals": {"aws:ResourceTag/aws:cloudformation:stack-id": "x"}},
    },
}


@pytest.mark.parametrize("statement", RIGHT.values(), ids=RIGHT)
def test_a_statement_that_aws_understands_is_left_alone(statement: dict[str, Any]) -> None:
    assert list(complaints(statement)) == []
