from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from local.emulator.local_aws import LocalAws, LocalAwsError

_PARENT = """
from local.emulator.local_aws import LocalAws
aws = LocalAws().start()
print(aws.pid, aws.folder, flush=True)
time.sleep(60)
"""


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/_ministack/health", timeout=2).close()  # noqa: S310 (the emulator's)
    except OSError:
        return False
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Where nobody collects orphans, an ended one stays in the table as a zombie.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and ") Z " in status.read_text())


def test_nothing_is_left_after_the_context() -> None:
    with LocalAws() as aws:
        pid, folder, url = aws.pid, aws.folder, aws.endpoint_url
        assert _answers(url)
    assert not _answers(url)
    assert not _alive(pid)
    assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_emulator_ends_with_its_parent(number: int, eventually: Callable[..., None]) -> None:
    command = [sys.executable, "-c", _PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603 (this interpreter)
        assert parent.stdout is not None
        words = parent.stdout.readline().split()
        pid, folder = int(words[0]), Path(words[1])
        assert _alive(pid)
        parent.send_signal(number)
    eventually(lambda: not _alive(pid) and not folder.exists())


def test_a_port_in_use_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalAwsError, match=rf"port {port} on 127\.0\.0\.1 cannot be used") as caught:
            LocalAws(port=port).start()
    assert "\n" not in str(caught.value)


def test_the_environment_has_no_profile_and_no_credentials_of_the_user(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    environment = aws.environment()
    assert "AWS_PROFILE" not in environment
    assert "AWS_SESSION_TOKEN" not in environment
    assert environment["AWS_ENDPOINT_URL"] == environment["AWS_ENDPOINT_URL_S3"] == aws.endpoint_url


def test_the_account_is_the_documented_one(aws: LocalAws) -> None:
    assert aws.client("sts").get_caller_identity()["Account"] == LocalAws.account
