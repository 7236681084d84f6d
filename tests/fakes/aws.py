"""A fake of the EFS and EC2 APIs: their state and rules on a virtual clock, and faults by rule.

`FakeAws.client` gives a real boto3 client whose requests end here, so that parameters are validated and errors are raised
by botocore itself. `FakeAws.call` is the same without botocore, for tests that make many thousands of calls.

Sources: the API references of EFS and EC2; what differs from them is a mistake.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError, EndpointConnectionError

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
    created_at: float
    ready_at: float
    final_state: str = "available"
    deleting_at: float = float("inf")
    gone_at: float = float("inf")

    def state(self, now: float) -> str | None:
        """Its state at that time, None before it was made and after it is gone."""
        if not self.created_at <= now < self.gone_at:
            return None
        if now >= self.deleting_at:
            return "deleting"
        return self.final_state if now >= self.ready_at else "creating"


@dataclass
class FakeAws:
    """One account in one region.

    Attributes:
        creation_seconds, deletion_seconds: how long mount targets take.
        staleness: how old each answer about file systems and mount targets is, in seconds.
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
    tags: dict[str, list[tuple[float, dict[str, str]]]] = field(default_factory=dict)
    staleness: Callable[[], float] = lambda: 0.0

    def __post_init__(self) -> None:
        self._rules: list[_Rule] = []
        self._numbers = itertools.count(1)
        for letter in "abcdef":
            self.add_subnet(f"subnet-0000000{letter}", f"{REGION}{letter}")

    # What tests arrange

    def add_subnet(self, subnet_id: str, zone: str) -> str:
        self.subnets[subnet_id] = {"AvailabilityZone": zone, "VpcId": "vpc-00000001"}
        return subnet_id

    def add_file_system(
        self, file_system_id: str = "fs-00000001", *, tags: dict[str, str] | None = None, **fields: Any
    ) -> str:
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
            **fields,
        }
        self.tags[file_system_id] = [(float("-inf"), dict(tags or {}))]
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
            self.clock.now(),
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

    def direct(self) -> Any:
        """The same without botocore's validation and parsing: a client in a microsecond."""
        return _Direct(self)

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
        then = self.clock.now() - self.staleness()
        tags = next((tags for since, tags in reversed(self.tags[FileSystemId]) if since <= then), {})
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        return {"FileSystems": [{**self.file_systems[FileSystemId], "Tags": listed}]}

    def _TagResource(self, ResourceId: str, Tags: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N802, N803
        self._known(ResourceId)
        self._set_tags(ResourceId, {**self.tags_now(ResourceId), **{tag["Key"]: tag["Value"] for tag in Tags}})
        return {}

    def _UntagResource(self, ResourceId: str, TagKeys: list[str]) -> dict[str, Any]:  # noqa: N802, N803
        self._known(ResourceId)
        self._set_tags(ResourceId, {k: v for k, v in self.tags_now(ResourceId).items() if k not in TagKeys})
        return {}

    def _set_tags(self, file_system_id: str, tags: dict[str, str]) -> None:
        assert len(tags) <= 50, "AWS takes 50 tags"
        assert all(re.fullmatch(r"[\w .:/=+@-]{0,256}", value) for value in tags.values()), tags
        self.tags[file_system_id].append((self.clock.now(), tags))

    def _CreateMountTarget(  # noqa: N802
        self,
        FileSystemId: str,  # noqa: N803
        SubnetId: str,  # noqa: N803
        SecurityGroups: list[str],  # noqa: N803
        IpAddressType: str = "IPV4_ONLY",  # noqa: N803, ARG002
    ) -> dict[str, Any]:
        self._known(FileSystemId)
        if SubnetId not in self.subnets:
            raise Fault("SubnetNotFound", f"The subnet ID '{SubnetId}' does not exist")
        zone = self.subnets[SubnetId]["AvailabilityZone"]
        if self.targets_now(zone, FileSystemId):
            raise Fault("MountTargetConflict", f"mount target already exists in this AZ {zone}")
        name = self.add_mount_target(SubnetId, FileSystemId, groups=tuple(SecurityGroups))
        return {**self.mount_targets[name].description, "LifeCycleState": "creating"}

    def _DeleteMountTarget(self, MountTargetId: str) -> dict[str, Any]:  # noqa: N802, N803
        record = self._target(MountTargetId)
        now = self.clock.now()
        record.deleting_at, record.gone_at = (
            min(record.deleting_at, now),
            min(record.gone_at, now + self.deletion_seconds),
        )
        return {}

    def _ModifyMountTargetSecurityGroups(  # noqa: N802
        self,
        MountTargetId: str,  # noqa: N803
        SecurityGroups: list[str],  # noqa: N803
    ) -> dict[str, Any]:
        record = self._target(MountTargetId)
        if record.state(self.clock.now()) != self.mount_targets[MountTargetId].final_state:
            raise Fault("IncorrectMountTargetState")
        record.groups = list(SecurityGroups)
        return {}

    def _target(self, mount_target_id: str) -> MountTargetRecord:
        record = self.mount_targets.get(mount_target_id)
        if record is None or record.state(self.clock.now()) is None:
            raise Fault("MountTargetNotFound", f"Mount target '{mount_target_id}' does not exist.")
        return record

    # What tests look at

    def tags_now(self, file_system_id: str = "fs-00000001") -> dict[str, str]:
        """The tags of a file system, whatever readers still see."""
        return self.tags[file_system_id][-1][1]

    def targets_now(self, zone: str, file_system_id: str = "fs-00000001") -> list[str]:
        """The mount targets in a zone that are not gone, whatever readers still see."""
        return [
            name
            for name, record in self.mount_targets.items()
            if record.description["AvailabilityZoneName"] == zone
            and record.description["FileSystemId"] == file_system_id
            and record.state(self.clock.now())
        ]

    def _DescribeMountTargets(  # noqa: N802
        self,
        FileSystemId: str,  # noqa: N803
        MaxItems: int = 100,  # noqa: N803
        Marker: str = "0",  # noqa: N803
    ) -> dict[str, Any]:
        self._known(FileSystemId)
        then = self.clock.now() - self.staleness()
        listed = [
            {**record.description, "LifeCycleState": state}
            for record in self.mount_targets.values()
            if record.description["FileSystemId"] == FileSystemId and (state := record.state(then))
        ]
        start, size = int(Marker), min(MaxItems, self.page_size)
        more = {"NextMarker": str(start + size)} if start + size < len(listed) else {}
        return {"MountTargets": listed[start : start + size], **more}

    def _DescribeNetworkInterfaces(self, Filters: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N802, N803
        (wanted,) = (one["Values"] for one in Filters if one["Name"] == "network-interface-id")
        return {
            "NetworkInterfaces": [
                {
                    "NetworkInterfaceId": record.description["NetworkInterfaceId"],
                    "Groups": [{"GroupId": group} for group in record.groups],
                }
                for record in self.mount_targets.values()
                if record.description["NetworkInterfaceId"] in wanted and record.state(self.clock.now())
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


class _Direct:
    """Looks like a client: ``describe_mount_targets`` is the operation DescribeMountTargets."""

    def __init__(self, aws: FakeAws) -> None:
        self._aws = aws

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        operation = "".join(part.title() for part in method.split("_"))

        def call(**parameters: Any) -> dict[str, Any]:
            try:
                return self._aws.call(operation, parameters)
            except Fault as fault:
                error = {"Error": {"Code": fault.code, "Message": fault.message}}
                metadata = {"ResponseMetadata": {"HTTPStatusCode": fault.status}}
                raise ClientError({**error, **metadata}, operation) from fault  # type: ignore[typeddict-item]

        return call


__all__ = ["EPOCH", "REGION", "RESET", "FakeAws", "Fault", "MountTargetRecord"]
