"""Adopts a file system of somebody else's, as the tests of adoption want it."""

from __future__ import annotations

from typing import Any

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from geuse_efs import GeuseEfs, GeuseEfsBase
from tests.construct.templates import MANAGED_POLICY, Resource, Resources, import_vpc, of_type, resources_of

ID = "fs-0123456789abcdef0"
ARN = f"arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/{ID}"


def adopt(stack: Stack, vpc: ec2.IVpc, **props: Any) -> GeuseEfsBase:
    return GeuseEfs.adopt(stack, "Efs", **{"file_system_id": ID, "vpc": vpc, **props})


def known(app: Construct, region: str = "us-east-1", construct_id: str = "Known") -> Stack:
    """A stack that knows its account and region."""
    return Stack(app, construct_id, env=Environment(account="111122223333", region=region))


def adopt_known(app: App, **props: Any) -> tuple[Stack, GeuseEfsBase]:
    stack = known(app)
    return stack, adopt(stack, import_vpc(stack), **props)


def group(stack: Construct, digit: str = "1", *, mutable: bool = True) -> ec2.ISecurityGroup:
    return ec2.SecurityGroup.from_security_group_id(stack, f"Group{digit}", f"sg-{digit * 8}", mutable=mutable)


def permissions_of(stack: Stack) -> Resource:
    """The policy of the adoption, beside that of the function."""
    return next(iter(permissions_in(resources_of(stack)).values()))


def permissions_in(resources: Resources) -> Resources:
    return of_type(resources, MANAGED_POLICY)
