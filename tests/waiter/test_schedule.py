"""The polling schedule keeps its promises, simulated over many ready times."""

from __future__ import annotations

import itertools
import statistics

from geuse_efs_waiter.aws.describe import describe_file_system
from geuse_efs_waiter.aws.polling import MAX_PAUSE_SECONDS, PollingDeadline
from geuse_efs_waiter.aws.retries import call_with_retries
from tests.simulator.account import Account
from tests.simulator.clock import VirtualClock
from tests.simulator.faults import RESET


def lag_and_calls(ready: float, seed: int, already_waited: float = 0.0) -> tuple[float, int]:
    """Seconds between readiness and its detection, and how many looks that took."""
    clock = VirtualClock()
    clock.random.seed(seed)
    deadline = PollingDeadline(2400, already_waited=already_waited, clock=clock)
    for calls in itertools.count(1):
        if clock.now() >= ready:
            return clock.now() - ready, calls
        assert deadline.pause()
    raise AssertionError


def test_the_mean_lag_over_20_to_180_seconds_is_at_most_2_5_seconds() -> None:
    lags = [lag_and_calls(20 + 160 * seed / 2000, seed)[0] for seed in range(2000)]
    assert statistics.mean(lags) <= 2.5


def test_85_seconds_take_at_most_25_calls() -> None:
    assert max(lag_and_calls(85, seed)[1] for seed in range(1000)) <= 25


def test_ready_within_two_seconds_is_seen_within_one() -> None:
    assert max(lag_and_calls(2 * seed / 2000, seed)[0] for seed in range(2000)) <= 1.0


def test_a_later_run_goes_on_at_the_steady_pace() -> None:
    assert max(lag_and_calls(60, seed, already_waited=800)[1] for seed in range(100)) <= 16


def test_pauses_are_spread_so_that_many_stacks_do_not_ask_together() -> None:
    ends = {lag_and_calls(100, seed)[0] for seed in range(50)}
    assert len(ends) == 50


def test_faults_in_a_row_slow_down_and_a_success_ends_that() -> None:
    clock = VirtualClock()
    clock.jitter = lambda: 0.5  # type: ignore[method-assign]
    deadline = PollingDeadline(1000, clock=clock)
    pauses = []
    for throttled in (True, True, True, True, True, True, False):
        before = clock.now()
        deadline.pause(throttled=throttled)
        pauses.append(clock.now() - before)
    assert pauses[0] == 1.6
    assert pauses[0] < pauses[1] < pauses[2]
    assert max(pauses) <= 22
    assert pauses[-1] <= 5.1


def test_no_pause_outlives_the_time() -> None:
    clock = VirtualClock()
    deadline = PollingDeadline(3, clock=clock)
    while deadline.pause(throttled=True):
        assert clock.now() <= 3
    assert clock.now() == 3
    assert deadline.time_left == 0


def test_a_call_that_succeeds_ends_the_slowing_down_for_the_next_one(aws: Account) -> None:
    deadline = PollingDeadline(1000, clock=aws.clock)
    efs = aws.client("efs")

    def pause_after_one_failure() -> float:
        aws.fail("DescribeFileSystems", RESET)
        before = aws.clock.now()
        call_with_retries(lambda: describe_file_system(efs, "fs-00000001"), deadline, "describing")
        return aws.clock.now() - before

    aws.fail("DescribeFileSystems", RESET, times=5)
    pause_after_one_failure()
    assert pause_after_one_failure() <= 2 * MAX_PAUSE_SECONDS * 1.05
