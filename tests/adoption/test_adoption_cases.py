"""Runs the table of adoption cases: what was seen, what is found, what would be created."""

from __future__ import annotations

import pytest

from geuse_efs_waiter.adoption import judge
from geuse_efs_waiter.adoption.finding_codes import CODES
from tests.adoption.case import Case
from tests.adoption.cases_file_system import FILE_SYSTEM
from tests.adoption.cases_ingress import INGRESS
from tests.adoption.cases_network import NETWORK
from tests.adoption.cases_policy import POLICY
from tests.adoption.cases_severities import SEVERITIES
from tests.adoption.cases_zones import ZONES

CASES = FILE_SYSTEM + ZONES + NETWORK + INGRESS + POLICY + SEVERITIES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_adoption(case: Case) -> None:
    judgement = judge(case.wish, case.seen, case.ours)
    assert {(one.code, one.severity, one.resource) for one in judgement.findings.all} == set(case.expected)
    assert judgement.to_create == case.to_create
    unreadable = [one.resource for one in judgement.findings.all if one.code == "unreadable"]
    assert len(unreadable) == len(set(unreadable))


def test_the_table_has_every_code_and_no_name_twice() -> None:
    told = {code for case in CASES for code, _, _ in case.expected}
    assert told == set(CODES)
    assert len({case.name for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_wanted_zone_is_covered_or_created_or_told(case: Case) -> None:
    judgement = judge(case.wish, case.seen, case.ours)
    if judgement.findings.errors:
        return
    zones = {key: case.seen.subnets[name].availability_zone for key, name in case.wish.subnets.items()}
    served = {zones[key] for key in (*judgement.covered_by, *judgement.to_create)}
    assert served == set(zones.values())
    assert not set(judgement.covered_by) & set(judgement.to_create)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_finding_says_what_was_seen_and_expected_and_how_to_repair_it(case: Case) -> None:
    for one in judge(case.wish, case.seen, case.ours).findings.all:
        assert all((one.seen, one.expected, one.fix)), one
        assert "\n" not in one.line
        assert "None" not in one.line
