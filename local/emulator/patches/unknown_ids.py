"""Ids that do not exist are refused, where MiniStack takes them.

- DescribeAccessPoints answers AccessPointNotFound (EFS API reference).
- CreateTags answers InvalidNetworkInterfaceID.NotFound for a network interface (EC2 API reference, error codes).
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

from importlib import import_module
from typing import Any


def install() -> None:
    """Refuse them."""
    efs: Any = import_module("ministack.services.efs")
    ec2: Any = import_module("ministack.services.ec2")
    describe, tag = efs._describe_access_points, ec2._ACTION_MAP["CreateTags"]

    def describe_access_points(query: dict[str, str]) -> Any:
        name = query.get("AccessPointId")
        if name and name not in efs._access_points:
            return efs._error(404, "AccessPointNotFound", f"Access point '{name}' does not exist.")
        return describe(query)

    def create_tags(params: Any) -> Any:
        for name in ec2._parse_member_list(params, "ResourceId"):
            if name.startswith("eni-") and name not in ec2._network_interfaces:
                text = f"The networkInterface ID '{name}' does not exist"
                return ec2._error("InvalidNetworkInterfaceID.NotFound", text, 400)
        return tag(params)

    efs._describe_access_points = describe_access_points
    ec2._ACTION_MAP["CreateTags"] = create_tags
