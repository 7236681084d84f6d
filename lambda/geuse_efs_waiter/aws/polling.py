"""How long to keep trying, and how long to pause in between: the one retry mechanism of the waiter.

A pause is half of the time already spent, between 0.8 and 4.6 seconds, give or take 5 %: quick while a fast answer is
still likely, then a steady ceiling (docs/adr/0004-polling-schedule.md has the figures). Each refused or failed call in
a row doubles the pause, up to 20 seconds, because EFS throttles a whole account early.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Protocol

SHORTEST_PAUSE = 0.8
LONGEST_PAUSE = 4.6
LONGEST_STRAINED_PAUSE = 20.0
_SHARE_OF_TIME_SPENT = 0.5
_SPREAD = 0.05


class Clock(Protocol):
    """Monotonic seconds, and a way to let some pass."""

    def now(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float, /) -> None:
        time.sleep(seconds)


class Patience:
    """The time one task may take, from the moment this is made.

    Args:
        seconds: how long the task may still take.
        spent: seconds that an earlier run has already spent on it; the pauses go on from there.
        clock: where time comes from.
        jitter: gives a number from 0 to 1 for each pause.
    """

    def __init__(
        self,
        seconds: float,
        *,
        spent: float = 0.0,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self._jitter = jitter
        self._start = self.clock.now() - spent
        self._end = self.clock.now() + seconds
        self._strain = 0

    @property
    def spent(self) -> float:
        """Seconds since the task began, earlier runs included."""
        return self.clock.now() - self._start

    @property
    def left(self) -> float:
        """Seconds until the time is over; zero or less means it is."""
        return self._end - self.clock.now()

    def pause(self, *, strained: bool = False) -> bool:
        """Sleep until the next attempt is due.

        Args:
            strained: the last call was throttled or failed, so press less hard.

        Returns:
            False, without sleeping, when the time is over. The last attempt comes right at the end of it.
        """
        self._strain = self._strain + 1 if strained else 0
        if self.left <= 0:
            return False
        self.clock.sleep(min(self.left, self._delay()))
        return True

    def _delay(self) -> float:
        steady = min(LONGEST_PAUSE, max(SHORTEST_PAUSE, self.spent * _SHARE_OF_TIME_SPENT))
        delay = min(steady * 2.0 ** min(self._strain, 10), max(steady, LONGEST_STRAINED_PAUSE * bool(self._strain)))
        return delay * (1 - _SPREAD + 2 * _SPREAD * self._jitter())
