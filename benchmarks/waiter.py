"""Simulates how late waiters see that mount targets are ready, how many calls that takes, and a throttled account.

``python -m benchmarks.waiter`` prints the tables; ``--plot FILE`` draws lag against calls as well (needs matplotlib).
"""

from __future__ import annotations

import argparse
import heapq
import random
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks import schedules
from benchmarks.schedules import COMPARED, TRIED, Account, Waiter

RUNS = 2000
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
    usual = [one_run(waiter, 20 + 160 * seed / RUNS, seed) for seed in range(RUNS)]
    early = [one_run(waiter, 2 * seed / RUNS, seed)[0] for seed in range(RUNS)]
    return Figures(
        lag=statistics.mean(lag for lag, _ in usual),
        worst_lag=max(lag for lag, _ in usual),
        calls=statistics.mean(calls for _, calls in usual),
        calls_at_85=statistics.mean(one_run(waiter, 85, seed)[1] for seed in range(RUNS)),
        worst_early_lag=max(early),
    )


def on_front(name: str, all_figures: dict[str, Figures]) -> bool:
    """Whether no other real waiter has at most the same lag and calls, and less of one."""
    mine = all_figures[name]
    return not any(
        (other.lag, other.calls) != (mine.lag, mine.calls) and other.lag <= mine.lag and other.calls <= mine.calls
        for key, other in all_figures.items()
        if not key.startswith("ideal")
    )


def print_schedules(title: str, found: dict[str, Figures], *, front: bool) -> None:
    print(
        f"| {title} | mean lag, 20-180 s | worst lag | mean calls | calls for 85 s | worst lag, ready within 2 s |",
        end="",
    )
    print(" on the front |" if front else "")
    print("|---" * (7 if front else 6) + "|")
    for name, one in found.items():
        row = f"| {name} | {one.lag:.2f} s | {one.worst_lag:.1f} s | {one.calls:.1f} | {one.calls_at_85:.1f} |"
        row += f" {one.worst_early_lag:.2f} s |"
        print(row + (f" {'yes' if on_front(name, found) else 'no'} |" if front else ""))


def print_throttled() -> None:
    print("| waiter | total calls | throttled | given up by the SDK | all known ready after | mean lag | worst lag |")
    print("|---|---|---|---|---|---|---|")
    for name, waiter in COMPARED.items():
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
    print_throttled()
    if wanted:
        plot(compared, wanted)
        sys.stderr.write(f"drew {wanted}\n")


if __name__ == "__main__":
    main()
