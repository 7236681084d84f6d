"""Operations of EFS, each as the EFS API reference describes the one of its name.

Reads of file systems and mount targets may be stale (`Account.staleness`); EFS does not document how stale.
"""

# ruff: noqa: N802, N803 (operations and parameters are named as the API names them)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulator.faults import Answer, Fault
from tests.simulator.records import FileSystem, MountTarget, Outcome

if TYPE_CHECKING:
    from tests.simulator.account import Account

MOST_GROUPS = 5
"""Security groups of one mount target (CreateMountTarget)."""
TARGETS_A_PAGE = 10
"""Of DescribeMountTargets, whatever is asked for."""


def DescribeFileSystems(aws: Account, FileSystemId: str = "", MaxItems: int = 100, Marker: str = "0") -> Answer:
    """All, or one; "MaxItems is automatically set to 100"."""
    names = [FileSystemId] if FileSystemId else list(aws.file_systems)
    then = aws.clock.now() - aws.staleness()
    described = [_described(aws, _file_system(aws, name), then) for name in names]
    return _page("FileSystems", described, aws.page_size, Marker)


def _described(aws: Account, file_system: FileSystem, then: float) -> dict[str, Any]:
    tags = next((tags for since, tags in reversed(file_system.tags) if since <= then), {})
    targets = sum(1 for target in _targets_of(aws, file_system.description["FileSystemId"]) if target.state(then))
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {**file_system.description, "NumberOfMountTargets": targets, "Tags": listed}


def DeleteFileSystem(aws: Account, FileSystemId: str) -> Answer:
    """Refused while mount targets exist."""
    _file_system(aws, FileSystemId)
    if any(target.state(aws.clock.now()) for target in _targets_of(aws, FileSystemId)):
        raise Fault("FileSystemInUse", f"File system '{FileSystemId}' has mount targets.")
    del aws.file_systems[FileSystemId]
    return {}


def DescribeBackupPolicy(aws: Account, FileSystemId: str) -> Answer:
    """PolicyNotFound if there is none."""
    status = _file_system(aws, FileSystemId).backup
    if status is None:
        raise Fault("PolicyNotFound", f"File system '{FileSystemId}' has no backup policy.")
    return {"BackupPolicy": {"Status": status}}


def DescribeFileSystemPolicy(aws: Account, FileSystemId: str) -> Answer:
    """PolicyNotFound if it has the default one."""
    policy = _file_system(aws, FileSystemId).policy
    if policy is None:
        raise Fault("PolicyNotFound", f"File system '{FileSystemId}' has no policy.")
    return {"FileSystemId": FileSystemId, "Policy": policy}


def DescribeAccessPoints(aws: Account, AccessPointId: str) -> Answer:
    """One by its id."""
    if AccessPointId not in aws.access_points:
        raise Fault("AccessPointNotFound", f"Access point '{AccessPointId}' does not exist.")
    return {"AccessPoints": [{"AccessPointId": AccessPointId, "FileSystemId": aws.access_points[AccessPointId]}]}


def DescribeMountTargets(
    aws: Account,
    FileSystemId: str = "",
    MountTargetId: str = "",
    AccessPointId: str = "",
    MaxItems: int = 10,
    Marker: str = "0",
) -> Answer:
    """By exactly one of three ids. "MaxItems is automatically set to 10, and other values are ignored"."""
    if sum(map(bool, (FileSystemId, MountTargetId, AccessPointId))) != 1:
        raise Fault("BadRequest", "exactly one of FileSystemId, MountTargetId and AccessPointId is needed")
    then = aws.clock.now() - aws.staleness()
    if MountTargetId:
        found = [_target(aws, MountTargetId)]
    else:
        described = DescribeAccessPoints(aws, AccessPointId)["AccessPoints"] if AccessPointId else [{}]
        name = FileSystemId or described[0]["FileSystemId"]
        _file_system(aws, name)
        found = _targets_of(aws, name)
    seen = [{**target.description, "LifeCycleState": state} for target in found if (state := target.state(then))]
    return _page("MountTargets", seen, min(TARGETS_A_PAGE, aws.page_size), Marker)


def DescribeMountTargetSecurityGroups(aws: Account, MountTargetId: str) -> Answer:
    """The groups of its network interface."""
    return {"SecurityGroups": list(_target(aws, MountTargetId).groups)}


def CreateMountTarget(
    aws: Account,
    FileSystemId: str,
    SubnetId: str,
    SecurityGroups: list[str] | None = None,
    IpAddressType: str = "IPV4_ONLY",
) -> Answer:
    """One an availability zone, all in one VPC, with at most five security groups; in the subnet's own time."""
    if _file_system(aws, FileSystemId).description["LifeCycleState"] != "available":
        raise Fault("IncorrectFileSystemLifeCycleState", f"File system '{FileSystemId}' is not available.")
    if SubnetId not in aws.subnets:
        raise Fault("SubnetNotFound", f"The subnet ID '{SubnetId}' does not exist")
    subnet = aws.subnets[SubnetId]
    now, zone = aws.clock.now(), subnet["AvailabilityZone"]
    for target in _targets_of(aws, FileSystemId):
        if not target.state(now):
            continue
        if target.description["AvailabilityZoneName"] == zone or target.description["VpcId"] != subnet["VpcId"]:
            raise Fault("MountTargetConflict", f"mount target already exists in this AZ {zone}, or in another VPC")
    groups = _groups(aws, SecurityGroups, subnet["VpcId"])
    if free_addresses(aws, SubnetId) < 1:
        raise Fault("NoFreeAddressesInSubnet", f"The subnet '{SubnetId}' has no free addresses.")
    outcome = aws.outcomes.get(SubnetId) or aws.outcomes.get(zone) or Outcome()
    name = aws.add_mount_target(
        SubnetId, FileSystemId, groups=groups, ready_in=outcome.seconds, final_state=outcome.state
    )
    return {**aws.mount_targets[name].description, "LifeCycleState": "creating"}


def DeleteMountTarget(aws: Account, MountTargetId: str) -> Answer:
    """Takes its time; a second call changes nothing."""
    target, now = _target(aws, MountTargetId), aws.clock.now()
    target.deleting_at = min(target.deleting_at, now)
    target.gone_at = min(target.gone_at, now + aws.deletion_seconds)
    return {}


def ModifyMountTargetSecurityGroups(
    aws: Account, MountTargetId: str, SecurityGroups: list[str] | None = None
) -> Answer:
    """Replaces the groups of its network interface, while it is available."""
    target = _target(aws, MountTargetId)
    if target.state(aws.clock.now()) != "available":
        raise Fault("IncorrectMountTargetState", f"Mount target '{MountTargetId}' is not available.")
    groups = _groups(aws, SecurityGroups, target.description["VpcId"])
    target.former.append((aws.clock.now(), target.groups))
    target.groups = groups
    return {}


def free_addresses(aws: Account, subnet_id: str) -> int:
    """Each mount target takes one."""
    now = aws.clock.now()
    taken = sum(
        1 for target in aws.mount_targets.values() if target.description["SubnetId"] == subnet_id and target.state(now)
    )
    return max(0, int(aws.subnets[subnet_id]["AvailableIpAddressCount"]) - taken)


def _groups(aws: Account, given: list[str] | None, vpc_id: str) -> list[str]:
    """The given groups, else the default group of the VPC."""
    if not given:
        return [name for name, group in aws.security_groups.items() if group["VpcId"] == vpc_id][:1]
    if len(given) > MOST_GROUPS:
        raise Fault("SecurityGroupLimitExceeded", f"a mount target takes {MOST_GROUPS} security groups")
    for name in given:
        if aws.security_groups.get(name, {}).get("VpcId") != vpc_id:
            raise Fault("SecurityGroupNotFound", f"The security group '{name}' does not exist in {vpc_id}")
    return list(given)


def _file_system(aws: Account, name: str) -> FileSystem:
    if name not in aws.file_systems:
        raise Fault("FileSystemNotFound", f"File system '{name}' does not exist.")
    return aws.file_systems[name]


def _target(aws: Account, name: str) -> MountTarget:
    target = aws.mount_targets.get(name)
    if target is None or target.state(aws.clock.now()) is None:
        raise Fault("MountTargetNotFound", f"Mount target '{name}' does not exist.")
    return target


def _targets_of(aws: Account, file_system_id: str) -> list[MountTarget]:
    return [target for target in aws.mount_targets.values() if target.description["FileSystemId"] == file_system_id]


def _page(name: str, found: list[dict[str, Any]], size: int, marker: str) -> Answer:
    start = int(marker)
    more = {"NextMarker": str(start + size)} if start + size < len(found) else {}
    return {name: found[start : start + size], **more}


OPERATIONS = {
    operation.__name__: operation
    for operation in (
        DescribeFileSystems,
        DeleteFileSystem,
        DescribeBackupPolicy,
        DescribeFileSystemPolicy,
        DescribeAccessPoints,
        DescribeMountTargets,
        DescribeMountTargetSecurityGroups,
        CreateMountTarget,
        DeleteMountTarget,
        ModifyMountTargetSecurityGroups,
    )
}
