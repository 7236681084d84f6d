"""Mistakes in the arguments of ``geuse-efs check``: exit code 2 and one line, before anything is asked of AWS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geuse_efs_check.command import run
from geuse_efs_check.session import Session
from tests.malformed_input.inputs import EXAMPLES, INJECTED

FS, SUBNETS = "fs-00000001", ["--subnets", "subnet-00000001"]


def connect(*_: object) -> Session:
    raise AssertionError("asked AWS in spite of a mistake in the arguments")


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line."""
    assert run(arguments, connect) == 2
    out, err = capsys.readouterr()
    assert out == ""
    [line] = err.splitlines()
    assert line.startswith("geuse-efs: ")
    return line


MISTAKES = {
    "no file system": ["check"],
    "empty subnets": ["check", FS, "--subnets", ""],
    "commas only": ["check", FS, "--subnets", ",,,"],
    "no such command": ["chek", FS],
    "no such option": ["check", FS, *SUBNETS, "--frob"],
    "an option without its value": ["check", FS, "--subnets"],
    "two file systems": ["check", FS, FS, *SUBNETS],
    "a VPC that is none": ["check", FS, *SUBNETS, "--vpc", "default"],
    "an alias of a key": ["check", FS, *SUBNETS, "--kms-key", "alias/data"],
    "an access point that is none": ["check", FS, *SUBNETS, "--access-point", "fsap"],
    "an argument of findings": ["findings", "backup-off"],
    "an unknown client": ["check", FS, *SUBNETS, "--client", "moon"],
    "an unknown finding": ["check", FS, *SUBNETS, "--severity", "x=off"],
    "an unknown severity": ["check", FS, *SUBNETS, "--severity", "backup-off=maybe"],
    "a severity without its value": ["check", FS, *SUBNETS, "--severity", "backup-off"],
    "another region": [
        *("check", "arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-00000001"),
        *(*SUBNETS, "--region", "eu-west-1"),
    ],
    "an ARN of another service": ["check", "arn:aws:s3:::fs-00000001", *SUBNETS],
}


@pytest.mark.parametrize("arguments", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    refused(arguments, capsys)


@pytest.mark.parametrize("injected", INJECTED.values(), ids=INJECTED)
@pytest.mark.parametrize(
    "place", ["file system", "--subnets", "--client", "--severity", "--vpc", "--kms-key", "--access-point"]
)
def test_an_injected_text_is_one_line(place: str, injected: str, capsys: pytest.CaptureFixture[str]) -> None:
    if place == "file system":
        arguments = ["check", *SUBNETS, "--", injected]
    elif place == "--subnets":
        arguments = ["check", FS, f"--subnets={injected}"]
    else:
        arguments = ["check", FS, *SUBNETS, f"{place}={injected}"]
    assert len(refused(arguments, capsys)) < 1200


@EXAMPLES
@given(text=st.text(max_size=30).filter(lambda text: not text.startswith("fs-")))
def test_any_text_as_file_system_is_one_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused(["check", *SUBNETS, "--", text], capsys)
