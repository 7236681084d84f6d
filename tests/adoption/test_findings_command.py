"""`geuse-efs findings`: the codes for people, for programs, and as a page of the documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geuse_efs_check.command import run
from geuse_efs_waiter.adoption.finding_codes import CODES

PAGE = Path(__file__).parents[2] / "docs" / "findings.md"


@pytest.fixture(autouse=True)
def _80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["findings", *arguments]) == 0
    return capsys.readouterr().out


def test_every_code_is_listed_with_severity_and_meaning_in_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    out = listed(capsys)
    assert max(map(len, out.splitlines())) <= 80
    words = out.split()
    for name, code in CODES.items():
        assert words[words.index(name) - 1] == code.severity
        assert code.meaning in " ".join(words)


def test_the_json_document_has_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(listed(capsys, "--json"))
    assert document["format"] == 1
    assert [item["code"] for item in document["findings"]] == list(CODES)
    assert document["findings"][0] == {
        "code": "file-system-not-found",
        "severity": "error",
        "meaning": "no such file system in this region and account",
        "fix": "check the id, the region and the account",
    }


def test_what_a_fix_leaves_open_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    fixes = {item["code"]: item["fix"] for item in json.loads(listed(capsys, "--json"))["findings"]}
    assert fixes["subnet-full"] == "free an address, or choose another subnet in (the zone)"
    assert "{" not in "".join(fixes.values())


def test_the_page_of_the_documentation_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert PAGE.read_text() == listed(capsys, "--markdown"), "run make findings"


def test_no_text_breaks_the_table() -> None:
    assert not [code for code in CODES.values() if "|" in code.meaning + code.fix]
