"""The custom resource that is complete when the mount targets are available."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jsii
from aws_cdk import CustomResource, Duration, ITaggableV2, Stack, TagManager, TagType
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from geuse_efs.mount_targets import MountTarget, dns_suffix
from geuse_efs.waiter_function import WaiterFunction
from geuse_efs.zones import Zone

RESOURCE_TYPE = "Custom::GeuseEfsMountTargets"
_LONGEST_SERVICE_TIMEOUT = 3600


@jsii.implements(ITaggableV2)
class Readiness(Construct):
    """Waits for mount targets, and puts the tags of its scope on their network interfaces.

    It is taggable like a resource, so tags of the app, the stack or the construct reach the mount targets as they reach
    the file system.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        file_system_id: str,
        zones: Sequence[Zone],
        security_groups: Sequence[ec2.ISecurityGroup],
        wait_timeout: Duration,
        properties: Mapping[str, Any],
    ) -> None:
        super().__init__(scope, construct_id)
        self._zones = zones
        self._tags = TagManager(TagType.MAP, "AWS::EC2::NetworkInterface")
        waiter = WaiterFunction.of(self)
        self.resource = CustomResource(
            self,
            "Resource",
            resource_type=RESOURCE_TYPE,
            service_token=waiter.function.function_arn,
            properties={
                "FileSystemId": file_system_id,
                "SecurityGroupIds": [group.security_group_id for group in security_groups],
                "Tags": self._tags.rendered_tags,
                "WaitTimeoutSeconds": wait_timeout.to_seconds(),
                **properties,
            },
        )
        # The prop of the L2 renders text, where CloudFormation wants a number.
        self.resource.node.default_child.add_property_override("ServiceTimeout", _service_timeout(wait_timeout))  # type: ignore[union-attr]
        self.resource.node.add_dependency(waiter.policy)

    def tag_keys(self) -> list[str]:
        """The keys of the tags, complete at synthesis."""
        return sorted(self._tags.tag_values())

    def subnet_arns(self) -> list[str]:
        """The subnets of the zones."""
        stack = Stack.of(self)
        return [
            stack.format_arn(service="ec2", resource="subnet", resource_name=zone.subnet.subnet_id)
            for zone in self._zones
        ]

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def cdk_tag_manager(self) -> TagManager:
        """What the CDK's tag aspects write to."""
        return self._tags

    @property
    def file_system_id(self) -> str:
        """The file system's id, known once the mount targets are available."""
        return self.resource.get_att_string("FileSystemId")

    @property
    def mount_targets(self) -> tuple[MountTarget, ...]:
        """The mount targets, in the order of the zones."""
        return tuple(self._mount_target(zone) for zone in self._zones)

    def _mount_target(self, zone: Zone) -> MountTarget:
        def attribute(name: str) -> str:
            return self.resource.get_att_string(f"{zone.key}.{name}")

        return MountTarget(
            availability_zone=zone.availability_zone,
            availability_zone_id=attribute("AvailabilityZoneId"),
            mount_target_id=attribute("MountTargetId"),
            subnet_id=attribute("SubnetId"),
            ip_address=attribute("IpAddress"),
            ipv6_address=attribute("Ipv6Address"),
            network_interface_id=attribute("NetworkInterfaceId"),
            dns_name=f"{zone.availability_zone}.{self.file_system_id}.{dns_suffix(self)}",
        )


def _service_timeout(wait_timeout: Duration) -> int:
    """Seconds that CloudFormation waits for an answer.

    Lambda runs a killed request twice again, after one and after two minutes; each of the three may take the whole wait
    and two minutes for tags and answer.
    """
    if wait_timeout.is_unresolved():
        return _LONGEST_SERVICE_TIMEOUT
    return min(_LONGEST_SERVICE_TIMEOUT, 3 * (int(wait_timeout.to_seconds()) + 120) + 180)
