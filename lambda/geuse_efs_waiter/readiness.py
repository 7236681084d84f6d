"""Classifies the life-cycle states of mount targets: ready, not yet, or never. Pure, no calls.

States (EFS API, LifeCycleState): ``available`` is ready; ``creating``, ``updating``, ``deleting`` and any state that
EFS may add later are "not yet"; ``error`` and ``deleted`` never become available.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from geuse_efs_waiter.errors import MountTargetFailedError
from geuse_efs_waiter.models import MountTargetResource

ReadinessState = Literal["ready", "not-ready", "no-mount-targets", "unreachable"]

AVAILABLE = "available"
TERMINAL_STATES = frozenset({"error", "deleted"})


@dataclass(frozen=True, slots=True)
class Readiness:
    """The result of one observation; true when ready.

    Attributes:
        mount_targets: those that count, as EFS listed them.
        missing: what is not ready yet, for people; empty when ready.
        error_code: the error of the last call, if it had one.
    """

    mount_targets: tuple[MountTargetResource, ...] = ()
    missing: tuple[str, ...] = ("no response from EFS yet",)
    error_code: str = ""

    @property
    def ready(self) -> bool:
        """Whether every mount target that counts is available, and there is at least one."""
        return not self.missing

    @property
    def state(self) -> ReadinessState:
        """``unreachable`` means that the last call had no usable response: throttled, no network, no answer."""
        if self.ready:
            return "ready"
        if self.error_code:
            return "unreachable"
        return "not-ready" if self.mount_targets else "no-mount-targets"

    def __bool__(self) -> bool:
        return self.ready


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
            "interface limit), delete the mount target and try again"
        )
    listed = {target.mount_target_id for target in counting}
    absent = [f"{name} in {zone} is not listed" for name, zone in expected.items() if name not in listed]
    unready = [_describe(target) for target in counting if target.lifecycle_state != AVAILABLE]
    nothing = [] if counting or expected else ["no mount target is listed"]
    return Readiness(counting, tuple(absent + unready + nothing))


def _describe(target: MountTargetResource) -> str:
    return f"mount target {target.mount_target_id} in {target.availability_zone} is {target.lifecycle_state}"
