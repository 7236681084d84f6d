"""What a deployment left behind, read through the AWS API only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.emulator.local_aws import LocalAws

WAITER_TYPE = "Custom::GeuseEfsMountTargets"
_BOOTSTRAP_STACK = "CDKToolkit"


@dataclass(frozen=True)
class ObservedMountTarget:
    """One mount target with its network interface."""

    zone: str
    mount_target_id: str
    state: str
    ip_address: str
    interface_id: str
    tags: dict[str, str]
    security_group_ids: tuple[str, ...]


@dataclass(frozen=True)
class ObservedFileSystem:
    """One file system with its mount targets, by zone."""

    file_system_id: str
    state: str
    encrypted: bool
    throughput_mode: str
    mount_targets: tuple[ObservedMountTarget, ...]
    tags: dict[str, str]

    @property
    def mount_target_ids(self) -> frozenset[str]:
        """The ids of its mount targets."""
        return frozenset(target.mount_target_id for target in self.mount_targets)


@dataclass(frozen=True)
class ObservedStack:
    """One stack with its outputs."""

    name: str
    status: str
    outputs: dict[str, str]


def stacks(aws: LocalAws) -> list[ObservedStack]:
    """Every stack but the bootstrap stack."""
    pages = aws.client("cloudformation").get_paginator("describe_stacks").paginate()
    return [
        ObservedStack(
            stack["StackName"],
            stack["StackStatus"],
            {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])},
        )
        for page in pages
        for stack in page["Stacks"]
        if stack["StackName"] != _BOOTSTRAP_STACK
    ]


def stack_events(aws: LocalAws) -> list[dict[str, Any]]:
    """The events of all stacks but the bootstrap stack, each stack's from the oldest on; also of stacks just deleted."""
    client = aws.client("cloudformation")
    ids = [
        stack["StackId"]
        for page in client.get_paginator("list_stacks").paginate()
        for stack in page["StackSummaries"]
        if stack["StackName"] != _BOOTSTRAP_STACK
    ]
    pages = client.get_paginator("describe_stack_events")
    # As CloudFormation lists them: the newest first, several of one second in the order in which they happened.
    return [
        event
        for stack_id in ids
        for event in [event for page in pages.paginate(StackName=stack_id) for event in page["StackEvents"]][::-1]
    ]


def file_systems(aws: LocalAws) -> list[ObservedFileSystem]:
    """Every file system with its mount targets."""
    return [
        ObservedFileSystem(
            file_system_id=item["FileSystemId"],
            state=item["LifeCycleState"],
            encrypted=item["Encrypted"],
            throughput_mode=item["ThroughputMode"],
            mount_targets=tuple(sorted(_mount_targets(aws, item["FileSystemId"]), key=lambda target: target.zone)),
            tags={tag["Key"]: tag["Value"] for tag in item["Tags"]},
        )
        for item in aws.client("efs").describe_file_systems()["FileSystems"]
    ]


def ingress(aws: LocalAws, security_group_ids: set[str]) -> list[str]:
    """One line per rule between groups: which security group admits which."""
    groups = aws.client("ec2").describe_security_groups(GroupIds=sorted(security_group_ids))["SecurityGroups"]
    return [
        f"{group['GroupId']} admits {pair['GroupId']} on {rule['IpProtocol']} {rule.get('FromPort', 'any')}"
        for group in groups
        for rule in group["IpPermissions"]
        for pair in rule.get("UserIdGroupPairs", [])
    ]


def _mount_targets(aws: LocalAws, file_system_id: str) -> list[ObservedMountTarget]:
    targets = aws.client("efs").describe_mount_targets(FileSystemId=file_system_id)["MountTargets"]
    filters = [{"Name": "network-interface-id", "Values": [target["NetworkInterfaceId"] for target in targets]}]
    found = aws.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"] if targets else []
    interfaces = {interface["NetworkInterfaceId"]: interface for interface in found}
    return [_observed(target, interfaces.get(target["NetworkInterfaceId"], {})) for target in targets]


def _observed(target: dict[str, Any], interface: dict[str, Any]) -> ObservedMountTarget:
    return ObservedMountTarget(
        zone=target["AvailabilityZoneName"],
        mount_target_id=target["MountTargetId"],
        state=target["LifeCycleState"],
        ip_address=target.get("IpAddress") or target.get("Ipv6Address", ""),
        interface_id=target["NetworkInterfaceId"],
        tags={tag["Key"]: tag["Value"] for tag in interface.get("TagSet", [])},
        security_group_ids=tuple(group["GroupId"] for group in interface.get("Groups", [])),
    )
