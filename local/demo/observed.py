"""What a deployment left behind, read through the AWS API only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.emulator.local_aws import LocalAws

WAITER_TYPE = "Custom::GeuseEfsMountTargets"
LEDGER_PREFIX = "geuse-efs:"
_BOOTSTRAP_STACK = "CDKToolkit"


@dataclass(frozen=True)
class SeenMountTarget:
    """One mount target with its network interface."""

    zone: str
    mount_target_id: str
    state: str
    ip_address: str
    dns_name: str
    interface_id: str
    tags: dict[str, str]
    security_group_ids: tuple[str, ...]


@dataclass(frozen=True)
class SeenFileSystem:
    """One file system with its mount targets, by zone."""

    file_system_id: str
    state: str
    encrypted: bool
    throughput_mode: str
    performance_mode: str
    mount_targets: tuple[SeenMountTarget, ...]
    tags: dict[str, str]

    @property
    def ledgers(self) -> dict[str, str]:
        """The tags by which adopters keep account."""
        return {key: value for key, value in self.tags.items() if key.startswith(LEDGER_PREFIX)}


@dataclass(frozen=True)
class SeenStack:
    """One stack; `waits` has the seconds that each custom resource of ours took, by logical id."""

    name: str
    status: str
    waits: dict[str, float]
    outputs: dict[str, str]


def stacks(aws: LocalAws) -> list[SeenStack]:
    """Every stack but the bootstrap stack."""
    client = aws.client("cloudformation")
    found = [stack for page in client.get_paginator("describe_stacks").paginate() for stack in page["Stacks"]]
    return [
        SeenStack(
            stack["StackName"],
            stack["StackStatus"],
            _waits(client, stack["StackName"]),
            {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])},
        )
        for stack in found
        if stack["StackName"] != _BOOTSTRAP_STACK
    ]


def file_systems(aws: LocalAws) -> list[SeenFileSystem]:
    """Every file system with its mount targets."""
    efs = aws.client("efs")
    return [
        SeenFileSystem(
            file_system_id=item["FileSystemId"],
            state=item["LifeCycleState"],
            encrypted=item["Encrypted"],
            throughput_mode=item["ThroughputMode"],
            performance_mode=item["PerformanceMode"],
            mount_targets=tuple(sorted(_mount_targets(aws, efs, item["FileSystemId"]), key=lambda t: t.zone)),
            tags={tag["Key"]: tag["Value"] for tag in item["Tags"]},
        )
        for item in efs.describe_file_systems()["FileSystems"]
    ]


def ingress(aws: LocalAws, security_group_ids: set[str]) -> list[str]:
    """One line a rule: what each security group lets in."""
    if not security_group_ids:
        return []
    found = aws.client("ec2").describe_security_groups(GroupIds=sorted(security_group_ids))["SecurityGroups"]
    return [
        f"{group['GroupId']} lets in {_sources(rule)} on {rule['IpProtocol']} {rule.get('FromPort', 'any')}"
        for group in found
        for rule in group["IpPermissions"]
    ] or [f"{', '.join(sorted(security_group_ids))} let nothing in"]


def _sources(rule: dict[str, Any]) -> str:
    names = [item["CidrIp"] for item in rule.get("IpRanges", [])]
    names += [item["CidrIpv6"] for item in rule.get("Ipv6Ranges", [])]
    names += [item["PrefixListId"] for item in rule.get("PrefixListIds", [])]
    names += [item["GroupId"] for item in rule.get("UserIdGroupPairs", [])]
    return ", ".join(names) or "nobody"


def _mount_targets(aws: LocalAws, efs: Any, file_system_id: str) -> list[SeenMountTarget]:
    pages = efs.get_paginator("describe_mount_targets").paginate(FileSystemId=file_system_id)
    targets = [item for page in pages for item in page["MountTargets"]]
    filters = [{"Name": "network-interface-id", "Values": [item["NetworkInterfaceId"] for item in targets]}]
    interfaces = aws.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"] if targets else []
    by_id = {item["NetworkInterfaceId"]: item for item in interfaces}
    return [_seen(aws.region, item, by_id.get(item["NetworkInterfaceId"], {})) for item in targets]


def _seen(region: str, target: dict[str, Any], interface: dict[str, Any]) -> SeenMountTarget:
    zone = target["AvailabilityZoneName"]
    return SeenMountTarget(
        zone=zone,
        mount_target_id=target["MountTargetId"],
        state=target["LifeCycleState"],
        ip_address=target.get("IpAddress") or target.get("Ipv6Address", ""),
        dns_name=f"{zone}.{target['FileSystemId']}.efs.{region}.amazonaws.com",
        interface_id=target["NetworkInterfaceId"],
        tags={tag["Key"]: tag["Value"] for tag in interface.get("TagSet", [])},
        security_group_ids=tuple(group["GroupId"] for group in interface.get("Groups", [])),
    )


def _waits(client: Any, stack_name: str) -> dict[str, float]:
    pages = client.get_paginator("describe_stack_events").paginate(StackName=stack_name)
    times: dict[tuple[str, str], Any] = {
        (event["LogicalResourceId"], event["ResourceStatus"]): event["Timestamp"]
        for page in pages
        for event in page["StackEvents"]
        if event["ResourceType"] == WAITER_TYPE
    }
    return {
        logical_id: (end - times[logical_id, "CREATE_IN_PROGRESS"]).total_seconds()
        for (logical_id, status), end in times.items()
        if status == "CREATE_COMPLETE"
    }
