"""Requests of file systems that the stack has made itself: CloudFormation owns their mount targets."""

from __future__ import annotations

from tests.fault_injection.scenario import FILE_SYSTEM, OTHER_FILE_SYSTEM, OTHER_PHYSICAL_ID, Scenario, service_timeout
from tests.simulator.cloudformation import Properties
from tests.simulator.faults import EVERY, PUT
from tests.simulator.simulation import Simulation

OURS, THEIRS = "sg-00000001", "sg-f0000000"


def _create(simulation: Simulation, wait: int, *, last_ready_in: float = 35) -> tuple[Properties, Properties]:
    simulation.aws.add_file_system(FILE_SYSTEM)
    simulation.aws.add_mount_target("subnet-0000000f", groups=(THEIRS,), ready_in=0)
    delays = {"a": 35.0, "b": 35.0, "c": last_ready_in}
    targets = {
        f"us-east-1{zone}": simulation.aws.add_mount_target(f"subnet-0000000{zone}", ready_in=delay)
        for zone, delay in delays.items()
    }
    desired = {
        "FileSystemId": FILE_SYSTEM,
        "MountTargets": targets,
        "SecurityGroupIds": [OURS],
        "Tags": [{"key": "Name", "value": "S/Efs"}],
        "WaitTimeoutSeconds": str(wait),
        "ServiceTimeout": str(service_timeout(wait)),
        "AllowReplacement": "false",
    }
    return desired, {}


def _create_long(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    return _create(simulation, wait, last_ready_in=1000)


def _update(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    """Another tag, and one zone more."""
    before, _ = _create(simulation, wait)
    simulation.aws.clock.sleep(100)
    more = {"us-east-1d": simulation.aws.add_mount_target("subnet-0000000d", ready_in=65)}
    tags = [{"key": "Name", "value": "S/Other"}]
    return {**before, "MountTargets": {**before["MountTargets"], **more}, "Tags": tags}, before


def _swap(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    """The file system of before, and a new, empty one of now."""
    old, _ = _create(simulation, wait)
    simulation.aws.clock.time += 100_000
    simulation.aws.add_file_system(OTHER_FILE_SYSTEM)
    targets = {
        f"us-east-1{zone}": simulation.aws.add_mount_target(f"subnet-0000000{zone}", OTHER_FILE_SYSTEM, ready_in=0)
        for zone in "abc"
    }
    return old, {**old, "FileSystemId": OTHER_FILE_SYSTEM, "MountTargets": targets}


def _swap_back(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    """The roll-back of an allowed swap: the guard compares the ages."""
    old, new = _swap(simulation, wait)
    return old, {**new, "AllowReplacement": "true"}


def _swap_again(simulation: Simulation, wait: int) -> tuple[Properties, Properties]:
    """A swap that was allowed only the time before: the guard compares the ages, and refuses."""
    old, new = _swap(simulation, wait)
    return new, {**old, "AllowReplacement": "true"}


_WAITING = frozenset({"DescribeMountTargets", "CreateTags", PUT, EVERY})
_ADOPTIONS = frozenset({"DescribeSecurityGroups"})
"""Called before mount targets are deleted: an adoption may live on them."""

CREATE_PATH = (
    Scenario("create", "Create", _WAITING, _create, adopts=False),
    Scenario("create, two runs", "Create", _WAITING | {"Invoke"}, _create_long, wait=2400, adopts=False),
    Scenario("update", "Update", _WAITING, _update, adopts=False),
    Scenario(
        "update, a swap rolled back",
        "Update",
        _WAITING | {"DescribeFileSystems", *_ADOPTIONS},
        _swap_back,
        adopts=False,
        physical_id=OTHER_PHYSICAL_ID,
        described=OTHER_FILE_SYSTEM,
    ),
    Scenario(
        "update, a swap refused",
        "Update",
        frozenset({"DescribeFileSystems", PUT, EVERY}),
        _swap_again,
        adopts=False,
        refusal="would replace file system fs-00000001 by fs-00000002",
    ),
    Scenario("delete", "Delete", frozenset({PUT, EVERY, *_ADOPTIONS}), _create, adopts=False),
)
