"""`wait_for_mount_targets`: what is ready, what is not yet, what never will be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import geuse_efs_waiter
from geuse_efs_waiter import (
    FileSystemNotFoundError,
    MountTargetFailedError,
    RegionMissingError,
    WaiterError,
    get_file_system,
    wait_for_mount_targets,
    wait_for_readiness,
)
from tests.simulator.account import Account
from tests.simulator.faults import DENIED, RESET, Effect, Fault


def wait(aws: Account, timeout: float = 300) -> bool:
    return wait_for_mount_targets("fs-00000001", timeout, efs=aws.direct(), clock=aws.clock)


def add_targets(aws: Account, **ready_in: float) -> None:
    """By the letter of the zone, the seconds until the mount target is available."""
    for letter, seconds in ready_in.items():
        aws.add_mount_target(f"subnet-0000000{letter}", ready_in=seconds)


@pytest.mark.parametrize("letters", ["a", "abcdef"])
def test_available_mount_targets_are_ready_after_one_call_whatever_their_number(aws: Account, letters: str) -> None:
    add_targets(aws, **dict.fromkeys(letters, 0))
    assert wait(aws)
    assert (aws.clock.now(), aws.count("DescribeMountTargets")) == (0, 1)


def test_waits_for_the_slowest_of_three(aws: Account) -> None:
    add_targets(aws, a=5, b=70, c=40)
    assert wait(aws)
    assert 70 <= aws.clock.now() <= 76


def test_all_pages_count(aws: Account) -> None:
    aws.page_size = 2
    add_targets(aws, a=0, b=0, c=0, d=0, e=10)
    assert wait(aws)
    assert aws.clock.now() >= 10


def test_the_time_over_is_false_and_the_last_call_comes_at_its_end(aws: Account) -> None:
    assert not wait(aws, timeout=10), "no mount target is not ready"
    add_targets(aws, a=50, b=51)
    assert not wait(aws, timeout=50)
    assert aws.calls[-1][0] == aws.clock.now() == 60
    assert not wait(aws, timeout=0)
    assert aws.calls[-1][0] == aws.calls[-2][0] == 60
    assert wait(aws, timeout=1)


@pytest.mark.parametrize("answer", [{}, {"MountTargets": [{"MountTargetId": "fsmt-00000001"}]}])
def test_a_truncated_answer_is_not_yet(aws: Account, answer: dict[str, object]) -> None:
    add_targets(aws, a=0)
    aws.fail("DescribeMountTargets", answer, times=2)
    assert wait(aws)
    assert aws.count("DescribeMountTargets") == 3


@pytest.mark.parametrize("state", ["creating", "updating", "deleting", "something new"])
def test_a_passing_state_waits(aws: Account, state: str) -> None:
    aws.add_mount_target(ready_in=0, final_state=state)
    assert not wait(aws, timeout=20)


@pytest.mark.parametrize("state", ["error", "deleted"])
def test_a_final_state_fails_at_once_and_names_the_mount_target(aws: Account, state: str) -> None:
    name = aws.add_mount_target(ready_in=3, final_state=state)
    aws.add_mount_target("subnet-0000000b", ready_in=200)
    with pytest.raises(MountTargetFailedError, match=f"target {name} in us-east-1a is {state}; expected available"):
        wait(aws)
    assert aws.clock.now() < 5


@pytest.mark.parametrize(
    "fault",
    [
        Fault("ThrottlingException", status=400),
        Fault("InternalServerError"),
        Fault("Whatever", status=503),
        Fault("DependencyTimeout", status=504),
        Fault("AccessDeniedException"),
        RESET,
    ],
    ids=str,
)
def test_a_passing_fault_does_not_end_the_wait(aws: Account, fault: Effect) -> None:
    add_targets(aws, a=0)
    aws.fail("DescribeMountTargets", fault, times=3)
    assert wait(aws)


def test_throttling_until_the_end_is_not_ready_and_not_an_error(aws: Account) -> None:
    add_targets(aws, a=0)
    aws.fail("DescribeMountTargets", "ThrottlingException", times=float("inf"))
    assert not wait(aws)
    assert aws.count("DescribeMountTargets") <= 25


def test_an_unknown_file_system_is_an_error_at_once() -> None:
    aws = Account()
    with pytest.raises(FileSystemNotFoundError, match=r"fs-00000001.*check the id, and that it belongs to this region"):
        wait(aws)
    assert aws.clock.now() == 0


def test_access_denied_for_longer_than_iam_takes_is_an_error(aws: Account) -> None:
    aws.fail("DescribeMountTargets", Fault("AccessDeniedException", "not authorized"), times=float("inf"))
    with pytest.raises(WaiterError, match=r"AccessDeniedException: not authorized; allow the call"):
        wait(aws)
    assert 60 <= aws.clock.now() <= 90


def test_a_request_that_is_wrong_is_an_error_at_once(aws: Account) -> None:
    aws.fail("DescribeMountTargets", "BadRequest")
    with pytest.raises(WaiterError, match="BadRequest"):
        wait(aws)
    assert aws.count("DescribeMountTargets") == 1


def test_a_file_system_is_described_with_its_mount_targets_and_their_groups(aws: Account) -> None:
    aws.add_mount_target("subnet-0000000b", groups=("sg-00000001", "sg-00000002"), ready_in=0)
    aws.add_mount_target("subnet-0000000a", groups=("sg-00000001",), ready_in=0)
    aws.add_file_system(tags={"geusemaker:created-by": "geuse-efs"})
    seen = get_file_system("fs-00000001", efs=aws.direct(), ec2=aws.direct(), clock=aws.clock)
    assert seen.encrypted
    assert seen.created_by_geusemaker
    assert seen.security_group_id == "sg-00000001"
    assert [target.availability_zone for target in seen.mount_targets] == ["us-east-1a", "us-east-1b"]
    assert seen.mount_targets[1].security_groups == ("sg-00000001", "sg-00000002")
    assert aws.count("DescribeNetworkInterfaces") == 1


def test_a_file_system_without_mount_targets_needs_no_ec2(aws: Account) -> None:
    seen = get_file_system("fs-00000001", efs=aws.direct(), clock=aws.clock)
    assert seen.mount_targets == ()
    assert seen.security_group_id is None
    assert not seen.created_by_geusemaker
    assert aws.count("DescribeNetworkInterfaces") == 0


def test_describing_retries_what_passes_and_explains_what_does_not(aws: Account) -> None:
    aws.fail("DescribeFileSystems", {"FileSystems": []}, times=2)
    assert get_file_system("fs-00000001", efs=aws.direct(), clock=aws.clock).name == "files"
    aws.fail("DescribeFileSystems", "ServiceUnavailable", times=float("inf"))
    with pytest.raises(WaiterError, match="describing file system fs-00000001 failed with ServiceUnavailable"):
        get_file_system("fs-00000001", efs=aws.direct(), clock=aws.clock)


def test_why_it_is_not_ready_is_told_apart(aws: Account) -> None:
    def state(timeout: float = 5) -> tuple[str, str]:
        readiness = wait_for_readiness("fs-00000001", timeout, efs=aws.direct(), clock=aws.clock)
        assert bool(readiness) is readiness.ready is (readiness.state == "ready")
        return readiness.state, "; ".join(readiness.missing)

    assert state() == ("no-mount-targets", "no mount target is listed")
    target = aws.add_mount_target(ready_in=20)
    assert state() == ("not-ready", f"mount target {target} in us-east-1a is creating")
    aws.fail("DescribeMountTargets", RESET, times=1)
    assert state(0) == ("unreachable", "EFS answered ConnectionClosedError to the last call")
    assert state(60) == ("ready", "")


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf"), "300", None, True])
def test_a_timeout_that_is_none_is_refused(aws: Account, timeout: Any) -> None:
    with pytest.raises(ValueError, match=r"timeout is .*; allowed are seconds from 0"):
        wait(aws, timeout)
    assert aws.calls == []


@pytest.mark.parametrize("name", ["", "fs-", "fs-XYZ", "fs-00000001\n", None, 5, "arn:aws:s3:::bucket"])
@pytest.mark.parametrize("function", [wait_for_mount_targets, wait_for_readiness, get_file_system])
def test_a_name_that_is_none_is_refused(aws: Account, function: Callable[..., Any], name: Any) -> None:
    with pytest.raises(ValueError, match=r"file_system_id is .*; allowed is an id \(fs-0123456789abcdef0\) or the ARN"):
        function(name, efs=aws.direct())
    assert aws.calls == []


def test_without_a_region_the_error_says_where_to_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(
        RegionMissingError, match=r"set AWS_DEFAULT_REGION .* boto3\.client\('efs', region_name=\.\.\.\)"
    ):
        wait_for_mount_targets("fs-00000001")


def test_every_error_that_the_library_raises_can_be_imported_from_it() -> None:
    raised = {"AwsCallError", "FileSystemNotFoundError", "MountTargetFailedError", "RegionMissingError", "WaiterError"}
    assert raised <= set(geuse_efs_waiter.__all__)


def test_no_message_of_the_library_speaks_of_a_deployment(aws: Account) -> None:
    aws.add_mount_target(ready_in=0, final_state="error")
    for effect in (None, Fault("BadRequest", "no", 400), DENIED):
        if effect is not None:
            aws.fail("DescribeMountTargets", effect, times=1000)
        with pytest.raises(WaiterError) as failed:
            wait(aws)
        assert "deploy" not in str(failed.value)
        aws.clock.time += 1000
