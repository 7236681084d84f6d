"""What checkers say about the synthesised templates: nothing but what is accepted, and all of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.static_checks.accepted import ACCEPTED, CDK_VALIDATION, CFN_LINT, GUARD
from tests.static_checks.bad_stack import FILE_SYSTEM, FUNCTION, GROUP, NAME, ROLE, UNTYPED
from tests.static_checks.checkers import cfn_lint, guard, guard_rules
from tests.static_checks.findings import Finding, complaints
from tests.static_checks.synthesis import Synthesis, Template

Checker = Callable[[list[Template]], Iterable[Finding]]


def _places(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    return {(one.rule, one.resource) for one in findings}


def test_all_kinds_of_stacks_are_there(all_stacks: Synthesis) -> None:
    names = {template.stack for template in all_stacks.templates}
    assert names >= {"geuse-efs-dev", "many", "adopt-many"} | {
        f"geuse-efs-{kind}" for kind in ("default", "one-zone", "customer-key", "provisioned", "adopting")
    }


def test_cdk_validation_finds_nothing_in_strict_mode(all_stacks: Synthesis) -> None:
    assert (complaints(CDK_VALIDATION, all_stacks.validation, ACCEPTED), all_stacks.exit_code) == ([], 0)


def test_cdk_validation_refuses_the_bad_stack(bad: Synthesis) -> None:
    assert bad.exit_code == 1
    assert _places(bad.validation) >= {("F3012", UNTYPED), ("W2508", GROUP)}


@pytest.mark.parametrize(("name", "checker"), [(CFN_LINT, cfn_lint), (GUARD, guard)])
def test_nothing_is_found_but_what_is_accepted_and_all_of_that(
    name: str, checker: Checker, all_stacks: Synthesis
) -> None:
    assert complaints(name, checker(all_stacks.templates), ACCEPTED) == []


def test_cfn_lint_refuses_the_bad_stack(bad: Synthesis) -> None:
    assert _places(cfn_lint(bad.templates)) == {("E3012", UNTYPED), ("W2531", FUNCTION)}


def test_guard_refuses_the_bad_stack(bad: Synthesis) -> None:
    assert _places(guard(bad.templates)) >= {
        ("CT.ELASTICFILESYSYSTEM.PR.1", FILE_SYSTEM),
        ("CT.EC2.PR.3", GROUP),
        ("CT.IAM.PR.1", ROLE),
        ("CT.LAMBDA.PR.3", FUNCTION),
    }


def test_guard_brings_its_own_rules_too(bad: Synthesis) -> None:
    assert ("W2508", GROUP) in _places(guard(bad.templates))


@pytest.mark.parametrize(
    ("resource_type", "fewest"),
    [
        ("AWS::EFS::FileSystem", 2),
        ("AWS::EFS::AccessPoint", 2),
        ("AWS::EC2::SecurityGroup", 2),
        ("AWS::Lambda::Function", 1),
        ("AWS::IAM::Policy", 1),
        ("AWS::Logs::LogGroup", 2),
    ],
)
def test_the_registry_judges_every_type_that_matters(resource_type: str, fewest: int) -> None:
    assert sum(resource_type in rule.types for rule in guard_rules()) >= fewest


def test_a_finding_names_the_construct_or_else_the_template(bad: Synthesis) -> None:
    [template] = bad.templates
    assert template.finding("R", "FileSystem", "").resource == FILE_SYSTEM
    assert template.finding("R", "Unknown", "").resource == f"{NAME}/Unknown"
    assert template.finding("R", None, "").resource == NAME
