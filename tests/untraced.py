"""Code that runs without being measured."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def untraced() -> Iterator[None]:
    """Without the tracing of coverage, which more than doubles the time of pure Python.

    For tests that go the same ways a thousand times. What only they reach does not count as covered, so the bar is higher, not
    lower. pytest-cov's `no_cover` is for whole tests, hypothesis included, and costs some milliseconds each.
    """
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
