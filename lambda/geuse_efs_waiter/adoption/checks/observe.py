"""One observation of AWS: few calls, each once, so that everything is evaluated as of one moment.

The file system, its mount targets and the subnets must be readable. All else may be refused: what depends on it is
then reported as unreadable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.adoptions import Adoption, AdoptionsReader
from geuse_efs_waiter.adoption.checks import describe
from geuse_efs_waiter.adoption.checks.observed import (
    Observed,
    ObservedSecurityGroup,
    ObservedSubnet,
    ObservedVpc,
    Unread,
)
from geuse_efs_waiter.aws.clients import EC2Client, EFSClient
from geuse_efs_waiter.aws.describe import describe_file_system, describe_groups_of, describe_mount_targets
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.aws.retries import call_with_retries
from geuse_efs_waiter.errors import AwsCallError, FileSystemNotFoundError
from geuse_efs_waiter.models import EFSResource, MountTargetResource

T = TypeVar("T")

OPTIONAL_SECONDS = 90
"""How long the reads that may be refused are tried, all together; longer than a new role's rights propagate."""


def observe(
    efs: EFSClient,
    ec2: EC2Client,
    desired: AdoptionSpec,
    deadline: PollingDeadline,
    region: str,
    *,
    account: str | None = None,
) -> Observed:
    """Read everything that the checks need.

    Args:
        efs, ec2: boto3 clients of that region and account.
        desired: what to observe.
        deadline: how long transient errors are retried, for all calls together. An access error is retried while
            less than 60 s are spent on the task, because a new role may still propagate;
            ``PollingDeadline(…, already_waited=60)`` takes it as final at once.
        region, account: those of the clients, for the findings; account None is not known.

    Returns:
        What was observed. A file system that does not exist is None there, not an error.

    Raises:
        AwsCallError: if the file system, its mount targets or the subnets cannot be read.
    """
    return _Observation(efs, ec2, desired, deadline).at(region, account)


@dataclass
class _Observation:
    efs: EFSClient
    ec2: EC2Client
    desired: AdoptionSpec
    deadline: PollingDeadline
    unread: list[Unread] = field(default_factory=list)

    def __post_init__(self) -> None:
        # What may stay unread must not use up the time of what must be done.
        elapsed, left = self.deadline.elapsed, min(OPTIONAL_SECONDS, self.deadline.time_left / 2)
        self.optional = PollingDeadline(left, already_waited=elapsed, clock=self.deadline.clock)

    def at(self, region: str, account: str | None) -> Observed:
        file_system = self._file_system()
        targets = file_system.mount_targets if file_system else ()
        subnets = self._subnets(targets)
        # What may be refused comes last: waiting for a new role's rights must not use up the time of what must be read.
        if file_system:
            targets = self._with_groups(targets)
            file_system = file_system.with_mount_targets(targets)
        groups = self._security_groups(targets)
        return Observed(
            region=region,
            account=account,
            file_system=file_system,
            subnets=subnets,
            security_groups=groups,
            vpc=self._vpc(targets, subnets),
            prefix_lists=self._prefix_lists(groups.values()),
            backup=self._of_file_system(file_system, "backup policy", describe.backup),
            policy=self._of_file_system(file_system, "file-system policy", describe.policy),
            access_points=self._access_points(),
            adoptions=self._adoptions(),
            unread=tuple(self.unread),
        )

    def _file_system(self) -> EFSResource | None:
        name = self.desired.file_system_id
        try:
            file_system = self._must(
                lambda: describe_file_system(self.efs, name),
                f"file system {name} (elasticfilesystem:DescribeFileSystems)",
            )
            targets = self._must(
                lambda: describe_mount_targets(self.efs, name),
                f"the mount targets of file system {name} (elasticfilesystem:DescribeMountTargets)",
            )
        except FileSystemNotFoundError:
            return None
        return file_system.with_mount_targets(targets)

    def _with_groups(self, targets: tuple[MountTargetResource, ...]) -> tuple[MountTargetResource, ...]:
        having = [target.mount_target_id for target in targets if target.network_interface_id]
        if not having:
            return targets
        groups = self._may(lambda: describe_groups_of(self.ec2, targets), ", ".join(having), "network interfaces")
        return tuple(target.with_security_groups((groups or {}).get(target.mount_target_id, ())) for target in targets)

    def _subnets(self, targets: tuple[MountTargetResource, ...]) -> dict[str, ObservedSubnet]:
        wanted = sorted({*self.desired.subnets.values(), *(target.subnet_id for target in targets)})
        if not wanted:
            return {}
        return self._must(
            lambda: describe.subnets(self.ec2, wanted), f"subnets {', '.join(wanted)} (ec2:DescribeSubnets)"
        )

    def _security_groups(self, targets: tuple[MountTargetResource, ...]) -> dict[str, ObservedSecurityGroup]:
        wanted = sorted({group for target in targets for group in target.security_groups})
        if not wanted:
            return {}
        return self._may(lambda: describe.security_groups(self.ec2, wanted), ", ".join(wanted), "security groups") or {}

    def _adoptions(self) -> dict[str, Adoption]:
        name = self.desired.file_system_id
        reader = AdoptionsReader(lambda: self.ec2, name, self.desired.own_group or "")
        return self._may(reader.read, name, "security groups of adoptions") or {}

    def _vpc(self, targets: tuple[MountTargetResource, ...], subnets: dict[str, ObservedSubnet]) -> ObservedVpc | None:
        named = [target.vpc_id for target in targets if target.vpc_id] + [subnet.vpc_id for subnet in subnets.values()]
        vpc_id = self.desired.vpc_id or next(iter(named), None)
        if vpc_id is None:
            return None
        return self._may(lambda: describe.vpc(self.ec2, vpc_id), vpc_id, "DNS attributes of the VPC")

    def _prefix_lists(self, groups: Iterable[ObservedSecurityGroup]) -> dict[str, tuple[str, ...] | None]:
        in_rules = {name for group in groups for rule in group.ingress for name in rule.prefix_list_ids}
        of_clients = {client.value for client in self.desired.clients if client.kind == "prefix_list"}
        return {name: self._entries(name) for name in sorted(in_rules | of_clients)}

    def _entries(self, name: str) -> tuple[str, ...] | None:
        return self._may(lambda: describe.prefix_list(self.ec2, name), name, "entries of the prefix list")

    def _of_file_system(
        self, file_system: EFSResource | None, what: str, read: Callable[[EFSClient, str], T]
    ) -> T | None:
        if file_system is None:
            return None
        name = file_system.file_system_id
        return self._may(lambda: read(self.efs, name), name, what)

    def _access_points(self) -> dict[str, str]:
        owners = {name: self._owner(name) for name in dict.fromkeys(self.desired.access_point_ids)}
        return {name: owner for name, owner in owners.items() if owner is not None}

    def _owner(self, name: str) -> str | None:
        return self._may(lambda: describe.owner_of(self.efs, name), name, "access point")

    def _must(self, action: Callable[[], T], what: str) -> T:
        return call_with_retries(action, self.deadline, f"describing {what}")

    def _may(self, action: Callable[[], T], resource: str, what: str) -> T | None:
        try:
            return call_with_retries(action, self.optional, f"describing {what} of {resource}")
        except AwsCallError as refused:
            self.unread.append(Unread(resource, what, refused.code))
            return None
