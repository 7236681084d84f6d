"""The custom resource that is complete when the mount targets are available."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import CfnResource, Fn, Token
from aws_cdk import aws_efs as efs
from constructs import Construct

from geuse_efs import limits
from geuse_efs.availability_zones import Zone
from geuse_efs.mount_targets import MountTarget, dns_suffix
from geuse_efs.tags import AllTags
from geuse_efs.waiter_function import WaiterFunction

RESOURCE_TYPE = "Custom::GeuseEfsMountTargets"


class Readiness(CfnResource):
    """Waits for mount targets, and puts tags on their network interfaces.

    It is an L1, because the L2 writes ServiceTimeout as text where CloudFormation wants a number.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        waiter: WaiterFunction,
        file_system_id: str,
        zones: Sequence[Zone],
        security_group_ids: Sequence[str],
        wait_seconds: float,
        tags: AllTags,
        properties: Mapping[str, Any],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            type=RESOURCE_TYPE,
            properties={
                "ServiceToken": waiter.function_arn,
                "ServiceTimeout": _service_timeout(wait_seconds),
                "FileSystemId": file_system_id,
                "SecurityGroupIds": list(security_group_ids),
                "Tags": tags.rendered,
                "WaitTimeoutSeconds": wait_seconds,
                **properties,
            },
        )
        self.tags, self._zones = tags, zones
        self.node.add_dependency(waiter.policy)

    @property
    def file_system_id(self) -> str:
        """The file system's id, known once the mount targets are available."""
        return self.get_att("FileSystemId").to_string()

    @property
    def mount_targets(self) -> tuple[MountTarget, ...]:
        """The mount targets, in the order of the zones."""
        return tuple(self._mount_target(zone) for zone in self._zones)

    def _mount_target(self, zone: Zone) -> MountTarget:
        def attribute(name: str) -> str:
            return self.get_att(f"{zone.key}.{name}").to_string()

        name = zone.availability_zone or self._availability_zone(zone)
        return MountTarget(
            availability_zone=name,
            availability_zone_id=attribute("AvailabilityZoneId"),
            mount_target_id=attribute("MountTargetId"),
            subnet_id=attribute("SubnetId"),
            ip_address=attribute("IpAddress"),
            ipv6_address=attribute("Ipv6Address"),
            network_interface_id=attribute("NetworkInterfaceId"),
            dns_name=f"{name}.{self.file_system_id}.{dns_suffix(self)}",
        )

    def _availability_zone(self, zone: Zone) -> str:
        """The name that the waiter has found: one attribute has all, in the order of the zones' keys."""
        place = sorted(each.key for each in self._zones).index(zone.key)
        return Fn.select(place, Fn.split(",", self.get_att("AvailabilityZones").to_string()))


def define_readiness(
    scope: Construct,
    file_system: efs.IFileSystem,
    mount_targets: Mapping[Zone, efs.CfnMountTarget],
    security_group_ids: Sequence[str],
    tags: AllTags,
    *,
    wait_seconds: float,
    allow_replacement: bool,
    allow_deletion_while_adopted: bool,
) -> Readiness:
    """The custom resource, and the waiter's permissions, of a file system that the stack creates.

    Args:
        scope: where it is defined.
        file_system: the file system.
        mount_targets: its mount targets by zone.
        security_group_ids: of the mount targets; a change is a new request.
        tags: the tags of the network interfaces.
        wait_seconds, allow_replacement, allow_deletion_while_adopted: as in `GeuseEfs`.

    Raises:
        ValueError: if two zones have one key: the waiter would be told of one of their mount targets only.
    """
    targets = {zone.key: target.ref for zone, target in mount_targets.items()}
    if len(targets) != len(mount_targets):
        raise ValueError(
            f"the mount targets of {file_system.node.path} have keys that are not unique: {', '.join(targets)}"
        )
    waiter = WaiterFunction.of(scope)
    waiter.grant_for(file_system.file_system_arn, [zone.subnet_id for zone in mount_targets], tags)
    return Readiness(
        scope,
        "Readiness",
        waiter=waiter,
        file_system_id=file_system.file_system_id,
        zones=list(mount_targets),
        security_group_ids=security_group_ids,
        wait_seconds=wait_seconds,
        tags=tags,
        properties={
            "MountTargets": targets,
            "AllowReplacement": allow_replacement,
            "AllowDeletionWhileAdopted": allow_deletion_while_adopted,
        },
    )


def _service_timeout(wait_seconds: float) -> int:
    """Seconds that CloudFormation waits for a response: enough for every run of one request."""
    if Token.is_unresolved(wait_seconds):
        return limits.MAX_SERVICE_TIMEOUT_SECONDS
    run = int(wait_seconds) + limits.SECONDS_AROUND_A_WAIT
    return min(limits.MAX_SERVICE_TIMEOUT_SECONDS, (1 + limits.LAMBDA_RETRIES) * run + limits.RETRY_PAUSES_SECONDS)
