"""Mount targets take time, and can fail: `creating`, then `available` or `error`.

Source: EFS API reference, MountTargetDescription.LifeCycleState; it takes 1 to 2 minutes (terraform-provider-aws#15278).
In MiniStack they are available at once.
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from typing import Any

from local.emulator.state import State

# Every operation that shows or depends on the state of a mount target.
_OBSERVERS = (
    "_describe_file_systems",
    "_delete_file_system",
    "_create_mount_target",
    "_describe_mount_targets",
    "_delete_mount_target",
    "_describe_mount_target_security_groups",
    "_modify_mount_target_security_groups",
)


def install(state: State) -> None:
    """Replace MiniStack's operations, for requests and for its CloudFormation alike."""
    efs: Any = import_module("ministack.services.efs")
    efs._create_mount_target = _creating(efs, state)
    for name in _OBSERVERS:
        setattr(efs, name, _settling_first(efs, state, getattr(efs, name)))


def _creating(efs: Any, state: State) -> Callable[[dict[str, Any]], Any]:
    create = efs._create_mount_target

    def create_mount_target(body: dict[str, Any]) -> Any:
        response = create(body)
        if response[0] >= HTTPStatus.BAD_REQUEST:
            return response
        record = efs._mount_targets[json.loads(response[2])["MountTargetId"]]
        record["LifeCycleState"] = "creating"
        final = state.settings.final_states.get(record["AvailabilityZoneName"], "available")
        state.becomes[record["MountTargetId"]] = time.monotonic() + state.settings.mount_target_seconds, final
        return efs._json(200, efs._mt_response(record))

    return create_mount_target


def _settling_first(efs: Any, state: State, operation: Callable[..., Any]) -> Callable[..., Any]:
    """There is no timer: states are brought up to date when somebody asks."""

    @functools.wraps(operation)
    def settle_first(*args: Any) -> Any:
        with state.lock:
            due = [name for name, (at, _) in state.becomes.items() if at <= time.monotonic()]
            for name in due:
                _, final = state.becomes.pop(name)
                if name in efs._mount_targets:
                    efs._mount_targets[name]["LifeCycleState"] = final
            return operation(*args)

    return settle_first
