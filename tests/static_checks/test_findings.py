"""The gates fail at what is new and at what is gone, and say what to do."""

from __future__ import annotations

import pytest

from tests.static_checks.accepted import ACCEPTED, CDK_NAG, CFN_LINT, CHECKOV, GUARD, PIP_AUDIT
from tests.static_checks.findings import Accepted, Finding, complaints
from tests.static_checks.slow import CONTROL, verdict

LOGS = Finding("R1", "stack/Logs", "not\n  encrypted")
ONE = Accepted({"a": ("R1",)}, ("*/Logs",), "because")


def test_an_accepted_finding_is_no_complaint() -> None:
    assert complaints("a", [LOGS], [ONE]) == []


def test_a_new_finding_names_rule_and_resource_and_how_to_go_on() -> None:
    [complaint] = complaints("a", [LOGS], [])
    assert complaint == (
        "a R1 at stack/Logs: not encrypted; fix it in constructs/ or stacks/, or add to tests/static_checks/accepted.py: "
        "Accepted({'a': ('R1',)}, ('stack/Logs',), 'why')"
    )


@pytest.mark.parametrize("finding", [LOGS._replace(rule="R2"), LOGS._replace(resource="stack/Other")])
def test_another_rule_and_another_resource_are_new(finding: Finding) -> None:
    [complaint] = complaints("a", [LOGS, finding], [ONE])
    assert complaint.startswith(f"a {finding.rule} at {finding.resource}: ")


def test_what_one_checker_may_say_another_may_not() -> None:
    assert len(complaints("b", [LOGS], [ONE])) == 1


def test_an_accepted_finding_that_is_gone_is_named_with_its_reason() -> None:
    assert complaints("a", [], [ONE]) == [
        "a R1 no longer occurs at */Logs; remove it from tests/static_checks/accepted.py (because)"
    ]


def test_each_rule_must_occur_at_each_place() -> None:
    accepted = Accepted({"a": ("R1", "R2")}, ("one/*", "two/*"), "because")
    found = [Finding("R1", "one/x", ""), Finding("R1", "two/x", ""), Finding("R2", "one/x", "")]
    [complaint] = complaints("a", found, [accepted])
    assert complaint.startswith("a R2 no longer occurs at two/*")


def test_brackets_in_a_rule_are_brackets() -> None:
    accepted = Accepted({"a": ("IAM5[Resource::*]",)}, ("*",), "because")
    assert len(complaints("a", [Finding("IAM5[Resource::x]", "s/x", "")], [accepted])) == 2


@pytest.mark.parametrize("accepted", ACCEPTED, ids=lambda one: next(iter(one.rules.values()))[0])
def test_what_is_accepted_has_a_known_checker_and_a_reason(accepted: Accepted) -> None:
    assert accepted.rules.keys() <= {CDK_NAG, CFN_LINT, CHECKOV, GUARD, PIP_AUDIT}
    assert len(accepted.reason.split()) > 5


def test_nothing_is_accepted_twice() -> None:
    every = [(c, r, w) for one in ACCEPTED for c, rules in one.rules.items() for r in rules for w in one.where]
    assert len(every) == len(set(every))


ALL_OF_CHECKOV = [
    Finding(rule, where.replace("*", "stack"), "")
    for one in ACCEPTED
    for rule in one.rules.get(CHECKOV, ())
    for where in one.where
]


def test_checkov_passes_with_what_is_accepted_and_its_control() -> None:
    assert verdict([*ALL_OF_CHECKOV, *CONTROL]) == []


def test_checkov_without_its_control_is_off() -> None:
    assert len([one for one in verdict(ALL_OF_CHECKOV) if "checkov is off" in one]) == len(CONTROL)


def test_checkov_fails_at_a_new_finding() -> None:
    [complaint] = verdict([*ALL_OF_CHECKOV, *CONTROL, Finding("CKV_AWS_1", "stack/New", "bad")])
    assert complaint.startswith("checkov CKV_AWS_1 at stack/New: bad; fix it")
