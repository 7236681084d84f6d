"""The audit fails at a vulnerable package, and never passes because nothing was asked."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.static_checks import audit
from tests.static_checks.audit import CONTROL, PROJECT, batches, problems

VULNERABLE = f"{CONTROL} has PYSEC-2021-108, fixed in 1.26.5: bad"


def _report(**answer: Any) -> str:
    return json.dumps({"dependencies": [{"name": "click", **answer}], "fixes": []})


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What pip-audit finds, by the first package of a batch; other batches are clean."""
    by_package: dict[str, list[str]] = {CONTROL: [VULNERABLE]}
    monkeypatch.setattr(audit, "make_environment", lambda *_: None)
    monkeypatch.setattr(audit, "run", lambda requirements: by_package.get(requirements[0], by_package.get("any", [])))
    return by_package


def test_an_audit_that_finds_the_control_only_passes(found: Any, capsys: pytest.CaptureFixture[str]) -> None:
    audit.main()
    assert f"and {CONTROL} is found vulnerable" in capsys.readouterr().out


@pytest.mark.parametrize("control", [[], [f"{CONTROL} was not audited: no index"]])
def test_an_audit_that_does_not_find_the_control_fails(found: dict[str, list[str]], control: list[str]) -> None:
    found[CONTROL] = control
    with pytest.raises(SystemExit, match=r"nothing was audited: urllib3==1\.26\.4 was not found vulnerable"):
        audit.main()


def test_an_audit_that_finds_anything_else_fails(found: dict[str, list[str]]) -> None:
    found["any"] = ["click==8.5.1 has PYSEC-2026-1"]
    with pytest.raises(SystemExit, match=r"PYSEC-2026-1"):
        audit.main()


def test_a_report_names_every_advisory_of_a_package() -> None:
    advisories = [
        {"id": "A", "fix_versions": ["9.0"], "aliases": [], "description": "bad"},
        {"id": "C", "fix_versions": [], "aliases": [], "description": "worse"},
    ]
    assert problems(_report(version="8.5.1", vulns=advisories), "", ["click==8.5.1"]) == [
        "click==8.5.1 has A, fixed in 9.0: bad",
        "click==8.5.1 has C, fixed in no version: worse",
    ]


def test_a_report_without_advisories_has_no_problems() -> None:
    assert problems(_report(version="8.5.1", vulns=[]), "", ["click==8.5.1"]) == []


@pytest.mark.parametrize(
    ("stdout", "reason"),
    [
        (_report(skip_reason="not found on PyPI"), "click==8.5.1 was not audited: not found on PyPI"),
        (json.dumps({"dependencies": [], "fixes": []}), "click==8.5.1 was not audited: the report does not have it"),
        ("", "not audited, no report: NameResolutionError"),
    ],
)
def test_a_package_that_was_skipped_or_is_not_in_the_report_was_not_audited(stdout: str, reason: str) -> None:
    assert problems(stdout, "Traceback\nNameResolutionError\n", ["click==8.5.1"]) == [reason]


def test_packages_of_other_pythons_and_systems_are_audited_and_two_versions_apart() -> None:
    text = "# made by uv\na==1 ; sys_platform == 'win32'  # via b\nn[x]==2 ; python_version < '3.12'\nn==3\n-e .\n"
    assert batches(text) == [["a==1", "n[x]==2"], ["n==3"]]


def test_all_that_is_pinned_is_audited() -> None:
    text = (PROJECT / "requirements.txt").read_text()
    assert sum(map(len, batches(text))) == len(re.findall(r"(?m)^\S+==", text))
