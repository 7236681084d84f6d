"""A clock whose time passes only when somebody sleeps."""

from __future__ import annotations


class VirtualClock:
    """Seconds since the start of the test."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float, /) -> None:
        if seconds < 0:
            raise AssertionError(f"slept for {seconds} seconds")
        self.time += seconds
