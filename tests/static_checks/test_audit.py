"""The audit fails at a vulnerable package, and never passes because nothing was asked."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.static_checks.accepted import ACCEPTED, PIP_AUDIT
from tests.static_checks.audit import CONTROL, NOT_AUDITED, NOTHING, batches, findings, verdict
from tests.static_checks.findings import Finding
from tests.static_checks.synthesis import PROJECT

VULNERABLE = [Finding("PYSEC-2021-108", CONTROL, "")]
SKIPPED = [Finding(NOT_AUDITED, CONTROL, "not found")]
NEW = Finding("PYSEC-2026-1", "click==8.5.1", "bad")
ALL_ACCEPTED = [
    Finding(rule, where.replace("*", "1"), "")
    for one in ACCEPTED
    for rule in one.rules.get(PIP_AUDIT, ())
    for where in one.where
]


def _report(**answer: Any) -> str:
    return json.dumps({"dependencies": [{"name": "click", **answer}], "fixes": []})


def test_an_audit_that_finds_the_control_only_passes() -> None:
    assert verdict(VULNERABLE, ALL_ACCEPTED) == []


@pytest.mark.parametrize("control", [[], SKIPPED])
def test_an_audit_that_does_not_find_the_control_has_audited_nothing(control: list[Finding]) -> None:
    assert (
        verdict(control, [])[0]
        == NOTHING
        == (
            "pip-audit: nothing was audited: no advisory service is reachable (the control urllib3==1.26.4 was not found "
            "vulnerable)"
        )
    )


def test_why_the_control_was_not_found_is_told() -> None:
    assert verdict(SKIPPED, [])[1:] == ["pip-audit said of urllib3==1.26.4: not found"]


def test_a_vulnerable_package_is_named_with_its_advisory_and_how_to_go_on() -> None:
    [complaint] = verdict(VULNERABLE, [*ALL_ACCEPTED, NEW])
    assert complaint == (
        "pip-audit PYSEC-2026-1 at click==8.5.1: bad; raise it in pyproject.toml, or take its line out of requirements.txt, "
        "and run make lock, or add to tests/static_checks/accepted.py: Accepted({'pip-audit': ('PYSEC-2026-1',)}, "
        "('click==8.5.1',), 'why')"
    )


def test_a_package_that_was_left_out_fails_the_audit() -> None:
    left_out = Finding(NOT_AUDITED, "click==8.5.1", "not found")
    assert verdict(VULNERABLE, [*ALL_ACCEPTED, left_out]) == ["pip-audit: click==8.5.1 was not audited: not found"]


def test_a_report_names_every_advisory_of_a_package() -> None:
    advisory = {"id": "A", "fix_versions": ["9.0"], "aliases": ["CVE-1", "B"], "description": "bad"}
    other = {"id": "C", "fix_versions": [], "aliases": [], "description": "worse"}
    assert findings(_report(version="8.5.1", vulns=[advisory, other]), "", ["click==8.5.1"]) == [
        Finding("A", "click==8.5.1", "bad (CVE-1, B; fixed in 9.0)"),
        Finding("C", "click==8.5.1", "worse (fixed in no version)"),
    ]


def test_a_report_without_advisories_has_no_findings() -> None:
    assert findings(_report(version="8.5.1", vulns=[]), "", ["click==8.5.1"]) == []


@pytest.mark.parametrize(
    ("stdout", "reason"),
    [
        (_report(skip_reason="not found on PyPI"), "not found on PyPI"),
        (json.dumps({"dependencies": [], "fixes": []}), "the report does not have it"),
        ("", "no report: NameResolutionError"),
    ],
)
def test_what_was_skipped_or_is_not_in_the_report_was_not_audited(stdout: str, reason: str) -> None:
    stderr = "Traceback\nNameResolutionError\n"
    assert findings(stdout, stderr, ["click==8.5.1"]) == [Finding(NOT_AUDITED, "click==8.5.1", reason)]


def test_packages_of_other_pythons_and_systems_are_audited_and_two_versions_apart() -> None:
    text = "# made by uv\na==1 ; sys_platform == 'win32'  # via b\nn[x]==2 ; python_version < '3.12'\nn==3\n-e .\n"
    assert batches(text) == [["a==1", "n[x]==2"], ["n==3"]]


def test_all_that_is_pinned_is_audited() -> None:
    text = (PROJECT / "requirements.txt").read_text()
    assert sum(map(len, batches(text))) == len(re.findall(r"(?m)^\S+==", text))
