"""Adopters that meet in almost every example: seeds that are always the same. `make soak` draws others."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.ownership.driver import search

pytestmark = pytest.mark.usefixtures("quiet")

EXAMPLES = int(os.environ.get("OWNERSHIP_DENSE_EXAMPLES", "100"))
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_adopters_that_meet_never_harm_each_other_and_leave_nothing_behind(part: int) -> None:
    seen: Counter[str] = Counter()
    assert search(range(part, PARTS * EXAMPLES, PARTS), seen) == ""
    # Else it would have shown nothing.
    assert seen["DeleteMountTarget"] > EXAMPLES / 2
    assert seen["refused by the guard"] > EXAMPLES / 4
    assert seen["failed"] > EXAMPLES / 2
