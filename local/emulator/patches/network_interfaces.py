"""Each mount target has a network interface, which DescribeNetworkInterfaces finds by filter.

- EFS creates one requester-managed interface per mount target, described as `Mount target fsmt-… for file system fs-…`, with
  the mount target's security groups (EFS API reference, CreateMountTarget). MiniStack gives the mount target the id of an
  interface that does not exist.
- Filters compare values with `*` and `?` (EC2 API reference). MiniStack ignores them.
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from typing import Any

Record = dict[str, Any]

# What a filter compares, by its name in the EC2 API.
_FILTERS: dict[str, Callable[[Record], list[str]]] = {
    "network-interface-id": lambda r: [r["NetworkInterfaceId"]],
    "description": lambda r: [r["Description"]],
    "vpc-id": lambda r: [r["VpcId"]],
    "subnet-id": lambda r: [r["SubnetId"]],
    "group-id": lambda r: [group["GroupId"] for group in r.get("Groups", [])],
    "status": lambda r: [r["Status"]],
}


class _Interfaces:
    """The interface records in MiniStack's EC2 module."""

    def __init__(self) -> None:
        self._ec2: Any = import_module("ministack.services.ec2")
        self._plain_xml: Callable[..., str] = self._ec2._eni_fields_xml

    def add(self, mount_target: Record) -> None:
        """Record the interface of a new mount target, under the id that MiniStack gave it."""
        interface_id = mount_target["NetworkInterfaceId"]
        self._ec2._network_interfaces[interface_id] = {
            "NetworkInterfaceId": interface_id,
            "SubnetId": mount_target["SubnetId"],
            "VpcId": mount_target["VpcId"],
            "AvailabilityZone": mount_target["AvailabilityZoneName"],
            "Description": f"Mount target {mount_target['MountTargetId']} for file system {mount_target['FileSystemId']}",
            "OwnerId": mount_target["OwnerId"],
            "RequesterManaged": True,
            "Status": "in-use",
            "PrivateIpAddress": mount_target.get("IpAddress", ""),
            "Ipv6Address": mount_target.get("Ipv6Address", ""),
            "InterfaceType": "interface",
            "SourceDestCheck": True,
            "MacAddress": "02:00:00:00:00:00",
            "Attachment": None,
        }
        self.regroup(mount_target)

    def remove(self, mount_target: Record) -> None:
        """Forget the interface of a mount target that is gone."""
        self._ec2._network_interfaces.pop(mount_target["NetworkInterfaceId"], None)
        self._ec2._tags.pop(mount_target["NetworkInterfaceId"], None)

    def regroup(self, mount_target: Record) -> None:
        """Follow a change of the mount target's security groups."""
        known = self._ec2._security_groups
        self._ec2._network_interfaces[mount_target["NetworkInterfaceId"]]["Groups"] = [
            {"GroupId": group_id, "GroupName": known.get(group_id, {}).get("GroupName", group_id)}
            for group_id in mount_target["SecurityGroups"]
        ]

    def describe(self, params: Any) -> Any:
        """DescribeNetworkInterfaces with its filters."""
        ec2, wanted = self._ec2, self._ec2._parse_member_list(params, "NetworkInterfaceId")
        filters: dict[str, list[str]] = ec2._parse_filters(params)
        if unknown := [name for name in filters if name not in _FILTERS and not name.startswith("tag")]:
            return ec2._error("InvalidParameterValue", f"The filter '{unknown[0]}' is invalid", 400)
        found = [r for r in ec2._network_interfaces.values() if not wanted or r["NetworkInterfaceId"] in wanted]
        items = "".join(self.xml(record) for record in found if self._passes(record, filters))
        body = f"<networkInterfaceSet>{items}</networkInterfaceSet>"
        return ec2._xml(200, "DescribeNetworkInterfacesResponse", body)

    def _passes(self, record: Record, filters: dict[str, list[str]]) -> bool:
        return self._ec2._resource_matches_tag_filters(record["NetworkInterfaceId"], filters) and all(
            any(self._ec2._glob_match(pattern, value) for pattern in patterns for value in _FILTERS[name](record))
            for name, patterns in filters.items()
            if name in _FILTERS
        )

    def xml(self, record: Record, tag: str = "item") -> str:
        """What MiniStack renders, and what it leaves out."""
        managed = str(record.get("RequesterManaged", False)).lower()
        extra = f"<requesterManaged>{managed}</requesterManaged>"
        if address := record.get("Ipv6Address"):
            extra += f"<ipv6AddressesSet><item><ipv6Address>{address}</ipv6Address></item></ipv6AddressesSet>"
        # The last closing tag is the interface's own: the lists inside use the same element name.
        head, closing, tail = self._plain_xml(record, tag=tag).rpartition(f"</{tag}>")
        return head + extra + closing + tail


def install() -> None:
    """Let interfaces come, go and change with their mount targets, and be found."""
    efs: Any = import_module("ministack.services.efs")
    ec2: Any = import_module("ministack.services.ec2")
    interfaces = _Interfaces()
    create, delete, modify = (
        efs._create_mount_target,
        efs._delete_mount_target,
        efs._modify_mount_target_security_groups,
    )

    def create_mount_target(body: Record) -> Any:
        response = create(body)
        if response[0] < HTTPStatus.BAD_REQUEST:
            interfaces.add(efs._mount_targets[json.loads(response[2])["MountTargetId"]])
        return response

    def delete_mount_target(mount_target_id: str) -> Any:
        if record := efs._mount_targets.get(mount_target_id):
            interfaces.remove(record)
        return delete(mount_target_id)

    def modify_groups(mount_target_id: str, body: Record) -> Any:
        response = modify(mount_target_id, body)
        if response[0] < HTTPStatus.BAD_REQUEST:
            interfaces.regroup(efs._mount_targets[mount_target_id])
        return response

    efs._create_mount_target, efs._delete_mount_target = create_mount_target, delete_mount_target
    efs._modify_mount_target_security_groups = modify_groups
    ec2._ACTION_MAP["DescribeNetworkInterfaces"] = interfaces.describe
    ec2._eni_fields_xml = interfaces.xml
