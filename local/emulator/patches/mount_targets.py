"""Mount targets that take time, fail on request, page, and know when their file system does not exist.

Imitates, where MiniStack does not:

- The life cycle `creating` → `available` or `error`, and `deleting` → gone (EFS API reference,
  MountTargetDescription.LifeCycleState; it takes 1 to 2 minutes, see terraform-provider-aws#15278).
- DescribeMountTargets: exactly one id, BadRequest otherwise; FileSystemNotFound (404) for an unknown file system (EFS API
  reference).
- Groups are modified while the mount target is available, IncorrectMountTargetState (409) otherwise (EFS API reference,
  ModifyMountTargetSecurityGroups).
- At most five security groups, SecurityGroupLimitExceeded otherwise (EFS API reference, CreateMountTarget and
  ModifyMountTargetSecurityGroups).
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

from local.emulator.patches.network_interfaces import NetworkInterfaces
from local.emulator.state import State, Transition, ZoneOutcome

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
_MOST_GROUPS = 5


class MountTargets:
    """The life of mount targets, on top of MiniStack's EFS module."""

    def __init__(self, state: State, interfaces: NetworkInterfaces) -> None:
        self._state = state
        self._interfaces = interfaces
        self._efs: Any = import_module("ministack.services.efs")
        self._create_at_once: Callable[..., Any] = self._efs._create_mount_target
        self._delete_at_once: Callable[..., Any] = self._efs._delete_mount_target
        self._modify_groups: Callable[..., Any] = self._efs._modify_mount_target_security_groups

    def install(self) -> None:
        """Replace MiniStack's operations, for requests and for its CloudFormation alike."""
        self._interfaces.install(self.settle)
        self._efs._create_mount_target = self._create
        self._efs._describe_mount_targets = self._describe
        self._efs._delete_mount_target = self._delete
        self._efs._modify_mount_target_security_groups = self._modify
        for name in _OBSERVERS:
            setattr(self._efs, name, self._settled(getattr(self._efs, name)))

    def settle(self) -> None:
        """Apply every change that is due: there is no timer, states are brought up to date when looked at."""
        with self._state.lock:
            self._apply_due_changes(time.monotonic())

    def _apply_due_changes(self, now: float) -> None:
        for mount_target_id, change in list(self._state.transitions.items()):
            record = self._efs._mount_targets.get(mount_target_id)
            if change.at > now or record is None:
                continue
            del self._state.transitions[mount_target_id]
            if change.state is None:
                self._remove(mount_target_id, record)
            else:
                record["LifeCycleState"] = change.state

    def wait_until_gone(self, mount_target_id: str) -> None:
        """Block until a mount target that is being deleted has left."""
        while mount_target_id in self._efs._mount_targets:
            self.settle()
            time.sleep(0.02)

    def _settled(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(operation)
        def settle_first(*args: Any) -> Any:
            with self._state.lock:
                self._apply_due_changes(time.monotonic())
                return operation(*args)

        return settle_first

    def _create(self, body: dict[str, Any]) -> Any:
        response = self._too_many_groups(body) or self._create_at_once(body)
        if response[0] >= HTTPStatus.BAD_REQUEST:
            return response
        record = self._efs._mount_targets[json.loads(response[2])["MountTargetId"]]
        record["LifeCycleState"] = "creating"
        outcome = self._outcome(record)
        seconds = self._state.settings.mount_target_seconds if outcome.seconds is None else outcome.seconds
        change = Transition(time.monotonic() + seconds, outcome.state)
        self._state.transitions[record["MountTargetId"]] = change
        self._interfaces.add(record)
        return self._efs._json(200, self._efs._mt_response(record))

    def _too_many_groups(self, body: dict[str, Any]) -> Any:
        if len(body.get("SecurityGroups") or []) <= _MOST_GROUPS:
            return None
        return self._efs._error(
            400, "SecurityGroupLimitExceeded", f"A mount target takes {_MOST_GROUPS} security groups."
        )

    def _outcome(self, record: dict[str, Any]) -> ZoneOutcome:
        zones = self._state.settings.zones
        return zones.get(record["SubnetId"]) or zones.get(record["AvailabilityZoneName"]) or ZoneOutcome()

    def _describe(self, query: dict[str, str]) -> Any:
        found, refusal = self._select(query)
        return refusal or self._efs._json(200, {"MountTargets": [self._efs._mt_response(one) for one in found]})

    def _select(self, query: dict[str, str]) -> tuple[list[dict[str, Any]], Any]:
        """The records a filter selects, or the answer that refuses it."""
        efs = self._efs
        if sum(bool(query.get(name)) for name in ("FileSystemId", "MountTargetId", "AccessPointId")) != 1:
            return [], efs._error(
                400, "BadRequest", "Exactly one of FileSystemId, MountTargetId, AccessPointId is required."
            )
        mount_target_id, file_system_id = query.get("MountTargetId"), query.get("FileSystemId")
        if access_point_id := query.get("AccessPointId"):
            if access_point_id not in efs._access_points:
                return [], efs._error(404, "AccessPointNotFound", f"Access point '{access_point_id}' does not exist.")
            file_system_id = efs._access_points[access_point_id]["FileSystemId"]
        if mount_target_id:
            record = efs._mount_targets.get(mount_target_id)
            missing = efs._error(404, "MountTargetNotFound", f"Mount target '{mount_target_id}' does not exist.")
            return ([record], None) if record else ([], missing)
        file_system_id = efs._fs_id_from(file_system_id)
        if file_system_id not in efs._file_systems:
            return [], efs._error(404, "FileSystemNotFound", f"File system '{file_system_id}' does not exist.")
        return [r for r in efs._mount_targets.values() if r["FileSystemId"] == file_system_id], None

    def _delete(self, mount_target_id: str) -> Any:
        record = self._efs._mount_targets.get(mount_target_id)
        seconds = self._state.settings.mount_target_deletion_seconds
        if record is None or not seconds:
            return self._remove(mount_target_id, record)
        if record["LifeCycleState"] != "deleting":
            record["LifeCycleState"] = "deleting"
            self._state.transitions[mount_target_id] = Transition(time.monotonic() + seconds, None)
        return self._efs._json(204, {})

    def _remove(self, mount_target_id: str, record: dict[str, Any] | None) -> Any:
        self._state.transitions.pop(mount_target_id, None)
        if record is not None:
            self._interfaces.remove(record)
        return self._delete_at_once(mount_target_id)

    def _modify(self, mount_target_id: str, body: dict[str, Any]) -> Any:
        refusal = self._not_available(mount_target_id) or self._too_many_groups(body)
        response = refusal or self._modify_groups(mount_target_id, body)
        if response[0] < HTTPStatus.BAD_REQUEST:
            self._interfaces.regroup(self._efs._mount_targets[mount_target_id])
        return response

    def _not_available(self, mount_target_id: str) -> Any:
        record = self._efs._mount_targets.get(mount_target_id)
        if record is None or record["LifeCycleState"] == "available":
            return None
        text = f"Mount target '{mount_target_id}' is {record['LifeCycleState']}."
        return self._efs._error(409, "IncorrectMountTargetState", text)
