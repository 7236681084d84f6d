"""What an account remembers of a file system and of a mount target."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NEVER = float("inf")


@dataclass(frozen=True)
class Outcome:
    """What becomes of a mount target: its state after creation, and the seconds until then if not the account's."""

    state: str = "available"
    seconds: float | None = None


@dataclass
class FileSystem:
    """A file system as EFS describes it, its tags at all times, its backup status and policy; None if it has none."""

    description: dict[str, Any]
    tags: list[tuple[float, dict[str, str]]]
    backup: str | None = "ENABLED"
    policy: str | None = None


@dataclass
class MountTarget:
    """A mount target as EFS describes it: when it is ready (or errs), and when it is gone."""

    description: dict[str, Any]
    groups: list[str]
    created_at: float
    ready_at: float
    final_state: str = "available"
    deleting_at: float = NEVER
    gone_at: float = NEVER
    former: list[tuple[float, list[str]]] = field(default_factory=list)
    """The groups that it carried until some time, in order."""

    def groups_at(self, then: float) -> list[str]:
        """The groups that it carried at that time."""
        return next((groups for until, groups in self.former if then < until), self.groups)

    def state(self, now: float) -> str | None:
        """Its state at that time, None before it was made and after it is gone."""
        if not self.created_at <= now < self.gone_at:
            return None
        if now >= self.deleting_at:
            return "deleting"
        return self.final_state if now >= self.ready_at else "creating"
