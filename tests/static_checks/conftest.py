"""All stacks and the bad one, each synthesised once and checked on the way."""

from __future__ import annotations

import pytest

from tests.static_checks.checkers import Report, synthesise


@pytest.fixture(scope="session")
def all_stacks(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return synthesise(tmp_path_factory.mktemp("all-stacks"), "tests.static_checks.all_stacks")


@pytest.fixture(scope="session")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return synthesise(tmp_path_factory.mktemp("bad-stack"), "tests.static_checks.bad_stack")
