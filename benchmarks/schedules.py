"""How the waiters ask: ours, with its own code, and the peers. A waiter yields the seconds it sleeps, and ends when done."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

from geuse_efs_waiter.aws.polling import PollingDeadline

TIMEOUT = 2400.0
SDK_ATTEMPTS = 5
"""boto3's default ("legacy") makes five attempts a call, with random pauses in between."""


@dataclass
class Account:
    """What EFS would answer to one account, and how many requests it answers: a token bucket, which may be endless."""

    ready: list[list[float]]
    rate: float = 0.0
    burst: float = 0.0
    calls: int = 0
    throttled: int = 0
    given_up: int = 0
    now: float = 0.0
    _tokens: float = field(default=-1.0, repr=False)
    _filled: float = 0.0

    def look(self, file_system: int, target: int | None = None) -> bool | None:
        """One DescribeMountTargets: whether all (or this one) are available; None when it was throttled."""
        self.calls += 1
        if self.rate:
            full = self.burst if self._tokens < 0 else self._tokens + (self.now - self._filled) * self.rate
            self._tokens, self._filled = min(self.burst, full), self.now
            if self._tokens < 1:
                self.throttled += 1
                return None
            self._tokens -= 1
        times = self.ready[file_system]
        return self.now >= (max(times) if target is None else times[target])


Waiter = Callable[[Account, int, random.Random], Iterator[float]]


class _Clock:
    """Remembers the last sleep, so that the simulation can do it."""

    def __init__(self, now: float, rng: random.Random) -> None:
        self.time, self.slept = now, 0.0
        self.jitter = rng.random

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float, /) -> None:
        self.time, self.slept = self.time + seconds, seconds


def ours(account: Account, file_system: int, rng: random.Random) -> Iterator[float]:
    clock = _Clock(account.now, rng)
    deadline = PollingDeadline(TIMEOUT, clock=clock)
    while not (seen := account.look(file_system)):
        deadline.pause(throttled=seen is None)
        yield clock.slept


def _sdk(account: Account, file_system: int, target: int | None, rng: random.Random) -> Generator[float, None, bool]:
    """One call as boto3 makes it by default; returns what was seen through ``yield from``."""
    for attempt in range(SDK_ATTEMPTS):
        seen = account.look(file_system, target)
        if seen is not None:
            return seen
        if attempt < SDK_ATTEMPTS - 1:
            yield rng.random() * 2.0**attempt
    account.given_up += 1
    return False


def _polling(pauses: Callable[[random.Random], Iterator[float]]) -> Waiter:
    """A peer: looks as boto3 does by default, and pauses in between."""

    def waiter(account: Account, file_system: int, rng: random.Random) -> Iterator[float]:
        for pause in pauses(rng):
            if (yield from _sdk(account, file_system, None, rng)):
                return
            yield pause

    return waiter


def fixed(seconds: float) -> Waiter:
    def pauses(_: random.Random) -> Iterator[float]:
        while True:
            yield seconds

    return _polling(pauses)


Pause = Callable[[int, float], float]
"""Seconds of a pause, from the looks before this one and the seconds spent."""

Strained = Callable[[float, int], float]
"""Seconds of a pause, from what it would be and the refused looks in a row."""


def doubling(least: float, most: float) -> Strained:
    """Twice as long with each refused look in a row; the first such pause is at least so long."""
    return lambda steady, refused: min(most, max(steady * 2.0 ** min(refused, 10), least * 2.0 ** min(refused - 1, 10)))


def like_ours(pause: Pause, *, spread: float = 0.05, throttled: Strained = doubling(0.0, 20.0)) -> Waiter:  # noqa: B008
    """One attempt a look, as ours, with other pauses."""

    def waiter(account: Account, file_system: int, rng: random.Random) -> Iterator[float]:
        began, refused = account.now, 0
        for looks in itertools.count():
            if seen := account.look(file_system):
                return
            refused = refused + 1 if seen is None else 0
            steady = pause(looks, account.now - began)
            yield (throttled(steady, refused) if refused else steady) * rng.uniform(1 - spread, 1 + spread)

    return waiter


def share(part: float, shortest: float, longest: float) -> Pause:
    """A part of the time spent."""
    return lambda _, spent: min(longest, max(shortest, spent * part))


def steps(shortest: float, middle: float, longest: float) -> Pause:
    """One pause until two seconds, one until eight, one from then on. A little less than that, because of the jitter."""
    return lambda _, spent: shortest if spent < 2.1 else middle if spent < 8 else longest  # noqa: PLR2004


def quick_then_steady(quick: float, times: int, steady: float) -> Pause:
    return lambda looks, _: quick if looks < times else steady


def exponential(first: float, factor: float, longest: float) -> Pause:
    return lambda looks, _: min(longest, first * factor ** min(looks, 50))


def _smithy_pauses(rng: random.Random) -> Iterator[float]:
    """Full jitter between 2 s and 2 s x 2^n, 120 s at most."""
    longest = 2.0
    while True:
        yield rng.uniform(2.0, longest)
        longest = min(120.0, longest * 2)


smithy = _polling(_smithy_pauses)


def geusemaker(account: Account, file_system: int, rng: random.Random) -> Iterator[float]:
    """One mount target after the other, each asked for every 5 s until it is available."""
    for target in range(len(account.ready[file_system])):
        while not (yield from _sdk(account, file_system, target, rng)):
            yield 5.0


def ideal(account: Account, file_system: int, _: random.Random) -> Iterator[float]:
    """Knows the future: asks once, when all are available, and again only when throttled."""
    if (left := max(account.ready[file_system]) - account.now) > 0:
        yield left
    while not account.look(file_system):
        yield 1 / account.rate


COMPARED: dict[str, Waiter] = {
    "ours": ours,
    "fixed 5 s (provider framework)": fixed(5.0),
    "fixed 3 s (Terraform)": fixed(3.0),
    "GeuseMaker, one after another, 5 s": geusemaker,
    "Smithy's defaults": smithy,
    "ideal (knows the future)": ideal,
}
DEPENDENT = {geusemaker, ideal}
"""When these look depends on what they have seen."""

TRIED: dict[str, Waiter] = {
    "share 0.5, 0.8 to 4.6 s, jitter 10 %": like_ours(share(0.5, 0.8, 4.6), spread=0.1),
    "0.8 s, from 2 s on 2.2 s, from 8 s on 4.62 s": like_ours(steps(0.8, 2.2, 4.62)),
    "the same, 6 to 15 s after a refused look": like_ours(steps(0.8, 2.2, 4.62), throttled=doubling(6.0, 15.0)),
    "share 0.5, 0.95 to 4.6 s": like_ours(share(0.5, 0.95, 4.6)),
    "share 0.75, 0.8 to 4.6 s": like_ours(share(0.75, 0.8, 4.6)),
    "share 1, 0.8 to 4.6 s": like_ours(share(1.0, 0.8, 4.6)),
    "share 0.5, 0.8 to 4 s": like_ours(share(0.5, 0.8, 4.0)),
    "share 0.05, 0.8 s to 20 s": like_ours(share(0.05, 0.8, 20.0)),
    "exponential 0.5 s x 1.5 to 4.6 s": like_ours(exponential(0.5, 1.5, 4.6)),
    "0.9 s three times, then 4.6 s": like_ours(quick_then_steady(0.9, 3, 4.6)),
    "always 4.6 s": like_ours(share(0.0, 4.6, 4.6)),
}
