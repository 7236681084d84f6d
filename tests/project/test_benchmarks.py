"""The benchmarks measure what they say: simulations agree with arithmetic, and what is compared with is pinned."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from benchmarks.environment import REQUIREMENTS, make_environment
from benchmarks.schedules import Account, fixed
from benchmarks.waiter import detect, figures


def test_every_requirement_is_pinned_and_says_why_it_is_there() -> None:
    lines = [line for line in REQUIREMENTS.read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.match(r"[a-z0-9-]+==\d[^#]* # (asked for: .|via .)", line)] == []


def test_an_environment_that_is_what_the_requirements_say_is_left_alone(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("no-such-package==1\n")
    (tmp_path / ".ready").write_text(hashlib.sha256(requirements.read_bytes()).hexdigest())
    make_environment(tmp_path, requirements, "nothing")
    assert {one.name for one in tmp_path.iterdir()} == {".ready", "requirements.txt"}


def test_a_fixed_pause_lags_by_half_of_it() -> None:
    found = figures(fixed(5.0))
    assert (round(found.lag, 3), round(found.worst_lag, 3)) == (2.5, 5.0)
    # 0, 5, 10 ... 85 seconds.
    assert round(found.calls_at_85, 3) == 18


def test_a_throttled_account_answers_no_more_than_its_budget() -> None:
    account = Account([[100.0] for _ in range(20)], rate=2.0, burst=5.0)
    last = max(detect(fixed(1.0), account, seed=1))
    assert 0 < account.calls - account.throttled <= 5 + 2 * last


def test_a_waiter_sees_no_mount_target_before_it_is_ready() -> None:
    account = Account([[30.0, 40.0]])
    assert 40 <= detect(fixed(3.0), account, seed=7)[0] < 43
