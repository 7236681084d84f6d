"""`Fn::GetAtt` gives the CidrBlock of a VPC (CloudFormation resource reference, AWS::EC2::VPC). In MiniStack it fails."""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def install() -> None:
    """Add the attribute to what is created and updated."""
    provisioners: Any = import_module("ministack.services.cloudformation.provisioners")
    ec2: Any = import_module("ministack.services.ec2")
    vpc = provisioners._RESOURCE_HANDLERS["AWS::EC2::VPC"]

    def with_cidr_block(handler: Callable[..., Any]) -> Callable[..., Any]:
        def handle(*args: Any, **options: Any) -> tuple[str, dict[str, Any]]:
            vpc_id, attributes = handler(*args, **options)
            return vpc_id, {**attributes, "CidrBlock": ec2._vpcs[vpc_id]["CidrBlock"]}

        return handle

    for name in ("create", "update"):
        vpc[name] = with_cidr_block(vpc[name])
