"""The network interface behind each mount target, and the filters of DescribeNetworkInterfaces.

Imitates, where MiniStack does not:

- EFS creates one requester-managed interface a mount target, described as
  `Mount target fsmt-… for file system fs-…`, with the mount target's security groups (EFS API reference,
  CreateMountTarget).
- DescribeNetworkInterfaces filters by value with `*` and `?`, refuses an unknown interface id and an unknown filter
  (EC2 API reference).
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from importlib import import_module
from typing import Any

Record = dict[str, Any]

# What a filter compares, by its name in the EC2 API.
_FILTERS: dict[str, Callable[[Record], list[str]]] = {
    "network-interface-id": lambda r: [r["NetworkInterfaceId"]],
    "description": lambda r: [r["Description"]],
    "vpc-id": lambda r: [r["VpcId"]],
    "subnet-id": lambda r: [r["SubnetId"]],
    "availability-zone": lambda r: [r["AvailabilityZone"]],
    "group-id": lambda r: [group["GroupId"] for group in r.get("Groups", [])],
    "group-name": lambda r: [group["GroupName"] for group in r.get("Groups", [])],
    "private-ip-address": lambda r: [r["PrivateIpAddress"]],
    "requester-managed": lambda r: [str(r.get("RequesterManaged", False)).lower()],
    "status": lambda r: [r["Status"]],
    "owner-id": lambda r: [r["OwnerId"]],
}


class NetworkInterfaces:
    """Interface records, on top of MiniStack's EC2 module."""

    def __init__(self) -> None:
        self._ec2: Any = import_module("ministack.services.ec2")
        self._settle: Callable[[], None] = lambda: None
        self._plain_xml: Callable[..., str] = self._ec2._eni_fields_xml

    def install(self, settle: Callable[[], None]) -> None:
        """Replace how MiniStack selects interfaces and how it renders them.

        Args:
            settle: Brings mount targets up to date; an interface leaves with its mount target, and there is no timer.
        """
        self._settle = settle
        self._ec2._ACTION_MAP["DescribeNetworkInterfaces"] = self._describe
        self._ec2._eni_fields_xml = self._xml

    def add(self, mount_target: Record) -> None:
        """Record the interface of a new mount target, under the id that MiniStack gave it."""
        interface_id = mount_target["NetworkInterfaceId"]
        self._ec2._network_interfaces[interface_id] = {
            "NetworkInterfaceId": interface_id,
            "SubnetId": mount_target["SubnetId"],
            "VpcId": mount_target["VpcId"],
            "AvailabilityZone": mount_target["AvailabilityZoneName"],
            "Description": f"Mount target {mount_target['MountTargetId']} "
            f"for file system {mount_target['FileSystemId']}",
            "OwnerId": mount_target["OwnerId"],
            "RequesterManaged": True,
            "Status": "in-use",
            "PrivateIpAddress": mount_target.get("IpAddress", ""),
            "Ipv6Address": mount_target.get("Ipv6Address", ""),
            "InterfaceType": "interface",
            "SourceDestCheck": True,
            "MacAddress": ":".join(["02", *re.findall("..", secrets.token_hex(5))]),
            "Groups": self._groups(mount_target),
            "Attachment": None,
        }

    def remove(self, mount_target: Record) -> None:
        """Forget the interface of a mount target that is gone, and its tags with it."""
        interface_id = mount_target["NetworkInterfaceId"]
        self._ec2._network_interfaces.pop(interface_id, None)
        self._ec2._tags.pop(interface_id, None)

    def regroup(self, mount_target: Record) -> None:
        """Follow a change of the mount target's security groups."""
        interface = self._ec2._network_interfaces.get(mount_target["NetworkInterfaceId"])
        if interface is not None:
            interface["Groups"] = self._groups(mount_target)

    def _groups(self, mount_target: Record) -> list[dict[str, str]]:
        known = self._ec2._security_groups
        return [
            {"GroupId": group_id, "GroupName": known.get(group_id, {}).get("GroupName", group_id)}
            for group_id in mount_target["SecurityGroups"]
        ]

    def _describe(self, params: Any) -> Any:
        self._settle()
        records = self._ec2._network_interfaces
        wanted = self._ec2._parse_member_list(params, "NetworkInterfaceId")
        filters: dict[str, list[str]] = self._ec2._parse_filters(params)
        for interface_id in wanted:
            if interface_id not in records:
                text = f"The networkInterface ID '{interface_id}' does not exist"
                return self._ec2._error("InvalidNetworkInterfaceID.NotFound", text, 400)
        for name in filters:
            if name not in _FILTERS and not name.startswith("tag"):
                return self._ec2._error("InvalidParameterValue", f"The filter '{name}' is invalid", 400)
        found = [r for r in records.values() if not wanted or r["NetworkInterfaceId"] in wanted]
        items = "".join(self._xml(record) for record in found if self._passes(record, filters))
        body = f"<networkInterfaceSet>{items}</networkInterfaceSet>"
        return self._ec2._xml(200, "DescribeNetworkInterfacesResponse", body)

    def _passes(self, record: Record, filters: dict[str, list[str]]) -> bool:
        if not self._ec2._resource_matches_tag_filters(record["NetworkInterfaceId"], filters):
            return False
        return all(
            any(self._ec2._glob_match(pattern, value) for pattern in patterns for value in _FILTERS[name](record))
            for name, patterns in filters.items()
            if name in _FILTERS
        )

    def _xml(self, record: Record, tag: str = "item") -> str:
        managed = str(record.get("RequesterManaged", False)).lower()
        extra = f"<requesterManaged>{managed}</requesterManaged>"
        if address := record.get("Ipv6Address"):
            extra += f"<ipv6AddressesSet><item><ipv6Address>{address}</ipv6Address></item></ipv6AddressesSet>"
        # The last closing tag is the interface's own: the lists inside use the same element name.
        head, closing, tail = self._plain_xml(record, tag=tag).rpartition(f"</{tag}>")
        return head + extra + closing + tail
