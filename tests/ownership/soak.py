"""The dense driver with new seeds, for as long as it is told: ``SOAK_MINUTES=10 python -m tests.ownership.soak``.

What is found is printed with its seed; ``python -m tests.ownership.soak SEED`` runs that example again and tells each change.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator

from tests.ownership import simulation
from tests.ownership.driver import search


def seeds(first: int, minutes: float) -> Iterator[int]:
    """One after the other until the time is over."""
    end, seed = time.monotonic() + 60 * minutes, first
    while time.monotonic() < end:
        yield seed
        seed += 1


def main(arguments: list[str]) -> int:
    """1 if something was found."""
    logging.disable(logging.ERROR)
    seen: Counter[str] = Counter()
    if arguments:
        simulation.TRACE = True
        found = search(map(int, arguments), seen)
    else:
        first = secrets.randbits(32)
        sys.stdout.write(f"ownership: seeds from {first} on\n")
        sys.stdout.flush()
        found = search(seeds(first, float(os.environ.get("SOAK_MINUTES", "1"))), seen)
    told = ", ".join(f"{number} {what}" for what, number in sorted(seen.items()))
    sys.stdout.write(f"{found or 'nothing found'}\n{told}\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
