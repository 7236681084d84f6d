"""A fake of the EFS and EC2 APIs: their state and rules on a virtual clock, and faults by rule.

`FakeAws.client` gives a real boto3 client whose requests end here, so that parameters are validated and errors are raised
by botocore itself. `FakeAws.call` is the same without botocore, for tests that make many thousands of calls.

Sources: the API references of EFS and EC2; what differs from them is a mistake.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import EndpointConnectionError

from geuse_efs_waiter import aws as waiter_aws
from tests.fakes.clock import VirtualClock

REGION = "us-east-1"
EPOCH = 1_700_000_000.0
"""Wall-clock time when a virtual clock shows 0."""

_STATUS = {
    "FileSystemNotFound": 404,
    "MountTargetNotFound": 404,
    "MountTargetConflict": 409,
    "IncorrectFileSystemLifeCycleState": 409,
    "AccessDeniedException": 403,
    "UnauthorizedOperation": 403,
    "InternalServerError": 500,
    "ServiceUnavailable": 503,
}


class Fault(Exception):
    """An error answer: code, message, HTTP status. Throttling is HTTP 400 on EFS."""

    def __init__(self, code: str, message: str = "said by the fake", status: int | None = None) -> None:
        super().__init__(code)
        self.code, self.message = code, message
        self.status = status or _STATUS.get(code, 400)


RESET = Fault("reset")
"""Not an answer at all: the connection breaks."""


@dataclass
class _Rule:
    operation: str
    fault: Fault | dict[str, Any]
    times: float
    after: bool
    when: Callable[[dict[str, Any]], bool]


@dataclass
class MountTargetRecord:
    """One mount target: when it becomes available (or errs), and when it is gone."""

    description: dict[str, Any]
    groups: list[str]
    ready_at: float
    final_state: str = "available"
    gone_at: float | None = None

    def state(self, now: float) -> str:
        if self.gone_at is not None:
            return "deleting"
        return self.final_state if now >= self.ready_at else "creating"


@dataclass
class FakeAws:
    """One account in one region.

    Attributes:
        creation_seconds, deletion_seconds: how long mount targets take.
        latency: seconds that each call takes.
        page_size: mount targets a page at most.
    """

    clock: VirtualClock = field(default_factory=VirtualClock)
    creation_seconds: float = 85.0
    deletion_seconds: float = 10.0
    latency: float = 0.0
    page_size: int = 100
    calls: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)
    file_systems: dict[str, dict[str, Any]] = field(default_factory=dict)
    mount_targets: dict[str, MountTargetRecord] = field(default_factory=dict)
    subnets: dict[str, dict[str, str]] = field(default_factory=dict)
    interface_tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rules: list[_Rule] = []
        self._numbers = itertools.count(1)
        for letter in "abcdef":
            self.add_subnet(f"subnet-0000000{letter}", f"{REGION}{letter}")

    # What tests arrange

    def add_subnet(self, subnet_id: str, zone: str) -> str:
        self.subnets[subnet_id] = {"AvailabilityZone": zone, "VpcId": "vpc-00000001"}
        return subnet_id

    def add_file_system(self, file_system_id: str = "fs-00000001", **fields: Any) -> str:
        self.file_systems[file_system_id] = {
            "OwnerId": "123456789012",
            "CreationToken": file_system_id,
            "FileSystemId": file_system_id,
            "CreationTime": datetime.fromtimestamp(EPOCH + self.clock.now(), UTC),
            "LifeCycleState": "available",
            "Name": "files",
            "NumberOfMountTargets": 0,
            "SizeInBytes": {"Value": 6144},
            "PerformanceMode": "generalPurpose",
            "ThroughputMode": "bursting",
            "Encrypted": True,
            "KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000001",
            "Tags": [],
            **fields,
        }
        return file_system_id

    def add_mount_target(
        self,
        subnet_id: str = "subnet-0000000a",
        file_system_id: str = "fs-00000001",
        *,
        groups: tuple[str, ...] = ("sg-00000001",),
        ready_in: float | None = None,
        final_state: str = "available",
    ) -> str:
        number = next(self._numbers)
        mount_target_id = f"fsmt-{number:08x}"
        subnet = self.subnets[subnet_id]
        zone = subnet["AvailabilityZone"]
        self.mount_targets[mount_target_id] = MountTargetRecord(
            {
                "OwnerId": "123456789012",
                "MountTargetId": mount_target_id,
                "FileSystemId": file_system_id,
                "SubnetId": subnet_id,
                "IpAddress": f"10.0.0.{number}",
                "NetworkInterfaceId": f"eni-{number:08x}",
                "AvailabilityZoneId": f"use1-az{ord(zone[-1]) - 96}",
                "AvailabilityZoneName": zone,
                "VpcId": subnet["VpcId"],
            },
            list(groups),
            self.clock.now() + (self.creation_seconds if ready_in is None else ready_in),
            final_state,
        )
        self.interface_tags[f"eni-{number:08x}"] = {}
        return mount_target_id

    def fail(
        self,
        operation: str,
        fault: Fault | dict[str, Any] | str,
        times: float = 1,
        *,
        after: bool = False,
        when: Callable[[dict[str, Any]], bool] = lambda _: True,
    ) -> None:
        """Let the next calls of the operation end in a fault, or in a given answer; before or after their effect."""
        rule = Fault(fault) if isinstance(fault, str) else fault
        self._rules.append(_Rule(operation, rule, times, after, when))

    def count(self, operation: str) -> int:
        """How often the operation was called."""
        return sum(1 for _, called, _ in self.calls if called == operation)

    # How the waiter gets here

    def client(self, service: str) -> Any:
        """A real boto3 client whose requests are answered by this object."""
        client = boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106
            config=waiter_aws.CONFIG,
        )
        client.meta.events.register("before-parameter-build", self._remember)
        client.meta.events.register("before-call", self._answer)
        return client

    @staticmethod
    def _remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["fake_parameters"] = dict(params)

    def _answer(self, model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        try:
            answer, status = self.call(model.name, context["fake_parameters"]), 200
        except Fault as fault:
            answer = {"Error": {"Code": fault.code, "Message": fault.message}}
            status = fault.status
        answer = {**answer, "ResponseMetadata": {"HTTPStatusCode": status}}
        return type("Http", (), {"status_code": status})(), answer

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Carry out one call."""
        self.clock.time += self.latency
        self.calls.append((self.clock.now(), operation, parameters))
        rule = next((one for one in self._rules if one.operation == operation and one.when(parameters)), None)
        if rule is None:
            return self._carry_out(operation, parameters)
        rule.times -= 1
        if rule.times <= 0:
            self._rules.remove(rule)
        if rule.after:
            self._carry_out(operation, parameters)
        if rule.fault is RESET:
            raise EndpointConnectionError(endpoint_url="https://aws.invalid")
        if isinstance(rule.fault, Fault):
            raise rule.fault
        return rule.fault

    def _carry_out(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        handler: Callable[..., dict[str, Any]] = getattr(self, f"_{operation}")
        return handler(**parameters)

    # The operations, named as the API names them

    def _DescribeFileSystems(self, FileSystemId: str) -> dict[str, Any]:  # noqa: N802, N803
        self._known(FileSystemId)
        return {"FileSystems": [self.file_systems[FileSystemId]]}

    def _DescribeMountTargets(  # noqa: N802
        self,
        FileSystemId: str,  # noqa: N803
        MaxItems: int = 100,  # noqa: N803
        Marker: str = "0",  # noqa: N803
    ) -> dict[str, Any]:
        self._known(FileSystemId)
        self._collect()
        listed = [
            {**record.description, "LifeCycleState": record.state(self.clock.now())}
            for record in self.mount_targets.values()
            if record.description["FileSystemId"] == FileSystemId
        ]
        start, size = int(Marker), min(MaxItems, self.page_size)
        more = {"NextMarker": str(start + size)} if start + size < len(listed) else {}
        return {"MountTargets": listed[start : start + size], **more}

    def _DescribeNetworkInterfaces(self, Filters: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N802, N803
        self._collect()
        (wanted,) = (one["Values"] for one in Filters if one["Name"] == "network-interface-id")
        return {
            "NetworkInterfaces": [
                {
                    "NetworkInterfaceId": record.description["NetworkInterfaceId"],
                    "Groups": [{"GroupId": group} for group in record.groups],
                }
                for record in self.mount_targets.values()
                if record.description["NetworkInterfaceId"] in wanted
            ]
        }

    def _CreateTags(self, Resources: list[str], Tags: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N802, N803
        for resource in Resources:
            if resource not in self.interface_tags:
                raise Fault(
                    "InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{resource}' does not exist"
                )
        for resource in Resources:
            self.interface_tags[resource].update({tag["Key"]: tag["Value"] for tag in Tags})
        return {}

    def _known(self, file_system_id: str) -> None:
        if file_system_id not in self.file_systems:
            raise Fault("FileSystemNotFound", f"File system '{file_system_id}' does not exist.")

    def _collect(self) -> None:
        for name, record in list(self.mount_targets.items()):
            if record.gone_at is not None and self.clock.now() >= record.gone_at:
                del self.mount_targets[name]


__all__ = ["EPOCH", "REGION", "RESET", "FakeAws", "Fault", "MountTargetRecord"]
