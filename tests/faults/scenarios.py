"""The requests that the faults strike: what was there before, what is asked, which operations that takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from geuse_efs_waiter.adoption.ledger import ledger_key
from tests.lab.cloudformation import LOGICAL_ID, STACK_ID, Properties
from tests.lab.faults import EVERY, PUT
from tests.lab.lab import Lab

NEIGHBOUR = STACK_ID.replace("stack/storage", "stack/neighbour")
KEY = ledger_key(STACK_ID, LOGICAL_ID)
FILE_SYSTEM, OTHER_FILE_SYSTEM = "fs-00000001", "fs-00000002"
PHYSICAL_ID = f"geuse-efs:{FILE_SYSTEM}"
ACCESS_POINT, PREFIX_LIST = "fsap-00000001", "pl-00000001"
CLIENTS, THEIRS, OURS, NEXT, NEIGHBOURS = "sg-c0000000", "sg-f0000000", "sg-00000001", "sg-00000009", "sg-0000000b"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "elasticfilesystem:*", "Resource": "*"},
    ],
}


def service_timeout(wait: int) -> int:
    """As the construct renders it."""
    return min(3600, 3 * (wait + 120) + 180)


@dataclass(frozen=True)
class Scenario:
    """One request.

    Attributes:
        operations: what a run without faults calls.
        late: which of them come more than 30 s after the beginning.
        prepare: brings about what was before; returns the properties of the request and those before.
        adopts: whether the mount targets it makes are the waiter's to delete.
    """

    name: str
    request_type: str
    operations: frozenset[str]
    prepare: Callable[[Lab, int], tuple[Properties, Properties]]
    wait: int = 300
    adopts: bool = True
    physical_id: str = PHYSICAL_ID
    neighbour: bool = False
    late: frozenset[str] = frozenset()


def ask(lab: Lab, kind: str, properties: Properties, stack_id: str = STACK_ID, **more: Any) -> list[dict[str, Any]]:
    """Send a request of the stack, or of another."""
    given = {"PhysicalResourceId": PHYSICAL_ID} if kind != "Create" else {}
    return lab.stack.ask(kind, properties, **{**given, "StackId": stack_id, **more})


# Create path


def _create(lab: Lab, wait: int, *, last_ready_in: float = 35) -> tuple[Properties, Properties]:
    lab.aws.add_file_system(FILE_SYSTEM)
    lab.aws.add_mount_target("subnet-0000000f", groups=(THEIRS,), ready_in=0)
    delays = {"a": 35.0, "b": 35.0, "c": last_ready_in}
    targets = {
        f"us-east-1{zone}": lab.aws.add_mount_target(f"subnet-0000000{zone}", ready_in=delay)
        for zone, delay in delays.items()
    }
    wish = {
        "FileSystemId": FILE_SYSTEM,
        "MountTargets": targets,
        "SecurityGroupIds": [OURS],
        "Tags": [{"key": "Name", "value": "S/Efs"}],
        "WaitTimeoutSeconds": str(wait),
        "ServiceTimeout": str(service_timeout(wait)),
        "AllowReplacement": "false",
    }
    return wish, {}


def _create_long(lab: Lab, wait: int) -> tuple[Properties, Properties]:
    return _create(lab, wait, last_ready_in=1000)


def _swap_back(lab: Lab, wait: int) -> tuple[Properties, Properties]:
    """The roll-back of an allowed swap: the only request for which the guard asks for the age."""
    wish, _ = _create(lab, wait)
    lab.aws.clock.time += 100_000
    lab.aws.add_file_system(OTHER_FILE_SYSTEM)
    return wish, {**wish, "FileSystemId": OTHER_FILE_SYSTEM, "AllowReplacement": "true"}


# Adoption


def _adoption(zones: str, wait: int, group: str = OURS) -> Properties:
    return {
        "FileSystemId": FILE_SYSTEM,
        "SecurityGroupIds": [group],
        "Tags": [{"key": "Name", "value": "S/Efs"}],
        "WaitTimeoutSeconds": str(wait),
        "ServiceTimeout": str(service_timeout(wait)),
        "Adopt": {
            "VpcId": "vpc-00000001",
            "Subnets": {f"us-east-1{zone}": f"subnet-0000000{zone}" for zone in zones},
            "Clients": [CLIENTS, PREFIX_LIST],
            "AccessPointIds": [ACCESS_POINT],
            "CreateMissing": "true",
            "RetainCreated": "false",
            "IpAddressType": "IPV4_ONLY",
            "OwnGroup": "true",
            "Severities": {},
            "RoleArn": "arn:aws:iam::123456789012:role/waiter",
        },
    }


def theirs(lab: Lab) -> None:
    """A file system of somebody else's with a mount target in zone a."""
    lab.aws.creation_seconds, lab.aws.deletion_seconds = 8, 4
    lab.aws.prefix_lists[PREFIX_LIST] = ["10.9.0.0/24"]
    for group in (THEIRS, OURS, NEXT, NEIGHBOURS):
        lab.aws.add_security_group(group, admits=[CLIENTS], prefix_lists=[PREFIX_LIST])
    lab.aws.add_file_system(FILE_SYSTEM)
    lab.aws.file_systems[FILE_SYSTEM].policy = json.dumps(ALLOW_ALL)
    lab.aws.access_points[ACCESS_POINT] = FILE_SYSTEM
    lab.aws.add_mount_target("subnet-0000000a", groups=(THEIRS,), ready_in=0)


def _adopt_create(lab: Lab, wait: int) -> tuple[Properties, Properties]:
    theirs(lab)
    return _adoption("abc", wait), {}


def _adopt_long(lab: Lab, wait: int) -> tuple[Properties, Properties]:
    theirs(lab)
    lab.aws.creation_seconds = 1000
    return _adoption("ab", wait), {}


def _adopt_update(lab: Lab, wait: int) -> tuple[Properties, Properties]:
    """Zone b less, zone d more, and another group on what stays."""
    theirs(lab)
    before = _adoption("abc", wait)
    ask(lab, "Create", before)
    return _adoption("acd", wait, NEXT), before


def _adopt_delete(lab: Lab, wait: int) -> tuple[Properties, Properties]:
    """A neighbour uses zone c, where the mount target is ours: it is handed over."""
    theirs(lab)
    before = _adoption("abc", wait)
    ask(lab, "Create", before)
    ask(lab, "Create", neighbours(wait), NEIGHBOUR)
    return before, before


def neighbours(wait: int) -> Properties:
    """What the neighbour wants."""
    return _adoption("ac", wait, NEIGHBOURS)


_READS = {
    "DescribeFileSystems",
    "DescribeMountTargets",
    "DescribeBackupPolicy",
    "DescribeFileSystemPolicy",
    "DescribeAccessPoints",
    "DescribeSubnets",
    "DescribeSecurityGroups",
    "DescribeVpcAttribute",
    "GetManagedPrefixListEntries",
    "DescribeNetworkInterfaces",
}
_SETTLING = {*_READS, "TagResource", "CreateMountTarget", "CreateTags", PUT, EVERY}
_LEAVING = {
    "DescribeFileSystems",
    "DescribeMountTargets",
    "DescribeNetworkInterfaces",
    "TagResource",
    "UntagResource",
    "DeleteMountTarget",
    "ModifyMountTargetSecurityGroups",
    PUT,
    EVERY,
}

_LATE = frozenset({"CreateTags", "Invoke", PUT})

SCENARIOS = (
    Scenario("create", "Create", frozenset({"DescribeMountTargets", "CreateTags", PUT, EVERY}), _create, adopts=False),
    Scenario(
        "create, two runs",
        "Create",
        frozenset({"DescribeMountTargets", "CreateTags", "Invoke", PUT, EVERY}),
        _create_long,
        wait=2400,
        adopts=False,
        late=_LATE,
    ),
    Scenario(
        "update, a swap rolled back",
        "Update",
        frozenset({"DescribeFileSystems", "DescribeMountTargets", "CreateTags", PUT, EVERY}),
        _swap_back,
        adopts=False,
        physical_id=f"geuse-efs:{OTHER_FILE_SYSTEM}",
    ),
    Scenario("delete", "Delete", frozenset({PUT}), _create, adopts=False),
    Scenario("adopt: create", "Create", frozenset(_SETTLING), _adopt_create),
    Scenario(
        "adopt: create, two runs", "Create", frozenset({*_SETTLING, "Invoke"}), _adopt_long, wait=2400, late=_LATE
    ),
    Scenario("adopt: update", "Update", frozenset({*_SETTLING, *_LEAVING} - {"UntagResource"}), _adopt_update),
    Scenario("adopt: delete", "Delete", frozenset(_LEAVING), _adopt_delete, neighbour=True),
)
