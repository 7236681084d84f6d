"""Tell each change of state of a mount target while something else is going on."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError

from local.demo.observed import SeenMountTarget, file_systems
from local.emulator.local_aws import LocalAws

_POLL_SECONDS = 0.25


@dataclass(frozen=True)
class _Known:
    """A mount target as last seen, and when its state was seen first."""

    target: SeenMountTarget
    since: float


class StateWatch:
    """A background thread, running inside its context, that looks at all mount targets.

    It tells what changes from entering the context on: not what is there already.

    Args:
        aws: The running emulator.
        show: Receives one line a change.
    """

    def __init__(self, aws: LocalAws, show: Callable[[str], None]) -> None:
        self._aws = aws
        self._show = show
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._known: dict[str, _Known] = {}

    def __enter__(self) -> Self:
        self._known = {target.mount_target_id: _Known(target, time.monotonic()) for target in self._look()}
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            with contextlib.suppress(BotoCoreError, ClientError):
                # A watch is a convenience: what it cannot see now it may see at the next look.
                self._compare(self._look(), time.monotonic())
        # What happened last must not be missed because of the pace of the looks.
        with contextlib.suppress(BotoCoreError, ClientError):
            self._compare(self._look(), time.monotonic())

    def _look(self) -> list[SeenMountTarget]:
        return [target for item in file_systems(self._aws) for target in item.mount_targets]

    def _compare(self, found: list[SeenMountTarget], now: float) -> None:
        for target in found:
            before = self._known.get(target.mount_target_id)
            if before is None:
                self._show(f"{target.zone} {target.mount_target_id} {target.state}")
            elif before.target.state != target.state:
                took = f"after {now - before.since:.1f} s"
                self._show(f"{target.zone} {target.mount_target_id} {before.target.state} -> {target.state} {took}")
            else:
                continue
            self._known[target.mount_target_id] = _Known(target, now)
        for name in set(self._known) - {target.mount_target_id for target in found}:
            gone = self._known.pop(name).target
            self._show(f"{gone.zone} {name} {gone.state} -> gone")
