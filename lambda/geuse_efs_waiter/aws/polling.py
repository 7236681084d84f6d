"""How long to keep trying, and how long to pause in between: the one retry mechanism of the waiter.

A pause is half of the time already spent, between 0.8 and 4.6 seconds, give or take 5 %: quick while a fast answer is
still likely, then a steady ceiling (docs/adr/0004-polling-schedule.md has the figures). Each throttled or failed call in
a row doubles the pause, up to 20 seconds, because EFS throttles a whole account early.
"""

from __future__ import annotations

import random
import time
from typing import Protocol

MIN_PAUSE_SECONDS = 0.8
MAX_PAUSE_SECONDS = 4.6
MAX_THROTTLED_PAUSE_SECONDS = 20.0
_SHARE_OF_ELAPSED = 0.5
_JITTER_SHARE = 0.05
_MAX_DOUBLINGS = 10


class Clock(Protocol):
    """Monotonic seconds, a way to let some pass, and what spreads the pauses of several callers: a number from 0 to 1."""

    def now(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...

    def jitter(self) -> float: ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float, /) -> None:
        time.sleep(seconds)

    def jitter(self) -> float:
        return random.random()  # noqa: S311 - no secret


class PollingDeadline:
    """The time one task may take, from the moment this is made, and the back-off between its attempts.

    Args:
        seconds: how long the task may still take.
        already_waited: seconds that earlier invocations have spent on it; the pauses go on from there.
        clock: where time comes from.
    """

    def __init__(self, seconds: float, *, already_waited: float = 0.0, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self._start = self.clock.now() - already_waited
        self._end = self.clock.now() + seconds
        self._consecutive_failures = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the task began, earlier invocations included."""
        return self.clock.now() - self._start

    @property
    def time_left(self) -> float:
        """Seconds until the time is over; zero or less means it is."""
        return self._end - self.clock.now()

    def pause(self, *, throttled: bool = False, at_least: float = 0.0) -> bool:
        """Sleep until the next attempt is due.

        Args:
            throttled: the last call was throttled or failed, so press less hard.
            at_least: seconds before which another attempt is of no use.

        Returns:
            False, without sleeping, when the time is over. The last attempt comes right at the end of it.
        """
        self._consecutive_failures = self._consecutive_failures + 1 if throttled else 0
        if self.time_left <= 0:
            return False
        self.clock.sleep(min(self.time_left, max(at_least, self._delay())))
        return True

    def reset_backoff(self) -> None:
        """A call succeeded: the next failure is the first in a row."""
        self._consecutive_failures = 0

    def _delay(self) -> float:
        delay = min(MAX_PAUSE_SECONDS, max(MIN_PAUSE_SECONDS, self.elapsed * _SHARE_OF_ELAPSED))
        if self._consecutive_failures:
            doubled = delay * 2.0 ** min(self._consecutive_failures, _MAX_DOUBLINGS)
            delay = min(doubled, MAX_THROTTLED_PAUSE_SECONDS)
        return delay * (1 - _JITTER_SHARE + 2 * _JITTER_SHARE * self.clock.jitter())
