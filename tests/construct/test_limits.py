"""Construct and waiter each have their limits in one place, and both say the same."""

from __future__ import annotations

import pytest

from geuse_efs import limits
from geuse_efs.finding_codes import FINDING_CODES
from geuse_efs_waiter import limits as of_waiter
from geuse_efs_waiter.adoption.finding_codes import CODES

PAIRS = {
    "MAX_SECURITY_GROUPS": "MAX_SECURITY_GROUPS",
    "MAX_GIVEN_GROUPS": "MAX_GIVEN_GROUPS",
    "MAX_TAGS_IN_ALL": "MAX_TAGS",
    "MAX_WAIT_SECONDS": "MAX_WAIT_SECONDS",
    "MAX_SERVICE_TIMEOUT_SECONDS": "MAX_WAITED_SECONDS",
    "SECONDS_AROUND_A_WAIT": "RESERVE_SECONDS",
}


@pytest.mark.parametrize(("ours", "of_the_waiter"), PAIRS.items())
def test_both_sides_have_the_same_limit(ours: str, of_the_waiter: str) -> None:
    assert getattr(limits, ours) == getattr(of_waiter, of_the_waiter)


def test_both_sides_have_the_same_codes_of_findings() -> None:
    assert tuple(CODES) == FINDING_CODES


def test_no_limit_that_both_sides_name_is_left_out() -> None:
    # MAX_TAGS of the construct is that of its argument.
    assert {name for name in vars(limits).keys() & vars(of_waiter).keys() if name.isupper()} == {
        *(PAIRS.keys() & PAIRS.values()),
        "MAX_TAGS",
    }
