"""Requests of adoptions: what they make carries their own security group, and is theirs to delete."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from geuse_efs_waiter.adoption.adoptions import FILE_SYSTEM_TAG, SUBNETS_TAG
from tests.fault_injection.scenario import FILE_SYSTEM, OTHER_FILE_SYSTEM, Scenario, ask, service_timeout
from tests.simulator.account import Account
from tests.simulator.cloudformation import STACK_ID, Properties
from tests.simulator.faults import EVERY, PUT
from tests.simulator.simulation import Simulation

NEIGHBOUR = STACK_ID.replace("stack/storage", "stack/neighbour")
PREFIX_LIST = "pl-00000001"
CLIENTS, THEIRS = "sg-c0000000", "sg-f0000000"
OURS, OURS_ELSEWHERE, NEIGHBOURS = "sg-00000001", "sg-00000002", "sg-0000000b"
"""The own group of the stack's adoption, that of its adoption of another file system, and that of another stack's."""
GIVEN = "sg-00000009"
"""A group that is given beside the own one."""
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "elasticfilesystem:*", "Resource": "*"},
    ],
}


def _access_point(file_system: str) -> str:
    return file_system.replace("fs-", "fsap-")


ACCESS_POINT = _access_point(FILE_SYSTEM)


def adoption(
    zones: str,
    wait: int,
    own: str = OURS,
    given: Sequence[str] = (),
    file_system: str = FILE_SYSTEM,
    **adopt: Any,
) -> Properties:
    """The properties of an adoption of these zones, as CloudFormation sends them; `adopt` differs from the usual ones."""
    return {
        "FileSystemId": file_system,
        "SecurityGroupIds": list(given),
        "Tags": [{"key": "Name", "value": "S/Efs"}],
        "WaitTimeoutSeconds": str(wait),
        "ServiceTimeout": str(service_timeout(wait)),
        "Adopt": {
            "VpcId": "vpc-00000001",
            "Subnets": {f"us-east-1{zone}": f"subnet-0000000{zone}" for zone in zones},
            "Clients": [CLIENTS, PREFIX_LIST],
            "AccessPointIds": [_access_point(file_system)],
            "CreateMissing": "true",
            "RetainCreated": "false",
            "IpAddressType": "IPV4_ONLY",
            "OwnGroupId": own,
            "Severities": {},
            "RoleArn": "arn:aws:iam::123456789012:role/waiter",
            **adopt,
        },
    }


def define_own_group(aws: Account, group: str, stack_id: str, zones: str, file_system: str = FILE_SYSTEM) -> None:
    """CloudFormation makes the own group of an adoption before it asks for anything."""
    tags = {
        FILE_SYSTEM_TAG: file_system,
        SUBNETS_TAG: " ".join(f"subnet-0000000{zone}" for zone in zones),
        "aws:cloudformation:stack-id": stack_id,
        "aws:cloudformation:stack-name": stack_id.split("/")[1],
        "aws:cloudformation:logical-id": f"EfsSecurityGroup{file_system[-1]}",
    }
    aws.add_security_group(group, admits=[CLIENTS], prefix_lists=[PREFIX_LIST], tags=tags)


def theirs(simulation: Simulation) -> None:
    """A file system of somebody else's with a mount target in zone a."""
    simulation.aws.creation_seconds, simulation.aws.deletion_seconds = 8, 4
    simulation.aws.prefix_lists[PREFIX_LIST] = ["10.9.0.0/24"]
    for group in (THEIRS, GIVEN):
        simulation.aws.add_security_group(group, admits=[CLIENTS], prefix_lists=[PREFIX_LIST])
    # Zone a is left out: whoever has a mount target there may delete it.
    define_own_group(simulation.aws, OURS, STACK_ID, "bcd")
    define_own_group(simulation.aws, OURS_ELSEWHERE, STACK_ID, "bcd", OTHER_FILE_SYSTEM)
    _theirs(simulation, FILE_SYSTEM)


def _theirs(simulation: Simulation, file_system: str) -> None:
    simulation.aws.add_file_system(file_system)
    simulation.aws.file_systems[file_system].policy = json.dumps(ALLOW_ALL)
    simulation.aws.access_points[_access_point(file_system)] = file_system
    simulation.aws.add_mount_target("subnet-0000000a", file_system, groups=(THEIRS,), ready_in=0)


def _adopt_create(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    theirs(simulation)
    return adoption("abc", wait), {}


def _adopt_long(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    theirs(simulation)
    simulation.aws.creation_seconds = 1000
    return adoption("ab", wait), {}


def _adopt_update(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    """Zone b less, zone d more, and another given group on what stays."""
    theirs(simulation)
    before = adoption("abc", wait)
    ask(simulation, "Create", before)
    return adoption("acd", wait, given=[GIVEN]), before


def _adopt_delete_refused(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    """A neighbour wants zone b, where the mount target is ours."""
    given = _adopt_delete_alone(simulation, wait)
    define_own_group(simulation.aws, NEIGHBOURS, NEIGHBOUR, "ab")
    ask(simulation, "Create", neighbours(wait), NEIGHBOUR)
    return given


def _adopt_covered(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    """Nothing is missing, and nothing might be made."""
    theirs(simulation)
    return adoption("a", wait, CreateMissing="false"), {}


def _adopt_update_long(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    desired, before = _adopt_update(simulation, wait)
    simulation.aws.creation_seconds = 1000
    return desired, before


def _adopt_other(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    """Another file system: CloudFormation deletes the adoption of the one before."""
    theirs(simulation)
    _theirs(simulation, OTHER_FILE_SYSTEM)
    before = adoption("ab", wait)
    ask(simulation, "Create", before)
    return adoption("ab", wait, OURS_ELSEWHERE, file_system=OTHER_FILE_SYSTEM), before


def _adopt_delete_alone(simulation: Simulation, wait: int, **adopt: Any) -> tuple[Properties, Properties]:
    theirs(simulation)
    before = adoption("ab", wait, **adopt)
    ask(simulation, "Create", before)
    return before, before


def _adopt_delete_long(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    given = _adopt_delete_alone(simulation, wait)
    simulation.aws.deletion_seconds = 1000
    return given


def _adopt_delete_retaining(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    return _adopt_delete_alone(simulation, wait, RetainCreated="true")


def neighbours(wait: int) -> Properties:
    """What the neighbour wants; it accepts mount targets of ours."""
    return adoption("ab", wait, NEIGHBOURS, Severities={"mount-target-of-adoption": "off"})


_READS = frozenset(
    {
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
)
_COVERED = _READS | {"CreateTags", PUT, EVERY}
_CREATING = _COVERED | {"CreateMountTarget"}
_UPDATING = _CREATING | {"DeleteTags", "DeleteMountTarget", "ModifyMountTargetSecurityGroups"}
_DELETING = frozenset(
    {
        "DescribeSecurityGroups",
        "DescribeMountTargets",
        "DescribeNetworkInterfaces",
        "CreateTags",
        "DeleteMountTarget",
        PUT,
        EVERY,
    }
)
_REFUSED = _DELETING - {"DeleteMountTarget"} | {"DescribeSubnets", "DeleteTags"}

ADOPTION = (
    Scenario("adopt: create", "Create", _CREATING, _adopt_create),
    Scenario("adopt: create, two runs", "Create", _CREATING | {"Invoke", "DeleteTags"}, _adopt_long, wait=2400),
    Scenario("adopt: create, nothing missing", "Create", _COVERED, _adopt_covered),
    Scenario("adopt: update", "Update", _UPDATING, _adopt_update),
    Scenario("adopt: update, two runs", "Update", _UPDATING | {"Invoke"}, _adopt_update_long, wait=2400),
    Scenario(
        "adopt: update, another file system",
        "Update",
        _CREATING,
        _adopt_other,
        file_system=OTHER_FILE_SYSTEM,
        described=OTHER_FILE_SYSTEM,
    ),
    Scenario("adopt: delete", "Delete", _DELETING, _adopt_delete_alone),
    Scenario("adopt: delete, two runs", "Delete", _DELETING | {"Invoke"}, _adopt_delete_long),
    Scenario(
        "adopt: delete, retaining", "Delete", _DELETING - {"DeleteMountTarget"}, _adopt_delete_retaining, retains=True
    ),
    Scenario(
        "adopt: delete, refused",
        "Delete",
        _REFUSED,
        _adopt_delete_refused,
        refusal="is wanted by stack neighbour",
        neighbour=True,
    ),
)
