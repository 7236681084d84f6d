"""Runs the table of adoption cases: what was seen, what is found, what would be created."""

from __future__ import annotations

import pytest

from geuse_efs_waiter.adoption.checks.evaluate import evaluate
from geuse_efs_waiter.adoption.finding_codes import CODES
from tests.adoption.case import Case
from tests.adoption.cases_file_system import FILE_SYSTEM, SEVERITIES
from tests.adoption.cases_ingress import INGRESS
from tests.adoption.cases_network import NETWORK, ZONES
from tests.adoption.cases_ownership import OWNERSHIP
from tests.adoption.cases_policy import POLICY

TABLES = (FILE_SYSTEM, SEVERITIES, ZONES, NETWORK, OWNERSHIP, INGRESS, POLICY)
CASES = {name: case for table in TABLES for name, case in table.items()}
WITHOUT_ERRORS = {
    name: case for name, case in CASES.items() if not any(severity == "error" for _, severity, _ in case.finds)
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_adoption(case: Case) -> None:
    result = evaluate(case.desired, case.observed)
    findings = result.findings.all
    assert {(finding.code, finding.severity, finding.resource) for finding in findings} == case.finds
    assert result.to_create == case.creates
    unreadable = [finding.resource for finding in findings if finding.code == "unreadable"]
    assert len(unreadable) == len(set(unreadable))
    # Each says what was seen, what was expected and how to repair it.
    for finding in findings:
        assert all((finding.actual, finding.expected, finding.fix)), finding
        assert "\n" not in finding.line
        assert "None" not in finding.line


def test_the_tables_have_every_code_and_no_name_twice() -> None:
    assert len(CASES) == sum(map(len, TABLES))
    assert {code for case in CASES.values() for code, _, _ in case.finds} == set(CODES)


@pytest.mark.parametrize("case", WITHOUT_ERRORS.values(), ids=WITHOUT_ERRORS)
def test_every_desired_zone_is_covered_or_created_unless_an_error_is_found(case: Case) -> None:
    result = evaluate(case.desired, case.observed)
    zones = {key: case.observed.subnets[name].availability_zone for key, name in case.desired.subnets.items()}
    assert {zones[key] for key in (*result.covered_by, *result.to_create)} == set(zones.values())
    assert not set(result.covered_by) & set(result.to_create)
