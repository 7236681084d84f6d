"""The network around a file system, and its policies, as the EC2 and EFS APIs describe them; all is well unless changed."""

# ruff: noqa: N802, N803 (operations and parameters are named as the APIs name them)

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tests.fakes.aws import FakeAws, Fault


class FakeNetwork(FakeAws):
    """An account whose VPC, subnets and security groups can be looked at.

    `admitted` holds the source groups that each security group lets in on tcp 2049. `backup` is the status of the backup
    policy.
    """

    admitted: dict[str, list[str]]
    backup: str = "ENABLED"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.admitted = defaultdict(list)

    @staticmethod
    def _asked_for(filters: list[dict[str, Any]], name: str) -> list[str]:
        return [value for one in filters if one["Name"] == name for value in one["Values"]]

    def _DescribeSubnets(self, Filters: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        return {
            "Subnets": [
                {
                    "SubnetId": name,
                    **self.subnets[name],
                    "AvailabilityZoneId": "use1-az1",
                    "AvailableIpAddressCount": 200,
                    "MapPublicIpOnLaunch": False,
                }
                for name in self._asked_for(Filters, "subnet-id")
                if name in self.subnets
            ]
        }

    def _DescribeSecurityGroups(self, Filters: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        rule = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049}
        return {
            "SecurityGroups": [
                {
                    "GroupId": name,
                    "IpPermissions": [{**rule, "UserIdGroupPairs": [{"GroupId": one} for one in self.admitted[name]]}],
                }
                for name in self._asked_for(Filters, "group-id")
            ]
        }

    def _DescribeVpcAttribute(self, VpcId: str, Attribute: str) -> dict[str, Any]:
        return {"VpcId": VpcId, Attribute[0].upper() + Attribute[1:]: {"Value": True}}

    def _DescribeBackupPolicy(self, FileSystemId: str) -> dict[str, Any]:
        self._known(FileSystemId)
        return {"BackupPolicy": {"Status": self.backup}}

    def _DescribeFileSystemPolicy(self, FileSystemId: str) -> dict[str, Any]:
        raise Fault("PolicyNotFound", f"{FileSystemId} has none", status=404)
