"""Prints the table of ADR 4: simulated lag and calls of polling schedules."""

import random
import statistics
from collections.abc import Callable, Iterator

Schedule = Callable[[random.Random], Iterator[float]]
RUNS = 4000


def ours(rng: random.Random) -> Iterator[float]:
    spent = 0.0
    while True:
        pause = min(4.6, max(0.8, spent / 2)) * rng.uniform(0.9, 1.1)
        spent += pause
        yield pause


def exponential(first: float, factor: float, ceiling: float) -> Schedule:
    def schedule(rng: random.Random) -> Iterator[float]:
        pause = first
        while True:
            yield pause * rng.uniform(0.9, 1.1)
            pause = min(ceiling, pause * factor)

    return schedule


def smithy(rng: random.Random) -> Iterator[float]:
    """The defaults of generated waiters: full jitter between 2 s and 2 s x 2^n, 120 s at most."""
    ceiling = 2.0
    while True:
        yield rng.uniform(2.0, ceiling)
        ceiling = min(120.0, ceiling * 2)


def lag_and_calls(schedule: Schedule, ready: float, seed: int) -> tuple[float, int]:
    now, calls = 0.0, 1
    for pause in schedule(random.Random(seed)):
        if now >= ready:
            break
        now, calls = now + pause, calls + 1
    return now - ready, calls


SCHEDULES: dict[str, Schedule] = {
    "**ours**": ours,
    "exponential 0.5 s x 1.5 to 4.6 s": exponential(0.5, 1.5, 4.6),
    "fixed 5 s (provider framework, GeuseMaker)": exponential(5, 1, 5),
    "fixed 3 s (Terraform)": exponential(3, 1, 3),
    "Smithy's defaults": smithy,
}

for name, schedule in SCHEDULES.items():
    lags = [lag_and_calls(schedule, 20 + 160 * seed / RUNS, seed)[0] for seed in range(RUNS)]
    calls = [lag_and_calls(schedule, 85, seed)[1] for seed in range(RUNS)]
    early = [lag_and_calls(schedule, 2 * seed / RUNS, seed)[0] for seed in range(RUNS)]
    print(
        f"| {name} | {statistics.mean(lags):.2f} s | {max(lags):.1f} s | {statistics.mean(calls):.1f} | {max(early):.2f} s |"
    )
