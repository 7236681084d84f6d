from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geuse_efs_waiter.adoption.checks.findings import Finding, Findings, found
from geuse_efs_waiter.adoption.finding_codes import CODES

LOG = "/aws/lambda/waiter"


def one(code: str = "subnet-full", resource: str = "subnet-1", actual: str = "no free address") -> Finding:
    return found(code, resource, actual=actual, expected="one", fix="free an address")


def findings(*given: Finding, **severities: str) -> Findings:
    rated = {code.replace("_", "-"): severity for code, severity in severities.items()}
    return Findings.of("fs-1", given, rated)  # type: ignore[arg-type]


def encoded(text: str) -> int:
    return len(json.dumps(text).encode()) - 2


def test_a_reason_that_fits_tells_everything_most_severe_first() -> None:
    reason = findings(one("backup-off", "fs-1", "backup policy DISABLED"), one()).reason(3000, LOG)
    assert reason == (
        "file system fs-1 cannot be adopted: 1 error, 1 warning. "
        "(1) error subnet-full subnet-1: no free address; expected one; fix: free an address. "
        "(2) warning backup-off fs-1: backup policy DISABLED; expected one; fix: free an address"
    )


def test_an_error_comes_before_a_warning_whose_code_comes_first() -> None:
    codes = [finding.code for finding in findings(one("file-system-creating"), one()).all]
    assert codes == ["subnet-full", "file-system-creating"]


@pytest.mark.parametrize(("limit", "shortened"), [(3000, 17), (1200, 30)])
def test_a_long_list_names_every_finding_and_says_how_many_are_shortened(limit: int, shortened: int) -> None:
    many = [one(resource=f"subnet-{number:02}", actual="x" * 100) for number in range(30)]
    reason = findings(*many).reason(limit, LOG)
    assert encoded(reason) <= limit
    assert all(f"error subnet-full subnet-{number:02}" in reason for number in range(30))
    assert reason.endswith(f"{shortened} of 30 are shortened; the full list is in /aws/lambda/waiter")
    assert reason.count("; fix:") == 30 - shortened


def test_the_most_severe_findings_keep_their_full_text() -> None:
    warnings = [one("backup-off", f"fs-{number}", "x" * 100) for number in range(10)]
    reason = findings(*warnings, one("encryption-off", "fs-1", "not encrypted")).reason(900, LOG)
    assert "error encryption-off fs-1: not encrypted; expected" in reason
    assert re.search(r"warning backup-off fs-9\. \d of 11 are shortened", reason)


def test_a_list_too_long_even_in_short_says_how_many_are_cut() -> None:
    many = [one(resource=f"subnet-{number:04}") for number in range(500)]
    reason = findings(*many).reason(1000, LOG)
    assert encoded(reason) <= 1000
    told = re.search(r"(\d+) of 500 are named here, (\d+) are cut; the full list is in /aws/lambda/waiter$", reason)
    assert told is not None
    assert int(told[1]) + int(told[2]) == 500
    assert reason.count("subnet-full") == int(told[1]) > 5


@given(
    st.lists(st.tuples(st.sampled_from(sorted(CODES)), st.text(max_size=12), st.text(max_size=60)), max_size=25),
    st.integers(20, 4000),
)
def test_a_reason_never_exceeds_its_limit(given_: list[tuple[str, str, str]], limit: int) -> None:
    told = findings(*(one(*each) for each in given_))
    assert encoded(told.reason(limit, LOG)) <= limit
    assert encoded(told.warning(limit, LOG)) <= limit


def test_the_warning_holds_warnings_only_and_is_empty_without() -> None:
    assert findings(one()).warning(1000, LOG) == ""
    text = findings(one(), one("backup-off", "fs-1")).warning(1000, LOG)
    assert text.startswith("1 warning. (1) warning backup-off fs-1: ")
    assert "subnet-full" not in text


def test_the_log_has_one_line_a_finding_with_everything_in_it() -> None:
    table = findings(one(), one("backup-off", "fs-1", "off")).table()
    words = "error subnet-full subnet-1 actual: no free address; expected: one; fix: free an address"
    assert " ".join(table[0].split()) == words
    assert len(table) == 2
    assert table[0].index("actual:") == table[1].index("actual:")


def test_a_finding_told_twice_is_told_once() -> None:
    assert len(findings(one(), one()).all) == 1


@pytest.mark.parametrize(("severity", "errors", "warnings"), [("error", 1, 0), ("warning", 0, 1), ("off", 0, 0)])
def test_the_users_severity_is_in_force(severity: str, errors: int, warnings: int) -> None:
    told = findings(one(), subnet_full=severity)
    assert (len(told.errors), len(told.warnings)) == (errors, warnings)
