"""How late a waiter sees that mount targets are ready, and how many calls that takes: ours against fixed pauses.

``PYTHONPATH=lambda python -m benchmarks.polling`` prints a table: simulated on a virtual clock, with seeded jitter, so the
figures are the same every time. Ours runs the Lambda's own `PollingDeadline`. The tables that decided the schedule are in
ADR 4.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable

from geuse_efs_waiter.aws.polling import PollingDeadline

RUNS = 2000
TIMEOUT = 2400.0


class VirtualClock:
    """Time that passes when somebody sleeps."""

    def __init__(self, seed: int) -> None:
        self.time, self.jitter = 0.0, random.Random(seed).random

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float, /) -> None:
        self.time += seconds


def ours(clock: VirtualClock) -> Callable[[], object]:
    return PollingDeadline(TIMEOUT, clock=clock).pause


def fixed(pause: float) -> Callable[[VirtualClock], Callable[[], object]]:
    return lambda clock: lambda: clock.sleep(pause)


SCHEDULES: dict[str, Callable[[VirtualClock], Callable[[], object]]] = {
    "ours": ours,
    "fixed 5 s (provider framework)": fixed(5.0),
    "fixed 3 s (Terraform)": fixed(3.0),
}


def lag_and_calls(
    schedule: Callable[[VirtualClock], Callable[[], object]], ready: float, seed: int
) -> tuple[float, int]:
    """Seconds between readiness and its detection, and the calls of DescribeMountTargets until then."""
    clock = VirtualClock(seed)
    pause, calls = schedule(clock), 1
    while clock.now() < ready:
        pause()
        calls += 1
    return clock.now() - ready, calls


def main() -> None:
    print(
        "| schedule | mean lag, ready in 20-180 s | worst lag | mean calls | calls for 85 s | worst lag, ready within 2 s |"
    )
    print("|---|---|---|---|---|---|")
    for name, schedule in SCHEDULES.items():
        usual = [lag_and_calls(schedule, 20 + 160 * (seed + 0.5) / RUNS, seed) for seed in range(RUNS)]
        at_85 = statistics.mean(lag_and_calls(schedule, 85, seed)[1] for seed in range(RUNS))
        early = max(lag_and_calls(schedule, 2 * (seed + 0.5) / RUNS, seed)[0] for seed in range(RUNS))
        lags = [lag for lag, _ in usual]
        calls = statistics.mean(calls for _, calls in usual)
        print(
            f"| {name} | {statistics.mean(lags):.2f} s | {max(lags):.1f} s | {calls:.1f} | {at_85:.1f} | {early:.2f} s |"
        )


if __name__ == "__main__":
    main()
