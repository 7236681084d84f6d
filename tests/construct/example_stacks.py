"""Stacks that the checkers look at: the app's own, and what else people define.

``python -m tests.construct.example_stacks`` synthesises them with the feature flags of cdk.json, strictly.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from geuse_efs import GeuseEfs, IpAddressType
from stacks.settings import Settings, read_settings
from stacks.storage_stack import StorageStack
from tests.construct.templates import import_vpc

CONTEXT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]
KEY = "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012"

ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "default": {},
    "one-zone": {"one_zone": True, "keep_data": False},
    "customer-key": {"kms_key_arn": KEY, "account": "111122223333", "region": "us-east-1"},
    "provisioned": {"throughput_mode": "provisioned", "provisioned_throughput_mibps": 100},
    "known-clients": {"client_security_group_ids": ["sg-11111111", "sg-22222222"], "wait_timeout_minutes": 40},
}


def define_example_stacks(app: App) -> list[Stack]:
    settings = [
        *read_settings({**CONTEXT, "geuse-efs:environments": ENVIRONMENTS}),
        # Not as it is read: a VPC that is looked up has ids here that no checker takes.
        Settings(environment="adopting", existing_file_system_id="fs-0123456789abcdef0"),
    ]
    return [*(StorageStack(app, environment) for environment in settings), _many_in_one(app), _adopting(app)]


def _many_in_one(app: App) -> Stack:
    stack = Stack(app, "many")
    vpc = import_vpc(stack)
    client = ec2.SecurityGroup(stack, "Client", vpc=vpc)
    for number in range(3):
        GeuseEfs(stack, f"Efs{number}", vpc=vpc, clients=[client])
    strict = GeuseEfs(
        stack, "Strict", vpc=vpc, require_iam=True, root_squash=True, ip_address_type=IpAddressType.DUAL_STACK
    )
    strict.grant_root_access(iam.Role(stack, "Root", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")))
    tiered = GeuseEfs(
        stack,
        "Tiered",
        vpc=vpc,
        throughput_mode=efs.ThroughputMode.ELASTIC,
        lifecycle_policy=efs.LifecyclePolicy.AFTER_30_DAYS,
        transition_to_archive_policy=efs.LifecyclePolicy.AFTER_90_DAYS,
        out_of_infrequent_access_policy=efs.OutOfInfrequentAccessPolicy.AFTER_1_ACCESS,
    )
    tiered.add_access_point("Data", path="/data", posix_user=efs.PosixUser(uid="1000", gid="1000"))
    return stack


def _adopting(app: App) -> Stack:
    """All that an adoption can have, beside a file system that is created."""
    stack = Stack(app, "adopt-many")
    vpc = import_vpc(stack)
    client = ec2.SecurityGroup(stack, "Client", vpc=vpc)
    GeuseEfs(stack, "Created", vpc=vpc)
    GeuseEfs.adopt(
        stack,
        "Kept",
        file_system_id="fs-11111111",
        vpc=vpc,
        clients=[client, ec2.Peer.ipv4("10.1.0.0/16"), ec2.Peer.prefix_list("pl-11111111")],
        kms_key=kms.Key.from_key_arn(stack, "Key", KEY),
        retain_created=True,
        ip_address_type=IpAddressType.DUAL_STACK,
        severities={"backup-off": "off"},
    ).add_access_point("Data", path="/data", posix_user=efs.PosixUser(uid="1000", gid="1000"))
    GeuseEfs.adopt(
        stack,
        "Theirs",
        file_system_id="fs-22222222",
        vpc=vpc,
        security_groups=[client],
        access_points=[efs.AccessPoint.from_access_point_id(stack, "Point", "fsap-11111111")],
        create_missing=False,
    )
    return stack


if __name__ == "__main__":
    main = App(context=CONTEXT)
    define_example_stacks(main)
    main.synth()
