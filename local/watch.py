"""Tell each change of state of a mount target while something else is going on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError

from local.emulator import LocalAws
from local.seen import SeenMountTarget, file_systems

_POLL_SECONDS = 0.25


class StateWatch:
    """A background thread, running inside its context, that looks at all mount targets.

    Args:
        aws: The running emulator.
        show: Receives one line a change.
    """

    def __init__(self, aws: LocalAws, show: Callable[[str], None]) -> None:
        self._aws = aws
        self._show = show
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        # Mount target id to its last state and when that was first seen.
        self._known: dict[str, tuple[str, float]] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            try:
                found = [target for item in file_systems(self._aws) for target in item.mount_targets]
            except (BotoCoreError, ClientError):
                # A watch is a convenience: what it cannot see now it may see at the next look.
                continue
            for target in found:
                self._compare(target, time.monotonic())

    def _compare(self, target: SeenMountTarget, now: float) -> None:
        before = self._known.get(target.mount_target_id)
        if before is None:
            self._show(f"{target.zone} {target.mount_target_id} {target.state}")
        elif before[0] != target.state:
            took = f"after {now - before[1]:.1f} s"
            self._show(f"{target.zone} {target.mount_target_id} {before[0]} -> {target.state} {took}")
        else:
            return
        self._known[target.mount_target_id] = (target.state, now)
