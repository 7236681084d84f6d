"""Everything our layer remembers: what a caller configured and what has happened since the last reset."""

from __future__ import annotations

import dataclasses
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_ANSWERS = ("error", "truncated", "reset", "own")
_FINAL_STATES = ("available", "error", "creating")
# Enough for any test, small enough for a server that is left running for days.
_CALLS_KEPT = 5000


class ConfigurationError(ValueError):
    """The body sent to the control endpoint asks for something that does not exist."""


@dataclass(frozen=True)
class ZoneOutcome:
    """What becomes of the mount targets created in one AZ or subnet.

    Args:
        state: The state after creation: `available`, `error`, or `creating` for one that never finishes.
        seconds: Seconds in `creating`; None takes `Settings.mount_target_seconds`.
    """

    state: str = "available"
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.state not in _FINAL_STATES:
            raise ConfigurationError(f"zone state {self.state!r} is not one of {', '.join(_FINAL_STATES)}")


@dataclass
class Fault:
    """One rule that makes calls of one operation fail.

    Args:
        operation: The API operation, such as `CreateMountTarget` or `DescribeNetworkInterfaces`.
        answer: `error`; `truncated`, status 200 and half of a body; `reset`, a connection that breaks; `own`, as always.
        code: The error code in the answer.
        status: The HTTP status of the answer.
        message: The error message in the answer.
        match: Request parameters that must be equal for the rule to apply, such as `{"SubnetId": "subnet-1"}`.
        times: How many calls fail before the rule is used up; None means every call.
        effect: `before` answers without running the operation; `after` runs it and loses its answer.
        seconds: How long the call takes; its own effect comes after them, or before them where `effect` is `after`.
    """

    operation: str
    answer: str = "error"
    code: str = "InternalServerError"
    status: int = 500
    message: str = "a fault installed for a test"
    match: dict[str, str] = field(default_factory=dict)
    times: int | None = None
    effect: str = "before"
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.effect not in ("before", "after"):
            raise ConfigurationError(f"fault effect {self.effect!r} is neither before nor after")
        if self.answer not in _ANSWERS:
            raise ConfigurationError(f"fault answer {self.answer!r} is not one of {', '.join(_ANSWERS)}")


@dataclass
class Settings:
    """What the control endpoint can set; see `local.emulator.control` for its JSON.

    Args:
        mount_target_seconds: Seconds a new mount target stays in `creating`.
        mount_target_deletion_seconds: Seconds a deleted mount target stays in `deleting`; 0 removes it at once.
        efs_page_size: Entries in one page of DescribeMountTargets and DescribeFileSystems (EFS: 10 and 100).
        retry_seconds: Seconds before a failed asynchronous invocation is run again (Lambda: about 60 and 120).
        zones: Outcomes by AZ name or subnet id; the subnet wins.
        faults: Rules, tried in order; the first that applies answers the call.
    """

    mount_target_seconds: float = 6.0
    mount_target_deletion_seconds: float = 0.0
    efs_page_size: int = 100
    retry_seconds: float = 0.2
    zones: dict[str, ZoneOutcome] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def updated(self, changes: Mapping[str, Any]) -> Settings:
        """These settings with some values replaced.

        Raises:
            ConfigurationError: A name is unknown or a value has the wrong form.
        """
        known = {item.name for item in dataclasses.fields(self)}
        if unknown := sorted(set(changes) - known):
            raise ConfigurationError(f"unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        values = dict(changes)
        try:
            if "zones" in values:
                values["zones"] = {name: ZoneOutcome(**outcome) for name, outcome in values["zones"].items()}
            if "faults" in values:
                values["faults"] = [Fault(**rule) for rule in values["faults"]]
        except (TypeError, AttributeError) as error:
            raise ConfigurationError(str(error)) from error
        return dataclasses.replace(self, **values)


@dataclass(frozen=True)
class Transition:
    """The next change of a mount target: at `at` (monotonic seconds) to `state`, or gone where that is None."""

    at: float
    state: str | None


@dataclass
class State:
    """The state of our layer; `initial` is what a reset returns to."""

    initial: Settings = field(default_factory=Settings)
    settings: Settings = field(init=False)
    transitions: dict[str, Transition] = field(default_factory=dict)
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_CALLS_KEPT))
    # CloudFormation's handlers run on worker threads, requests on the event loop.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.settings = self.initial

    def reset(self) -> None:
        """Forget everything that was configured and everything that happened."""
        with self.lock:
            self.settings = self.initial
            self.transitions.clear()
            self.calls.clear()
