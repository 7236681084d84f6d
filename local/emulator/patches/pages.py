"""Answers that come in pages, and security groups by id.

Imitates, where MiniStack does not:

- DescribeFileSystems and DescribeMountTargets: Marker and NextMarker. MaxItems is "automatically set" to 100 and to 10, "other
  values are ignored" (EFS API reference), so the size of a page is a setting here.
- DescribeNetworkInterfaces, DescribeSubnets and DescribeSecurityGroups: MaxResults and NextToken (EC2 API reference).
- DescribeSecurityGroups: the filter `group-id` (EC2 API reference).
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from typing import Any
from xml.etree import ElementTree as ET

from local.emulator.state import State

Handler = Callable[[Any], Any]

_EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
_SETS = {
    "DescribeNetworkInterfaces": "networkInterfaceSet",
    "DescribeSubnets": "subnetSet",
    "DescribeSecurityGroups": "securityGroupInfo",
}


def install(state: State) -> None:
    """Put pages around the operations, whoever answers them."""
    efs: Any = import_module("ministack.services.efs")
    ec2: Any = import_module("ministack.services.ec2")
    efs._describe_file_systems = _efs_pages(efs._describe_file_systems, "FileSystems", "FileSystemId", state)
    efs._describe_mount_targets = _efs_pages(efs._describe_mount_targets, "MountTargets", "MountTargetId", state)
    for operation, name in _SETS.items():
        ec2._ACTION_MAP[operation] = _ec2_pages(ec2._ACTION_MAP[operation], name, ec2)
    ET.register_namespace("", _EC2)


def _efs_pages(describe: Handler, name: str, key: str, state: State) -> Handler:
    def page(query: dict[str, str]) -> Any:
        answer = describe({**query, "MaxItems": "1000000"})
        if answer[0] >= HTTPStatus.BAD_REQUEST:
            return answer
        found, marker, size = json.loads(answer[2])[name], query.get("Marker", ""), state.settings.efs_page_size
        start = next((number for number, one in enumerate(found) if one[key] == marker), 0)
        body: dict[str, Any] = {name: found[start : start + size]}
        if marker:
            body["Marker"] = marker
        if len(found) > start + size:
            body["NextMarker"] = found[start + size][key]
        return answer[0], answer[1], json.dumps(body).encode()

    return page


def _ec2_pages(describe: Handler, name: str, ec2: Any) -> Handler:
    def page(params: Any) -> Any:
        answer = describe(params)
        groups = ec2._parse_filters(params).get("group-id") if name == "securityGroupInfo" else None
        size = ec2._p(params, "MaxResults")
        if answer[0] >= HTTPStatus.BAD_REQUEST or not (size or groups):
            return answer
        root = ET.fromstring(answer[2])  # noqa: S314 (our own server wrote it)
        listed = root.find(f"{{{_EC2}}}{name}")
        if listed is None:
            return answer
        found = [one for one in listed if not groups or one.findtext(f"{{{_EC2}}}groupId") in groups]
        start, end = int(ec2._p(params, "NextToken") or 0), len(found)
        if size:
            end = start + int(size)
        listed[:] = found[start:end]
        if end < len(found):
            ET.SubElement(root, f"{{{_EC2}}}nextToken").text = str(end)
        return answer[0], answer[1], ET.tostring(root)

    return page
