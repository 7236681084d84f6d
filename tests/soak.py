"""Searches at random for as long as it is told: ``SOAK_MINUTES=60 python -m tests.soak``.

Every test of hypothesis runs again and again, each time with another seed; then the random driver of the ownership protocol.
What is found is printed with its seed and with the blob that repeats it; the exit code is 1 then.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
OWNERSHIP_DRIVER = "tests.ownership.soak"


def generated_inputs() -> list[str]:
    """The files with tests of hypothesis: to collect the others would take longer than a round."""
    files = sorted(PROJECT.glob("tests/**/test_*.py"))
    return [str(path.relative_to(PROJECT)) for path in files if "from hypothesis" in path.read_text()]


def round_with(seed: int) -> bool:
    """Run them all once; whether all have passed."""
    options = ["-q", "-n", "2", "-m", "hypothesis", "--hypothesis-profile=soak", f"--hypothesis-seed={seed}"]
    command = [sys.executable, "-m", "pytest", *options, *generated_inputs()]
    sys.stdout.write(f"seed {seed}\n")
    sys.stdout.flush()
    if subprocess.run(command, cwd=PROJECT, check=False).returncode == 0:  # noqa: S603
        return True
    sys.stdout.write(f"found with seed {seed}; the blob stands above, and this repeats it:\n{' '.join(command[1:])}\n")
    return False


def ownership(minutes: float) -> bool:
    """Let the ownership protocol's own driver search; whether it has found nothing."""
    if importlib.util.find_spec(OWNERSHIP_DRIVER) is None:
        return True
    environment = {**os.environ, "SOAK_MINUTES": str(minutes)}
    command = [sys.executable, "-m", OWNERSHIP_DRIVER]
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode == 0  # noqa: S603


def main() -> int:
    """Half of the time for each; 1 if something was found."""
    minutes = float(os.environ.get("SOAK_MINUTES", "2"))
    end, rounds, good = time.monotonic() + 30 * minutes, 0, True
    while good and (rounds == 0 or time.monotonic() < end):
        good = round_with(secrets.randbits(32))
        rounds += 1
    good = ownership(minutes / 2) and good
    sys.stdout.write(f"{rounds} rounds of generated inputs: {'nothing found' if good else 'see above'}\n")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
