"""What cdk-nag's packs say about the constructs: nothing but what is accepted, and all of that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aws_cdk import App

from tests.static_checks.accepted import ACCEPTED, CDK_NAG
from tests.static_checks.all_stacks import define_all_stacks
from tests.static_checks.bad_stack import FILE_SYSTEM, FUNCTION, define_bad_stack
from tests.static_checks.checkers import NAG_PACKS, cdk_nag
from tests.static_checks.findings import complaints
from tests.static_checks.synthesis import CONTEXT

NewApp = Callable[..., App]


@pytest.fixture
def app(new_app: NewApp) -> App:
    """With the project's feature flags, which decide what an L2 construct defines."""
    return new_app(CONTEXT)


def test_the_stacks_are_judged_with_the_feature_flags_of_the_app(app: App) -> None:
    flags = {key: value for key, value in CONTEXT.items() if key.startswith("@aws-cdk/")}
    assert flags
    assert {key: app.node.try_get_context(key) for key in flags} == flags


def test_nothing_is_found_but_what_is_accepted_and_all_of_that(app: App) -> None:
    assert complaints(CDK_NAG, cdk_nag(define_all_stacks(app)), ACCEPTED) == []


@pytest.fixture
def refused(new_app: NewApp) -> set[tuple[str, str]]:
    return {(one.rule, one.resource) for one in cdk_nag([define_bad_stack(new_app())])}


CONTROLS = {
    "AwsSolutions": ("AwsSolutions-EFS1", FILE_SYSTEM),
    "NIST.800.53.R5": ("NIST.800.53.R5-EFSEncrypted", FILE_SYSTEM),
    "HIPAA.Security": ("HIPAA.Security-EFSEncrypted", FILE_SYSTEM),
    "PCI.DSS.321": ("PCI.DSS.321-EFSEncrypted", FILE_SYSTEM),
    "Serverless": ("Serverless-LambdaLatestVersion", FUNCTION),
}


def test_each_pack_refuses_the_bad_stack(refused: set[tuple[str, str]]) -> None:
    assert CONTROLS.keys() == NAG_PACKS.keys()
    assert refused >= set(CONTROLS.values())
