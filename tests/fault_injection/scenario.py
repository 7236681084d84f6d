"""What a request that the faults strike consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.simulator.cloudformation import STACK_ID, Properties
from tests.simulator.simulation import Simulation

FILE_SYSTEM, OTHER_FILE_SYSTEM = "fs-00000001", "fs-00000002"
PHYSICAL_ID, OTHER_PHYSICAL_ID = f"geuse-efs:{FILE_SYSTEM}", f"geuse-efs:{OTHER_FILE_SYSTEM}"
ONE_RUN = 780
"""Seconds that one run waits at most."""


def service_timeout(wait: int) -> int:
    """As the construct renders it."""
    return min(3600, 3 * (wait + 120) + 180)


@dataclass(frozen=True)
class Scenario:
    """One request.

    Attributes:
        operations: what a run without faults calls.
        prepare: brings about what was before; returns the properties of the request and those before.
        adopts: whether the mount targets it makes are the waiter's to delete.
        physical_id: what was there before.
        refusal: what the reason of the failure says that it ends in also without a fault.
        file_system: the one whose mount targets are described.
        described: the one that is described first.
        deletes, regroups: the mount target that is deleted first, or given other groups.
        retains: what was made stays.
        neighbour: another stack uses the file system, and is deleted last.
    """

    name: str
    request_type: str
    operations: frozenset[str]
    prepare: Callable[[Simulation, int], tuple[Properties, Properties]]
    wait: int = 300
    adopts: bool = True
    physical_id: str = PHYSICAL_ID
    refusal: str = ""
    file_system: str = FILE_SYSTEM
    described: str = FILE_SYSTEM
    deletes: str = "fsmt-00000002"
    regroups: str = "fsmt-00000003"
    retains: bool = False
    neighbour: bool = False


def ask(
    simulation: Simulation, kind: str, properties: Properties, stack_id: str = STACK_ID, **more: Any
) -> list[dict[str, Any]]:
    """Send a request of the stack, or of another."""
    given = {"PhysicalResourceId": PHYSICAL_ID} if kind != "Create" else {}
    return simulation.stack.ask(kind, properties, **{**given, "StackId": stack_id, **more})
