"""What a request is authorised against, for servers started with AUTH.

MiniStack looks at the path only, so a policy scoped to one file system's ARN is denied for every operation on mount targets
and tags, one scoped to an access point's ARN for every look at it, and it does not know the resource of ec2:CreateTags and
ec2:DeleteTags. IAM authorises the first against the file system, the second against the access point, and the last against
each tagged resource, with the condition keys ec2:Region, ec2:Subnet, ec2:Vpc and, of a file system, a network interface and a
security group, aws:ResourceTag (service authorization reference, Amazon Elastic File System and Amazon EC2). Of several tagged
resources only the first is judged here.
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import unquote

_FILE_SYSTEM = re.compile(r"fs-[0-9a-f]+")
_ACCESS_POINT = re.compile(r"fsap-[0-9a-f]+")
_MOUNT_TARGET = re.compile(r"fsmt-[0-9a-f]+")


def install() -> None:
    """Replace how MiniStack finds the resource and the condition keys of a request."""
    actions: Any = import_module("ministack.core.iam_actions")
    actions.extract_resource_arn = _with_resources(actions.extract_resource_arn)
    actions.request_tag_context = _with_condition_keys(actions.request_tag_context)


def _with_resources(extract: Callable[..., str]) -> Callable[..., str]:
    def extract_resource_arn(service: str, *request: Any, **named: Any) -> str:
        # What follows the service: method, path, headers, body, query, region, account.
        _, path, _, body, query, *_ = request
        if service == "elasticfilesystem" and (file_system_id := _file_system(path, body, query)):
            return _arn(service, "file-system", file_system_id)
        if service == "elasticfilesystem" and (named_one := _ACCESS_POINT.search(str(query.values()))):
            return _arn(service, "access-point", named_one.group())
        if service == "ec2" and (tagged := _tagged(query)):
            return _arn(service, *tagged[:2])
        return extract(service, *request, **named)

    return extract_resource_arn


def _with_condition_keys(tag_context: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    responses: Any = import_module("ministack.core.responses")

    def request_context(service: str, action: str, body: Any, params: Mapping[str, Any]) -> dict[str, Any]:
        keys = dict(tag_context(service, action, body, params))
        if service == "elasticfilesystem" and (file_system_id := _FILE_SYSTEM.search(str(params.values()))):
            keys |= _resource_tags(file_system_id.group())
        if service == "ec2":
            keys["ec2:region"] = responses.get_region()
            if tagged := _tagged(params):
                _, resource_id, record = tagged
                ec2: Any = import_module("ministack.services.ec2")
                keys |= {
                    f"aws:resourcetag/{tag['Key']}".lower(): tag["Value"] for tag in ec2._tags.get(resource_id, [])
                }
                keys["ec2:vpc"] = _arn(service, "vpc", record["VpcId"])
                if "SubnetId" in record:
                    keys["ec2:subnet"] = _arn(service, "subnet", record["SubnetId"])
        return keys

    return request_context


def _resource_tags(file_system_id: str) -> dict[str, str]:
    efs: Any = import_module("ministack.services.efs")
    record = efs._file_systems.get(file_system_id) or {}
    return {f"aws:resourcetag/{tag['Key']}".lower(): tag["Value"] for tag in record.get("Tags", [])}


def _arn(service: str, kind: str, resource_id: str) -> str:
    responses: Any = import_module("ministack.core.responses")
    return f"arn:aws:{service}:{responses.get_region()}:{responses.get_account_id()}:{kind}/{resource_id}"


def _tagged(params: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]] | None:
    """The first network interface or security group that gets or loses tags: its type, its id, and what is known of it."""
    ec2: Any = import_module("ministack.services.ec2")
    if ec2._p(params, "Action") not in {"CreateTags", "DeleteTags"}:
        return None
    resource_id = ec2._p(params, "ResourceId.1")
    for kind, records in (("network-interface", ec2._network_interfaces), ("security-group", ec2._security_groups)):
        if resource_id in records:
            return kind, resource_id, records[resource_id]
    return None


def _file_system(path: str, body: bytes | str | None, query: Mapping[str, Any]) -> str | None:
    """The file system that a request is about: named in it, or the owner of the mount target named in it."""
    named = [unquote(path), *(str(value) for value in query.values())]
    if body:
        named.append(str(json.loads(body).get("FileSystemId", "")))
    text = " ".join(named)
    if found := _FILE_SYSTEM.search(text):
        return found.group()
    if found := _MOUNT_TARGET.search(text):
        efs: Any = import_module("ministack.services.efs")
        record = efs._mount_targets.get(found.group())
        return record["FileSystemId"] if record else None
    return None
