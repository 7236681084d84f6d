"""What to do next, from one observation. Pure, no calls.

    zone        what is there                          step
    wanted      nothing                                create, with the own and the given groups
    wanted      owned                                  groups := the own and the given ones
    wanted      foreign, available                     covered; an own group that was replaced gives way to the present one
    wanted      creating, updating, deleting, …        wait
    wanted      error, deleted                         refuse
    not wanted  owned                                  refuse while another adoption wants the zone; else delete
    not wanted  owned, retained                        stays, with the own and the given groups
    not wanted  foreign, with an own group on it       take that off

Owned is a mount target that carries an own group and beside it nothing but groups that the adoption gives; it carries the
own group from its creation on. Foreign is every other one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geuse_efs_waiter.adoption.ownership.observed import Observed
from geuse_efs_waiter.models import MountTargetResource
from geuse_efs_waiter.readiness import AVAILABLE, TERMINAL_STATES

WAY_OUT = (
    "delete those stacks or change them to other zones first, or deploy this one with retain_created=True, or with "
    "allow_deletion_while_adopted=True"
)


@dataclass(frozen=True, slots=True)
class Desired:
    """What the adoption is to be.

    Attributes:
        file_system_id: the file system.
        subnets: where to create what is missing, by zone.
        ends: the adoption is deleted: no zone is wanted.
        given: the groups beside the own one.
        create_missing: whether to create.
        ip_address_type: the addresses of what is created.
        retain: keep what was created in zones that are not wanted.
        allow_deletion: delete also what other adoptions want.
        roll_back: these properties were in force before.
    """

    file_system_id: str
    subnets: Mapping[str, str] = field(default_factory=dict)
    ends: bool = False
    given: frozenset[str] = frozenset()
    create_missing: bool = True
    ip_address_type: str = "IPV4_ONLY"
    retain: bool = False
    allow_deletion: bool = False
    roll_back: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A call of EFS: what it does, for people; a method of a boto3 client; its parameters."""

    text: str
    method: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done until EFS, or somebody else, is ready."""

    text: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """It cannot be done, and time will not help."""

    text: str


Step = Change | Wait | Refuse


def plan(desired: Desired, observed: Observed) -> list[Step]:
    """What is left to do. Nothing when all is well.

    Nothing is changed if something is refused. Wanted zones come first, and the others only when all of those are well:
    a failure leaves what was there.
    """
    unwanted = [target for target in observed.targets if target.availability_zone not in desired.subnets]
    withdrawals = [step for target in unwanted if (step := _withdraw(desired, observed, target))]
    provisions = [step for zone in desired.subnets if (step := _provide(desired, observed, zone))]
    refusals: list[Step] = [step for step in provisions + withdrawals if isinstance(step, Refuse)]
    return refusals or provisions or withdrawals


def serving(observed: Observed, zone: str) -> MountTargetResource | None:
    """The mount target of a zone; of several, which there are only while one makes room for another, the most useful."""
    here = [target for target in observed.targets if target.availability_zone == zone]
    order = {AVAILABLE: 0, "deleting": 2, **dict.fromkeys(TERMINAL_STATES, 2)}
    return min(here, key=lambda target: order.get(target.lifecycle_state, 1), default=None)


def _provide(desired: Desired, observed: Observed, zone: str) -> Step | None:
    target, own = serving(observed, zone), frozenset({observed.own})
    if target is None:
        return _create(desired, zone, own) if desired.create_missing else Wait(f"{zone} has no mount target")
    if target.lifecycle_state in TERMINAL_STATES:
        return Refuse(f"{_named(target)}, expected {AVAILABLE}; delete it and deploy again")
    groups = observed.groups_of(target)
    if target.lifecycle_state != AVAILABLE or groups is None:
        return Wait(_named(target) if groups else f"{_named(target)}, its network interface is not listed")
    if observed.owns(target, desired.given):
        return _set_groups(target, groups, own | desired.given)
    replaced = groups & observed.own_groups - own
    return _set_groups(target, groups, groups - replaced | own) if replaced else None


def _withdraw(desired: Desired, observed: Observed, target: MountTargetResource) -> Step | None:
    groups = observed.groups_of(target)
    if groups is None and target.lifecycle_state not in TERMINAL_STATES:
        return Wait(f"{_named(target)}, its network interface is not listed")
    # One in error may never have had an interface.
    if groups is None or not groups & observed.own_groups:
        return None
    if target.lifecycle_state == "deleting":
        return Wait(_named(target))
    if observed.owns(target, desired.given):
        return _give_up(desired, observed, target, groups)
    return _set_groups(target, groups, groups - observed.own_groups)


def _give_up(desired: Desired, observed: Observed, target: MountTargetResource, groups: frozenset[str]) -> Step | None:
    users = [other for other in observed.others if target.availability_zone in other.zones]
    # A creation that never succeeded retains nothing: CloudFormation deletes its security group then. A roll-back must not
    # fail because somebody has come since; a later update or delete deletes what it leaves.
    if (desired.retain and observed.settled) or (desired.roll_back and users):
        return None if desired.ends else _set_groups(target, groups, desired.given | {observed.own})
    if users and not desired.allow_deletion:
        return Refuse(f"{_named(target)} and is wanted by {', '.join(map(str, users))}; {WAY_OUT}")
    name = target.mount_target_id
    return Change(f"deleting mount target {name}", "delete_mount_target", {"MountTargetId": name})


def _create(desired: Desired, zone: str, own: frozenset[str]) -> Change:
    subnet = desired.subnets[zone]
    where = {"FileSystemId": desired.file_system_id, "SubnetId": subnet, "IpAddressType": desired.ip_address_type}
    text = f"creating a mount target in {zone} ({subnet}) of file system {desired.file_system_id}"
    return Change(text, "create_mount_target", {**where, "SecurityGroups": sorted(desired.given | own)})


def _set_groups(target: MountTargetResource, groups: frozenset[str], wanted: frozenset[str]) -> Step | None:
    if groups == wanted:
        return None
    if target.lifecycle_state != AVAILABLE:
        # EFS changes the groups of an available one only.
        return Wait(_named(target))
    parameters = {"MountTargetId": target.mount_target_id, "SecurityGroups": sorted(wanted)}
    text = f"setting the security groups of mount target {target.mount_target_id}"
    return Change(text, "modify_mount_target_security_groups", parameters)


def _named(target: MountTargetResource) -> str:
    return f"mount target {target.mount_target_id} in {target.availability_zone} is {target.lifecycle_state}"
