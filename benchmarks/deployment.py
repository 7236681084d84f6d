"""What `make local` takes after its set-up: wall time of each phase of the rehearsed deployment.

``python -m benchmarks.deployment`` prints the table. Each repetition is a process of its own that runs what ``python -m
local`` runs, with a stopwatch: a synthesis is over when the CDK CLI says so, and the wait in the Lambda is from the first to
the last event of its custom resource.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Self
from unittest.mock import patch

from benchmarks.environment import PROJECT, machine, repetitions, spread
from local import __main__ as rehearsal
from local.demo import observed
from local.demo.run import Rehearsal
from local.emulator.local_aws import LocalAws

START, STOP, REST, TOTAL = "start of the emulator", "stop of the emulator", "everything else", "total"
SYNTHESIS, WAIT = " - its synthesis", " - its wait in the Lambda"
_SYNTHESISED = "Synthesis time"

TIMES: dict[str, float] = {}
"""Seconds by phase, in the order in which they began. Those with " - " are part of the phase before."""


class _TimedAws(LocalAws):
    def start(self) -> Self:
        with _stopwatch(START):
            return super().start()

    def stop(self) -> None:
        with _stopwatch(STOP):
            super().stop()


class _TimedRehearsal(Rehearsal):
    _phase, _began = "", 0.0

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        self._phase, self._began = name, time.perf_counter()
        with _stopwatch(name), super().phase(name):
            yield
        if name.startswith("cdk deploy"):
            waits = {key: value for stack in observed.stacks(self.aws) for key, value in stack.waits.items()}
            TIMES[name + WAIT] = sum(waits.values()) - sum(v for k, v in TIMES.items() if k.endswith(WAIT))

    def say(self, line: str) -> None:
        if _SYNTHESISED in line:
            TIMES[self._phase + SYNTHESIS] = time.perf_counter() - self._began
        super().say(line)


@contextlib.contextmanager
def _stopwatch(name: str) -> Iterator[None]:
    began = time.perf_counter()
    TIMES[name] = 0.0
    try:
        yield
    finally:
        TIMES[name] = time.perf_counter() - began


def once() -> int:
    """Runs the rehearsal; the last line of the output has the times."""
    with patch.object(rehearsal, "LocalAws", _TimedAws), patch.object(rehearsal, "Rehearsal", _TimedRehearsal):
        code = rehearsal.main()
    print(json.dumps(TIMES))
    return code


def measure() -> dict[str, float]:
    """The times of a fresh process.

    Raises:
        SystemExit: if the rehearsal fails.
    """
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.deployment", "--once"],
        # KEEP and PORT are for people who look at it.
        env={name: value for name, value in os.environ.items() if name not in {"KEEP", "PORT"}},
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    total = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"geuse-efs: the local deployment failed:\n{done.stdout[-2000:]}")
    times: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    rest = total - sum(seconds for name, seconds in times.items() if " - " not in name)
    return {**times, REST: rest, TOTAL: total}


def main() -> None:
    runs = [measure() for _ in range(repetitions(3))]
    print(f"{machine()}; {len(runs)} repetitions, median (min-max)\n")
    print("| local deployment | s |")
    print("|---|---|")
    for name in runs[0]:
        print(f"| {name} | {spread([run[name] for run in runs], 1)} |")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:] == ["--once"]:
        sys.exit(once())
    main()
