"""Runs the table of adoption cases: what was seen, what is found, what would be created."""

from __future__ import annotations

import pytest

from geuse_efs_waiter.adoption.checks.evaluate import evaluate
from geuse_efs_waiter.adoption.finding_codes import CODES
from tests.adoption.case import Case
from tests.adoption.cases_file_system import FILE_SYSTEM
from tests.adoption.cases_ingress import INGRESS
from tests.adoption.cases_network import NETWORK
from tests.adoption.cases_ownership import OWNERSHIP
from tests.adoption.cases_policy import POLICY
from tests.adoption.cases_severities import SEVERITIES
from tests.adoption.cases_zones import ZONES

CASES = FILE_SYSTEM + ZONES + NETWORK + OWNERSHIP + INGRESS + POLICY + SEVERITIES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_adoption(case: Case) -> None:
    result = evaluate(case.desired, case.observed)
    assert {(one.code, one.severity, one.resource) for one in result.findings.all} == set(case.expected)
    assert result.to_create == case.to_create
    unreadable = [one.resource for one in result.findings.all if one.code == "unreadable"]
    assert len(unreadable) == len(set(unreadable))


def test_the_table_has_every_code_and_no_name_twice() -> None:
    told = {code for case in CASES for code, _, _ in case.expected}
    assert told == set(CODES)
    assert len({case.name for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_wanted_zone_is_covered_or_created_or_told(case: Case) -> None:
    result = evaluate(case.desired, case.observed)
    if result.findings.errors:
        return
    zones = {key: case.observed.subnets[name].availability_zone for key, name in case.desired.subnets.items()}
    served = {zones[key] for key in (*result.covered_by, *result.to_create)}
    assert served == set(zones.values())
    assert not set(result.covered_by) & set(result.to_create)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_finding_says_what_was_seen_and_expected_and_how_to_repair_it(case: Case) -> None:
    for one in evaluate(case.desired, case.observed).findings.all:
        assert all((one.actual, one.expected, one.fix)), one
        assert "\n" not in one.line
        assert "None" not in one.line
