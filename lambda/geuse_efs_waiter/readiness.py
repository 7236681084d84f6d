"""Classifies the life-cycle states of mount targets: ready, not yet, or never. Pure, no calls.

States (EFS API, LifeCycleState): ``available`` is ready; ``creating``, ``updating``, ``deleting`` and any state that
EFS may add later are "not yet"; ``error`` and ``deleted`` never become available.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from geuse_efs_waiter.errors import MountTargetFailedError
from geuse_efs_waiter.models import MountTargetResource

AVAILABLE = "available"
TERMINAL_STATES = frozenset({"error", "deleted"})


@dataclass(frozen=True, slots=True)
class Readiness:
    """Of one observation: the mount targets that count, and what is still missing, for people."""

    mount_targets: tuple[MountTargetResource, ...] = ()
    missing: tuple[str, ...] = ("no response from EFS yet",)

    @property
    def ready(self) -> bool:
        """Whether every mount target that counts is available, and there is at least one."""
        return not self.missing


def classify(observed: Iterable[MountTargetResource], expected: Mapping[str, str]) -> Readiness:
    """Classify the mount targets that EFS listed.

    Args:
        observed: the mount targets that EFS listed.
        expected: the AZ (or another name for people) of each mount target id that counts; empty means all listed.

    Raises:
        MountTargetFailedError: if one that counts is in a state that never becomes available.
    """
    counting = tuple(target for target in observed if not expected or target.mount_target_id in expected)
    failed = [_describe(target) for target in counting if target.lifecycle_state in TERMINAL_STATES]
    if failed:
        raise MountTargetFailedError(
            f"{', '.join(failed)}; expected {AVAILABLE}; look for the cause in the subnet (free addresses, network "
            "interface limit), delete the mount target and deploy again"
        )
    listed = {target.mount_target_id for target in counting}
    absent = [f"{name} in {zone} is not listed" for name, zone in expected.items() if name not in listed]
    unready = [_describe(target) for target in counting if target.lifecycle_state != AVAILABLE]
    nothing = [] if counting or expected else ["no mount target is listed"]
    return Readiness(counting, tuple(absent + unready + nothing))


def _describe(target: MountTargetResource) -> str:
    return f"mount target {target.mount_target_id} in {target.availability_zone} is {target.lifecycle_state}"
