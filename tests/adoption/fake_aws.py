"""A fake of AWS below boto3: real clients and real validation of parameters, answers from dictionaries.

botocore asks ``before-call`` handlers for an answer before it sends anything.
"""

# ruff: noqa: N802 (methods are named as the operations are)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.config import Config

from tests.adoption.builders import APP, FS, KEY, NFS, REGION, VPC, A, B, C

Parameters = dict[str, Any]


class Refusal(Exception):
    """What AWS answers instead."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class FakeAws:
    """One file system with mount targets in zones a and b, and a free zone c.

    The attributes are what AWS would answer; change them before the call. `answers` replaces a whole operation.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, Parameters]] = []
        self.answers: dict[str, Callable[[Parameters], Parameters]] = {}
        self.refusals: dict[str, list[Refusal]] = defaultdict(list)
        self.page_size = 100
        self.file_systems = [
            {
                "FileSystemId": FS,
                "OwnerId": "123456789012",
                "LifeCycleState": "available",
                "Encrypted": True,
                "KmsKeyId": KEY,
            }
        ]
        self.mount_targets = [_mount_target(A), _mount_target(B)]
        self.interfaces = [_interface(A), _interface(B)]
        self.subnets = [_subnet(A), _subnet(B), _subnet(C)]
        rule = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049}
        self.permissions: list[dict[str, Any]] = [rule | {"UserIdGroupPairs": [{"GroupId": APP}]}]
        self.backup: dict[str, Any] | None = {"Status": "ENABLED"}
        self.policy: str | None = None
        self.access_points: dict[str, str] = {}
        self.prefix_lists: dict[str, list[str]] = {}
        self.dns = {"enableDnsSupport": True, "enableDnsHostnames": True}
        self.efs = self._client("efs")
        self.ec2 = self._client("ec2")

    def refuse(self, operation: str, code: str, *, status: int = 400, times: int = 1000) -> None:
        """Let the next calls of an operation fail."""
        self.refusals[operation] += [Refusal(code, status)] * times

    def count(self, operation: str) -> int:
        """How often an operation was called."""
        return sum(name == operation for name, _ in self.calls)

    def _client(self, service: str) -> Any:
        make: Any = boto3.client
        client = make(
            service,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106
            config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
        )
        given: list[Parameters] = []
        # The validated form has the parameters folded into a URL; keep them as they were given.
        client.meta.events.register(f"before-parameter-build.{service}", lambda params, **_: given.append(dict(params)))
        client.meta.events.register(
            f"before-call.{service}", lambda model, **_: self._answer(model.name, given.pop() if given else {})
        )
        return client

    def _answer(self, operation: str, params: Parameters) -> tuple[Any, Parameters]:
        self.calls.append((operation, params))
        try:
            if self.refusals[operation]:
                raise self.refusals[operation].pop(0)
            answer = self.answers.get(operation) or getattr(self, f"_{operation}")
            return SimpleNamespace(status_code=200), answer(params)
        except Refusal as refused:
            error = {"Code": refused.code, "Message": f"refused: {refused.code}"}
            metadata = {"HTTPStatusCode": refused.status}
            return SimpleNamespace(status_code=refused.status), {"Error": error, "ResponseMetadata": metadata}

    def _page(self, items: list[Any], name: str, given: str, returned: str) -> Parameters:
        start = int(given or 0)
        page: Parameters = {name: items[start : start + self.page_size]}
        if start + self.page_size < len(items):
            page[returned] = str(start + self.page_size)
        return page

    def _DescribeFileSystems(self, params: Parameters) -> Parameters:
        found = [one for one in self.file_systems if one["FileSystemId"] == params["FileSystemId"]]
        if not found:
            raise Refusal("FileSystemNotFound", 404)
        return {"FileSystems": found}

    def _DescribeMountTargets(self, params: Parameters) -> Parameters:
        return self._page(self.mount_targets, "MountTargets", params.get("Marker", ""), "NextMarker")

    def _filtered(self, items: list[Any], key: str, params: Parameters) -> list[Any]:
        (wanted,) = params["Filters"]
        return [one for one in items if one[key] in wanted["Values"]]

    def _DescribeNetworkInterfaces(self, params: Parameters) -> Parameters:
        return {"NetworkInterfaces": self._filtered(self.interfaces, "NetworkInterfaceId", params)}

    def _DescribeSubnets(self, params: Parameters) -> Parameters:
        found = self._filtered(self.subnets, "SubnetId", params)
        return self._page(found, "Subnets", params.get("NextToken", ""), "NextToken")

    def _DescribeSecurityGroups(self, params: Parameters) -> Parameters:
        found = self._filtered([{"GroupId": NFS, "IpPermissions": self.permissions}], "GroupId", params)
        return self._page(found, "SecurityGroups", params.get("NextToken", ""), "NextToken")

    def _DescribeVpcAttribute(self, params: Parameters) -> Parameters:
        name = params["Attribute"]
        return {"VpcId": params["VpcId"], name[0].upper() + name[1:]: {"Value": self.dns[name]}}

    def _GetManagedPrefixListEntries(self, params: Parameters) -> Parameters:
        if params["PrefixListId"] not in self.prefix_lists:
            raise Refusal("InvalidPrefixListID.NotFound")
        entries = [{"Cidr": one} for one in self.prefix_lists[params["PrefixListId"]]]
        return self._page(entries, "Entries", params.get("NextToken", ""), "NextToken")

    def _DescribeBackupPolicy(self, _params: Parameters) -> Parameters:
        if self.backup is None:
            raise Refusal("PolicyNotFound", 404)
        return {"BackupPolicy": self.backup}

    def _DescribeFileSystemPolicy(self, _params: Parameters) -> Parameters:
        if self.policy is None:
            raise Refusal("PolicyNotFound", 404)
        return {"FileSystemId": FS, "Policy": self.policy}

    def _DescribeAccessPoints(self, params: Parameters) -> Parameters:
        name = params["AccessPointId"]
        if name not in self.access_points:
            raise Refusal("AccessPointNotFound", 404)
        return {"AccessPoints": [{"AccessPointId": name, "FileSystemId": self.access_points[name]}]}


def _mount_target(zone: str) -> dict[str, Any]:
    letter = zone[-1]
    return {
        "MountTargetId": f"fsmt-{letter}",
        "FileSystemId": FS,
        "SubnetId": subnet_id(zone),
        "LifeCycleState": "available",
        "IpAddress": "10.0.0.4",
        "NetworkInterfaceId": f"eni-{letter}",
        "AvailabilityZoneId": f"use1-{letter}",
        "AvailabilityZoneName": zone,
        "VpcId": VPC,
    }


def _interface(zone: str) -> dict[str, Any]:
    return {"NetworkInterfaceId": f"eni-{zone[-1]}", "Groups": [{"GroupId": NFS, "GroupName": "nfs"}]}


def _subnet(zone: str) -> dict[str, Any]:
    return {
        "SubnetId": subnet_id(zone),
        "AvailabilityZone": zone,
        "AvailabilityZoneId": f"use1-{zone[-1]}",
        "VpcId": VPC,
        "MapPublicIpOnLaunch": False,
        "AvailableIpAddressCount": 200,
    }


def subnet_id(zone: str) -> str:
    """The one subnet of a zone."""
    return f"subnet-{zone[-1] * 8}"
