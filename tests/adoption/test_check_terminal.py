"""The command as a process: on a terminal, in a pipe, without a region, without a network."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

import pytest

from geuse_efs_check.command import run
from tests.adoption.builders import FS, REGION

ROOT = Path(__file__).parents[2]
# Port 9 discards: nothing listens there.
NO_NETWORK = {
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_DEFAULT_REGION": REGION,
}
NOWHERE = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
NEUTRAL = ("AWS_", "COLUMNS", "FORCE_COLOR", "NO_COLOR")
OnTerminal = Callable[..., tuple[int, str]]


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> OnTerminal:
    """Runs the command on a terminal: exit code, and all that the terminal received."""

    def call(*arguments: str, columns: int = 80, **variables: str) -> tuple[int, str]:
        for name in [name for name in os.environ if name.startswith(NEUTRAL)]:
            monkeypatch.delenv(name)
        for name, value in (NOWHERE | {"TERM": "xterm"} | variables).items():
            monkeypatch.setenv(name, value)
        terminal, end = pty.openpty()
        termios.tcsetwinsize(end, (24, columns))
        with open(end, "w") as stream, redirect_stdout(stream), redirect_stderr(stream):  # noqa: PTH123
            code = run(arguments)
        received = b""
        # Linux ends with an error once the other end is closed and all is read; the kernel keeps enough for these outputs.
        with suppress(OSError):
            while part := os.read(terminal, 4096):
                received += part
        os.close(terminal)
        return code, received.decode().replace("\r\n", "\n")

    return call


def in_a_pipe(*arguments: str, **variables: str) -> tuple[int, str, str]:
    ended = subprocess.run(  # noqa: S603
        command(*arguments), env=environment(**variables), capture_output=True, text=True, timeout=60, check=False
    )
    return ended.returncode, ended.stdout, ended.stderr


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NEUTRAL)}
    path = os.pathsep.join(str(ROOT / root) for root in ("cli", "lambda"))
    return kept | NOWHERE | {"PYTHONPATH": path} | variables


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "geuse_efs_check", *arguments]


def test_without_a_region_it_names_what_boto3_reads() -> None:
    assert in_a_pipe("check", FS, AWS_REGION=REGION) == (
        2,
        "",
        "geuse-efs: no region is known: give --region, or set AWS_DEFAULT_REGION (boto3 does not read AWS_REGION)\n",
    )


def test_without_a_network_it_is_one_line_and_2_and_a_document() -> None:
    code, out, err = in_a_pipe("check", FS, "--json", **NO_NETWORK)
    assert (code, err.count("\n")) == (2, 1)
    assert json.loads(out)["error"].startswith(f"region {REGION} cannot be reached: Could not connect")


def test_an_error_is_folded_on_a_terminal(on_a_terminal: OnTerminal) -> None:
    code, text = on_a_terminal("check", FS, columns=60)
    assert (code, text) == (
        2,
        "geuse-efs: no region is known: give --region, or set\n  AWS_DEFAULT_REGION (boto3 does not read AWS_REGION)\n",
    )


def test_a_terminal_shows_each_call_while_it_is_made_and_clears_it(on_a_terminal: OnTerminal) -> None:
    _, text = on_a_terminal("check", FS, **NO_NETWORK)
    assert text.startswith(f"\r\x1b[2Kchecking {FS}: GetCallerIdentity\r\x1b[2Kgeuse-efs: region {REGION} cannot")


def test_a_terminal_without_escapes_gets_none(on_a_terminal: OnTerminal) -> None:
    assert "\x1b" not in on_a_terminal("check", FS, TERM="dumb", **NO_NETWORK)[1]
    assert "\x1b" not in on_a_terminal("findings", TERM="dumb")[1]


def test_colours_are_for_terminals(on_a_terminal: OnTerminal) -> None:
    assert "\x1b[1;31merror\x1b[0m" in on_a_terminal("findings")[1]
    assert "\x1b" not in in_a_pipe("findings")[1]


def test_no_color_is_honoured(on_a_terminal: OnTerminal) -> None:
    assert "\x1b" not in on_a_terminal("findings", NO_COLOR="1")[1]


@pytest.mark.parametrize(("given", "expected"), [(60, 60), (80, 80), (300, 100), (0, 80)])
def test_lines_are_as_long_as_the_terminal_is_wide_within_bounds(
    on_a_terminal: OnTerminal, given: int, expected: int
) -> None:
    lines = on_a_terminal("findings", columns=given, NO_COLOR="1")[1].splitlines()
    assert expected - 15 < max(map(len, lines)) <= expected


def test_a_pipe_is_laid_out_as_a_terminal_of_80_columns(on_a_terminal: OnTerminal) -> None:
    assert in_a_pipe("findings")[1] == on_a_terminal("findings", NO_COLOR="1")[1]


def test_a_pipe_can_be_given_a_width_and_colours() -> None:
    out = in_a_pipe("findings", COLUMNS="60", FORCE_COLOR="1")[1]
    assert "\x1b[1;31merror\x1b[0m" in out
    plain = out.replace("\x1b[1;31m", "").replace("\x1b[33m", "").replace("\x1b[0m", "")
    assert 45 < max(map(len, plain.splitlines())) <= 60


def test_a_pipe_that_is_closed_early_is_no_traceback() -> None:
    process = subprocess.Popen(  # noqa: S603
        command("findings"), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr as stderr:
        assert (stderr.read(), process.wait(60)) == ("", 2)
