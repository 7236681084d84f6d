"""A clock whose time passes only in sleeps."""

from __future__ import annotations

import random
from collections.abc import Callable

EPOCH = 1_700_000_000.0
"""Wall-clock time when a virtual clock shows 0."""


class VirtualClock:
    """Seconds since the start of the test.

    Attributes:
        random: spreads the pauses, the same in each run of a test.
        before_sleep: called with the time at which the sleep ends; others may run in the meantime.
    """

    def __init__(self) -> None:
        self.time = 0.0
        self.random = random.Random(0)
        self.before_sleep: Callable[[float], None] = lambda _: None

    def now(self) -> float:
        return self.time

    def jitter(self) -> float:
        return self.random.random()

    def wall(self) -> float:
        """Seconds since 1970."""
        return EPOCH + self.time

    def sleep(self, seconds: float, /) -> None:
        if seconds < 0:
            raise AssertionError(f"slept for {seconds} seconds")
        until = self.time + seconds
        self.before_sleep(until)
        self.time = max(self.time, until)
