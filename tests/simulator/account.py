"""One account in one region: what there is, what tests arrange and look at, and every call of AWS.

The operations themselves are in `tests.simulator.efs` and `tests.simulator.ec2`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from tests.simulator import clients, ec2, efs
from tests.simulator.clock import VirtualClock
from tests.simulator.faults import PUT, Answer, Effect, Fault, Parameters, Rule, Sleeping, strike
from tests.simulator.iam import Principal
from tests.simulator.names import ACCOUNT, DEFAULT_GROUP, FILE_SYSTEM, REGION, VPC
from tests.simulator.records import FileSystem, MountTarget, Outcome

ZONES = "abcdef"
READ_TIMEOUT = 15.0
"""Seconds that the waiter's clients wait for an answer."""


@dataclass(eq=False, repr=False)
class Account:
    """An account with a VPC that has one subnet in each of six zones.

    Attributes:
        vpc: its id.
        vpc_owner: the account that the VPC and its subnets belong to; another one where it is shared.
        has_efs_role: whether EFS has its service-linked role, as after the first mount target of an account.
        creation_seconds, deletion_seconds: how long mount targets take.
        outcomes: by subnet or zone, what becomes of mount targets that are created there.
        staleness: how old each answer about file systems and mount targets is, in seconds.
        ec2_staleness: how old each answer about network interfaces and security groups is, in seconds.
        latency: seconds that each call takes.
        page_size: entries a page at most.
        before_effect: called with each operation and its parameters, right before it takes effect.
        calls: when, which operation, with which parameters; in order.
        rules: see `fail`.
    """

    clock: VirtualClock = field(default_factory=VirtualClock)
    vpc: str = VPC
    vpc_owner: str = ACCOUNT
    has_efs_role: bool = True
    creation_seconds: float = 85.0
    deletion_seconds: float = 10.0
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    staleness: Callable[[], float] = lambda: 0.0
    ec2_staleness: Callable[[], float] = lambda: 0.0
    latency: float = 0.0
    page_size: int = 100
    before_effect: Callable[[str, Parameters], None] = lambda *_: None
    calls: list[tuple[float, str, Parameters]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    file_systems: dict[str, FileSystem] = field(default_factory=dict)
    mount_targets: dict[str, MountTarget] = field(default_factory=dict)
    access_points: dict[str, str] = field(default_factory=dict)
    """The file system of each."""
    interface_tags: dict[str, dict[str, str]] = field(default_factory=dict)
    vpcs: dict[str, dict[str, bool]] = field(default_factory=dict)
    subnets: dict[str, dict[str, Any]] = field(default_factory=dict)
    security_groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted_groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Security groups that are gone, which a late answer may still list."""
    group_tags: dict[str, list[tuple[float, dict[str, str] | None]]] = field(default_factory=dict)
    """The tags of each security group at all times; None from when it is gone."""
    prefix_lists: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._clients: dict[tuple[str, Principal | None], Any] = {}
        self.operations: dict[str, tuple[str, Callable[..., Answer]]] = {
            **{name: ("efs", partial(one, self)) for name, one in efs.OPERATIONS.items()},
            **{name: ("ec2", partial(one, self)) for name, one in ec2.OPERATIONS.items()},
        }
        self.vpcs[self.vpc] = {"enableDnsSupport": True, "enableDnsHostnames": True}
        self.add_security_group(DEFAULT_GROUP)
        for letter in ZONES:
            self.add_subnet(f"subnet-0000000{letter}", f"{REGION}{letter}")

    # What tests arrange

    def add_subnet(self, subnet_id: str, zone: str, **fields: Any) -> str:
        """A private subnet with 200 free addresses; `fields` as EC2 describes them."""
        self.subnets[subnet_id] = {
            "SubnetId": subnet_id,
            "AvailabilityZone": zone,
            "AvailabilityZoneId": f"use1-az{ord(zone[-1]) - 96}",
            "VpcId": self.vpc,
            "AvailableIpAddressCount": 200,
            "MapPublicIpOnLaunch": False,
            **fields,
        }
        return subnet_id

    def add_security_group(
        self,
        group_id: str,
        *,
        admits: Iterable[str] = (),
        prefix_lists: Iterable[str] = (),
        tags: dict[str, str] | None = None,
    ) -> str:
        """A group that lets these groups and prefix lists in on tcp 2049; if it exists, it keeps its tags unless told."""
        rule = {
            "IpProtocol": "tcp",
            "FromPort": 2049,
            "ToPort": 2049,
            "UserIdGroupPairs": [{"GroupId": admitted} for admitted in admits],
            "PrefixListIds": [{"PrefixListId": admitted} for admitted in prefix_lists],
        }
        self.security_groups[group_id] = {
            "GroupId": group_id,
            "GroupName": group_id,
            "VpcId": self.vpc,
            "IpPermissions": [rule],
        }
        if tags is not None:
            self.set_group_tags(group_id, tags)
        return group_id

    def add_file_system(
        self, file_system_id: str = FILE_SYSTEM, *, tags: dict[str, str] | None = None, **fields: Any
    ) -> str:
        """An encrypted file system with automatic backups and without a policy; `fields` as EFS describes them."""
        description = {
            "OwnerId": ACCOUNT,
            "CreationToken": file_system_id,
            "FileSystemId": file_system_id,
            "CreationTime": datetime.fromtimestamp(self.clock.wall(), UTC),
            "LifeCycleState": "available",
            "Name": "files",
            "SizeInBytes": {"Value": 6144},
            "PerformanceMode": "generalPurpose",
            "ThroughputMode": "bursting",
            "Encrypted": True,
            "KmsKeyId": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000001",
            **fields,
        }
        self.file_systems[file_system_id] = FileSystem(description, [(float("-inf"), dict(tags or {}))])
        return file_system_id

    def add_mount_target(
        self,
        subnet_id: str = "subnet-0000000a",
        file_system_id: str = FILE_SYSTEM,
        *,
        groups: Iterable[str] = ("sg-00000001",),
        ready_in: float | None = None,
        final_state: str = "available",
    ) -> str:
        """A mount target that is just being created; groups that do not exist are made."""
        for group in groups:
            if group not in self.security_groups:
                self.add_security_group(group)
        number, subnet, now = next(self._numbers), self.subnets[subnet_id], self.clock.now()
        mount_target_id, interface_id = f"fsmt-{number:08x}", f"eni-{number:08x}"
        self.mount_targets[mount_target_id] = MountTarget(
            {
                "OwnerId": ACCOUNT,
                "MountTargetId": mount_target_id,
                "FileSystemId": file_system_id,
                "SubnetId": subnet_id,
                "IpAddress": f"10.0.{number // 256}.{number % 256}",
                "NetworkInterfaceId": interface_id,
                "AvailabilityZoneId": subnet["AvailabilityZoneId"],
                "AvailabilityZoneName": subnet["AvailabilityZone"],
                "VpcId": subnet["VpcId"],
            },
            list(groups),
            now,
            now + (self.creation_seconds if ready_in is None else ready_in),
            final_state,
        )
        self.interface_tags[interface_id] = {}
        return mount_target_id

    def set_tags(self, tags: dict[str, str], file_system_id: str = FILE_SYSTEM) -> None:
        """Replace all tags of a file system."""
        self.file_systems[file_system_id].tags.append((self.clock.now(), tags))

    def set_group_tags(self, group_id: str, tags: dict[str, str] | None) -> None:
        """Replace all tags of a security group; None when it is gone."""
        self.group_tags.setdefault(group_id, []).append((self.clock.now(), tags))

    def fail(self, operation: str, effect: Effect | str, times: float = 1, **more: Any) -> Rule:
        """Let the next calls of the operation end in this; the first rule that fits is the one.

        Args:
            effect: as in `Rule`, or an error code.
            more: as in `Rule`.
        """
        rule = Rule(operation, Fault(effect) if isinstance(effect, str) else effect, times, **more)
        self.rules.append(rule)
        return rule

    # What tests look at

    @property
    def called(self) -> list[str]:
        """The operations that were called, in order; the PUT of an answer is none."""
        return [operation for _, operation, _ in self.calls if operation != PUT]

    def count(self, operation: str) -> int:
        """How often the operation was called."""
        return sum(1 for _, called, _ in self.calls if called == operation)

    def tags_now(self, file_system_id: str = FILE_SYSTEM) -> dict[str, str]:
        """The tags of a file system, whatever readers still see."""
        return self.file_systems[file_system_id].tags[-1][1]

    def group_tags_at(self, group_id: str, then: float | None = None) -> dict[str, str] | None:
        """The tags of a security group, now or at that time; None if it was not there."""
        when, history = self.clock.now() if then is None else then, self.group_tags.get(group_id)
        if history is None:
            return {} if group_id in self.security_groups else None
        return next((tags for since, tags in reversed(history) if since <= when), None)

    def targets_now(self, zone: str, file_system_id: str = FILE_SYSTEM) -> list[str]:
        """The mount targets in a zone that are not gone, whatever readers still see."""
        now = self.clock.now()
        return [
            name
            for name, target in self.mount_targets.items()
            if target.description["AvailabilityZoneName"] == zone
            and target.description["FileSystemId"] == file_system_id
            and target.state(now)
        ]

    # How callers get here

    def client(self, service: str, principal: Principal | None = None) -> Any:
        """A client of botocore whose requests are answered here; see `tests.simulator.clients`."""
        key = service, principal
        if key not in self._clients:
            self._clients[key] = clients.through_botocore(self, service, principal)
        return self._clients[key]

    def direct(self, principal: Principal | None = None, clock: Sleeping | None = None) -> Any:
        """The same in a microsecond, without validation and parsing."""
        return clients.Direct(self, principal, clock)

    def call(
        self,
        operation: str,
        parameters: Parameters,
        principal: Principal | None = None,
        *,
        clock: Sleeping | None = None,
        timeout: float = READ_TIMEOUT,
    ) -> Answer:
        """Carry out one call.

        Args:
            principal: who calls; None may do everything.
            clock: where the seconds of a slow call pass.
            timeout: seconds that the caller waits for the answer.

        Raises:
            Fault: an error answer.
            BotoCoreError, ResponseParserError, Killed: as in `tests.simulator.faults.strike`.
        """
        self.clock.time += self.latency
        now = self.clock.now()
        self.calls.append((now, operation, parameters))
        service, handler = self.operations[operation]

        def carry_out() -> Answer:
            if principal is not None:
                principal.check(self, operation, parameters)
            self.before_effect(operation, parameters)
            return handler(**parameters)

        for rule in self.rules:
            if rule.strikes(operation, parameters, now):
                return strike(rule, service, carry_out, clock or self.clock, timeout)
        return carry_out()
