"""Simulates how late waiters see that mount targets are ready, how many calls that takes, and a throttled account.

``python -m benchmarks.waiter`` prints the tables; ``--plot FILE`` draws lag against calls as well (needs matplotlib).
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import statistics
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from benchmarks import schedules
from benchmarks.schedules import COMPARED, DEPENDENT, TRIED, Account, Waiter

RUNS = 4000
LATEST = 320.0
"""Of the looks that are simulated: the longest pause of all follows the latest ready time."""
TARGETS = 3
THROTTLED_RUNS = 40
FILE_SYSTEMS = 20
RATE, BURST = 2.0, 5.0


@dataclass(frozen=True)
class Figures:
    """Seconds, and calls, of one waiter over many ready times."""

    lag: float
    worst_lag: float
    calls: float
    calls_at_85: float
    worst_early_lag: float
    soon_lag: float


def detect(waiter: Waiter, account: Account, seed: int) -> list[float]:
    """When each file system's waiter was done; all begin within the first second."""
    rng = random.Random(seed)
    done = [0.0] * len(account.ready)
    agenda: list[tuple[float, int]] = []
    running = [waiter(account, one, rng) for one in range(len(done))]
    for one in range(len(done)):
        heapq.heappush(agenda, (rng.random() if one else 0.0, one))
    while agenda:
        account.now, one = heapq.heappop(agenda)
        pause = next(running[one], None)
        if pause is None:
            done[one] = account.now
        else:
            heapq.heappush(agenda, (account.now + pause, one))
    return done


def targets_ready(last: float, rng: random.Random) -> list[float]:
    """Mount targets in the order of their zones; the last one to come is ready at ``last``, the others up to 15 s earlier."""
    times = [max(0.0, last - 15 * rng.random()) for _ in range(TARGETS)]
    times[rng.randrange(TARGETS)] = last
    return times


def one_run(waiter: Waiter, ready: float, seed: int) -> tuple[float, int]:
    account = Account([targets_ready(ready, random.Random(f"targets {seed}"))])
    return detect(waiter, account, seed)[0] - ready, account.calls


def figures(waiter: Waiter) -> Figures:
    """Figures of a waiter. Where its looks do not depend on what it sees, the mean is over all ready times, not over some."""
    usual, early, soon, at_85 = (
        _simulated(waiter, *span) if waiter in DEPENDENT else _calculated(_paths(waiter), *span)
        for span in ((20, 180), (0, 2), (3, 8), (84.999, 85))
    )
    return Figures(
        lag=usual[0],
        worst_lag=usual[1],
        calls=usual[2],
        calls_at_85=at_85[2],
        worst_early_lag=early[1],
        soon_lag=soon[0],
    )


def _simulated(waiter: Waiter, earliest: float, latest: float) -> tuple[float, float, float]:
    """Mean lag, worst lag and mean calls for ready times that are spread evenly."""
    found = [one_run(waiter, earliest + (latest - earliest) * (seed + 0.5) / RUNS, seed) for seed in range(RUNS)]
    lags = [lag for lag, _ in found]
    return statistics.mean(lags), max(lags), statistics.mean(calls for _, calls in found)


@cache
def _paths(waiter: Waiter) -> list[list[float]]:
    """When a waiter looks as long as nothing is ready, with many jitters."""
    paths = []
    for seed in range(RUNS // 2):
        account, looks = Account([[math.inf]]), list[float]()
        for pause in waiter(account, 0, random.Random(seed)):
            looks.append(account.now)
            if account.now >= LATEST:
                break
            account.now += pause
        paths.append(looks)
    return paths


def _calculated(paths: list[list[float]], earliest: float, latest: float) -> tuple[float, float, float]:
    """Mean lag, worst lag and mean calls, every ready time in the span as likely as any other."""
    lag = worst = calls = 0.0
    for looks in paths:
        for count, (before, look) in enumerate(pairwise(looks), start=2):
            since, until = max(before, earliest), min(look, latest)
            if until > since:
                lag += ((look - since) ** 2 - (look - until) ** 2) / 2
                worst = max(worst, look - since)
                calls += count * (until - since)
    total = (latest - earliest) * len(paths)
    return lag / total, worst, calls / total


def on_front(name: str, all_figures: dict[str, Figures]) -> bool:
    """Whether no other real waiter has at most the same lag and calls, and less of one."""
    shown = {key: (round(one.lag, 2), round(one.calls, 1)) for key, one in all_figures.items()}
    lag, calls = shown.pop(name)
    return not any(
        other != (lag, calls) and other[0] <= lag and other[1] <= calls
        for key, other in shown.items()
        if not key.startswith("ideal")
    )


def print_schedules(title: str, found: dict[str, Figures], *, front: bool) -> None:
    columns = ["mean lag, 20-180 s", "worst lag", "mean calls", "calls for 85 s"]
    columns += ["worst lag, ready within 2 s", "mean lag, ready in 3-8 s"] + ["on the front"] * front
    print(f"| {' | '.join([title, *columns])} |")
    print("|---" * (len(columns) + 1) + "|")
    for name, one in found.items():
        row = f"| {name} | {one.lag:.2f} s | {one.worst_lag:.1f} s | {one.calls:.1f} | {one.calls_at_85:.1f} |"
        row += f" {one.worst_early_lag:.2f} s | {one.soon_lag:.2f} s |"
        print(row + (f" {'yes' if on_front(name, found) else 'no'} |" if front else ""))


def print_throttled(title: str, waiters: Mapping[str, Waiter]) -> None:
    print(f"| {title} | total calls | throttled | given up by the SDK | all known ready after | mean lag | worst lag |")
    print("|---|---|---|---|---|---|---|")
    for name, waiter in waiters.items():
        rows: list[tuple[float, ...]] = []
        for seed in range(THROTTLED_RUNS):
            rng = random.Random(f"account {seed}")
            lasts = [rng.uniform(60, 120) for _ in range(FILE_SYSTEMS)]
            account = Account([targets_ready(last, rng) for last in lasts], rate=RATE, burst=BURST)
            done = detect(waiter, account, seed)
            lags = [end - last for end, last in zip(done, lasts, strict=True)]
            rows.append(
                (account.calls, account.throttled, account.given_up, max(done), statistics.mean(lags), max(lags))
            )
        calls, throttled, given_up, end, lag, _ = (statistics.median(column) for column in zip(*rows, strict=True))
        worst = max(row[-1] for row in rows)
        print(
            f"| {name} | {calls:.0f} | {throttled:.0f} | {given_up:.0f} | {end:.0f} s | {lag:.1f} s | {worst:.1f} s |"
        )


def plot(found: dict[str, Figures], path: Path) -> None:
    import matplotlib as mpl  # type: ignore[import-not-found]  # noqa: PLC0415 - only here, and only in .venv-bench

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(8, 5))
    line = [figures(schedules.fixed(seconds)) for seconds in (2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 40.0)]
    axes.plot([one.calls for one in line], [one.lag for one in line], ":", color="grey", label="any fixed pause")
    for name, one in found.items():
        mine = name == "ours"
        axes.scatter(one.calls, max(one.lag, 0.05), s=90 if mine else 45, marker="*" if mine else "o", label=name)
    axes.set(
        yscale="log",
        xlabel="calls of DescribeMountTargets until ready (mean)",
        ylabel="lag in seconds (mean, log; 0 drawn at 0.05)",
        title=f"{TARGETS} mount targets, ready after 20 to 180 s",
    )
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plot", type=Path, help="where to draw lag against calls")
    wanted = parser.parse_args().plot
    compared = {name: figures(waiter) for name, waiter in COMPARED.items()}
    print_schedules("waiter", compared, front=True)
    print()
    print_schedules("tried", {name: figures(waiter) for name, waiter in TRIED.items()}, front=False)
    print(
        f"\n{FILE_SYSTEMS} file systems at once, {RATE:g} requests/s, burst {BURST:g}; medians of {THROTTLED_RUNS} runs\n"
    )
    print_throttled("waiter", COMPARED)
    print()
    print_throttled("tried", TRIED)
    sys.stdout.flush()
    if wanted:
        plot(compared, wanted)
        sys.stderr.write(f"drew {wanted}\n")


if __name__ == "__main__":
    main()
