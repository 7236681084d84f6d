"""What the layer around MiniStack remembers: how mount targets are to behave, and what becomes of them next."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_FINAL_STATES = ("available", "error", "creating")


class ConfigurationError(ValueError):
    """The body sent to the control endpoint asks for something that does not exist."""


@dataclass(frozen=True)
class Settings:
    """What the control endpoint can set.

    Args:
        mount_target_seconds: Seconds that a new mount target stays in `creating`.
        final_states: By AZ name, the state after that: `available` (the default), `error`, or `creating` for one that never
            finishes.
    """

    mount_target_seconds: float = 6.0
    final_states: dict[str, str] = field(default_factory=dict)

    def updated(self, changes: Mapping[str, Any]) -> Settings:
        """These settings with some values replaced.

        Raises:
            ConfigurationError: A name or a state is unknown.
        """
        known = {item.name for item in dataclasses.fields(self)}
        if unknown := sorted(set(changes) - known):
            raise ConfigurationError(f"unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        made = dataclasses.replace(self, **changes)
        if wrong := sorted(set(made.final_states.values()) - set(_FINAL_STATES)):
            raise ConfigurationError(f"state {', '.join(wrong)} is not one of {', '.join(_FINAL_STATES)}")
        return made


@dataclass
class State:
    """The state of the layer; `initial` is what a reset returns to.

    Args:
        initial: The settings at the start.
        settings: The settings in force.
        becomes: By mount target id, when its state changes (monotonic seconds), and to what.
        lock: CloudFormation's handlers run on worker threads, requests on the event loop.
    """

    initial: Settings = field(default_factory=Settings)
    settings: Settings = field(init=False)
    becomes: dict[str, tuple[float, str]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.settings = self.initial

    def reset(self) -> None:
        """Forget what was configured and what was going on."""
        with self.lock:
            self.settings = self.initial
            self.becomes.clear()
