"""The audit fails at a vulnerable package, and never passes because nothing was asked."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.static_checks import audit
from tests.static_checks.audit import CONTROL, PROJECT, batches, problems

ADVISORY: dict[str, Any] = {"id": "A", "fix_versions": [], "description": "bad"}
VULNERABLE = f"{CONTROL} has PYSEC-2021-108, fixed in 1.26.5: bad"


def _report(**answer: Any) -> str:
    return json.dumps({"dependencies": [{"name": "click", **answer}]})


@pytest.mark.parametrize(
    ("control", "others", "end"),
    [
        ([VULNERABLE], [], ""),
        ([], [], f"nothing was audited: {CONTROL} was not found vulnerable"),
        ([f"{CONTROL} was not audited: no index"], [], f"nothing was audited: {CONTROL} was not found vulnerable"),
        ([VULNERABLE], ["click==8.5.1 has PYSEC-2026-1"], "click==8.5.1 has PYSEC-2026-1"),
    ],
)
def test_an_audit_passes_if_it_finds_the_control_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, control: list[str], others: list[str], end: str
) -> None:
    monkeypatch.setattr(audit, "make_environment", lambda *_: None)
    monkeypatch.setattr(audit, "run", lambda requirements: control if requirements == [CONTROL] else others)
    if not end:
        audit.main()
        return
    with pytest.raises(SystemExit, match=re.escape(end)):
        audit.main()


@pytest.mark.parametrize(
    ("stdout", "found"),
    [
        (_report(vulns=[]), []),
        (
            _report(vulns=[{**ADVISORY, "fix_versions": ["9.0"]}, ADVISORY]),
            ["click==8.5.1 has A, fixed in 9.0: bad", "click==8.5.1 has A, fixed in no version: bad"],
        ),
        (_report(skip_reason="not found on PyPI"), ["click==8.5.1 was not audited: not found on PyPI"]),
        (json.dumps({"dependencies": []}), ["click==8.5.1 was not audited: the report does not have it"]),
        ("", ["not audited, no report: NameResolutionError"]),
    ],
)
def test_every_advisory_is_named_and_every_package_that_was_not_audited(stdout: str, found: list[str]) -> None:
    assert problems(stdout, "Traceback\nNameResolutionError\n", ["click==8.5.1"]) == found


def test_packages_of_other_pythons_and_systems_are_audited_and_two_versions_apart() -> None:
    text = "# made by uv\na==1 ; sys_platform == 'win32'  # via b\nn[x]==2 ; python_version < '3.12'\nn==3\n-e .\n"
    assert batches(text) == [["a==1", "n[x]==2"], ["n==3"]]


def test_all_that_is_pinned_is_audited() -> None:
    text = (PROJECT / "requirements.txt").read_text()
    assert sum(map(len, batches(text))) == len(re.findall(r"(?m)^\S+==", text))
